/** When logs are checked: on demand, and in the background at a low rate. */
import { StrongroomError } from "@strongroom/core/errors";
import type { Agent } from "../agent/agent.ts";
import { Deadline } from "../agent/deadline.ts";
import type { Settings } from "../options.ts";
import type { LogReport } from "./watch.ts";

/** A whole check may take this many times as long as a call. */
const DEADLINES = 6;
/** Promises looked up in one background round: enough to keep up with a busy program, little beside its own requests. */
const ROUND_PROMISES_MAX = 64;
/** These say nothing about the log. */
const AWAY = new Set(["sdk.agent-unreachable", "sdk.agent-busy", "sdk.deadline", "sdk.closed"]);

export class LogRounds {
  readonly #agents: readonly Agent[];
  readonly #settings: Settings;
  /** Last finding told for each agent: a log that stays broken is told once. */
  readonly #told = new Map<Agent, string>();
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(agents: readonly Agent[], settings: Settings) {
    this.#agents = agents;
    this.#settings = settings;
  }

  start(): void {
    if (this.#settings.checkEveryMs === 0) return;
    this.#timer = setInterval(() => void this.round(), this.#settings.checkEveryMs);
    this.#timer.unref();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** All agents, everything that is remembered. All are checked before the first finding is thrown. */
  async checkAll(): Promise<LogReport[]> {
    const results = await Promise.allSettled(this.#agents.map((agent) => this.#check(agent)));
    return results.map((result) => {
      if (result.status === "rejected") throw result.reason;
      return result.value;
    });
  }

  /** One background round; findings go to `onFinding`. */
  async round(): Promise<void> {
    for (const agent of this.#agents) {
      if (!agent.watch.hasWork) continue;
      try {
        await this.#check(agent, ROUND_PROMISES_MAX);
      } catch (error) {
        this.#tell(agent, error);
      }
    }
  }

  #tell(agent: Agent, error: unknown): void {
    if (this.#stopped || !(error instanceof StrongroomError) || AWAY.has(error.code)) return;
    if (this.#told.get(agent) === error.message) return;
    this.#told.set(agent, error.message);
    this.#settings.onFinding(error, agent.pin.issuer);
  }

  async #check(agent: Agent, promisesMax?: number): Promise<LogReport> {
    const deadline = new Deadline(this.#settings.deadlineMs * DEADLINES);
    try {
      return await agent.watch.check(deadline, promisesMax);
    } finally {
      deadline.clear();
    }
  }
}
