/**
 * People change their minds while applications ask: rules, locks, erasures and KEK rotations in every order that the dice
 * find, with every call of the store taking its time before and after it. A failing seed plays again by its number.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeHeaderText, headerTextOf } from "@strongroom/core/seal";
import type { KeptPromise } from "@strongroom/core/log/reader";
import { eraseEpoch, eraseRelationship } from "../../src/erase/erasure.ts";
import { rotateKek } from "../../src/keys/rotate.ts";
import { addRule, revokeRule } from "../../src/rules/ruleService.ts";
import { setLocked } from "../../src/subjects/lock.ts";
import { assertWhole, promiseOf } from "../auditing.ts";
import { Dice, Turnstile } from "../dice.ts";
import { collectGarbage } from "../garbage.ts";
import { createWorld, mayRead, mayUpdate, opened, type Company, type World } from "../world.ts";

const SEEDS = 10;
const PEOPLE = 5;

/** What a person has decided, as the person knows it: changes are made one after the other. */
class Person {
  readonly subject: string;
  handle: string;
  /** Null between an erasure and the next sealing. */
  sealed: string | null;
  readRule: string | null;
  locked = false;
  /** Since a revocation, lock or erasure has been confirmed and nothing allowed again. */
  closed = false;
  /** Counts begun changes, so that an answer knows whether it crossed one. */
  changes = 0;
  changing = false;

  constructor(subject: string, handle: string, sealed: string, readRule: string) {
    this.subject = subject;
    this.handle = handle;
    this.sealed = sealed;
    this.readRule = readRule;
  }
}

interface Release {
  readonly subject: string;
  readonly decision: string;
}

for (let seed = 1; seed <= SEEDS; seed += 1) {
  test(`no key after a revocation was confirmed, an entry for every key, counters without gap (seed ${seed})`, (t) =>
    play(t, seed));
}

async function play(t: Parameters<typeof createWorld>[0], seed: number): Promise<void> {
  const dice = new Dice(seed);
  const world = await createWorld(t, { relationshipsInMemoryMax: 2 + dice.roll(8), seed: `races ${seed}` });
  const shop = await world.company("shop");
  const people: Person[] = [];
  for (let i = 0; i < PEOPLE; i += 1) {
    const { subject, handle, readRule } = await world.customer(shop);
    people.push(new Person(subject, handle, await world.seal(shop.web, handle, `of ${subject}`), readRule));
  }
  const turnstile = new Turnstile(dice);
  world.stage.before = (call) => (call === "write" || dice.roll(2) === 0 ? turnstile.pass() : undefined);
  world.stage.after = () => (dice.roll(2) === 0 ? turnstile.pass() : undefined);

  const releases: Release[] = [];
  const promises: KeptPromise[] = [];
  await Promise.all([
    ...people.map((person) => change(world, { shop, dice, person, times: 4 })),
    ...Array.from({ length: 3 }, () => ask(world, { shop, dice, people, releases, promises, times: 8 })),
    turn(world, dice),
  ]);
  world.stage.before = () => undefined;
  world.stage.after = () => undefined;
  turnstile.stop();

  await assertLogged(world, people, releases);
  const heads = await assertWhole(
    world,
    people.map(({ subject }) => subject),
    { promises },
  );
  await world.restart();
  await assertWhole(
    world,
    people.map(({ subject }) => subject),
    { promises, heads },
  );
}

/** One person changes its mind, again and again. */
async function change(
  world: World,
  { shop, dice, person, times }: { shop: Company; dice: Dice; person: Person; times: number },
): Promise<void> {
  for (let i = 0; i < times; i += 1) {
    person.changing = true;
    person.changes += 1;
    if (person.locked) {
      person.closed = person.readRule === null;
      await setLocked(world.context, person.subject, false);
      person.locked = false;
    } else if (person.readRule === null) {
      person.closed = false;
      person.readRule = (await addRule(world.context, person.subject, mayRead(shop))).id;
    } else {
      await close(world, { shop, dice, person });
    }
    person.changing = false;
  }
}

/** Confirmed when this resolves: from then on the object that was sealed before does not open. */
async function close(
  world: World,
  { shop, dice, person }: { shop: Company; dice: Dice; person: Person },
): Promise<void> {
  const { context } = world;
  const { subject, handle, readRule } = person;
  switch (dice.roll(4)) {
    case 0:
      await setLocked(context, subject, true);
      person.locked = true;
      break;
    case 1:
      await revokeRule(context, subject, readRule ?? "");
      person.readRule = null;
      break;
    case 2:
      await eraseEpoch(context, subject, handle, decodeHeaderText(headerTextOf(person.sealed ?? "")).epoch);
      person.sealed = null;
      // What is sealed from now on opens again.
      person.sealed = await world.seal(shop.web, handle, `of ${subject}`);
      return;
    default:
      await eraseRelationship(context, subject, handle);
      person.sealed = null;
      await addRule(context, subject, mayUpdate(shop));
      person.handle = await world.handle(subject, shop);
      person.sealed = await world.seal(shop.web, person.handle, `of ${subject}`);
      person.readRule = (await addRule(context, subject, mayRead(shop))).id;
      return;
  }
  person.closed = true;
}

interface Asking {
  readonly shop: Company;
  readonly dice: Dice;
  readonly people: readonly Person[];
  readonly releases: Release[];
  readonly promises: KeptPromise[];
  readonly times: number;
}

async function ask(world: World, { shop, dice, people, releases, promises, times }: Asking): Promise<void> {
  for (let i = 0; i < times; i += 1) {
    const asked = people.filter(({ sealed }) => sealed !== null && dice.roll(3) > 0);
    if (asked.length === 0) continue;
    const began = asked.map(({ sealed, changes, changing, closed, locked }) => ({
      sealed: sealed ?? "",
      changes,
      undisturbed: !changing && !closed && !locked,
    }));
    const answer = await world.ask(
      shop.web,
      began.map(({ sealed }) => sealed),
    );
    promises.push(promiseOf(world, answer));
    for (const [at, outcome] of answer.reads.flat().entries()) {
      const [person, before] = [asked[at], began[at]];
      assert.ok(person !== undefined && before !== undefined);
      if (outcome.outcome === "allow") {
        assert.equal(opened(before.sealed, outcome), `of ${person.subject}`);
        // An object of before an erasure is not the person's present one any more.
        assert.ok(!person.closed && person.sealed === before.sealed, "a key after the revocation was confirmed");
        releases.push({ subject: person.subject, decision: answer.decision.toString("base64url") });
      } else if (before.undisturbed && person.changes === before.changes) {
        assert.fail(`nothing speaks against it, and yet: ${outcome.reason}`);
      }
    }
  }
}

/** The operator turns the KEK and makes checkpoints meanwhile, and memory is short. */
async function turn(world: World, dice: Dice): Promise<void> {
  for (let i = 0; i < 6; i += 1) {
    if (dice.roll(3) === 0) await rotateKek(world.context);
    else await world.publish();
    collectGarbage();
  }
}

async function assertLogged(world: World, people: readonly Person[], releases: readonly Release[]): Promise<void> {
  for (const { subject } of people) {
    const lines = await world.log(subject);
    assert.deepEqual(
      lines.map(({ counter }) => counter),
      lines.map((_, i) => i + 1),
    );
    const allowed = new Set(
      lines.filter(({ kind, outcome }) => kind === "use" && outcome === "allow").map(({ decision }) => decision),
    );
    for (const release of releases) {
      if (release.subject === subject)
        assert.ok(allowed.has(release.decision), "every released key has an entry that allows it");
    }
  }
}
