/**
 * An agent's process is killed again and again, while it starts and while it works. What it had confirmed by then must be
 * so for the next one that starts on its folder, and what was under way is done whole or not at all. A failing seed plays
 * again by its number, but for the moments at which the machine lets the process be hit.
 */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { fromBase64url } from "@strongroom/core/bytes";
import type { EntryHead, KeptPromise } from "@strongroom/core/log/reader";
import { listRules } from "../../src/rules/ruleService.ts";
import { assertWhole } from "../auditing.ts";
import { Dice } from "../dice.ts";
import { createWorld, opened, type Company, type World } from "../world.ts";
import { after, look, type Change, type Fact, type Life, type Orders, type Sealed } from "./life.ts";

const SEEDS = 4;
const KILLS_PER_SEED = 8;
const PEOPLE = 3;
/** How much it tells before it is hit: nothing at all where it is hit while it starts. */
const FACTS_MAX = 30;
/** And how long after that. */
const START_MS_MAX = 120;
const WORK_MS_MAX = 12;

describe("an agent", { concurrency: 2 }, () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    test(`killed at any moment, everything that was confirmed is so afterwards (seed ${seed})`, (t) => play(t, seed));
  }
});

async function play(t: TestContext, seed: number): Promise<void> {
  const dice = new Dice(seed);
  const world = await createWorld(t, { seed: `killed ${seed}` });
  const shop = await world.company("shop");
  const known = new Known();
  for (let i = 0; i < PEOPLE; i += 1) known.take({ fact: "life", life: await newcomer(world, shop) });
  await world.close();

  let next = new Victim(t, join(world.folder, "facts-0"));
  for (let kill = 1; kill <= KILLS_PER_SEED; kill += 1) {
    const victim = next;
    // The next one loads its program while this one lives.
    next = new Victim(t, join(world.folder, `facts-${kill}`));
    world.now += 1_000;
    const facts = dice.roll(3) === 0 ? 0 : dice.roll(FACTS_MAX);
    const moment: Moment = { facts, ms: dice.roll(facts === 0 ? START_MS_MAX : WORK_MS_MAX) };
    const orders = {
      folder: world.folder,
      seed: `killed ${seed} ${kill}`,
      chance: dice.roll(2 ** 31),
      now: world.now,
      shop,
    };
    try {
      const told = await victim.live(
        { ...orders, lives: [...known.lives.values()].filter(({ erased }) => !erased) },
        moment,
      );
      for (const fact of told) known.take(fact);
      await world.start();
      await assertKept(world, shop, known);
      await world.close();
    } catch (error) {
      throw new Error(
        `seed ${seed}, kill ${kill}, ${moment.ms} ms after fact ${moment.facts}: ${(error as Error).message}`,
        { cause: error },
      );
    }
  }
  assert.ok(
    known.lives.size >= PEOPLE && known.confirmed > PEOPLE + KILLS_PER_SEED,
    `it did something between the kills: ${known.confirmed}`,
  );
}

async function newcomer(world: World, shop: Company): Promise<Life> {
  const { subject, handle, readRule } = await world.customer(shop);
  const history = ["account created", "connection opened", "rule added", "rule added"];
  return { subject, handle, maySeal: true, readRule, locked: false, erased: false, objects: [], history };
}

/** Everything that was told until now. */
class Known {
  readonly lives = new Map<string, Life>();
  /** Changes that were begun and not confirmed. */
  readonly underWay = new Map<string, Change>();
  readonly promises: KeptPromise[] = [];
  heads: ReadonlyMap<string, EntryHead> = new Map();
  note: string | undefined;
  confirmed = 0;

  take(fact: Fact): void {
    if (fact.fact !== "begins") this.confirmed += 1;
    if (fact.fact === "begins") this.underWay.set(fact.subject, fact.change);
    else if (fact.fact === "published") this.note = fact.note;
    else if (fact.fact === "life") {
      this.lives.set(fact.life.subject, fact.life);
      this.underWay.delete(fact.life.subject);
    } else if (fact.fact === "promise") {
      const entries = fact.entries.map(([index, commitment]) => ({ index, commitment: fromBase64url(commitment) }));
      this.promises.push({
        at: fact.at,
        decision: fromBase64url(fact.decision),
        entries,
        signature: fromBase64url(fact.signature),
      });
    }
  }
}

interface Moment {
  readonly facts: number;
  readonly ms: number;
}

/** An agent that is killed. */
class Victim {
  readonly #process: ChildProcess;
  readonly #facts: string;
  readonly #exit: Promise<unknown[]>;
  #dots = 0;
  #stderr = "";

  constructor(t: TestContext, facts: string) {
    this.#facts = facts;
    // A file and not a pipe: what was written is there, whatever happens to the writer.
    const file = openSync(facts, "a");
    const program = fileURLToPath(new URL("killed.ts", import.meta.url));
    this.#process = spawn(process.execPath, [program], { stdio: ["pipe", file, "pipe", "pipe"] });
    closeSync(file);
    this.#exit = once(this.#process, "exit");
    this.#process.stderr?.on("data", (bytes: Buffer) => (this.#stderr += bytes.toString("utf8")));
    this.#process.stdio[3]?.on("data", (bytes: Buffer) => (this.#dots += bytes.length));
    t.after(() => this.#process.kill("SIGKILL"));
  }

  /** Lets it run until the moment. @returns what it had confirmed by then */
  async live(orders: Orders, moment: Moment): Promise<Fact[]> {
    await this.#said(1);
    this.#process.stdin?.end(JSON.stringify(orders));
    await this.#said(1 + moment.facts);
    await setTimeout(moment.ms);
    this.#process.kill("SIGKILL");
    const [, signal] = await this.#exit;
    assert.equal(signal, "SIGKILL", `it ended before it was killed: ${this.#stderr}`);
    const lines = readFileSync(this.#facts, "utf8").split("\n");
    return lines.slice(0, -1).map((line) => JSON.parse(line) as Fact);
  }

  async #said(dots: number): Promise<void> {
    while (this.#dots < dots) {
      const [first] = await Promise.race([once(this.#process.stdio[3] as NodeJS.EventEmitter, "data"), this.#exit]);
      assert.ok(Buffer.isBuffer(first), `it ended before it was killed: ${this.#stderr}`);
    }
  }
}

async function assertKept(world: World, shop: Company, known: Known): Promise<void> {
  for (const life of known.lives.values()) {
    const found = await lifeIn(world, shop, life);
    const change = known.underWay.get(life.subject);
    // Whole or not at all.
    const done = change === undefined ? null : after(life, change);
    const isDone = done !== null && JSON.stringify(look(found)) === JSON.stringify(look(done));
    if (!isDone)
      assert.deepEqual(look(found), look(life), `${life.subject}, while under way: ${JSON.stringify(change ?? null)}`);
    known.lives.set(life.subject, found);
    known.underWay.delete(life.subject);
  }
  await assertOpens(world, shop, [...known.lives.values()]);
  const living = [...known.lives.values()].filter(({ erased }) => !erased).map(({ subject }) => subject);
  const { promises, note, heads } = known;
  const remembered = new Map([...heads].filter(([subject]) => living.includes(subject)));
  known.heads = await assertWhole(world, living, {
    promises,
    heads: remembered,
    ...(note === undefined ? {} : { remembered: note }),
  });
  known.note = world.context.publisher.checkpoint?.note;
  assert.deepEqual(world.backgroundErrors, []);
}

/** What the store and the log say of a person. */
async function lifeIn(world: World, shop: Company, life: Life): Promise<Life> {
  const { subject } = life;
  const { store } = world.context;
  const row = await store.subject(subject);
  assert.ok(row !== null, `${subject} is there`);
  const erased = row.state === "erased";
  assert.equal(row.root === null, erased);
  const rules = erased ? [] : await listRules(world.context, subject, shop.id);
  const lines = erased ? [] : await world.log(subject);
  return {
    subject,
    handle: (await store.relationshipBetween(subject, shop.id))?.handle ?? null,
    maySeal: rules.some(({ action }) => action.kind === "update"),
    readRule: rules.find(({ action }) => action.kind === "read")?.id ?? null,
    locked: row.state === "locked",
    erased,
    objects: await Promise.all(life.objects.map(async (object) => ({ ...object, gone: await isGone(world, object) }))),
    history: lines
      .filter(({ kind }) => kind !== "use")
      .map(({ kind, reason }) => (reason === null ? kind : `${kind} ${reason}`)),
  };
}

async function isGone(world: World, { handle, epoch }: Sealed): Promise<boolean> {
  const row = (await world.context.store.epochsOf(handle)).find((candidate) => candidate.epoch === epoch);
  assert.ok(row !== undefined, `epoch ${epoch} of ${handle} is there`);
  return row.key === null;
}

/** What was erased, revoked or locked does not open, and the rest does. */
async function assertOpens(world: World, shop: Company, lives: readonly Life[]): Promise<void> {
  for (const { objects, locked, readRule } of lives) {
    const outcomes = (
      await world.ask(
        shop.web,
        objects.map(({ text }) => text),
      )
    ).reads.flat();
    for (const [i, { text, plain, gone }] of objects.entries()) {
      const outcome = opened(text, outcomes[i]);
      if (gone) assert.match(outcome, /^((epoch|relationship|subject)-erased|locked|no-rule)$/);
      else assert.equal(outcome, locked ? "locked" : readRule === null ? "no-rule" : plain);
    }
  }
}
