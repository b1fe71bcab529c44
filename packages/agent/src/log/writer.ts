/**
 * The one place that appends to the log. Requests that arrive while a commit runs share the next one: one
 * transaction, one fsync, for their entries and the changes that belong to them. What `append` resolves with
 * is durable; when it rejects, nothing of the unit happened.
 */
import { encodeEntryLeaf, sealEntry, type Entry, type SealedEntry } from "@strongroom/core/log";
import type { KeyObject } from "@strongroom/core/primitives";
import { asBuffer } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import type { Effects } from "../effects.ts";
import type { ChainHead, LiveSubject } from "../authorize/live.ts";
import type { Mutation, Store, WriteTx } from "../storage/store.ts";
import { packRecords, type LogRecord } from "./records.ts";
import type { EntryDraft, LogUnit } from "./unit.ts";

export { LogUnit } from "./unit.ts";

/** Requests that wait for a commit; one more is refused with `log.busy`. */
export const WAITING_UNITS_MAX = 10_000;

/** Where a unit's entries stand: `first`, `first + 1`, … */
export interface UnitReceipt {
  readonly first: number;
  /** Commitments of the entries in order, 32 bytes each, joined. */
  readonly commitments: Buffer;
}

interface Waiting {
  readonly unit: LogUnit;
  readonly resolve: (receipt: UnitReceipt) => void;
  readonly reject: (error: unknown) => void;
}

export interface LogWriterOptions {
  readonly store: Store;
  readonly effects: Effects;
  /** Positions already in the log. */
  readonly size: number;
  /** Told of every durable leaf, in order: the tree grows by it. */
  readonly onLeaves: (leaves: readonly Buffer[]) => void;
  /** Told of every durable change of rows, and whose stored head changed: who read them before must read them again. */
  readonly onChanges?: (changes: readonly Mutation[], heads: readonly LiveSubject[]) => void;
  readonly onCommit?: (facts: { units: number; records: number; ms: number }) => void;
}

export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #random = (count: number): Buffer => this.#options.effects.random(count);
  #size: number;
  #waiting: Waiting[] = [];
  #running = false;
  /** Memory may be behind the store: nothing more is decided over it. */
  #broken: unknown = null;
  /** Tail of the queue of commits and checkpoints. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Subjects whose chain is longer than their stored head: kept until a checkpoint stores the heads. */
  readonly #dirty = new Set<LiveSubject>();

  constructor(options: LogWriterOptions) {
    this.#options = options;
    this.#size = options.size;
  }

  /** Durable records. */
  get size(): number {
    return this.#size;
  }

  /** Subjects whose chain is already longer than their stored head (found at start). */
  noteGrown(subjects: readonly LiveSubject[]): void {
    for (const subject of subjects) this.#dirty.add(subject);
  }

  /**
   * @throws StrongroomError `log.busy` when too many wait, `log.unavailable` when the store cannot write, and what
   *   speaks against this unit alone: `storage.conflict`, `storage.stale`, `keys.erased`, `log.bad-entry`.
   */
  append(unit: LogUnit): Promise<UnitReceipt> {
    if (this.#broken !== null) return Promise.reject(this.#stopped());
    if (this.#waiting.length >= WAITING_UNITS_MAX) {
      return Promise.reject(
        new StrongroomError("log.busy", `more than ${WAITING_UNITS_MAX} requests wait for the log`),
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ unit, resolve, reject });
      this.#schedule();
    });
  }

  /**
   * Runs between commits, with the writer to itself (checkpoints). What `work` returns as leaves is appended
   * once its own transaction is durable; the subjects that it was shown are then no longer dirty.
   */
  async exclusive(work: (tx: WriteTx, state: ExclusiveState) => Promise<ExclusiveResult>): Promise<void> {
    return this.#inTurn(async () => {
      const state: ExclusiveState = { size: this.#size, dirty: [...this.#dirty] };
      const { leaves, onCommit } = await this.#options.store.write((tx) => work(tx, state));
      this.#options.onChanges?.([], state.dirty);
      for (const subject of state.dirty) this.#dirty.delete(subject);
      this.#size += leaves.length;
      onCommit();
    });
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #schedule(): void {
    if (this.#running) return;
    this.#running = true;
    // After the input that is ready now: requests that came together are committed together.
    setImmediate(() => void this.#drain());
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      await this.#inTurn(() => this.#commit(batch)).catch((cause: unknown) => {
        // What was told of a commit failed, so memory is not what the store is. A restart reads the store.
        this.#broken = cause;
        for (const { reject } of [...batch, ...this.#waiting.splice(0)]) reject(this.#stopped());
      });
    }
    this.#running = false;
  }

  #stopped(): StrongroomError {
    return new StrongroomError("log.unavailable", "the log stopped after an error of the agent itself: restart it", {
      cause: this.#broken,
    });
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const began = performance.now();
    // Heads as they will be: readers see only what is durable.
    const heads = new Map<LiveSubject, ChainHead>();
    const accepted: (Waiting & { receipt: UnitReceipt })[] = [];
    const records: LogRecord[] = [];
    try {
      await this.#options.store.write(async (tx) => {
        for (const waiting of batch) {
          try {
            const placed = this.#place(waiting.unit, this.#size + records.length, heads);
            const refused = await tx.attempt(waiting.unit.mutations);
            if (refused !== null) throw new Refused(refused);
            records.push(...placed.records);
            for (const [subject, head] of placed.heads) heads.set(subject, head);
            accepted.push({ ...waiting, receipt: placed.receipt });
          } catch (error) {
            // What speaks against one unit is no reason to refuse the others.
            if (!(error instanceof Refused)) throw error;
            waiting.reject(error.cause);
          }
        }
        await tx.appendChunks(packRecords(this.#size, records));
      });
    } catch (cause) {
      const error = new StrongroomError("log.unavailable", "the log could not be written; nothing was released", {
        cause,
      });
      for (const { reject } of batch) reject(error);
      return;
    }
    this.#committed(accepted, records, heads);
    this.#options.onCommit?.({ units: accepted.length, records: records.length, ms: performance.now() - began });
  }

  /** Brings memory up to the store, then answers: nobody runs in between. */
  #committed(
    accepted: readonly (Waiting & { receipt: UnitReceipt })[],
    records: readonly LogRecord[],
    heads: ReadonlyMap<LiveSubject, ChainHead>,
  ): void {
    this.#size += records.length;
    for (const [subject, head] of heads) {
      subject.head = head;
      this.#dirty.add(subject);
    }
    this.#options.onLeaves(records.map(({ leaf }) => leaf));
    for (const { unit } of accepted) {
      if (unit.mutations.length > 0) this.#options.onChanges?.(unit.mutations, []);
      for (const hook of unit.onCommit) hook();
    }
    for (const { resolve, receipt } of accepted) resolve(receipt);
  }

  /**
   * Gives the unit's entries their places from `first` on and chains them, after the heads of the units before it.
   * @throws Refused when an entry cannot be made, as for a subject that was erased while its request waited.
   */
  #place(unit: LogUnit, first: number, before: ReadonlyMap<LiveSubject, ChainHead>): Placed {
    const records: LogRecord[] = [];
    const heads = new Map<LiveSubject, ChainHead>();
    const commitments = Buffer.allocUnsafe(32 * unit.entryCount);
    for (const { subject, draft } of unit.entries()) {
      const { logKey } = subject;
      if (logKey === null) throw new Refused(new StrongroomError("keys.erased", "the subject was erased meanwhile"));
      const head = heads.get(subject) ?? before.get(subject) ?? subject.head;
      const counter = head.counter + 1;
      const made = sealOrRefuse(entryOf(draft, unit, counter, head.commitment), logKey, this.#random);
      const commitment = asBuffer(made.commitment);
      commitment.copy(commitments, 32 * records.length);
      heads.set(subject, { counter, commitment, index: first + records.length });
      const owner = { subject: subject.idBytes, counter, previous: head.index, sealed: asBuffer(made.sealed) };
      records.push({ leaf: encodeEntryLeaf(commitment), owner });
    }
    for (const leaf of unit.leaves) records.push({ leaf, owner: null });
    return { records, heads, receipt: { first, commitments } };
  }
}

/** A unit with its places. */
interface Placed {
  readonly records: readonly LogRecord[];
  readonly heads: ReadonlyMap<LiveSubject, ChainHead>;
  readonly receipt: UnitReceipt;
}

/** Speaks against one unit of a batch; `cause` is what its owner is told. */
class Refused extends Error {
  constructor(cause: unknown) {
    super("refused", { cause });
  }
}

function sealOrRefuse(entry: Entry, logKey: KeyObject, random: Effects["random"]): SealedEntry {
  try {
    return sealEntry(entry, logKey, random);
  } catch (cause) {
    throw new Refused(cause);
  }
}

function entryOf(draft: EntryDraft, unit: LogUnit, counter: number, previous: Buffer): Entry {
  return {
    kind: draft.kind,
    outcome: draft.outcome ?? null,
    counter,
    previous,
    at: unit.at,
    decision: unit.decision,
    controller: draft.controller ?? null,
    application: draft.application ?? null,
    type: draft.type ?? null,
    use: draft.use ?? null,
    purpose: draft.purpose ?? null,
    provenance: draft.provenance ?? null,
    reason: draft.reason ?? null,
    rules: draft.rules ?? [],
    objects: draft.objects ?? 0,
    digest: draft.digest ?? null,
    detail: draft.detail ?? null,
  };
}

/** The writer's state while a checkpoint has it to itself. */
export interface ExclusiveState {
  readonly size: number;
  /** Subjects whose chain is longer than their stored head. */
  readonly dirty: readonly LiveSubject[];
}

export interface ExclusiveResult {
  /** Leaves that the work appended to the store, from `size` on; it tells the tree itself. */
  readonly leaves: readonly Buffer[];
  readonly onCommit: () => void;
}
