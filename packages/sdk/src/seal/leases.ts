/**
 * Leases: permission to seal, fetched ahead so that sealing is local.
 *
 * One lease serves one person, type and provenance, because the agent decided and logged exactly these three.
 * It is used until its end or its number of objects, and replaced before either, on the way, by whoever seals.
 */
import { fromBase64url } from "@strongroom/core/bytes";
import type { StrongroomError } from "@strongroom/core/errors";
import { KEY_BYTES, secretKey } from "@strongroom/core/primitives";
import { SealingLease } from "@strongroom/core/seal";
import { LEASES_MAX, type DenialReason, type LeaseItem, type LeaseRequest } from "@strongroom/core/wire";
import { badAnswer, readObject } from "../agent/answer.ts";
import type { AgentClock } from "../agent/agentClock.ts";
import type { Channel } from "../agent/channel.ts";
import { Deadline } from "../agent/deadline.ts";
import { Expiring } from "../agent/expiring.ts";
import type { Lanes } from "../agent/lanes.ts";
import type { PromiseBook } from "../log/promises.ts";

/** Parts of a lease's life and of its objects after which the next one is fetched. */
const RENEW_AT_LIFE = 0.7;
const RENEW_AT_OBJECTS = 0.8;
/** Answers without a lease that serves, in a row: each may have lost a race with a revocation. */
export const STALLED_MAX = 5;
const REASON = /^[a-z][a-z-]{0,63}$/;

/** What a lease is for, and the text that stands for the three. */
export interface Want extends LeaseItem {
  readonly key: string;
}

export function wantOf(handle: string, type: string, provenance: string): Want {
  return { handle, type, provenance, key: `${handle}\n${type}\n${provenance}` };
}

export function leasesEndTooSoon(issuer: string): StrongroomError {
  return badAnswer(issuer, "gives leases that end before they can be used");
}

export interface HeldLease {
  readonly sealing: SealingLease;
  objectsLeft: number;
  readonly renewAtObjectsLeft: number;
  readonly renewAt: number;
  renewing: boolean;
}

interface Asked {
  readonly want: Want;
  readonly resolve: (refusal: DenialReason | null) => void;
  readonly reject: (error: unknown) => void;
}

export interface LeaseParts {
  readonly channel: Channel;
  readonly promises: PromiseBook;
  readonly lanes: Lanes;
  readonly clock: AgentClock;
  readonly deadlineMs: number;
  readonly leasesMax: number;
  /** Told of the first lease: from then on revocations matter. */
  readonly onHeld: () => void;
}

export class Leases {
  readonly #parts: LeaseParts;
  readonly #held: Expiring<HeldLease>;
  readonly #asking = new Map<string, Promise<DenialReason | null>>();
  #queue: Asked[] = [];
  #generation = 0;

  constructor(parts: LeaseParts) {
    this.#parts = parts;
    this.#held = new Expiring(parts.leasesMax, () => parts.clock.now());
  }

  get size(): number {
    return this.#held.size;
  }

  get issuer(): string {
    return this.#parts.channel.pin.issuer;
  }

  /** How many are held at most. */
  get max(): number {
    return this.#parts.leasesMax;
  }

  has(want: Want): boolean {
    return (this.#held.get(want.key)?.objectsLeft ?? 0) > 0;
  }

  /** A lease for one more object, already counted; undefined where it has to be fetched. */
  take(want: Want): SealingLease | undefined {
    const lease = this.#held.get(want.key);
    if (lease === undefined || lease.objectsLeft === 0) return undefined;
    lease.objectsLeft -= 1;
    if (
      !lease.renewing &&
      (lease.objectsLeft <= lease.renewAtObjectsLeft || this.#parts.clock.now() >= lease.renewAt)
    ) {
      lease.renewing = true;
      // Unwatched: where it fails, whoever finds no lease left asks again and is told.
      this.fetch(want).catch(() => undefined);
    }
    return lease.sealing;
  }

  /** As `take`, fetching where there is none. @returns the lease, or why the agent refused */
  async takeOrFetch(want: Want): Promise<SealingLease | DenialReason> {
    for (let fetches = 0; fetches <= STALLED_MAX; fetches++) {
      const lease = this.take(want);
      if (lease !== undefined) return lease;
      const reason = await this.fetch(want);
      if (reason !== null) return reason;
    }
    throw leasesEndTooSoon(this.issuer);
  }

  /**
   * Fetches a lease. All that are wanted in one turn of the event loop, or while one is on its way, share requests.
   * @returns null, or why the agent refused
   */
  fetch(want: Want): Promise<DenialReason | null> {
    const known = this.#asking.get(want.key);
    if (known !== undefined) return known;
    const asking = new Promise<DenialReason | null>((resolve, reject) => {
      this.#queue.push({ want, resolve, reject });
      if (this.#queue.length === 1) setImmediate(() => this.#flush());
    }).finally(() => this.#asking.delete(want.key));
    this.#asking.set(want.key, asking);
    return asking;
  }

  forget(handle: string): void {
    this.#generation += 1;
    this.#held.dropHandle(handle);
  }

  forgetAll(): void {
    this.#generation += 1;
    this.#held.clear();
  }

  #flush(): void {
    const queue = this.#queue;
    this.#queue = [];
    for (let from = 0; from < queue.length; from += LEASES_MAX)
      void this.#request(queue.slice(from, from + LEASES_MAX));
  }

  async #request(asked: readonly Asked[]): Promise<void> {
    const { channel, lanes, deadlineMs } = this.#parts;
    const deadline = new Deadline(deadlineMs);
    const generation = this.#generation;
    try {
      const request: LeaseRequest = {
        leases: asked.map(({ want: { handle, type, provenance } }) => ({ handle, type, provenance })),
      };
      const answer = await lanes.run(() => channel.post("/v1/leases", JSON.stringify(request), deadline));
      const outcomes = this.#read(answer, asked);
      for (const [at, { want, resolve }] of asked.entries()) {
        const outcome = outcomes[at]!;
        if ("lease" in outcome) {
          this.#parts.onHeld();
          // One revoked or ended while it was on its way serves nobody: who waits asks again.
          if (generation === this.#generation) this.#held.set(want.key, want.handle, outcome.lease, outcome.until);
        }
        resolve("reason" in outcome ? outcome.reason : null);
      }
    } catch (error) {
      for (const { reject } of asked) reject(error);
    } finally {
      deadline.clear();
    }
  }

  #read(answer: unknown, asked: readonly Asked[]): ({ lease: HeldLease; until: number } | { reason: DenialReason })[] {
    const { channel, promises } = this.#parts;
    const { issuer } = channel.pin;
    const body = readObject(answer, issuer);
    const outcomes = body["leases"];
    if (!Array.isArray(outcomes) || outcomes.length !== asked.length)
      throw badAnswer(issuer, "has another number of leases than asked");
    const entries = promises.accept(body);
    return outcomes.map((value: unknown, at) => {
      const outcome = readObject(value, issuer);
      const { reason } = outcome;
      if (outcome["outcome"] === "deny" && typeof reason === "string" && REASON.test(reason))
        return { reason: reason as DenialReason };
      if (outcome["outcome"] !== "allow") throw badAnswer(issuer, "holds an outcome that is neither allow nor deny");
      return this.#readLease(outcome, asked[at]!.want, entries);
    });
  }

  #readLease(outcome: Record<string, unknown>, want: Want, entries: number): { lease: HeldLease; until: number } {
    const { channel, clock } = this.#parts;
    const { pin } = channel;
    const { lease: leaseId, key, epoch, expiresAt, objectsMax, entry } = outcome;
    const now = clock.now();
    const wellFormed =
      typeof leaseId === "string" &&
      typeof key === "string" &&
      typeof epoch === "number" &&
      typeof expiresAt === "number" &&
      typeof objectsMax === "number" &&
      objectsMax >= 1 &&
      typeof entry === "number" &&
      Number.isInteger(entry) &&
      entry >= 0 &&
      entry < entries;
    if (!wellFormed) throw badAnswer(pin.issuer, "holds a lease of another form, or without an entry in the log");
    const raw = fromBase64url(key);
    if (raw.length !== KEY_BYTES) throw badAnswer(pin.issuer, "holds a lease key of another length");
    let sealing: SealingLease;
    try {
      const relationship = fromBase64url(want.handle);
      sealing = new SealingLease({
        locator: pin.locatorBytes,
        relationship,
        epoch,
        leaseId: fromBase64url(leaseId),
        type: want.type,
        key: secretKey(raw),
      });
    } catch (cause) {
      throw badAnswer(pin.issuer, "holds a lease that does not fit the format", cause);
    } finally {
      raw.fill(0);
    }
    const lease: HeldLease = {
      sealing,
      objectsLeft: objectsMax,
      renewAtObjectsLeft: objectsMax - Math.ceil(objectsMax * RENEW_AT_OBJECTS),
      renewAt: now + (expiresAt - now) * RENEW_AT_LIFE,
      renewing: false,
    };
    return { lease, until: expiresAt };
  }
}
