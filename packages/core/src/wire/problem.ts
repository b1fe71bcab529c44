import type { ErrorCode } from "../errors.ts";

/** RFC 9457 problem. `type` is the documentation address of the code; `code` is what programs read. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly requestId?: string;
  /** Facts for a program: limits, positions, the nearest known id. Never personal data. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export const PROBLEM_TYPE_PREFIX = "https://strongroom.example/errors#";
