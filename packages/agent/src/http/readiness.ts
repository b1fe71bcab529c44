/** Whether the agent can answer: its store takes writes, and its checkpoints keep up with its log. */
import type { AgentContext } from "../context.ts";

export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly ("storage" | "log-behind")[];
}

/** Asked more often than this, the last answer is given again: anybody may ask, and asking writes. */
const ANSWER_KEPT_MS = 1_000;
/** Checkpoints that may be missed before the log counts as behind. */
const INTERVALS_MISSED_MAX = 5;

export function readinessOf(agent: AgentContext): () => Promise<Readiness> {
  let at = -Infinity;
  let answer: Promise<Readiness> | null = null;
  /** Since when there is something that no checkpoint covers; null: there is nothing. */
  let behindSince: number | null = null;
  const check = async (now: number): Promise<Readiness> => {
    const reasons: Readiness["reasons"][number][] = [];
    const stored = await agent.store.ping().then(
      () => true,
      () => false,
    );
    if (!stored) reasons.push("storage");
    const covered = agent.writer.size <= (agent.publisher.checkpoint?.size ?? 0);
    // A busy log always has something new; what counts is that checkpoints go on being made.
    const lastAt = agent.publisher.checkpoint?.at ?? 0;
    behindSince = covered ? null : Math.max(behindSince ?? now, lastAt);
    if (behindSince !== null && now - behindSince > INTERVALS_MISSED_MAX * agent.config.checkpointMs)
      reasons.push("log-behind");
    return { ready: reasons.length === 0, reasons };
  };
  return () => {
    const now = agent.effects.now();
    if (answer === null || now - at >= ANSWER_KEPT_MS) {
      at = now;
      answer = check(now);
    }
    return answer;
  };
}
