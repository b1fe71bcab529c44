/** A program that opens (openerProcess.ts), seen from the benchmark. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { endChild, monotonicMs, startChild } from "./child.ts";
import type { StoredField } from "./customer.ts";
import type { OpenerStart, OpenerState } from "./openerProcess.ts";
import type { World } from "./world.ts";

const LOOK_AGAIN_MS = 25;
const PATIENCE_MS = 60_000;

export class Opener {
  readonly #child: ChildProcess;
  /** Other people's fields that it has opened. */
  others = 0;
  /** When it last opened the target, ms of the monotonic clock. */
  lastOpenedAt = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(world: World, target: StoredField, others: readonly StoredField[]): Promise<Opener> {
    const { facts, application } = world;
    const start: OpenerStart = {
      issuer: facts.issuer,
      logKey: facts.logKey,
      application: application.id,
      privateKey: application.privateKey.export({ format: "jwk" }),
      target,
      others,
    };
    const { child } = await startChild<null>({ module: "openerProcess.ts", start });
    return new Opener(child);
  }

  /** What it has seen since it was asked before. */
  async look(): Promise<OpenerState> {
    const answer = once(this.#child, "message") as Promise<[{ state: OpenerState }]>;
    this.#child.send({ look: true });
    const [{ state }] = await answer;
    this.others += state.others;
    if (state.lastOpenedAt !== null) this.lastOpenedAt = state.lastOpenedAt;
    return state;
  }

  /** Looks until what it has seen since now fits. @throws Error after a minute */
  async until(what: string, fits: (seen: { opened: number; denied: number }) => boolean): Promise<void> {
    const seen = { opened: 0, denied: 0 };
    await this.look();
    for (const began = monotonicMs(); !fits(seen);) {
      if (monotonicMs() - began > PATIENCE_MS) throw new Error(`a client did not come to this: ${what}`);
      await wait(LOOK_AGAIN_MS);
      const { opened, denied } = await this.look();
      seen.opened += opened;
      seen.denied += denied;
    }
  }

  async end(): Promise<void> {
    await endChild(this.#child);
  }
}
