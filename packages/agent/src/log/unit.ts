/** What one request wants in the log and in the store, whole or not at all. */
import { objectsDigest, type Entry, type EntryKind } from "@strongroom/core/log";
import type { DenialReason } from "@strongroom/core/wire";
import type { LiveRelationship, LiveSubject } from "../authorize/live.ts";
import type { Mutation } from "../storage/store.ts";

/** An entry before the writer gives it its counter, its predecessor and its place. Fields left out do not apply. */
export type EntryDraft = { readonly kind: EntryKind } & {
  readonly [Field in Exclude<keyof Entry, "kind" | "counter" | "previous" | "at" | "decision">]?:
    Entry[Field] | undefined;
};

export interface PendingEntry {
  readonly subject: LiveSubject;
  readonly draft: EntryDraft;
}

interface UseFields {
  readonly kind: "use" | "seal";
  readonly controller: string;
  readonly type: string;
  readonly use?: string;
  readonly purpose?: string;
  readonly provenance?: string;
  readonly reason: DenialReason | null;
  readonly rules: readonly string[];
  /** Header of the object (or the handle, for a lease). */
  readonly header: Buffer;
}

/** Objects of the same relationship, type, scope and outcome share one entry. */
interface Group {
  readonly at: number;
  readonly fields: UseFields;
  readonly headers: Buffer[];
}

type Noted = PendingEntry | { readonly subject: LiveSubject; readonly group: Group };

export class LogUnit {
  /** Decision id, 16 bytes; null for what is not a decision. */
  readonly decision: Buffer | null;
  readonly at: number;
  readonly #caller: { readonly application: string } | null;
  readonly #entries: Noted[] = [];
  /** What the asker is not told of. They stand last, so that a promise of the others has no gap that gives them away. */
  readonly #untold: Noted[] = [];
  readonly #groups = new Map<LiveRelationship, Group[]>();
  /** Public leaves besides entries: tombstones. */
  readonly leaves: Buffer[] = [];
  readonly mutations: Mutation[] = [];
  /** Run at once after the commit, before anybody is answered: they bring memory up to the store. Must not throw. */
  readonly onCommit: (() => void)[] = [];

  constructor(decision: Buffer | null, caller: { readonly application: string } | null, at: number) {
    this.decision = decision;
    this.#caller = caller;
    this.at = at;
  }

  get isEmpty(): boolean {
    return this.entryCount === 0 && this.leaves.length === 0 && this.mutations.length === 0;
  }

  get entryCount(): number {
    return this.#entries.length + this.#untold.length;
  }

  /** Records one event of a subject; returns which entry of the unit it is. */
  record(subject: LiveSubject, draft: EntryDraft): number {
    return this.#entries.push({ subject, draft }) - 1;
  }

  /**
   * Records the outcome for one object. @returns which entry of the unit it is in; -1 where the asker is not told of it
   * @param told false where another controller asked for what is not its own: the subject reads it, the asker does not
   */
  note(relationship: LiveRelationship, fields: UseFields, told = true): number {
    let groups = this.#groups.get(relationship);
    if (groups === undefined) this.#groups.set(relationship, (groups = []));
    let group = groups.find((candidate) => sameGroup(candidate.fields, fields));
    if (group === undefined) {
      const list = told ? this.#entries : this.#untold;
      group = { at: told ? list.length : -1, fields, headers: [] };
      groups.push(group);
      list.push({ subject: relationship.subject, group });
    }
    group.headers.push(fields.header);
    return group.at;
  }

  /** The finished drafts, in the order in which they will stand in the log. */
  *entries(): Iterable<PendingEntry> {
    for (const entry of [...this.#entries, ...this.#untold]) {
      yield "draft" in entry ? entry : { subject: entry.subject, draft: this.#draftOf(entry.group) };
    }
  }

  #draftOf({ fields, headers }: Group): EntryDraft {
    const { kind, controller, type, use, purpose, provenance, reason, rules } = fields;
    return {
      kind,
      controller,
      application: this.#caller?.application,
      type,
      use,
      purpose,
      provenance,
      outcome: reason === null ? "allow" : "deny",
      reason: reason ?? undefined,
      rules,
      objects: headers.length,
      digest: objectsDigest(headers),
    };
  }
}

function sameGroup(a: UseFields, b: UseFields): boolean {
  return (
    a.type === b.type &&
    a.use === b.use &&
    a.purpose === b.purpose &&
    a.provenance === b.provenance &&
    a.reason === b.reason &&
    a.kind === b.kind &&
    sameList(a.rules, b.rules)
  );
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
