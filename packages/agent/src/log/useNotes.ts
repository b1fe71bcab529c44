/**
 * When each type was last used, for the subject's list of holdings. Written with the next checkpoint and not with
 * each use (the log has the truth): a crash can lose the last seconds of it, nothing else.
 */
import type { LiveRelationship } from "../authorize/live.ts";
import type { Mutation } from "../storage/store.ts";

/** Notes kept before older ones are dropped; the next use notes them again. */
const NOTES_MAX = 100_000;

export class UseNotes {
  #notes = new Map<LiveRelationship, Map<string, number>>();

  readonly note = (relationship: LiveRelationship, type: string, at: number): void => {
    if (this.#notes.size >= NOTES_MAX) return;
    let types = this.#notes.get(relationship);
    if (types === undefined) this.#notes.set(relationship, (types = new Map()));
    types.set(type, at);
  };

  /** Hands out what was noted, as changes for the store. */
  take(): Mutation[] {
    const notes = this.#notes;
    this.#notes = new Map();
    const mutations: Mutation[] = [];
    for (const [{ handle }, types] of notes) {
      for (const [type, at] of types) mutations.push({ op: "holding.used", handle, type, at });
    }
    return mutations;
  }
}
