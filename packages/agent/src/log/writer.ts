/**
 * The one place that appends to the log. Requests that arrive while a commit runs share the next one: one
 * transaction, one fsync, for their entries and the changes that belong to them. What `append` resolves with
 * is durable; when it rejects, nothing of the unit happened.
 */
import { encodeEntryLeaf, leafHash, sealEntry, type Entry } from "@strongroom/core/log";
import { asBuffer } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import type { Effects } from "../effects.ts";
import type { ChainHead, LiveSubject } from "../authorize/live.ts";
import type { Store, WriteTx } from "../storage/store.ts";
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
  readonly onLeaves: (leafHashes: readonly Buffer[]) => void;
  readonly onCommit?: (facts: { units: number; records: number; ms: number }) => void;
}

export class LogWriter {
  readonly #options: LogWriterOptions;
  #size: number;
  #waiting: Waiting[] = [];
  #running = false;
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
   * @throws StrongroomError `log.busy` when too many wait, `log.unavailable` when the store cannot write,
   *   and what the store says of the unit's own changes (`storage.conflict`, `storage.stale`).
   */
  append(unit: LogUnit): Promise<UnitReceipt> {
    if (this.#waiting.length >= WAITING_UNITS_MAX) {
      return Promise.reject(new StrongroomError("log.busy", `more than ${WAITING_UNITS_MAX} requests wait for the log`));
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

  #appended(leafHashes: readonly Buffer[]): void {
    this.#size += leafHashes.length;
    this.#options.onLeaves(leafHashes);
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
      await this.#inTurn(() => this.#commit(batch));
    }
    this.#running = false;
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const began = performance.now();
    const before = new Map<LiveSubject, ChainHead>();
    let accepted: (Waiting & { receipt: UnitReceipt })[] = [];
    let leafHashes: Buffer[] = [];
    try {
      await this.#options.store.write(async (tx) => {
        accepted = [];
        const records: LogRecord[] = [];
        for (const waiting of batch) {
          const refused = namesErased(waiting.unit) ?? (await tx.attempt(waiting.unit.mutations));
          if (refused === null) accepted.push({ ...waiting, receipt: this.#place(waiting.unit, records, before) });
          else waiting.reject(refused);
        }
        leafHashes = records.map(({ leaf }) => leafHash(leaf));
        await tx.appendChunks(packRecords(this.#size, records));
      });
    } catch (cause) {
      for (const [subject, head] of before) subject.head = head;
      const error = new StrongroomError("log.unavailable", "the log could not be written; nothing was released", { cause });
      for (const { reject } of batch) reject(error);
      return;
    }
    this.#appended(leafHashes);
    for (const subject of before.keys()) this.#dirty.add(subject);
    for (const { unit, resolve, receipt } of accepted) {
      for (const hook of unit.onCommit) hook();
      resolve(receipt);
    }
    this.#options.onCommit?.({ units: accepted.length, records: leafHashes.length, ms: performance.now() - began });
  }

  /** Gives the unit's entries their places and chains them. `before` remembers heads in case the commit fails. */
  #place(unit: LogUnit, records: LogRecord[], before: Map<LiveSubject, ChainHead>): UnitReceipt {
    const first = this.#size + records.length;
    const commitments = Buffer.allocUnsafe(32 * unit.entryCount);
    let i = 0;
    for (const { subject, draft } of unit.entries()) {
      if (!before.has(subject)) before.set(subject, subject.head);
      const record = this.#chain(subject, draft, unit, this.#size + records.length);
      subject.head.commitment.copy(commitments, 32 * i);
      i += 1;
      records.push(record);
    }
    for (const leaf of unit.leaves) records.push({ leaf, owner: null });
    return { first, commitments };
  }

  #chain(subject: LiveSubject, draft: EntryDraft, unit: LogUnit, index: number): LogRecord {
    const { head, logKey } = subject;
    if (logKey === null) throw new StrongroomError("keys.erased", "an erased subject has no log any more");
    const counter = head.counter + 1;
    const { commitment, sealed } = sealEntry(entryOf(draft, unit, counter, head.commitment), logKey, this.#options.effects.random);
    subject.head = { counter, commitment: asBuffer(commitment), index };
    return { leaf: encodeEntryLeaf(commitment), owner: { subject: subject.idBytes, counter, previous: head.index, sealed: asBuffer(sealed) } };
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

/** A subject may be erased while its request waits: then nothing of it can be logged, so nothing happens. */
function namesErased(unit: LogUnit): StrongroomError | null {
  for (const { subject } of unit.subjects()) {
    if (subject.logKey === null) return new StrongroomError("keys.erased", "the subject was erased meanwhile");
  }
  return null;
}
