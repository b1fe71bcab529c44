/**
 * Object keys that a rule lets us keep for a while, so that the same use needs no question.
 *
 * They serve only the use and purpose that they were released for, only while the agent's events can be heard,
 * and never longer than the rule says, counted from before the question was sent.
 */
import { secretKey, type KeyObject } from "@strongroom/core/primitives";
import { Expiring } from "../agent/expiring.ts";

export class KeptKeys {
  readonly #keys: Expiring<KeyObject>;
  readonly #isLive: () => boolean;
  #generation = 0;

  constructor(max: number, clock: () => number, isLive: () => boolean) {
    this.#keys = new Expiring(max, clock);
    this.#isLive = isLive;
  }

  get size(): number {
    return this.#keys.size;
  }

  /** Grows with every revocation: an answer to a question from before one is not kept. */
  get generation(): number {
    return this.#generation;
  }

  get(purposeKey: string, header: string): KeyObject | undefined {
    if (this.#keys.size === 0 || !this.#isLive()) return undefined;
    return this.#keys.get(`${purposeKey}\n${header}`);
  }

  keep(purposeKey: string, header: string, handle: string, rawKey: Buffer, until: number, generation: number): void {
    if (generation !== this.#generation || !this.#isLive()) return;
    this.#keys.set(`${purposeKey}\n${header}`, handle, secretKey(rawKey), until);
  }

  forget(handle: string): void {
    this.#generation += 1;
    this.#keys.dropHandle(handle);
  }

  forgetAll(): void {
    this.#generation += 1;
    this.#keys.clear();
  }
}
