/**
 * When each type was last used, for the subject's list of holdings. Written with the next checkpoint and not with
 * each use (the log has the truth): a crash can lose the last seconds of it, nothing else.
 */
import type { LiveRelationship } from "../authorize/live.ts";
import type { Mutation } from "../storage/store.ts";

/** Relationships noted before further ones are left out until the next checkpoint. */
const NOTED_RELATIONSHIPS_MAX = 100_000;
const UNSORTED_MAX = 20_000;

export class UseNotes {
  #notes = new Map<string, Map<string, number>>();

  /** Noted while answering, sorted in when somebody looks. */
  #unsorted: [LiveRelationship, string, number][] = [];

  readonly note = (relationship: LiveRelationship, type: string, at: number): void => {
    if (this.#unsorted.push([relationship, type, at]) >= UNSORTED_MAX) this.#sort();
  };

  #sort(): void {
    for (const [{ handle }, type, at] of this.#unsorted) {
      let types = this.#notes.get(handle);
      if (types === undefined) {
        if (this.#notes.size >= NOTED_RELATIONSHIPS_MAX) continue;
        this.#notes.set(handle, (types = new Map()));
      }
      types.set(type, at);
    }
    this.#unsorted = [];
  }

  /** A use that is not stored yet. */
  lastUse(handle: string, type: string): number | undefined {
    this.#sort();
    return this.#notes.get(handle)?.get(type);
  }

  /** Hands out what was noted, as changes for the store. `giveBack` where they could not be stored. */
  take(): { readonly mutations: Mutation[]; giveBack(): void } {
    this.#sort();
    const notes = this.#notes;
    this.#notes = new Map();
    const mutations: Mutation[] = [];
    for (const [handle, types] of notes) {
      for (const [type, at] of types) mutations.push({ op: "holding.used", handle, type, at });
    }
    const giveBack = (): void => {
      for (const [handle, types] of this.#notes) notes.set(handle, new Map([...(notes.get(handle) ?? []), ...types]));
      this.#notes = notes;
    };
    return { mutations, giveBack };
  }
}
