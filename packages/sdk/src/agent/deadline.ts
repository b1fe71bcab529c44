/** The end of one call's patience, shared by all its attempts and waits. */
import { StrongroomError } from "@strongroom/core/errors";

export class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #endsAt: number;
  readonly ms: number;

  /** Begins now. Measured on the monotonic clock: setting the wall clock neither ends nor extends it. */
  constructor(ms: number) {
    this.ms = ms;
    this.#endsAt = performance.now() + ms;
    this.#timer = setTimeout(() => this.#controller.abort(), ms);
    this.#timer.unref();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get over(): boolean {
    return this.#controller.signal.aborted;
  }

  get remainingMs(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  /** Call it when the work has ended: frees the timer. */
  clear(): void {
    clearTimeout(this.#timer);
  }

  error(issuer: string): StrongroomError {
    return new StrongroomError("sdk.deadline", `agent ${issuer} did not answer within ${this.ms} ms`, {
      details: { issuer, deadlineMs: this.ms },
    });
  }

  /** Waits, or rejects with `sdk.deadline` at once where the deadline comes first. */
  async pause(ms: number, issuer: string): Promise<void> {
    if (this.over || ms >= this.remainingMs) throw this.error(issuer);
    await new Promise<void>((resolve) => {
      setTimeout(resolve, ms);
    });
  }

  /** The promise's outcome, or `sdk.deadline`: for work that others wait for too and that goes on without us. */
  within<Value>(work: Promise<Value>, issuer: string): Promise<Value> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(this.error(issuer));
      if (this.over) onAbort();
      this.signal.addEventListener("abort", onAbort, { once: true });
      work.then(resolve, reject).finally(() => this.signal.removeEventListener("abort", onAbort));
    });
  }
}
