/** The agent's promises that what it answered is in its log: checked at once, and kept until the log shows it. */
import { fromBase64url } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { PROMISE_ENTRIES_MAX, verifyPromise, type PromiseContent } from "@strongroom/core/log";
import type { LogPromise } from "@strongroom/core/wire";
import { readObject } from "../agent/answer.ts";
import type { Pin } from "../agent/pin.ts";

/** Entries of unchecked promises that are remembered per agent; the oldest leave first. */
const REMEMBERED_ENTRIES_MAX = 50_000;
/** Decisions whose answers are told apart from repeated ones; the oldest leave first. */
const DECISIONS_MAX = 10_000;
const COMMITMENT_BYTES = 32;
const DECISION_BYTES = 16;

/** A promise as it was given, with its decision: together they are evidence. */
export interface RememberedPromise extends LogPromise {
  /** Decision id of the answer. */
  readonly decision: string;
  /** When it came, by our clock, ms. */
  readonly receivedAt: number;
}

export class PromiseBook {
  readonly #pin: Pin;
  readonly #clock: () => number;
  readonly #waiting = new Set<RememberedPromise>();
  readonly #decisions = new Set<string>();
  #entries = 0;

  constructor(pin: Pin, clock: () => number) {
    this.#pin = pin;
    this.#clock = clock;
  }

  /** Promises that no checkpoint was seen to keep, oldest first. */
  get waiting(): readonly RememberedPromise[] {
    return [...this.#waiting];
  }

  /**
   * Checks the promise of an answer and remembers it.
   * @returns how many entries it names; 0 where the answer created none
   * @throws StrongroomError `sdk.log-promise`
   */
  accept(answer: Record<string, unknown>): number {
    if (answer["promise"] === undefined) return 0;
    const promise = this.#read(answer);
    this.#refuseRepeated(promise.decision);
    this.remember(promise);
    return entriesOf(promise);
  }

  remember(promise: RememberedPromise): void {
    this.#waiting.add(promise);
    this.#entries += entriesOf(promise);
    for (const oldest of this.#waiting) {
      if (this.#entries <= REMEMBERED_ENTRIES_MAX) break;
      this.kept(oldest);
    }
  }

  /** The log was seen to keep it: nothing more to remember. */
  kept(promise: RememberedPromise): void {
    if (this.#waiting.delete(promise)) this.#entries -= entriesOf(promise);
  }

  /** An old answer to a new question would be a use without an entry of its own. */
  #refuseRepeated(decision: string): void {
    if (this.#decisions.has(decision)) throw brokenPromise(this.#pin.issuer, "was given before, for another request");
    this.#decisions.add(decision);
    if (this.#decisions.size > DECISIONS_MAX) this.#decisions.delete(this.#decisions.values().next().value!);
  }

  #read(answer: Record<string, unknown>): RememberedPromise {
    const { issuer, logVerifier } = this.#pin;
    const { decision } = answer;
    const { at, first, commitments, signature } = readObject(answer["promise"], issuer);
    if (
      typeof at === "number" &&
      typeof first === "number" &&
      typeof decision === "string" &&
      typeof commitments === "string" &&
      typeof signature === "string"
    ) {
      const promise = { decision, at, first, commitments, signature, receivedAt: this.#clock() };
      try {
        if (verifyPromise(contentOf(promise), fromBase64url(signature), logVerifier)) return promise;
      } catch (cause) {
        throw brokenPromise(issuer, "has another form", cause);
      }
    }
    throw brokenPromise(issuer, "is not signed by the pinned log key");
  }
}

/** How many entries a promise names. */
export function entriesOf({ commitments }: LogPromise): number {
  return Math.floor((commitments.length * 3) / 4 / COMMITMENT_BYTES);
}

/** Commitments of a promise in the order of their positions. @throws where the text is no list of commitments. */
export function commitmentsOf({ commitments }: LogPromise): Buffer[] {
  const bytes = fromBase64url(commitments);
  const count = bytes.length / COMMITMENT_BYTES;
  if (!Number.isInteger(count) || count < 1 || count > PROMISE_ENTRIES_MAX)
    throw new RangeError("not a list of commitments");
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * COMMITMENT_BYTES, (at + 1) * COMMITMENT_BYTES));
}

function contentOf(promise: RememberedPromise): PromiseContent {
  const decision = fromBase64url(promise.decision);
  if (decision.length !== DECISION_BYTES) throw new RangeError("not a decision id");
  const entries = commitmentsOf(promise).map((commitment, at) => ({ index: promise.first + at, commitment }));
  return { at: promise.at, decision, entries };
}

function brokenPromise(issuer: string, what: string, cause?: unknown): StrongroomError {
  return new StrongroomError("sdk.log-promise", `the promise of agent ${issuer} ${what}`, {
    cause,
    details: { issuer },
  });
}
