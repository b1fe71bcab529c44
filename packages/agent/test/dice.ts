/** Chance from a seed: the same seed plays the same game. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 up to and without `sides` (mulberry32). */
  roll(sides: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * sides);
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.roll(items.length)];
    if (item === undefined) throw new RangeError("there is nothing to pick from");
    return item;
  }
}

/** Whoever waits here goes on in an order that the dice choose. */
export class Turnstile {
  readonly #dice: Dice;
  #waiting: (() => void)[] = [];
  #open = true;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  pass(): Promise<void> {
    if (!this.#open) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) this.#letOneGo();
    });
  }

  /** From now on nobody waits. */
  stop(): void {
    this.#open = false;
    for (const go of this.#waiting.splice(0)) go();
  }

  /** After all that can run has run and come here too. */
  #letOneGo(): void {
    setImmediate(() => {
      if (this.#waiting.length === 0) return;
      const [go] = this.#waiting.splice(this.#dice.roll(this.#waiting.length), 1);
      go?.();
      if (this.#waiting.length > 0) this.#letOneGo();
    });
  }
}
