/**
 * Slows down guessing of passwords. Failures are counted for the login at one address, for the address, and for the
 * login anywhere; beyond a number that people reach by mistake, each next try has to wait twice as long.
 * The wait for a login anywhere stays short: else whoever knows a login could keep its owner out.
 */
import { StrongroomError } from "@strongroom/core/errors";

interface Scope {
  /** Failures without a wait. */
  readonly free: number;
  /** Longest wait, ms. */
  readonly waitMsMax: number;
}

const SCOPES: Readonly<Record<"pair" | "address" | "login", Scope>> = {
  pair: { free: 5, waitMsMax: 15 * 60_000 },
  address: { free: 30, waitMsMax: 15 * 60_000 },
  login: { free: 50, waitMsMax: 30_000 },
};
const FIRST_WAIT_MS = 1_000;
/** A counter without a failure for so long begins anew. */
const FORGET_MS = 60 * 60_000;
export const COUNTERS_MAX = 65_536;

/** A try under way. */
export interface Attempt {
  /** Begins anew for this login and address. */
  succeeded(): void;
  /** It was not judged: takes back what was counted. */
  withdraw(): void;
}

interface Counter {
  failures: number;
  /** No try before this. */
  waitUntil: number;
  lastAt: number;
}

export class SignInThrottle {
  readonly #now: () => number;
  readonly #countersMax: number;
  /** Least recently failed first. */
  readonly #counters = new Map<string, Counter>();

  constructor(now: () => number, countersMax = COUNTERS_MAX) {
    this.#now = now;
    this.#countersMax = countersMax;
  }

  /** Counters in memory. */
  get size(): number {
    return this.#counters.size;
  }

  /**
   * Begins a try, which counts as failed unless it is told otherwise: tries at the same time cannot share a count.
   * @throws StrongroomError `limit.tries` with `details.retryAfterS`; such a try is not counted
   */
  begin(login: string, address: string): Attempt {
    const now = this.#now();
    const keys = { pair: `pair ${address} ${login}`, address: `address ${address}`, login: `login ${login}` };
    const waitUntil = Math.max(...Object.values(keys).map((key) => this.#known(key, now)?.waitUntil ?? 0));
    if (waitUntil > now) {
      const retryAfterS = Math.ceil((waitUntil - now) / 1000);
      throw new StrongroomError("limit.tries", `too many failed tries; wait ${retryAfterS} seconds`, {
        details: { retryAfterS },
      });
    }
    for (const name of ["pair", "address", "login"] as const) this.#count(keys[name], SCOPES[name], now);
    return {
      succeeded: () => {
        this.#counters.delete(keys.pair);
        for (const key of [keys.address, keys.login]) this.#uncount(key);
      },
      withdraw: () => {
        for (const key of Object.values(keys)) this.#uncount(key);
      },
    };
  }

  #known(key: string, now: number): Counter | undefined {
    const counter = this.#counters.get(key);
    return counter !== undefined && counter.lastAt + FORGET_MS > now ? counter : undefined;
  }

  #count(key: string, { free, waitMsMax }: Scope, now: number): void {
    const failures = (this.#known(key, now)?.failures ?? 0) + 1;
    const waitMs = failures < free ? 0 : Math.min(waitMsMax, FIRST_WAIT_MS * 2 ** Math.min(failures - free, 30));
    this.#counters.delete(key);
    if (this.#counters.size >= this.#countersMax) {
      const [oldest] = this.#counters.keys();
      if (oldest !== undefined) this.#counters.delete(oldest);
    }
    this.#counters.set(key, { failures, waitUntil: now + waitMs, lastAt: now });
  }

  #uncount(key: string): void {
    const counter = this.#counters.get(key);
    if (counter === undefined) return;
    counter.failures -= 1;
    counter.waitUntil = 0;
    if (counter.failures <= 0) this.#counters.delete(key);
  }
}
