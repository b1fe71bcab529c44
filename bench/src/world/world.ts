/**
 * What the live benchmarks run in: an agent in a process of its own on loopback, a controller with its application,
 * people with rules, and their sealed fields. Everything that is measured goes through the SDK and HTTP; only the
 * people are made from inside the agent.
 */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { Strongroom, type ConnectOptions } from "@strongroom/sdk";
import { Api } from "./api.ts";
import { customer, plainOf, type StoredField } from "./customer.ts";
import { endChild, startChild } from "./child.ts";
import { freePort, newFolder, timeFsync } from "./place.ts";
import type { AgentFacts, AgentStart, EnrolOrder, FromAgent, OrderName, Orders, ToAgent } from "./protocol.ts";
import { PROVENANCE } from "./rules.ts";

export interface WorldOptions {
  readonly tell: (line: string) => void;
  /** Folder for a CPU profile of the agent's process. */
  readonly profile?: string | null;
  /** Port of what clients reach the agent by; none: they reach it directly. */
  readonly relayPort?: number;
}

export class World {
  readonly facts: AgentFacts;
  readonly api: Api;
  /** How long a write of 4 KiB with fsync takes where the agent's database is, ms. */
  readonly fsyncMs: number;
  readonly controller: string;
  readonly application: { readonly id: string; readonly privateKey: KeyObject };
  #child: ChildProcess;
  readonly #start: AgentStart;
  readonly #profile: string | null;
  readonly #clients: Strongroom[] = [];
  readonly #waiting = new Map<number, { resolve: (give: never) => void; reject: (error: Error) => void }>();
  #orders = 0;

  private constructor(
    given: Pick<World, "facts" | "api" | "fsyncMs" | "controller" | "application">,
    child: ChildProcess,
    start: AgentStart,
    profile: string | null,
  ) {
    this.facts = given.facts;
    this.api = given.api;
    this.fsyncMs = given.fsyncMs;
    this.controller = given.controller;
    this.application = given.application;
    this.#child = child;
    this.#start = start;
    this.#profile = profile;
    this.#listen();
  }

  static async start({ tell, profile = null, relayPort }: WorldOptions): Promise<World> {
    const folder = newFolder(tell);
    const fsyncMs = timeFsync(folder);
    const port = await freePort();
    const start = { dataFolder: folder, port, issuer: `http://127.0.0.1:${relayPort ?? port}` };
    const { child, ready: facts } = await startAgent(start, profile);
    const api = new Api(facts.origin);
    const { id: controller } = await api.call<{ id: string }>("POST", "/v1/controllers", facts.operatorToken, {
      name: "shop",
    });
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const draft = { name: "web", key: publicKey.export({ format: "jwk" }) };
    const registered = `/v1/controllers/${controller}/applications`;
    const { id } = await api.call<{ id: string }>("POST", registered, facts.operatorToken, draft);
    return new World({ facts, api, fsyncMs, controller, application: { id, privateKey } }, child, start, profile);
  }

  /** Ends the agent and starts it again on what it stored: nobody is in its memory then. Clients find it again. */
  async restart(): Promise<void> {
    await this.order("keepFolder", null);
    await endChild(this.#child);
    ({ child: this.#child } = await startAgent(this.#start, this.#profile));
    this.#listen();
  }

  /** A client as a controller's program makes it, with the SDK's own defaults. */
  async connect(options: Partial<ConnectOptions> = {}): Promise<Strongroom> {
    const { issuer, logKey } = this.facts;
    const client = await Strongroom.connect({
      agents: [{ issuer, logKey }],
      application: this.application,
      ...options,
    });
    this.#clients.push(client);
    return client;
  }

  /** What the agent's process does by itself. */
  order<Name extends OrderName>(order: Name, take: Orders[Name]["take"]): Promise<Orders[Name]["give"]> {
    const id = this.#orders++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, order, take } satisfies ToAgent);
    });
  }

  /** People, each with one sealed field of 64 characters. */
  async populate(client: Strongroom, people: Omit<EnrolOrder, "controller">): Promise<StoredField[]> {
    const { handles } = await this.order("enrol", { ...people, controller: this.controller });
    return await this.seal(client, handles);
  }

  /** One sealed field for each of these people, under leases that the agent gives for each. */
  async seal(client: Strongroom, handles: readonly string[]): Promise<StoredField[]> {
    const jobs = handles.map((handle, row) => ({
      person: `${this.facts.locator}.${handle}`,
      row,
      values: { street: plainOf(row) },
    }));
    const rows = await client.sealMany(customer, jobs, { provenance: PROVENANCE });
    return rows.map(({ street }, row) => ({ row, handle: handles[row]!, sealed: street.text, plain: plainOf(row) }));
  }

  /** Where the agent listens. */
  get port(): number {
    return this.#start.port;
  }

  /** Where the agent publishes its log as files. */
  get logFolder(): string {
    return join(this.#start.dataFolder, "log");
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.api.close();
    await endChild(this.#child);
  }

  #listen(): void {
    this.#child.on("message", (message: FromAgent) => this.#take(message));
    this.#child.on("exit", () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("the agent's process ended"));
    });
  }

  #take(message: FromAgent): void {
    if (!("id" in message)) return;
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ("error" in message) waiting?.reject(new Error(`the agent's process failed: ${message.error}`));
    else waiting?.resolve(message.give as never);
  }
}

function startAgent(start: AgentStart, profile: string | null): Promise<{ child: ChildProcess; ready: AgentFacts }> {
  return startChild<AgentFacts>({ module: "agentProcess.ts", start, profile });
}
