/** The routes of an agent, asked as one caller. Refusals come out as they were sent; being told to wait is waited for. */
import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { StrongroomError } from "@strongroom/core/errors";
import type { AgentFacts } from "@strongroom/core/wire";
import { RefusedByAgent, type AnyProblem } from "./output.ts";
import { readBody, type Answer, type Ask, type Send } from "./transport.ts";

const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
/** Longest that a rate limit is waited for, and how often. */
const WAIT_MS_MAX = 60_000;
const WAITS_MAX = 1_000;

export class AgentClient {
  readonly #send: Send;
  readonly #bearer: string | null;

  /** @param bearer token of the operator or of a subject; null: asks as anyone */
  constructor(send: Send, bearer: string | null = null) {
    this.#send = send;
    this.#bearer = bearer;
  }

  as(bearer: string): AgentClient {
    return new AgentClient(this.#send, bearer);
  }

  get<Body>(path: string, query: Readonly<Record<string, string | number | undefined>> = {}): Promise<Body> {
    return this.#json("GET", withQuery(path, query));
  }
  post<Body>(path: string, body?: unknown): Promise<Body> {
    return this.#json("POST", path, body);
  }
  put<Body>(path: string, body: unknown): Promise<Body> {
    return this.#json("PUT", path, body);
  }
  delete<Body>(path: string): Promise<Body> {
    return this.#json("DELETE", path);
  }

  facts(): Promise<AgentFacts> {
    return this.get("/v1/agent");
  }

  /** The body as it comes, of any length. */
  async stream(path: string): Promise<Readable> {
    return (await this.#ask("GET", path)).body;
  }

  /** The bytes of a file of the log; null where there is none. */
  async file(path: string, bytesMax: number): Promise<Buffer | null> {
    try {
      const { body } = await this.#ask("GET", path);
      return await readBody(body, bytesMax);
    } catch (error) {
      if (error instanceof RefusedByAgent && error.problem.status === 404) return null;
      // Before the first checkpoint there is none.
      if (error instanceof RefusedByAgent && error.problem.code === "log.out-of-range") return null;
      throw error;
    }
  }

  async #json<Body>(method: Ask["method"], path: string, body?: unknown): Promise<Body> {
    const answer = await this.#ask(method, path, body);
    const text = (await readBody(answer.body, ANSWER_BYTES_MAX)).toString("utf8");
    if (text === "") return undefined as Body;
    try {
      return JSON.parse(text) as Body;
    } catch {
      throw new StrongroomError("cli.not-an-agent", "the answer is not JSON");
    }
  }

  /** An answer of success; anything else is thrown. */
  async #ask(method: Ask["method"], path: string, body?: unknown): Promise<Answer> {
    for (let waits = 0; ; waits += 1) {
      const answer = await this.#send({
        method,
        path,
        headers: {
          ...(this.#bearer === null ? {} : { authorization: `Bearer ${this.#bearer}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (answer.status >= 200 && answer.status < 300) return answer;
      const problem = await problemIn(answer);
      const waitMs = Number(problem.details?.["retryAfterS"] ?? 0) * 1_000;
      // Only a rate limit passes by waiting: it says that nothing was done. A wrong password does not.
      if (problem.code !== "limit.rate" || waitMs > WAIT_MS_MAX || waits === WAITS_MAX)
        throw new RefusedByAgent(problem);
      await wait(Math.max(waitMs, 100));
    }
  }
}

async function problemIn({ status, headers, body }: Answer): Promise<AnyProblem> {
  const bytes = await readBody(body, ANSWER_BYTES_MAX);
  if (String(headers["content-type"]).startsWith("application/problem+json")) {
    const problem = JSON.parse(bytes.toString("utf8")) as Partial<AnyProblem>;
    if (typeof problem.code === "string" && typeof problem.detail === "string")
      return { ...problem, status } as AnyProblem;
  }
  if (status === 404)
    return {
      type: "about:blank",
      title: "Not found",
      status,
      code: "cli.not-an-agent",
      detail: "there is no agent at this address",
    };
  throw new StrongroomError("cli.not-an-agent", `the address answers ${status}, but not as an agent does`);
}

export function withQuery(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}
