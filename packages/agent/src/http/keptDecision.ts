/**
 * A decision as it is kept for a repeated request: what was decided for each item and which log entry says so,
 * without any key. Neighbouring items that read alike are one run, so a thousand allowed objects take a few bytes.
 */
import { fromBase64url, toBase64url } from "@strongroom/core/bytes";
import type { DenialReason, DeniedItem, LogPromise } from "@strongroom/core/wire";

export interface KeptItem {
  /** Null: allowed. */
  readonly reason: DenialReason | null;
  /** Which entry of the request records it; -1 for none. */
  readonly entry: number;
}

export interface KeptDecision {
  /** Decision id, 16 bytes. */
  readonly decision: Buffer;
  /** Size of the log when it was decided: its entries stand there or later. */
  readonly logSize: number;
  readonly items: readonly KeptItem[];
}

/** How many items, why not (null: allowed), entry of the first, and how much later each next one's entry is. */
type Run = [count: number, reason: DenialReason | null, entry: number, step: 0 | 1];

export function encodeDecision({ decision, logSize, items }: KeptDecision): string {
  const runs: Run[] = [];
  for (const { reason, entry } of items) {
    const run = runs.at(-1);
    if (run !== undefined && run[1] === reason && joins(run, entry)) run[0] += 1;
    else runs.push([1, reason, entry, 0]);
  }
  return JSON.stringify([toBase64url(decision), logSize, runs]);
}

export function decodeDecision(text: string): KeptDecision {
  const [decision, logSize, runs] = JSON.parse(text) as [string, number, Run[]];
  const items: KeptItem[] = [];
  for (const [count, reason, entry, step] of runs) {
    for (let i = 0; i < count; i += 1) items.push({ reason, entry: entry + i * step });
  }
  return { decision: fromBase64url(decision), logSize, items };
}

function joins(run: Run, entry: number): boolean {
  const [count, , first, step] = run;
  if (count > 1) return entry === first + count * step;
  // The second item decides how the run goes on.
  if (entry !== first && (entry !== first + 1 || first < 0)) return false;
  run[3] = entry === first ? 0 : 1;
  return true;
}

/**
 * The answer to a repeated request: what was denied stays denied, what was allowed is as it would be now.
 * Items name the entries of the first time, where those can be promised again.
 */
export function outcomesAgain<Outcome extends { readonly entry?: number }>(
  { items }: KeptDecision,
  now: readonly Outcome[],
  { promise }: { readonly promise?: LogPromise },
): (Outcome | DeniedItem)[] {
  return items.map(({ reason, entry }, i) => {
    const logged = entry < 0 || promise === undefined ? {} : { entry };
    return reason === null ? { ...(now[i] as Outcome), ...logged } : { outcome: "deny", reason, ...logged };
  });
}
