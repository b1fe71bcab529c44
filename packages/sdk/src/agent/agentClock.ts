/** The time as one agent sees it: its leases, proofs and assertions are judged by its clock, not by ours. */

/** Smaller differences are the coarseness of the Date header and the way there. */
const TOLERATED_MS = 2_000;

export class AgentClock {
  readonly #clock: () => number;
  #aheadMs = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock() + this.#aheadMs;
  }

  /** Learns from the Date header of an answer (whole seconds). A clock that is right is left alone. */
  learn(date: string | string[] | undefined): void {
    if (typeof date !== "string") return;
    const at = Date.parse(date);
    if (Number.isNaN(at)) return;
    const aheadMs = at - this.#clock();
    if (Math.abs(aheadMs - this.#aheadMs) > TOLERATED_MS)
      this.#aheadMs = Math.abs(aheadMs) > TOLERATED_MS ? aheadMs : 0;
  }
}
