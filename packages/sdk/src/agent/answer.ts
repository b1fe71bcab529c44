/** Reading an agent's answer: hostile until it was checked. */
import { ERRORS, StrongroomError, type ErrorCode } from "@strongroom/core/errors";
import type { Answer } from "./transport.ts";

/** Longest text of a problem that is passed on, characters. */
const DETAIL_CHARS_MAX = 500;

/** @throws StrongroomError `sdk.bad-answer` */
export function readJson(answer: Answer, issuer: string): unknown {
  try {
    return JSON.parse(answer.text) as unknown;
  } catch {
    throw badAnswer(issuer, "is not JSON");
  }
}

/** @throws StrongroomError `sdk.bad-answer` */
export function readObject(value: unknown, issuer: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw badAnswer(issuer, "is not an object");
}

export function badAnswer(issuer: string, what: string, cause?: unknown): StrongroomError {
  return new StrongroomError("sdk.bad-answer", `the answer of agent ${issuer} ${what}`, { details: { issuer }, cause });
}

/** Code of an RFC 9457 problem, or null where the answer is none. */
export function problemCode(answer: Answer): string | null {
  const code = problemOf(answer)?.["code"];
  return typeof code === "string" ? code : null;
}

/** The error that a refusal stands for: the agent's own code where we know it. */
export function refusal(answer: Answer, issuer: string): StrongroomError {
  const problem = problemOf(answer);
  const code = problem?.["code"];
  const detail = problem?.["detail"];
  const said = typeof detail === "string" ? detail.slice(0, DETAIL_CHARS_MAX) : "no reason given";
  const given = problem?.["details"];
  const details = {
    ...(typeof given === "object" && given !== null && !Array.isArray(given) ? given : {}),
    issuer,
    status: answer.status,
  };
  if (typeof code === "string" && Object.hasOwn(ERRORS, code)) {
    return new StrongroomError(code as ErrorCode, said, { details });
  }
  return new StrongroomError("sdk.agent-refused", `agent ${issuer} answered ${answer.status}: ${said}`, {
    details: { ...details, code: typeof code === "string" ? code.slice(0, 64) : null },
  });
}

/** How long the agent asks to wait, ms; null where it does not say (RFC 9110 section 10.2.3). */
export function retryAfterMs(answer: Answer, now: number): number | null {
  const value = answer.headers["retry-after"];
  if (typeof value !== "string") return null;
  if (/^[0-9]{1,6}$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

function problemOf(answer: Answer): Record<string, unknown> | null {
  const type = answer.headers["content-type"];
  if (typeof type !== "string" || !type.startsWith("application/problem+json")) return null;
  try {
    const value: unknown = JSON.parse(answer.text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
