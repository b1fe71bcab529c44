/** A real agent on loopback, with a shop registered at it and persons who have rules. */
import { generateKeyPairSync } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";
import assert from "node:assert/strict";
import {
  buildServer,
  createAgent,
  Metrics,
  openOperatorToken,
  readOperatorToken,
  systemEffects,
  type Agent,
} from "@strongroom/agent";
import type { ConnectionCode, ConsentRequestView, LogPage, RuleDraft, RuleView } from "@strongroom/core/wire";
import { Strongroom, type ApplicationCredentials } from "@strongroom/sdk";
import { NEEDED, USES } from "@strongroom/example-eshop";
import { newFolder } from "./folder.ts";

/** Cheap, so that tests are quick. */
const PASSWORD_COST = { log2N: 8, r: 8, p: 1 };
const PLENTY = { burst: 1_000_000, perSecond: 1_000_000 };

export class TestAgent {
  /** Cuts every connection while it is true: the agent is away. */
  away = false;
  readonly issuer: string;
  readonly logKey: string;
  readonly controller: string;
  readonly #operator: string;
  #persons = 0;

  constructor(issuer: string, logKey: string, operator: string, controller: string) {
    this.issuer = issuer;
    this.logKey = logKey;
    this.#operator = operator;
    this.controller = controller;
  }

  /** Registers an application of the shop. The private key never leaves this process. */
  async application(name: string): Promise<ApplicationCredentials> {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const made = await this.asOperator<{ id: string }>(`/v1/controllers/${this.controller}/applications`, {
      name,
      key: publicKey.export({ format: "jwk" }),
    });
    return { id: made.id, privateKey };
  }

  async connect(t: TestContext, name = "web shop"): Promise<Strongroom> {
    const strongroom = await Strongroom.connect({
      agents: [{ issuer: this.issuer, logKey: this.logKey }],
      application: await this.application(name),
      log: { checkEveryMs: 0 },
    });
    t.after(() => strongroom.close());
    return strongroom;
  }

  /** A person with an account at the agent, and the rules that an order needs. */
  async person({ rules = true } = {}): Promise<Person> {
    const login = `person-${++this.#persons}`;
    const password = "correct horse battery";
    await this.asOperator("/v1/subjects", { login, password });
    const { token } = await call<{ token: string }>(this.issuer, "POST", "/v1/sessions", null, { login, password });
    const person = new Person(this, token);
    if (rules) await person.allowOrders();
    return person;
  }

  asOperator<Answer>(path: string, body: unknown): Promise<Answer> {
    return call(this.issuer, "POST", path, this.#operator, body);
  }
}

export class Person {
  readonly #agent: TestAgent;
  readonly #token: string;

  constructor(agent: TestAgent, token: string) {
    this.#agent = agent;
    this.#token = token;
  }

  ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    return call(this.#agent.issuer, method, path, this.#token, body);
  }

  /** A connection code for the shop. */
  async code(): Promise<string> {
    return (await this.ask<ConnectionCode>("POST", "/v1/me/connections", { controller: this.#agent.controller })).code;
  }

  rule(rule: Pick<RuleDraft, "types" | "action"> & Partial<RuleDraft>): Promise<RuleView> {
    const draft = {
      controller: this.#agent.controller,
      applications: null,
      effect: "allow",
      from: null,
      until: null,
      ...rule,
    };
    return this.ask<RuleView>("POST", "/v1/me/rules", draft);
  }

  /** @returns the rule that lets the shop read for an order */
  async allowOrders(): Promise<RuleView> {
    await this.rule({ types: NEEDED.types, action: NEEDED.store });
    return await this.rule({ types: NEEDED.types, action: NEEDED.read });
  }

  async allowNewsletter(): Promise<void> {
    const { use, purpose } = USES.newsletter;
    await this.rule({
      types: ["home-contact.email", "identity.given-name"],
      action: { kind: "read", uses: [use], purposes: [purpose] },
    });
  }

  async revoke(rule: RuleView): Promise<void> {
    await this.ask("DELETE", `/v1/me/rules/${rule.id}`);
  }

  async rules(): Promise<readonly RuleView[]> {
    return (await this.ask<{ rules: RuleView[] }>("GET", "/v1/me/rules")).rules;
  }

  async consentRequests(): Promise<readonly ConsentRequestView[]> {
    return (await this.ask<{ requests: ConsentRequestView[] }>("GET", "/v1/me/consent-requests")).requests;
  }

  async log(): Promise<LogPage["lines"]> {
    return (await this.ask<LogPage>("GET", "/v1/me/log?limit=100")).lines;
  }
}

/** Starts an agent in a folder of its own. The port is known before the agent is made, because its issuer names it. */
export async function startAgent(t: TestContext): Promise<TestAgent> {
  const folder = newFolder(t);
  let answer: ((...exchange: Parameters<NonNullable<Parameters<typeof createServer>[1]>>) => void) | null = null;
  let test: TestAgent | null = null;
  const front: Server = createServer((request, response) => {
    if (answer === null || test?.away === true) request.socket.destroy();
    else answer(request, response);
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  const agent: Agent = await createAgent({ dataFolder: folder, issuer, checkpointMs: 3_600_000 });
  const operatorFile = join(folder, "operator.token");
  const server = buildServer(agent.context, {
    operator: openOperatorToken(operatorFile, systemEffects),
    metrics: new Metrics(),
    version: "0.0.0-test",
    passwordCost: PASSWORD_COST,
    rates: { application: PLENTY, subject: PLENTY, address: PLENTY },
  });
  await server.ready();
  answer = (request, response) => server.routing(request, response);
  t.after(async () => {
    front.closeAllConnections();
    await new Promise((resolve) => front.close(resolve));
    await server.close();
    await agent.close();
  });
  const operator = readOperatorToken(operatorFile);
  const { id } = await call<{ id: string }>(issuer, "POST", "/v1/controllers", operator, { name: "Tarn & Thicket" });
  return (test = new TestAgent(issuer, agent.context.identity.signer.verifierKey, operator, id));
}

async function call<Answer>(
  issuer: string,
  method: string,
  path: string,
  token: string | null,
  body?: unknown,
): Promise<Answer> {
  const response = await fetch(issuer + path, {
    method,
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return (text === "" ? null : JSON.parse(text)) as Answer;
}
