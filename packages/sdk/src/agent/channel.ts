/**
 * Requests to one agent: who it is, who we are, and what is safe to repeat.
 *
 * Authorizations and leases carry an idempotency key: the agent replays its decision when the answer was lost.
 * What has none is repeated only where it cannot have been done. A proof and its id are new at every attempt.
 */
import { toBase64url, utf8 } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { randomBytes } from "@strongroom/core/primitives";
import { problemCode, readJson, readObject, refusal, retryAfterMs } from "./answer.ts";
import type { AgentClock } from "./agentClock.ts";
import { backoffMs } from "./backoff.ts";
import type { Deadline } from "./deadline.ts";
import type { Pin } from "./pin.ts";
import { ProofKey } from "./proof.ts";
import { TokenSource, type AccessToken } from "./token.ts";
import { failureName, Unreachable, type Answer, type Transport } from "./transport.ts";

const BACKOFF_MS = 50;
const BACKOFF_MS_MAX = 2_000;
const EMPTY = Buffer.alloc(0);
/** What a server, or a proxy before it, says that is not ready. */
const NOT_READY = new Set([502, 503, 504]);

interface Request {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly query?: string;
  readonly contentType?: string;
  /** Bytes that stay the same at each attempt, or what makes them. */
  readonly body?: Buffer | (() => Promise<Buffer>);
  /** Whether sending it again does no harm: `GET`, or replayed by the agent under an idempotency key. */
  readonly repeatable: boolean;
  /** `proof`: only to ask for a token; `token`: everything that is not public. */
  readonly as: "anyone" | "proof" | "token";
}

export class Channel {
  readonly pin: Pin;
  readonly #transport: Transport;
  readonly #clock: AgentClock;
  readonly #attemptsMax: number;
  readonly #proofKey = new ProofKey();
  readonly #tokens: TokenSource;
  #met = false;
  #meeting: Promise<void> | null = null;

  constructor(
    pin: Pin,
    transport: Transport,
    clock: AgentClock,
    limits: { readonly attemptsMax: number; readonly deadlineMs: number },
  ) {
    this.pin = pin;
    this.#transport = transport;
    this.#clock = clock;
    this.#attemptsMax = limits.attemptsMax;
    this.#tokens = new TokenSource(pin, clock, limits.deadlineMs, async (form, deadline) => {
      const contentType = "application/x-www-form-urlencoded";
      const answer = await this.#send(
        { method: "POST", path: "/v1/token", contentType, body: form, repeatable: true, as: "proof" },
        deadline,
      );
      return readJson(answer, pin.issuer);
    });
  }

  /** `POST` of JSON as our application, replayed by the agent when it is repeated. @throws StrongroomError `sdk.*`, or the agent's own code. */
  async post(path: string, json: string, deadline: Deadline): Promise<unknown> {
    return await this.#postJson(path, json, true, deadline);
  }

  /** As `post`, for what must not be done twice: where the answer is lost, that is an error. */
  async postOnce(path: string, json: string, deadline: Deadline): Promise<unknown> {
    return await this.#postJson(path, json, false, deadline);
  }

  /** `GET` as our application. */
  async get(path: string, deadline: Deadline): Promise<unknown> {
    return readJson(
      await this.#send({ method: "GET", path, repeatable: true, as: "token" }, deadline),
      this.pin.issuer,
    );
  }

  /** `GET` of what anybody may read; no credential is sent. */
  async getPublic(path: string, query: string, deadline: Deadline): Promise<string> {
    return (await this.#send({ method: "GET", path, query, repeatable: true, as: "anyone" }, deadline)).text;
  }

  /**
   * Asks who answers there and compares it with the pins; once. Nothing else is sent before.
   * @throws StrongroomError `sdk.agent-mismatch`, `sdk.agent-unreachable`, `sdk.*`
   */
  async meet(deadline: Deadline): Promise<void> {
    try {
      await this.#meet(deadline);
    } catch (thrown) {
      throw thrown instanceof Unreachable ? unreachable(this.pin.issuer, thrown) : thrown;
    }
  }

  async #meet(deadline: Deadline): Promise<void> {
    if (this.#met) return;
    this.#meeting ??= this.#compareFacts(deadline).finally(() => {
      this.#meeting = null;
    });
    await deadline.within(this.#meeting, this.pin.issuer);
  }

  /** Opens the stream of events. @throws Unreachable, StrongroomError */
  async stream(
    path: string,
    silenceMs: number,
    signal: AbortSignal,
    deadline: Deadline,
  ): Promise<AsyncIterable<Buffer>> {
    await this.meet(deadline);
    const token = await this.#tokens.get(deadline);
    const headers = ["accept", "text/event-stream", ...this.#authorization("GET", path, EMPTY, token)];
    const { status, body } = await this.#transport.stream(path, headers, silenceMs, signal);
    if (status === 401) this.#tokens.drop(token);
    if (status !== 200) {
      throw new StrongroomError("sdk.agent-refused", `agent ${this.pin.issuer} answered ${status} to ${path}`, {
        details: { issuer: this.pin.issuer, status, code: null },
      });
    }
    return body;
  }

  async #postJson(path: string, json: string, repeatable: boolean, deadline: Deadline): Promise<unknown> {
    const answer = await this.#send(
      { method: "POST", path, contentType: "application/json", body: utf8(json), repeatable, as: "token" },
      deadline,
    );
    return readJson(answer, this.pin.issuer);
  }

  async #send(request: Request, deadline: Deadline): Promise<Answer> {
    const { issuer } = this.pin;
    const idempotencyKey =
      request.method === "POST" && request.as === "token" && request.repeatable ? toBase64url(randomBytes(16)) : null;
    // Each of these two is tried again once, whatever the number of attempts.
    let proofRenewed = false;
    let tokenRenewed = false;
    for (let attempt = 1; ; attempt++) {
      let waitMs: number | null = null;
      let failure: StrongroomError;
      try {
        if (request.as !== "anyone") await this.#meet(deadline);
        const token = request.as === "token" ? await this.#tokens.get(deadline) : null;
        const answer = await this.#attempt(request, token, idempotencyKey, deadline);
        if (answer.status >= 200 && answer.status < 300) return answer;

        failure = refusal(answer, issuer);
        const code = problemCode(answer);
        if (!proofRenewed && code === "dpop.stale") {
          // The clock was just learned from this answer's Date.
          proofRenewed = true;
          continue;
        }
        if (!tokenRenewed && answer.status === 401 && token !== null) {
          tokenRenewed = true;
          this.#tokens.drop(token);
          continue;
        }
        if (!asksToComeAgain(answer.status, code, request.repeatable)) throw failure;
        waitMs = retryAfterMs(answer, this.#clock.now());
        failure = new StrongroomError(
          "sdk.agent-busy",
          `agent ${issuer} answered ${answer.status}: ${failure.message}`,
          {
            cause: failure,
            details: { issuer, status: answer.status, code, retryAfterMs: waitMs },
          },
        );
      } catch (thrown) {
        if (!(thrown instanceof Unreachable)) throw thrown;
        failure = unreachable(issuer, thrown);
        if (!thrown.retryable || (thrown.sent && !request.repeatable)) throw failure;
      }
      waitMs ??= backoffMs(attempt, BACKOFF_MS, BACKOFF_MS_MAX);
      if (attempt >= this.#attemptsMax || waitMs >= deadline.remainingMs) throw failure;
      await deadline.pause(waitMs, issuer);
    }
  }

  async #attempt(
    request: Request,
    token: AccessToken | null,
    idempotencyKey: string | null,
    deadline: Deadline,
  ): Promise<Answer> {
    const body = typeof request.body === "function" ? await request.body() : (request.body ?? null);
    const headers = ["accept", "application/json"];
    if (request.contentType !== undefined) headers.push("content-type", request.contentType);
    if (idempotencyKey !== null) headers.push("idempotency-key", idempotencyKey);
    if (request.as !== "anyone")
      headers.push(...this.#authorization(request.method, request.path, body ?? EMPTY, token));
    const path =
      request.query === undefined || request.query === "" ? request.path : `${request.path}?${request.query}`;
    const answer = await this.#transport.exchange(request.method, path, headers, body, deadline);
    this.#clock.learn(answer.headers["date"]);
    return answer;
  }

  #authorization(method: string, path: string, body: Buffer, token: AccessToken | null): string[] {
    const proof = this.#proofKey.proof(method, this.pin.issuer + path, body, token?.hash ?? null, this.#clock.now());
    return token === null ? ["dpop", proof] : ["authorization", `DPoP ${token.text}`, "dpop", proof];
  }

  async #compareFacts(deadline: Deadline): Promise<void> {
    const { issuer, logKey, locator } = this.pin;
    const answer = await this.#attempt(
      { method: "GET", path: "/v1/agent", repeatable: true, as: "anyone" },
      null,
      null,
      deadline,
    );
    if (NOT_READY.has(answer.status))
      throw new Unreachable({ code: `HTTP ${answer.status}` }, { retryable: true, sent: false });
    if (answer.status !== 200) throw refusal(answer, issuer);
    const facts = readObject(readJson(answer, issuer), issuer);
    const differing = [
      facts["issuer"] === issuer ? null : "issuer",
      facts["logKey"] === logKey ? null : "logKey",
      facts["locator"] === locator ? null : "locator",
    ].filter((name) => name !== null);
    if (differing.length > 0) {
      throw new StrongroomError(
        "sdk.agent-mismatch",
        `what answers at ${issuer} has another ${differing.join(" and ")} than pinned`,
        {
          details: { issuer, locator, differing },
        },
      );
    }
    this.#met = true;
  }
}

function unreachable(issuer: string, failure: Unreachable): StrongroomError {
  return new StrongroomError("sdk.agent-unreachable", `agent ${issuer} cannot be reached (${failureName(failure)})`, {
    cause: failure.cause,
    details: { issuer, reason: failureName(failure) },
  });
}

/** Whether waiting helps. Some limits (429) are not of a time, and a gateway (502, 504) does not say whether it was done. */
function asksToComeAgain(status: number, code: string | null, repeatable: boolean): boolean {
  if (status === 429) return code === null || code.startsWith("limit.");
  if (!repeatable) return status === 503;
  return NOT_READY.has(status) || code === "idempotency.in-progress";
}
