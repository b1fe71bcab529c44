/**
 * One error class for the whole project, told apart by a stable `code`.
 * An expected "no" (a denial) is a value, never one of these.
 * Messages name the cause and the fix; they never hold personal data or a secret.
 *
 * The tables in errors/ are the single source of `docs/errors.md` and of HTTP statuses.
 */
import { AGENT_ERRORS } from "./errors/agent.ts";
import { CLI_ERRORS } from "./errors/cli.ts";
import type { ErrorFacts } from "./errors/facts.ts";
import { HTTP_ERRORS } from "./errors/http.ts";
import { LOG_ERRORS } from "./errors/log.ts";
import { RULES_ERRORS } from "./errors/rules.ts";
import { SDK_ERRORS } from "./errors/sdk.ts";
import { SEALING_ERRORS } from "./errors/sealing.ts";

export type { ErrorFacts } from "./errors/facts.ts";

export const ERRORS = {
  ...SEALING_ERRORS,
  ...LOG_ERRORS,
  ...RULES_ERRORS,
  ...AGENT_ERRORS,
  ...HTTP_ERRORS,
  ...SDK_ERRORS,
  ...CLI_ERRORS,
} as const satisfies Record<string, ErrorFacts>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorOptions {
  readonly cause?: unknown;
  /** Facts for a program, free of personal data (limits, ids of rules, positions). */
  readonly details?: Readonly<Record<string, unknown>>;
}

export class StrongroomError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "StrongroomError";
    this.code = code;
    this.details = options.details ?? {};
  }

  /** HTTP status of the code. */
  get status(): number {
    return ERRORS[this.code].status;
  }
}
