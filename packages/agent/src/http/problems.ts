/**
 * Every refusal as an RFC 9457 problem: a stable code, what is wrong, and facts for a program. What the agent
 * cannot explain tells nothing but a request id; the operator finds the rest in the log.
 */
import { ERRORS, StrongroomError, type ErrorCode } from "@strongroom/core/errors";
import { BODY_BYTES_MAX, PROBLEM_TYPE_PREFIX, type Problem } from "@strongroom/core/wire";

export interface Refusal {
  readonly problem: Problem;
  /** Seconds after which to come again; null where nobody knows. */
  readonly retryAfterS: number | null;
}

/** What Fastify throws before a handler is reached. */
interface FrameworkError {
  readonly code?: unknown;
  readonly statusCode?: unknown;
  readonly validation?: readonly Violation[];
  readonly validationContext?: string;
}

/** One violation as Ajv tells it. */
interface Violation {
  readonly instancePath: string;
  readonly message?: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Any thrown thing as the error that the client is told. */
export function errorOf(thrown: unknown): StrongroomError {
  if (thrown instanceof StrongroomError) return thrown;
  const error = (typeof thrown === "object" && thrown !== null ? thrown : {}) as FrameworkError;
  const [violation] = error.validation ?? [];
  if (violation !== undefined) return invalid(violation, error.validationContext ?? "request");
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new StrongroomError("request.too-large", `a body has at most ${BODY_BYTES_MAX} bytes`, {
        details: { bytesMax: BODY_BYTES_MAX },
      });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new StrongroomError("request.media-type", "the body's content type is not one that this address takes");
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return new StrongroomError("request.cut", "the body is not as long as its content-length says");
    case "FST_ERR_BAD_URL":
    case "FST_ERR_MAX_PARAM_LENGTH":
      return new StrongroomError("request.invalid", "path is not well-formed or too long", {
        details: { path: "path" },
      });
    case "ECONNRESET":
      return new StrongroomError("request.cut", "the request ended before its body was complete");
    default:
      return isClientFault(error)
        ? new StrongroomError("request.malformed-http", "the request is not one that the agent can read", {
            cause: thrown,
          })
        : new StrongroomError("agent.internal", "unexpected", { cause: thrown });
  }
}

function isClientFault({ code, statusCode }: FrameworkError): boolean {
  return (
    typeof code === "string" &&
    code.startsWith("FST_ERR_") &&
    typeof statusCode === "number" &&
    statusCode >= 400 &&
    statusCode < 500
  );
}

/** The request does not have the form of the schema: names the field and the limit, never the value. */
function invalid({ instancePath, keyword, message, params }: Violation, part: string): StrongroomError {
  const extra = keyword === "additionalProperties" ? `/${String(params.additionalProperty)}` : "";
  const path = `${part === "querystring" ? "query" : part}${instancePath}${extra}`.slice(0, 200);
  const allowed = Array.isArray(params.allowedValues) ? `: ${params.allowedValues.join(", ")}` : "";
  const what = extra === "" ? `${message ?? "is not valid"}${allowed}` : "is not a field of this request";
  return new StrongroomError("request.invalid", `${path} ${what}`, { details: { path, keyword, ...limitOf(params) } });
}

function limitOf(params: Readonly<Record<string, unknown>>): { limit?: number } {
  return typeof params.limit === "number" ? { limit: params.limit } : {};
}

export function refusalOf(error: StrongroomError, requestId: string): Refusal {
  const { code, details } = error;
  const { status, cause } = ERRORS[code];
  const { retryAfterS, ...facts } = details;
  // Above 500 a message may tell of the machine (paths, the database's own words): it stays in the log.
  const told = status < 500 || code === "limit.busy";
  const problem: Problem = {
    type: PROBLEM_TYPE_PREFIX + code,
    title: cause,
    status,
    code,
    detail: told ? error.message : cause,
    requestId,
    ...(told && Object.keys(facts).length > 0 ? { details: facts } : {}),
  };
  if (typeof retryAfterS === "number") return { problem, retryAfterS };
  return { problem, retryAfterS: status === 503 ? 1 : null };
}

/** What the log says of an error: code, message and frames. Messages of others than ours may quote what they failed on. */
export function loggable(error: StrongroomError): Record<string, unknown> {
  const chain = [];
  for (let at: unknown = error; at instanceof Error && chain.length < 4; at = at.cause) {
    const frames = at.stack
      ?.split("\n")
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 8)
      .map((line) => line.trim());
    chain.push({
      name: at.name,
      ...(at instanceof StrongroomError
        ? { code: at.code, message: at.message }
        : { code: (at as NodeJS.ErrnoException).code }),
      frames,
    });
  }
  return { errors: chain };
}

export function isServerFault(code: ErrorCode): boolean {
  return ERRORS[code].status >= 500 && code !== "limit.busy";
}
