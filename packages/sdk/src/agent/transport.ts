/** One HTTP exchange with one pinned agent. Redirects are not followed; nothing is retried here. */
import { buildConnector, Client, errors, Pool } from "undici";
import { StrongroomError } from "@strongroom/core/errors";
import type { Deadline } from "./deadline.ts";
import type { Pin } from "./pin.ts";

/** Largest answer that is read, bytes: 2,000 outcomes with explanations have room. */
const ANSWER_BYTES_MAX = 16 * 1_048_576;
const CONNECTIONS_MAX = 16;
const IDLE_MS = 30_000;
const CONNECT_MS = 5_000;

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

/** No answer. */
export class Unreachable extends Error {
  /** False where trying again cannot help, as with a wrong certificate. */
  readonly retryable: boolean;
  /** Whether the request may have arrived. */
  readonly sent: boolean;

  constructor(cause: unknown, { retryable, sent }: { readonly retryable: boolean; readonly sent: boolean }) {
    super("no answer", { cause });
    this.retryable = retryable;
    this.sent = sent;
  }
}

export class Transport {
  readonly #pin: Pin;
  readonly #pool: Pool;
  #streamClient: Client | null = null;
  #closed = false;

  constructor(pin: Pin) {
    this.#pin = pin;
    this.#pool = new Pool(pin.origin, {
      connections: CONNECTIONS_MAX,
      keepAliveTimeout: IDLE_MS,
      // The deadline of the call ends a request, not the pool.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: ANSWER_BYTES_MAX,
      connect: connectOptions(pin),
    });
  }

  /**
   * @param path with query, under the issuer's path
   * @throws Unreachable; StrongroomError `sdk.deadline`, `sdk.bad-answer`, `sdk.closed`
   */
  async exchange(
    method: "GET" | "POST",
    path: string,
    headers: string[],
    body: Buffer | null,
    deadline: Deadline,
  ): Promise<Answer> {
    try {
      const response = await this.#pool.request({
        method,
        path: this.#pin.basePath + path,
        headers,
        body,
        signal: deadline.signal,
      });
      return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
    } catch (cause) {
      if (this.#closed) throw new StrongroomError("sdk.closed", "the client was closed before the agent answered");
      if (deadline.over) throw deadline.error(this.#pin.issuer);
      throw readFailure(cause, this.#pin.issuer);
    }
  }

  /**
   * Opens a long answer (server-sent events) on a connection of its own that does not keep the process alive.
   * It ends with an error after `silenceMs` without a byte.
   */
  async stream(
    path: string,
    headers: string[],
    silenceMs: number,
    signal: AbortSignal,
  ): Promise<{ status: number; body: AsyncIterable<Buffer> }> {
    this.#streamClient ??= quietClient(this.#pin);
    const response = await this.#streamClient.request({
      method: "GET",
      path: this.#pin.basePath + path,
      headers,
      signal,
      headersTimeout: silenceMs,
      bodyTimeout: silenceMs,
    });
    // Unread bodies hold the connection.
    if (response.statusCode !== 200) await response.body.dump();
    return { status: response.statusCode, body: response.body };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#pool.destroy(), this.#streamClient?.destroy()]);
  }
}

/** A client whose connection does not keep the process alive. */
function quietClient(pin: Pin): Client {
  const connect = buildConnector(connectOptions(pin));
  return new Client(pin.origin, {
    connect: (options, callback) =>
      connect(options, (...result) => {
        result[1]?.unref();
        callback(...result);
      }),
  });
}

function connectOptions(pin: Pin): { timeout: number; ca?: string } {
  return { timeout: CONNECT_MS, ...(pin.ca === null ? {} : { ca: pin.ca }) };
}

function readFailure(cause: unknown, issuer: string): Error {
  const code = (cause as { code?: unknown }).code;
  const name = typeof code === "string" ? code : "";
  if (cause instanceof errors.ResponseExceededMaxSizeError || cause instanceof errors.HTTPParserError) {
    return new StrongroomError(
      "sdk.bad-answer",
      `the answer of agent ${issuer} is not HTTP, or larger than ${ANSWER_BYTES_MAX} bytes`,
      {
        cause,
        details: { issuer },
      },
    );
  }
  // OpenSSL's names of certificate failures, and Node's own.
  const certificate = /CERT|SELF_SIGNED|ISSUER|ERR_TLS|ERR_SSL/.test(name);
  return new Unreachable(cause, {
    retryable: !certificate,
    sent: !certificate && !NOT_CONNECTED.has(failureName(cause)),
  });
}

/** Failures to connect: nothing was sent. */
const NOT_CONNECTED = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** What a failure was, for a message: the system's code, no address or content. */
export function failureName(failure: unknown): string {
  const cause = failure instanceof Unreachable ? failure.cause : failure;
  const inner = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause;
  const code = (inner as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : "connection failed";
}
