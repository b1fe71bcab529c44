/**
 * Checks one agent's log from outside: that it only grows, and that what was promised is in it.
 * Whom it trusts: the pinned log key, and what this client remembers. Not the agent.
 */
import { fromBase64url } from "@strongroom/core/bytes";
import { StrongroomError, type ErrorCode } from "@strongroom/core/errors";
import {
  encodeEntryLeaf,
  leafHash,
  openCheckpoint,
  verifyConsistency,
  type OpenedCheckpoint,
} from "@strongroom/core/log";
import { equalBytes } from "@strongroom/core/primitives";
import { badAnswer, readObject } from "../agent/answer.ts";
import type { Channel } from "../agent/channel.ts";
import type { Deadline } from "../agent/deadline.ts";
import type { LogMemory } from "./memory.ts";
import { commitmentsOf, entriesOf, type PromiseBook, type RememberedPromise } from "./promises.ts";
import { verifyRun } from "./run.ts";

/** Longest proof: one hash for each level of the largest tree, twice over. */
const PROOF_HASHES_MAX = 128;

export interface LogReport {
  readonly issuer: string;
  /** Size of the checkpoint that was checked; 0: the agent has made none yet. */
  readonly size: number;
  /** Size of the checkpoint that it was shown to continue; null: the first one seen. */
  readonly continues: number | null;
  /** Promised entries found in the log by this check. */
  readonly entriesFound: number;
  /** Promised entries that no checkpoint covers yet. */
  readonly entriesWaiting: number;
}

export class LogWatch {
  readonly #channel: Channel;
  readonly #promises: PromiseBook;
  readonly #memory: LogMemory;
  readonly #clock: () => number;
  readonly #lateAfterMs: number;
  #turn: Promise<unknown> = Promise.resolve();
  #last: { readonly note: string; readonly checkpoint: OpenedCheckpoint } | null;

  /** @throws StrongroomError `sdk.log-memory` where the remembered checkpoint is not the pinned log's. */
  constructor(channel: Channel, promises: PromiseBook, memory: LogMemory, clock: () => number, lateAfterMs: number) {
    this.#channel = channel;
    this.#promises = promises;
    this.#memory = memory;
    this.#clock = clock;
    this.#lateAfterMs = lateAfterMs;
    const remembered = memory.get(channel.pin.locator);
    this.#last = remembered.checkpoint === null ? null : this.#reopen(remembered.checkpoint);
    for (const promise of remembered.promises) promises.remember(promise);
  }

  /** Whether there is anything that a check could tell. */
  get hasWork(): boolean {
    return this.#promises.waiting.length > 0;
  }

  /**
   * One check. @param promisesMax how many promises are looked up at most
   * @throws StrongroomError `sdk.log-checkpoint`, `sdk.log-fork`, `sdk.log-entry-missing`, `sdk.log-late`
   *   (evidence in `details`), and those of the channel.
   */
  check(deadline: Deadline, promisesMax = Number.POSITIVE_INFINITY): Promise<LogReport> {
    // One after the other: two at once could take an older checkpoint for a fork.
    const turn = this.#turn.then(() => this.#check(deadline, promisesMax)).finally(() => this.save());
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #check(deadline: Deadline, promisesMax: number): Promise<LogReport> {
    const continues = this.#last?.checkpoint.size ?? null;
    const checkpoint = await this.#advance(deadline);
    let entriesFound = 0;
    let lookups = 0;
    for (const promise of this.#promises.waiting) {
      const covered = checkpoint !== null && promise.first + entriesOf(promise) <= checkpoint.size;
      if (!covered) {
        this.#refuseLate(promise, checkpoint);
        continue;
      }
      if (lookups++ >= promisesMax) break;
      await this.#lookUp(promise, checkpoint, deadline);
      this.#promises.kept(promise);
      entriesFound += entriesOf(promise);
    }
    const entriesWaiting = this.#promises.waiting.reduce((sum, promise) => sum + entriesOf(promise), 0);
    return { issuer: this.#channel.pin.issuer, size: checkpoint?.size ?? 0, continues, entriesFound, entriesWaiting };
  }

  /** Remembers across restarts what is known now. */
  save(): void {
    this.#memory.put(this.#channel.pin.locator, {
      checkpoint: this.#last?.note ?? null,
      promises: this.#promises.waiting,
    });
  }

  /** Reads the newest checkpoint and shows that it continues the one remembered. */
  async #advance(deadline: Deadline): Promise<OpenedCheckpoint | null> {
    const last = this.#last;
    const note = await this.#readNote(deadline);
    if (note === null) {
      if (last === null) return null;
      throw this.#finding("sdk.log-fork", "has no checkpoint any more", { remembered: last.note });
    }
    const checkpoint = this.#open(note);
    if (last !== null) {
      const { size, root } = last.checkpoint;
      const evidence = { remembered: last.note, shown: note };
      if (checkpoint.size < size)
        throw this.#finding("sdk.log-fork", `has ${checkpoint.size} leaves, and had ${size}`, evidence);
      if (checkpoint.size === size && !equalBytes(checkpoint.root, root)) {
        throw this.#finding("sdk.log-fork", `has two roots for ${size} leaves`, evidence);
      }
      if (checkpoint.size > size) {
        const proof = await this.#proof("/v1/log/consistency", `from=${size}&to=${checkpoint.size}`, deadline);
        if (!verifyConsistency(size, checkpoint.size, proof, root, checkpoint.root)) {
          throw this.#finding(
            "sdk.log-fork",
            `with ${checkpoint.size} leaves does not continue the one with ${size}`,
            evidence,
          );
        }
      }
    }
    this.#last = { note, checkpoint };
    return checkpoint;
  }

  /** A promised run of entries must stand at its positions. */
  async #lookUp(promise: RememberedPromise, { size, root }: OpenedCheckpoint, deadline: Deadline): Promise<void> {
    const count = entriesOf(promise);
    const hashes = commitmentsOf(promise).map((commitment) => leafHash(encodeEntryLeaf(commitment)));
    const inclusion = (index: number): Promise<Buffer[]> =>
      this.#proof("/v1/log/inclusion", `index=${index}&size=${size}`, deadline);
    const ofFirst = await inclusion(promise.first);
    const ofLast = count === 1 ? ofFirst : await inclusion(promise.first + count - 1);
    if (verifyRun({ first: promise.first, hashes }, size, root, ofFirst, ofLast)) return;
    throw this.#finding("sdk.log-entry-missing", `does not hold what was promised at ${promise.first}`, {
      promise,
      shown: this.#last?.note,
    });
  }

  #refuseLate(promise: RememberedPromise, checkpoint: OpenedCheckpoint | null): void {
    const ageMs = this.#clock() - promise.receivedAt;
    if (ageMs <= this.#lateAfterMs) return;
    const after = `${Math.floor(ageMs / 1000)} s`;
    throw this.#finding("sdk.log-late", `does not cover position ${promise.first} after ${after}`, {
      promise,
      size: checkpoint?.size ?? 0,
    });
  }

  async #readNote(deadline: Deadline): Promise<string | null> {
    try {
      return await this.#channel.getPublic("/log/checkpoint", "", deadline);
    } catch (error) {
      if (error instanceof StrongroomError && (error.code === "log.out-of-range" || error.details["status"] === 404))
        return null;
      throw error;
    }
  }

  async #proof(path: string, query: string, deadline: Deadline): Promise<Buffer[]> {
    const { issuer } = this.#channel.pin;
    let answer: unknown;
    try {
      answer = JSON.parse(await this.#channel.getPublic(path, query, deadline));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    const { proof } = readObject(answer, issuer);
    if (!Array.isArray(proof) || proof.length > PROOF_HASHES_MAX || !proof.every((hash) => typeof hash === "string")) {
      throw badAnswer(issuer, `to ${path} is not a proof`);
    }
    return proof.map((hash: string) => fromBase64url(hash));
  }

  #open(note: string): OpenedCheckpoint {
    try {
      return openCheckpoint(note, this.#channel.pin.logVerifier);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : "unreadable";
      throw new StrongroomError(
        "sdk.log-checkpoint",
        `the checkpoint of agent ${this.#channel.pin.issuer} is refused: ${why}`,
        { cause },
      );
    }
  }

  #reopen(note: string): { note: string; checkpoint: OpenedCheckpoint } {
    try {
      return { note, checkpoint: openCheckpoint(note, this.#channel.pin.logVerifier) };
    } catch (cause) {
      throw new StrongroomError(
        "sdk.log-memory",
        `the remembered checkpoint of ${this.#channel.pin.issuer} is not signed by the pinned log key`,
        { cause },
      );
    }
  }

  #finding(code: ErrorCode, what: string, evidence: Readonly<Record<string, unknown>>): StrongroomError {
    const { issuer } = this.#channel.pin;
    return new StrongroomError(code, `the log of agent ${issuer} ${what}`, { details: { issuer, ...evidence } });
  }
}
