/** What the command's exit code says. Stable: scripts read it. */
import { ERRORS } from "@strongroom/core/errors";
import type { Problem } from "@strongroom/core/wire";

export const EXIT = {
  /** Done; allowed; nothing found. */
  ok: 0,
  /** It could not be done: the message names why. */
  failed: 1,
  /** The command line is wrong, or what it names is not well-formed. Nothing was tried. */
  usage: 2,
  /** Refused: the decision is a denial, or the credentials are wrong or do not reach this far. */
  refused: 3,
  /** Checked, and something is wrong: `audit`, `log verify`, `doctor`. */
  findings: 4,
  /** The agent or log does not answer. */
  unreachable: 5,
  /** Interrupted. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES_TEXT = `Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused or denied, 4 findings, 5 no answer, 130 interrupted.`;

const UNREACHABLE = ["cli.unreachable", "cli.not-an-agent"];

export function exitCodeOf({ code, status }: Pick<Problem, "status"> & { readonly code: string }): ExitCode {
  if (UNREACHABLE.includes(code)) return EXIT.unreachable;
  if (code === "cli.cancelled") return EXIT.failed;
  // A file that cannot be read is no mistake of the command line.
  if (code === "cli.file") return EXIT.failed;
  if (status === 401 || status === 403) return EXIT.refused;
  return status === 400 || (status === 404 && code === "cli.unknown-name") ? EXIT.usage : EXIT.failed;
}

/** What to do about a code; null for one that only a newer agent knows. */
export function fixOf(code: string): string | null {
  return Object.hasOwn(ERRORS, code) ? ERRORS[code as keyof typeof ERRORS].fix : null;
}
