/**
 * Remembers which one-time ids were used, for as long as they could be used again, in bounded memory.
 * Ids are kept in windows of time. When memory is full the oldest window is forgotten, and from then on
 * whatever belongs to its time is refused as too old: forgetting never lets an id through a second time.
 */

export interface OneTimeIdsOptions {
  /** How long after its time an id may still be used, ms. */
  readonly lifeMs: number;
  /** Most ids in memory. */
  readonly idsMax: number;
  /** Ids of a time before this are refused: another process may have seen them. */
  readonly startedAt: number;
}

const WINDOWS = 16;

export class OneTimeIds {
  readonly #lifeMs: number;
  readonly #idsMax: number;
  readonly #windowMs: number;
  readonly #windows = new Map<number, Set<string>>();
  #size = 0;
  #refusedBefore: number;

  constructor(options: OneTimeIdsOptions) {
    this.#lifeMs = options.lifeMs;
    this.#idsMax = options.idsMax;
    this.#windowMs = Math.ceil(options.lifeMs / WINDOWS);
    this.#refusedBefore = options.startedAt;
  }

  /** Ids in memory. */
  get size(): number {
    return this.#size;
  }

  /**
   * Uses the id up.
   * @param at the time that the id belongs to, as its maker says it, ms; the caller refuses what is in the future
   */
  use(id: string, at: number, now: number): "first" | "again" | "too-old" {
    const number = Math.floor(at / this.#windowMs);
    let window = this.#windows.get(number);
    if (window === undefined) this.#forgetBefore(now - this.#lifeMs);
    else if (window.has(id)) return "again";
    while (this.#size >= this.#idsMax) this.#forgetOldest();
    if (at < Math.max(this.#refusedBefore, now - this.#lifeMs)) return "too-old";

    window ??= new Set();
    this.#windows.set(number, window.add(id));
    this.#size += 1;
    return "first";
  }

  #forgetOldest(): void {
    const oldest = Math.min(...this.#windows.keys());
    this.#refusedBefore = Math.max(this.#refusedBefore, (oldest + 1) * this.#windowMs);
    this.#forget(oldest);
  }

  #forgetBefore(time: number): void {
    for (const number of [...this.#windows.keys()]) {
      if ((number + 1) * this.#windowMs <= time) this.#forget(number);
    }
  }

  #forget(number: number): void {
    this.#size -= this.#windows.get(number)?.size ?? 0;
    this.#windows.delete(number);
  }
}
