/** Secrets that may be kept for a while: bounded, gone at their end, and found by the person they belong to. */

/** How soon after its end an entry leaves memory at the latest, ms. It is never given out after its end. */
const SWEEP_MS_MIN = 250;
const SWEEP_MS_MAX = 60_000;

interface Entry<Value> {
  readonly key: string;
  readonly handle: string;
  readonly value: Value;
  readonly until: number;
  /** Looked up since it was last spared. */
  used: boolean;
}

/**
 * A bounded map by key and by relationship handle. When it is full, the oldest entry leaves that was not looked up
 * since it was last spared (the clock algorithm): a lookup only marks, because there is one for each value sealed.
 */
export class Expiring<Value> {
  readonly #max: number;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #byHandle = new Map<string, Set<string>>();
  #timer: NodeJS.Timeout | null = null;
  #sweepAt = Number.POSITIVE_INFINITY;

  /**
   * @param max entries
   * @param now the clock that `until` is measured on, ms
   */
  constructor(max: number, now: () => number) {
    this.#max = max;
    this.#now = now;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (this.#now() >= entry.until) {
      this.delete(key);
      return undefined;
    }
    entry.used = true;
    return entry.value;
  }

  set(key: string, handle: string, value: Value, until: number): void {
    if (this.#max === 0 || this.#now() >= until) return;
    this.delete(key);
    if (this.#entries.size >= this.#max) this.#makeRoom();
    this.#entries.set(key, { key, handle, value, until, used: false });
    const keys = this.#byHandle.get(handle);
    if (keys === undefined) this.#byHandle.set(handle, new Set([key]));
    else keys.add(key);
    this.#schedule(until);
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    const keys = this.#byHandle.get(entry.handle)!;
    keys.delete(key);
    if (keys.size === 0) this.#byHandle.delete(entry.handle);
  }

  #makeRoom(): void {
    for (const entry of this.#entries.values()) {
      if (!entry.used) {
        this.delete(entry.key);
        return;
      }
      // Spared once: a Map keeps the order of insertion, so it goes to the end and is met again unmarked.
      entry.used = false;
      this.#entries.delete(entry.key);
      this.#entries.set(entry.key, entry);
    }
  }

  /** Forgets everything of one person. */
  dropHandle(handle: string): void {
    for (const key of this.#byHandle.get(handle) ?? []) this.#entries.delete(key);
    this.#byHandle.delete(handle);
  }

  clear(): void {
    this.#entries.clear();
    this.#byHandle.clear();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#sweepAt = Number.POSITIVE_INFINITY;
  }

  /** One timer for the earliest end; it does not keep the process alive. */
  #schedule(until: number): void {
    if (until >= this.#sweepAt) return;
    this.#sweepAt = until;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const waitMs = Math.min(Math.max(until - this.#now(), SWEEP_MS_MIN), SWEEP_MS_MAX);
    this.#timer = setTimeout(() => this.#sweep(), waitMs);
    this.#timer.unref();
  }

  #sweep(): void {
    const now = this.#now();
    this.#timer = null;
    this.#sweepAt = Number.POSITIVE_INFINITY;
    let next = Number.POSITIVE_INFINITY;
    for (const entry of [...this.#entries.values()]) {
      if (now >= entry.until) this.delete(entry.key);
      else next = Math.min(next, entry.until);
    }
    if (next < Number.POSITIVE_INFINITY) this.#schedule(next);
  }
}
