/** How findings of the independent reader are shown, and what an audit is worth that could not read everything. */
import { FINDINGS, type Finding, type FindingCode } from "@strongroom/core/log/reader";
import { StrongroomError } from "@strongroom/core/errors";
import type { CountingSource } from "./logSource.ts";

/** How the verifier key came to be believed. */
export type Trust = "given" | "remembered" | "first-use";

const SHOWN_MAX = 20;

export function findingLines(findings: readonly Finding[], total: number): string[] {
  const shown = findings.slice(0, SHOWN_MAX);
  const lines = shown.flatMap(({ code, message }) => [
    `  ${code}: ${message}`,
    `    what to do: ${FINDINGS[code].fix}`,
  ]);
  return total > shown.length ? [...lines, `  and ${total - shown.length} more (--json lists them)`] : lines;
}

export function trustLines(trust: Trust, verifierKey: string): string[] {
  if (trust !== "first-use") return [];
  return [
    "WARNING: this verifier key comes from the one that is being checked, and is trusted because it is the first time:",
    `  ${verifierKey}`,
    "  Compare it with what the agent's operator gave you by another way, or give it by --verifier-key.",
  ];
}

/** What a file that did not come can look like to the reader, and itself leads to. */
const OF_SILENCE: readonly FindingCode[] = [
  "audit.bad-checkpoint",
  "audit.missing-tile",
  "audit.bad-tile",
  "audit.no-heads",
];

/**
 * A file that did not come is a missing tile to the reader, but may be the network's fault: that is neither clean nor
 * a finding.
 * @throws what went wrong with the source, where nothing worse was found than that
 */
export function requireAnswers(source: CountingSource, findings: readonly Finding[]): void {
  if (source.failed === null || findings.some(({ code }) => !OF_SILENCE.includes(code))) return;
  if (source.failed instanceof Error) throw source.failed;
  throw new StrongroomError("cli.unreachable", "the log could not be read");
}
