/**
 * A small world around an agent in a temporary folder: controllers with applications, people with rules, and what an
 * application does (seal under a lease, ask, open). Time stands still unless moved; randomness comes from a seed.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fromBase64url, toBase64url, u32, utf8 } from "@strongroom/core/bytes";
import { StrongroomError, type ErrorCode } from "@strongroom/core/errors";
import { secretKey, sha256 } from "@strongroom/core/primitives";
import { headerTextOf, openSealed, SealingLease, sealUnderLease } from "@strongroom/core/seal";
import type { LogLine, ObjectOutcome, RuleDraft } from "@strongroom/core/wire";
import { createAgent, type Agent, type AgentOptions } from "../src/agent.ts";
import { authorize, type Authorized, type Caller } from "../src/authorize/authorize.ts";
import { grantLeases, type LeaseContext } from "../src/authorize/leases.ts";
import type { LiveSubject } from "../src/authorize/live.ts";
import type { AgentContext } from "../src/context.ts";
import { everyLine } from "../src/log/query.ts";
import { LogUnit } from "../src/log/writer.ts";
import { ensureRelationship } from "../src/relationships/relationships.ts";
import { addRule } from "../src/rules/ruleService.ts";
import { openSqlite } from "../src/storage/sqlite/sqliteStore.ts";
import { Stage } from "./stage.ts";

export const NOW = Date.UTC(2026, 0, 15, 12);
export const DAY = 86_400_000;
/** No checkpoint unless a test asks for one. */
const NEVER_MS = 2 ** 31 - 1;

export const EMAIL = "home-contact.email";
export const CITY = "home-contact.city";
export const SURNAME = "identity.surname";

export interface Company {
  readonly id: string;
  readonly name: string;
  /** Its first application. */
  readonly web: Caller;
}

export interface Ask {
  readonly use?: string;
  readonly purpose?: string;
}

const DELIVERY = { use: "deliver.package", purpose: "contractual.delivery" };

type WorldOptions = Partial<Omit<AgentOptions, "dataFolder" | "effects" | "store">> & {
  readonly folder?: string;
  readonly seed?: string;
};

/** A world that ends with the test. */
export async function createWorld(t: TestContext, options: WorldOptions = {}): Promise<World> {
  const { folder = temporaryFolder(t), ...given } = options;
  const world = new World(folder, given);
  t.after(() => world.close());
  await world.start();
  return world;
}

export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "strongroom-agent-"));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

export class World {
  readonly folder: string;
  readonly keyFolder: string;
  readonly stage = new Stage();
  /** ms since 1970. */
  now = NOW;
  /** Everything that was drawn: keys, key ids, salts. */
  readonly drawn: Buffer[] = [];
  readonly backgroundErrors: unknown[] = [];
  readonly #options: WorldOptions;
  #agent: Agent | null = null;
  #draws = 0;

  constructor(folder: string, options: WorldOptions = {}) {
    this.folder = folder;
    this.keyFolder = options.keyFolder ?? join(folder, "keys");
    this.#options = options;
  }

  get databaseFile(): string {
    return join(this.folder, "data", "agent.db");
  }

  get logFolder(): string {
    return join(this.folder, "data", "log");
  }

  get agent(): Agent {
    assert.ok(this.#agent !== null, "the agent runs");
    return this.#agent;
  }

  get context(): AgentContext {
    return this.agent.context;
  }

  /** What an application's requests are answered with. */
  get asking(): LeaseContext {
    const { directory, writer, store, identity, useNotes } = this.context;
    return { directory, writer, store, locator: identity.locator, now: () => this.now, noteUse: useNotes.note };
  }

  async start(more: Partial<AgentOptions> = {}): Promise<Agent> {
    const { seed = "a world", folder: _folder, ...options } = this.#options;
    mkdirSync(join(this.folder, "data"), { recursive: true });
    const effects = {
      now: () => this.now,
      random: (count: number) => {
        const bytes = drawn(`${seed} ${this.#draws++}`, count);
        this.drawn.push(Buffer.from(bytes));
        return bytes;
      },
    };
    this.#agent = await createAgent({
      issuer: "https://agent.example",
      keyFolder: this.keyFolder,
      checkpointMs: NEVER_MS,
      onBackgroundError: (error) => this.backgroundErrors.push(error),
      ...options,
      ...more,
      dataFolder: join(this.folder, "data"),
      effects,
      store: this.stage.put(openSqlite({ file: this.databaseFile })),
    });
    return this.#agent;
  }

  async close(): Promise<void> {
    const agent = this.#agent;
    this.#agent = null;
    await agent?.close();
  }

  async restart(more: Partial<AgentOptions> = {}): Promise<void> {
    await this.close();
    await this.start(more);
  }

  /** Makes a checkpoint over everything and brings the mirror up to it. */
  async publish(): Promise<void> {
    await this.context.publisher.publish(this.context.writer);
  }

  id(): string {
    return toBase64url(this.context.effects.random(16));
  }

  async company(name: string): Promise<Company> {
    const id = this.id();
    await this.commit({ op: "controller.add", row: { id, name, website: null, createdAt: this.now } });
    return { id, name, web: await this.application(id, "web") };
  }

  async application(controller: string, name: string): Promise<Caller> {
    const id = this.id();
    await this.commit({
      op: "application.add",
      row: { id, controller, name, createdAt: this.now, disabled: false, keys: [] },
    });
    return { application: id, controller };
  }

  /** A subject with keys and a first entry. */
  async person(): Promise<string> {
    const { keychain, directory, writer } = this.context;
    const id = this.id();
    const login = `person ${id}`;
    const keys = keychain.wrapSubject(id, "active", keychain.newSubjectKeys());
    const row = {
      id,
      login,
      passwordHash: null,
      state: "active" as const,
      createdAt: this.now,
      erasedAt: null,
      ...keys,
    };
    const unit = new LogUnit(null, null, this.now);
    unit.mutations.push({ op: "subject.add", row });
    unit.record(directory.adoptSubject(row, null), { kind: "account", reason: "created" });
    await writer.append(unit);
    return id;
  }

  async handle(subject: string, { id }: Company): Promise<string> {
    return (await ensureRelationship(this.context, subject, id)).handle;
  }

  /** A person who lets the company seal and read all contact data for a delivery. */
  async customer(company: Company): Promise<{ subject: string; handle: string; updateRule: string; readRule: string }> {
    const subject = await this.person();
    const updateRule = (await addRule(this.context, subject, mayUpdate(company))).id;
    const readRule = (await addRule(this.context, subject, mayRead(company))).id;
    return { subject, handle: await this.handle(subject, company), updateRule, readRule };
  }

  /** Seals as the application would: a lease, then locally. Fails where the lease is denied. */
  async seal(caller: Caller, handle: string, text: string, type = EMAIL): Promise<string> {
    return sealUnderLease(await this.lease(caller, handle, type), text);
  }

  async lease(caller: Caller, handle: string, type = EMAIL): Promise<SealingLease> {
    const { leases } = await grantLeases(this.asking, caller, [{ handle, type, provenance: "subject.explicit" }]);
    const [granted] = leases;
    assert.ok(granted?.outcome === "allow", `the lease is granted: ${JSON.stringify(granted)}`);
    return new SealingLease({
      locator: this.context.identity.locator,
      relationship: fromBase64url(handle),
      epoch: granted.epoch,
      leaseId: fromBase64url(granted.lease),
      type,
      key: secretKey(fromBase64url(granted.key)),
    });
  }

  ask(caller: Caller, sealed: readonly string[], ask: Ask = {}): Promise<Authorized> {
    return authorize(this.asking, caller, { reads: [{ ...DELIVERY, ...ask, objects: sealed.map(headerTextOf) }] });
  }

  /** What comes out: the plaintext, or the reason why not. */
  async open(caller: Caller, sealed: string, ask: Ask = {}): Promise<string> {
    const [outcome] = (await this.ask(caller, [sealed], ask)).reads.flat();
    return opened(sealed, outcome);
  }

  async live(subject: string): Promise<LiveSubject> {
    const live = await this.context.directory.subject(subject);
    assert.ok(live !== undefined, "the subject is alive");
    return live;
  }

  /** The subject's whole log, oldest first. */
  async log(subject: string): Promise<LogLine[]> {
    const lines: LogLine[] = [];
    for await (const line of everyLine(this.context, await this.live(subject), {})) lines.unshift(line);
    return lines;
  }

  commit(...mutations: LogUnit["mutations"]): Promise<unknown> {
    const unit = new LogUnit(null, null, this.now);
    unit.mutations.push(...mutations);
    return this.context.writer.append(unit);
  }
}

export function opened(sealed: string, outcome: ObjectOutcome | undefined): string {
  if (outcome === undefined) return "no outcome";
  if (outcome.outcome === "deny") return outcome.reason;
  return openSealed(sealed, fromBase64url(outcome.key ?? "")).toString("utf8");
}

const ANYTIME = { applications: null, effect: "allow", from: null, until: null } as const;

export function mayRead(company: Company, more: Partial<RuleDraft> = {}): RuleDraft {
  const action = { kind: "read", uses: ["deliver"], purposes: ["contractual"] } as const;
  return { ...ANYTIME, controller: company.id, types: ["home-contact"], action, ...more };
}

export function mayUpdate(company: Company, more: Partial<RuleDraft> = {}): RuleDraft {
  const action = { kind: "update", provenances: ["subject"] } as const;
  return { ...ANYTIME, controller: company.id, types: ["home-contact"], action, ...more };
}

/** Passes for an assertion: the error's code, which is what programs and people go by. */
export function code(expected: ErrorCode): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof StrongroomError, `an error of the project, not ${String(error)}`);
    assert.equal(error.code, expected, error.message);
    return true;
  };
}

/** Bytes that look random and are the same for the same label. */
function drawn(label: string, count: number): Buffer {
  const blocks: Buffer[] = [];
  for (let i = 0; i * 32 < count; i += 1) blocks.push(sha256(Buffer.concat([utf8(label), u32(i)])));
  return Buffer.concat(blocks).subarray(0, count);
}

export function readText(path: string): string {
  return readFileSync(path, "utf8");
}
