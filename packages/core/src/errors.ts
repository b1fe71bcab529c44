/**
 * One error class for the whole project, told apart by a stable `code`.
 * An expected "no" (a denial) is a value, never one of these.
 * Messages name the cause and the fix; they never hold personal data or a secret.
 *
 * The table is the single source of `docs/errors.md`, of HTTP statuses and of the CLI's exit codes.
 */

export interface ErrorFacts {
  /** HTTP status where the error crosses the wire. */
  readonly status: number;
  /** Why it happens, one sentence. */
  readonly cause: string;
  /** What to do, one sentence. */
  readonly fix: string;
}

export const ERRORS = {
  // encoding: bytes and texts at a boundary
  "encoding.not-canonical": {
    status: 400,
    cause: "A text is not the one canonical encoding of its bytes.",
    fix: "Send the text exactly as it was made; do not pad, wrap or re-encode it.",
  },
  "encoding.not-text": {
    status: 400,
    cause: "Bytes are not valid UTF-8, or a text holds a lone surrogate.",
    fix: "Encode texts as UTF-8; seal binary values as bytes.",
  },
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
