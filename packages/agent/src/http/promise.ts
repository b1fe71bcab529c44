/** The promise that comes with an answer: the agent's signature that the answer's entries are in the log (spec/log.md section 10). */
import { toBase64url } from "@strongroom/core/bytes";
import { signPromise } from "@strongroom/core/log";
import type { LogPromise } from "@strongroom/core/wire";
import type { AgentContext } from "../context.ts";
import type { UnitReceipt } from "../log/writer.ts";

const COMMITMENT_BYTES = 32;

/** @param entries how many entries the answer names; none: no promise */
export function promiseOf(
  agent: AgentContext,
  decision: Buffer,
  receipt: UnitReceipt | null,
  entries: number,
): { promise?: LogPromise } {
  if (receipt === null || entries === 0) return {};
  const { first } = receipt;
  const commitments = receipt.commitments.subarray(0, entries * COMMITMENT_BYTES);
  const at = agent.effects.now();
  const promised = Array.from({ length: entries }, (_, i) => ({
    index: first + i,
    commitment: commitments.subarray(i * COMMITMENT_BYTES, (i + 1) * COMMITMENT_BYTES),
  }));
  const signature = signPromise({ at, decision, entries: promised }, agent.identity.signer);
  return { promise: { at, first, commitments: toBase64url(commitments), signature: toBase64url(signature) } };
}

/** How many entries the answer names: those of other people that stand behind the last one are nobody's business. */
export function entriesNamed(items: readonly { readonly entry?: number }[]): number {
  let last = -1;
  for (const { entry = -1 } of items) if (entry > last) last = entry;
  return last + 1;
}
