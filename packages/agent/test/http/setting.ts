/** An agent with its server, asked without a port. The clock stands still unless a test moves it. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { FastifyInstance } from "fastify";
import type { ErrorCode } from "@strongroom/core/errors";
import { randomBytes } from "@strongroom/core/primitives";
import { operatorToken } from "../../src/accounts/operator.ts";
import { createAgent, type Agent } from "../../src/agent.ts";
import type { AgentContext } from "../../src/context.ts";
import { Metrics } from "../../src/http/metrics.ts";
import { buildServer, type ServerOptions } from "../../src/http/server.ts";
import { readDescription, type Documented } from "./documented.ts";

export const ISSUER = "https://agent.example";
export const START = Date.UTC(2026, 5, 1, 12);
export const OPERATOR = "sro.operator";
/** Cheap, so that tests are quick; the real cost has a test of its own. */
export const PASSWORD_COST = { log2N: 8, r: 8, p: 1 };

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | number | undefined>;
  readonly text: string;
  /** Parsed where it is JSON; the document has been asked whether its form is right. */
  readonly body: ReturnType<typeof JSON.parse>;
}

export interface Ask {
  readonly headers?: Record<string, string>;
  /** JSON, unless it is text or bytes already. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly from?: string;
}

export class Setting {
  readonly agent: Agent;
  readonly server: FastifyInstance;
  readonly documented: Documented;
  readonly clock: { now: number };
  readonly folder: string;

  constructor(agent: Agent, server: FastifyInstance, documented: Documented, clock: { now: number }, folder: string) {
    this.agent = agent;
    this.server = server;
    this.documented = documented;
    this.clock = clock;
    this.folder = folder;
  }

  get context(): AgentContext {
    return this.agent.context;
  }

  /** Every answer is held against the document. */
  async call(method: string, path: string, ask: Ask = {}): Promise<Answer> {
    const { body } = ask;
    const payload =
      body === undefined || typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const response = await this.server.inject({
      method: method as "GET",
      url: path,
      headers: {
        ...(payload === undefined ? {} : { "content-type": ask.contentType ?? "application/json" }),
        ...ask.headers,
      },
      ...(payload === undefined ? {} : { payload }),
      remoteAddress: ask.from ?? "192.0.2.1",
    });
    const type = response.headers["content-type"]?.toString();
    const parsed = type?.includes("json") === true ? (JSON.parse(response.body) as unknown) : response.body;
    this.documented.check(method, path, response.statusCode, type, parsed);
    return { status: response.statusCode, headers: response.headers, text: response.body, body: parsed };
  }

  operator(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.call(method, path, { headers: { authorization: `Bearer ${OPERATOR}` }, body });
  }

  as(token: string, method: string, path: string, body?: unknown): Promise<Answer> {
    return this.call(method, path, { headers: { authorization: `Bearer ${token}` }, body });
  }

  /** Registers a subject and signs it in. */
  async subject(
    login = `person-${randomBytes(6).toString("hex")}`,
    password = "correct horse battery",
  ): Promise<Person> {
    const made = await this.operator("POST", "/v1/subjects", { login, password });
    assert.equal(made.status, 201, made.text);
    const session = await this.call("POST", "/v1/sessions", { body: { login, password } });
    assert.equal(session.status, 201, session.text);
    return { id: made.body.id as string, login, password, token: session.body.token as string };
  }
}

export interface Person {
  readonly id: string;
  readonly login: string;
  readonly password: string;
  readonly token: string;
}

const plenty = { burst: 1_000_000, perSecond: 1_000_000 };

export interface SettingOptions extends Partial<ServerOptions> {
  /** An agent that is started again on what another one left. */
  readonly folder?: string;
  readonly clock?: { now: number };
  readonly issuer?: string;
}

export async function openSetting(t: TestContext, options: SettingOptions = {}): Promise<Setting> {
  const { folder = newFolder(t), clock = { now: START }, issuer = ISSUER, ...rest } = options;
  const agent = await createAgent({
    dataFolder: folder,
    issuer,
    checkpointMs: 3_600_000,
    effects: { now: () => clock.now, random: randomBytes },
  });
  const server = buildServer(agent.context, {
    operator: operatorToken(OPERATOR),
    metrics: new Metrics(),
    version: "0.0.0-test",
    passwordCost: PASSWORD_COST,
    rates: { application: plenty, subject: plenty, address: plenty },
    ...rest,
  });
  t.after(async () => {
    await server.close();
    await agent.close().catch(() => undefined);
  });
  await server.ready();
  description ??= server.inject({ url: "/openapi.json" }).then(({ body }) => readDescription(body));
  return new Setting(agent, server, await description, clock, folder);
}

/** The same for every server of this version, and slow to check. */
let description: Promise<Documented> | null = null;

export function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "strongroom-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The answer is a problem of this code, and looks like one. */
export function assertProblem(answer: Answer, status: number, code: ErrorCode): void {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.body.code, code, answer.text);
  assert.equal(answer.body.status, status);
  assert.ok(answer.headers["content-type"]?.toString().startsWith("application/problem+json"));
}
