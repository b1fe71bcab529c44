/** How often something may be tried: so many times in a stretch of time, for each key. */
interface Count {
  tries: number;
  until: number;
}

/** Keys remembered at most; the oldest is forgotten first. */
const KEYS_MAX = 10_000;

export class Attempts {
  readonly #max: number;
  readonly #windowMs: number;
  readonly #now: () => number;
  readonly #counts = new Map<string, Count>();

  constructor(max: number, windowMs: number, now: () => number) {
    this.#max = max;
    this.#windowMs = windowMs;
    this.#now = now;
  }

  /** Counts a try. @returns ms until the next one may be made; 0 where this one may */
  take(key: string): number {
    const now = this.#now();
    let count = this.#counts.get(key);
    if (count === undefined || count.until <= now) {
      this.#counts.delete(key);
      if (this.#counts.size >= KEYS_MAX) this.#counts.delete(this.#counts.keys().next().value!);
      count = { tries: 0, until: now + this.#windowMs };
      this.#counts.set(key, count);
    }
    if (count.tries >= this.#max) return count.until - now;
    count.tries += 1;
    return 0;
  }

  /** Forgets the tries of a key: it was the right one. */
  forget(key: string): void {
    this.#counts.delete(key);
  }
}
