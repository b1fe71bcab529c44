/**
 * Finds live relationships by handle: from memory, else from the store. Memory is bounded: two generations of
 * at most half the limit each; what is used moves to the young one, and the old one is dropped when the young is full.
 * A weak registry keeps objects unique while anybody still holds one.
 */
import { fromBase64url } from "@strongroom/core/bytes";
import { compile, type RuleIndex } from "@strongroom/core/rules";
import type { Vocabulary } from "@strongroom/core/vocabulary";
import type { KeyObject } from "@strongroom/core/primitives";
import type { Keychain } from "../keys/keychain.ts";
import { openRulebook } from "../rules/rulebook.ts";
import type { HeadRow, SubjectRow } from "../storage/rows.ts";
import type { LoadedRelationship, Store } from "../storage/store.ts";
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

  /** Loads what is not in memory; handles that nobody knows stay unknown. */
  async load(handles: readonly string[]): Promise<void> {
    const missing = handles.filter((handle) => this.known(handle) === undefined);
    if (missing.length === 0) return;
    for (const loaded of await this.#store.loadRelationships(missing)) {
      // Another request may have loaded it while this one waited; its object is the one that counts.
      if (this.known(loaded.relationship.handle) === undefined) this.#adopt(loaded);
    }
  }

  async relationship(handle: string): Promise<LiveRelationship | undefined> {
    await this.load([handle]);
    return this.known(handle);
  }

  /** The live object of a subject that has keys; undefined when it is unknown or erased. */
  async subject(id: string): Promise<LiveSubject | undefined> {
    const known = this.#subjects.get(id);
    if (known !== undefined) return known;
    const [row, head] = [await this.#store.subject(id), await this.#store.head(id)];
    if (row === null || row.logKey === null) return undefined;
    return this.#subjects.get(id) ?? this.#liveSubject(row, head, this.#keychain.openSubject(row).logKey.key);
  }

  /** A subject or relationship that was just made and committed. */
  adoptSubject(row: SubjectRow, head: HeadRow | null): LiveSubject {
    return this.#subjects.get(row.id) ?? this.#liveSubject(row, head, this.#keychain.openSubject(row).logKey.key);
  }

  #adopt({ relationship: row, epochs, subject: subjectRow, head }: LoadedRelationship): LiveRelationship {
    let subject = this.#subjects.get(row.subject);
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
    if (row.key !== null && subjectRow.root !== null) {
      const { root, logKey } = this.#keychain.openSubject(subjectRow);
      subject ??= this.#liveSubject(subjectRow, head, logKey.key);
      const key = this.#keychain.openRelationship(root, row).key;
      for (const epoch of epochs) {
        if (epoch.key !== null) live.epochs.set(epoch.epoch, this.#keychain.openEpoch(key, epoch).key);
      }
      live.rules = compileStored(this.#vocabulary, () => openRulebook(key, row));
    } else if (subjectRow.root !== null) {
      subject ??= this.#liveSubject(subjectRow, head, this.#keychain.openSubject(subjectRow).logKey.key);
    }
    subject ??= erasedSubject(subjectRow);
    const relationship: LiveRelationship = { ...live, subject };
    this.#relationships.set(row.handle, relationship);
    this.#keep(relationship);
    return relationship;
  }

  #liveSubject(row: SubjectRow, head: HeadRow | null, logKey: KeyObject): LiveSubject {
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

function erasedSubject(row: SubjectRow): LiveSubject {
  return {
    id: row.id,
    idBytes: fromBase64url(row.id),
    logKey: null,
    locked: true,
    erased: true,
    head: EMPTY_CHAIN,
    generation: 0,
  };
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
