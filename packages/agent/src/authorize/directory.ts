/**
 * Finds live relationships by handle: from memory, else from the store. Memory is bounded: two generations of
 * at most half the limit each; what is used moves to the young one, and the old one is dropped when the young is full.
 * A weak registry keeps objects unique while anybody still holds one.
 *
 * A row that is read while a change of it commits is old when it arrives, and nobody may hold the object that was
 * changed any more: every change is told here (`changed`), and what was read before it is read again.
 */
import { fromBase64url } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { blindedSubject, headValue } from "@strongroom/core/log";
import { compile, type RuleIndex } from "@strongroom/core/rules";
import type { Vocabulary } from "@strongroom/core/vocabulary";
import type { KeyObject } from "@strongroom/core/primitives";
import type { Keychain } from "../keys/keychain.ts";
import { openRulebook } from "../rules/rulebook.ts";
import type { HeadRow, SubjectRow } from "../storage/rows.ts";
import type { LoadedRelationship, Mutation, Store } from "../storage/store.ts";
import { EMPTY_CHAIN, type LiveRelationship, type LiveSubject } from "./live.ts";

/** Relationships kept in memory by default. About 2 KiB each with 30 rules (bench `scale` measures it). */
export const RELATIONSHIPS_IN_MEMORY_MAX = 131_072;

export interface DirectoryOptions {
  readonly store: Store;
  readonly keychain: Keychain;
  readonly vocabulary: Vocabulary;
  readonly relationshipsMax?: number;
}

export class Directory {
  readonly #store: Store;
  readonly #keychain: Keychain;
  readonly #vocabulary: Vocabulary;
  readonly #halfMax: number;
  #young = new Map<string, LiveRelationship>();
  #old = new Map<string, LiveRelationship>();
  readonly #relationships = new WeakRegistry<LiveRelationship>();
  readonly #subjects = new WeakRegistry<LiveSubject>();
  /** For each read that is under way: which handles and subjects were changed since it began. */
  readonly #reads = new Set<Set<string>>();

  constructor(options: DirectoryOptions) {
    this.#store = options.store;
    this.#keychain = options.keychain;
    this.#vocabulary = options.vocabulary;
    this.#halfMax = Math.max(1, Math.floor((options.relationshipsMax ?? RELATIONSHIPS_IN_MEMORY_MAX) / 2));
  }

  get vocabulary(): Vocabulary {
    return this.#vocabulary;
  }

  /** The relationship if it is in memory. */
  known(handle: string): LiveRelationship | undefined {
    const young = this.#young.get(handle);
    if (young !== undefined) return young;
    const found = this.#old.get(handle) ?? this.#relationships.get(handle);
    if (found !== undefined) this.#keep(found);
    return found;
  }

  /**
   * The relationships of these handles, from memory or the store; handles that nobody knows are left out. The map
   * holds the objects: memory may be too small for all of them.
   */
  async load(handles: Iterable<string>): Promise<ReadonlyMap<string, LiveRelationship>> {
    const found = new Map<string, LiveRelationship>();
    let missing = new Set<string>();
    for (const handle of handles) {
      const known = this.known(handle);
      if (known === undefined) missing.add(handle);
      else found.set(handle, known);
    }
    while (missing.size > 0) {
      const { read: rows, changed } = await this.#read(() => this.#store.loadRelationships([...missing]));
      missing = new Set();
      for (const row of rows) {
        const { handle, subject } = row.relationship;
        // Another request may have loaded it while this one waited; its object is the one that counts.
        const known = this.known(handle);
        if (known !== undefined) found.set(handle, known);
        else if (changed.has(handle) || changed.has(subject)) missing.add(handle);
        else found.set(handle, this.#adopt(row));
      }
    }
    return found;
  }

  async relationship(handle: string): Promise<LiveRelationship | undefined> {
    return (await this.load([handle])).get(handle);
  }

  /**
   * The live object of a subject that has keys; undefined when it is unknown or erased.
   * @throws StrongroomError `keys.wrap-broken`, `keys.kek-missing`, `log.damaged`
   */
  async subject(id: string): Promise<LiveSubject | undefined> {
    for (;;) {
      const known = this.#subjects.get(id);
      if (known !== undefined) return known.erased ? undefined : known;
      const { read, changed } = await this.#read(async () => ({
        row: await this.#store.subject(id),
        head: await this.#store.head(id),
      }));
      if (changed.has(id)) continue;
      if (read.row === null || read.row.logKey === null) return undefined;
      return this.adoptSubject(read.row, read.head);
    }
  }

  /** Told of every change that is durable now. Heads: those whose stored row was replaced. */
  readonly changed = (changes: readonly Mutation[], heads: readonly LiveSubject[]): void => {
    if (this.#reads.size === 0) return;
    const names = [...changes.flatMap(namesIn), ...heads.map(({ id }) => id)];
    for (const changed of this.#reads) for (const name of names) changed.add(name);
  };

  async #read<Rows>(from: () => Promise<Rows>): Promise<{ read: Rows; changed: ReadonlySet<string> }> {
    const changed = new Set<string>();
    this.#reads.add(changed);
    try {
      return { read: await from(), changed };
    } finally {
      this.#reads.delete(changed);
    }
  }

  /** A subject or relationship that was just made and committed. */
  adoptSubject(row: SubjectRow, head: HeadRow | null): LiveSubject {
    return this.#subjects.get(row.id) ?? this.#liveSubject(row, head, this.#keychain.openSubject(row).logKey.key);
  }

  /** Rows that do not open make a relationship that denies everything; it is not kept, so a repaired row is seen at once. */
  #adopt(loaded: LoadedRelationship): LiveRelationship {
    const { relationship: row, epochs, subject: subjectRow, head } = loaded;
    const live = {
      handle: row.handle,
      handleBytes: fromBase64url(row.handle),
      controller: row.controller,
      generation: row.generation,
      erased: row.key === null,
      rules: null as RuleIndex | null,
      epochs: new Map<number, KeyObject | null>(epochs.map(({ epoch }) => [epoch, null])),
      currentEpoch: epochs.at(-1)?.epoch ?? 0,
    };
    const known = this.#subjects.get(row.subject);
    let subject = known ?? subjectWithoutKeys(subjectRow);
    try {
      if (subjectRow.root !== null) {
        const { root, logKey } = this.#keychain.openSubject(subjectRow);
        if (known === undefined) subject = this.#liveSubject(subjectRow, head, logKey.key);
        if (row.key !== null) {
          const key = this.#keychain.openRelationship(root, row).key;
          for (const epoch of epochs) {
            if (epoch.key !== null) live.epochs.set(epoch.epoch, this.#keychain.openEpoch(key, epoch).key);
          }
          live.rules = compileStored(this.#vocabulary, () => openRulebook(key, row));
        }
      }
    } catch {
      return { ...live, subject, rules: null };
    }
    const relationship: LiveRelationship = { ...live, subject };
    this.#relationships.set(row.handle, relationship);
    this.#keep(relationship);
    return relationship;
  }

  /** @throws StrongroomError `log.damaged` when the stored head was not stored by the agent: the chain would go on from a false end. */
  #liveSubject(row: SubjectRow, head: HeadRow | null, logKey: KeyObject): LiveSubject {
    if (head !== null && !isOwnHead(head, logKey)) {
      throw new StrongroomError("log.damaged", "the stored head of a subject's log was changed outside the agent");
    }
    const subject: LiveSubject = {
      id: row.id,
      idBytes: fromBase64url(row.id),
      logKey,
      locked: row.state === "locked",
      erased: false,
      head: head === null ? EMPTY_CHAIN : { counter: head.counter, commitment: head.commitment, index: head.index },
      generation: 0,
    };
    this.#subjects.set(row.id, subject);
    return subject;
  }

  #keep(relationship: LiveRelationship): void {
    if (this.#young.size >= this.#halfMax) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(relationship.handle, relationship);
  }
}

/** Rules that cannot be opened or understood are an error, and an error means no (never: one rule less). */
export function compileStored(vocabulary: Vocabulary, open: () => readonly unknown[]): RuleIndex | null {
  try {
    return compile(vocabulary, open());
  } catch {
    return null;
  }
}

/** Place and value are made with the log key, which the database does not hold. */
function isOwnHead(head: HeadRow, logKey: KeyObject): boolean {
  const { index, blind } = blindedSubject(logKey);
  return head.blinded.equals(index) && head.value.equals(headValue(blind, head));
}

/** An erased subject, or one whose rows do not open. */
function subjectWithoutKeys(row: SubjectRow): LiveSubject {
  return {
    id: row.id,
    idBytes: fromBase64url(row.id),
    logKey: null,
    locked: true,
    erased: row.root === null,
    head: EMPTY_CHAIN,
    generation: 0,
  };
}

/** The handles and subjects whose loaded rows a change makes old. */
function namesIn(change: Mutation): string[] {
  switch (change.op) {
    case "subject.update":
      return [change.id];
    case "relationship.update":
    case "epoch.key":
      return [change.handle];
    case "epoch.add":
      return [change.row.handle];
    default:
      return [];
  }
}

/** One object per name for as long as anybody uses it. */
class WeakRegistry<Value extends object> {
  readonly #refs = new Map<string, WeakRef<Value>>();
  readonly #cleanup = new FinalizationRegistry<string>((name) => {
    if (this.#refs.get(name)?.deref() === undefined) this.#refs.delete(name);
  });

  get(name: string): Value | undefined {
    return this.#refs.get(name)?.deref();
  }

  set(name: string, value: Value): void {
    this.#refs.set(name, new WeakRef(value));
    this.#cleanup.register(value, name);
  }
}
