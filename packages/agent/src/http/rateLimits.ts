/**
 * Rate limits as leaky buckets, one number each (GCRA): the time at which the bucket would be empty again.
 * Memory is bounded: two generations of which the older is dropped when the younger is full.
 */
import { StrongroomError } from "@strongroom/core/errors";

export interface Rate {
  /** Requests that may come at once. */
  readonly burst: number;
  /** Requests per second in the long run. */
  readonly perSecond: number;
}

export interface Rates {
  /** Per application, after it has proved who it is. */
  readonly application: Rate;
  /** Per subject, likewise. */
  readonly subject: Rate;
  /** Per address: requests without credentials, and failed ones. */
  readonly address: Rate;
}

export const DEFAULT_RATES: Rates = {
  application: { burst: 2_000, perSecond: 500 },
  subject: { burst: 200, perSecond: 20 },
  address: { burst: 200, perSecond: 20 },
};

const BUCKETS_MAX = 65_536;

export class RateLimiter {
  readonly #rate: Rate;
  readonly #now: () => number;
  readonly #halfMax: number;
  #young = new Map<string, number>();
  #old = new Map<string, number>();

  constructor(rate: Rate, now: () => number, bucketsMax = BUCKETS_MAX) {
    this.#rate = rate;
    this.#now = now;
    this.#halfMax = Math.max(1, Math.floor(bucketsMax / 2));
  }

  /** Buckets in memory. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Takes one request out of the bucket. @throws StrongroomError `limit.rate` with `details.retryAfterS` */
  take(name: string): void {
    const costMs = 1000 / this.#rate.perSecond;
    const emptyAt = this.#check(name) + costMs;
    if (this.#young.size >= this.#halfMax) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(name, emptyAt);
  }

  /** As `take` would answer, without taking. @throws StrongroomError `limit.rate` */
  check(name: string): void {
    this.#check(name);
  }

  #check(name: string): number {
    const { burst, perSecond } = this.#rate;
    const now = this.#now();
    const emptyAt = Math.max(now, this.#young.get(name) ?? this.#old.get(name) ?? 0);
    const overMs = emptyAt - now - ((burst - 1) * 1000) / perSecond;
    if (overMs > 0) {
      const retryAfterS = Math.ceil(overMs / 1000);
      throw new StrongroomError(
        "limit.rate",
        `at most ${perSecond} requests a second, ${burst} at once; wait ${retryAfterS} seconds`,
        {
          details: { retryAfterS, perSecond, burst },
        },
      );
    }
    return emptyAt;
  }
}

/** What one household or machine can easily change of its address does not count: IPv6 by its /64. */
export function addressBucket(address: string): string {
  if (!address.includes(":") || address.startsWith("::ffff:")) return address;
  const [head = "", tail] = address.split("%", 1)[0]!.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const after = tail === "" ? [] : tail.split(":");
    while (groups.length + after.length < 8) groups.push("0");
    groups.push(...after);
  }
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}
