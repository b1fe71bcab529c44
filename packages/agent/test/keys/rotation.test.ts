/** KEK epochs: everything that lives goes on, everything that was destroyed is final, whatever comes in between. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { StrongroomError } from "@strongroom/core/errors";
import { rotateKek } from "../../src/keys/rotate.ts";
import { eraseSubject } from "../../src/erase/erasure.ts";
import { setLocked } from "../../src/subjects/lock.ts";
import { code, createWorld, DAY, mayRead, type World } from "../world.ts";
import { addRule } from "../../src/rules/ruleService.ts";

const keks = (world: World): string[] =>
  readdirSync(world.keyFolder)
    .filter((name) => name.startsWith("kek-"))
    .sort();

async function people(
  world: World,
  count: number,
): Promise<{ shop: Awaited<ReturnType<World["company"]>>; sealed: string[]; subjects: string[] }> {
  const shop = await world.company("shop");
  const customers = await Promise.all(Array.from({ length: count }, () => world.customer(shop)));
  const sealed = await Promise.all(customers.map(({ handle }) => world.seal(shop.web, handle, "x")));
  return { shop, sealed, subjects: customers.map(({ subject }) => subject) };
}

async function opensAll(world: World, { shop, sealed }: Awaited<ReturnType<typeof people>>): Promise<boolean> {
  return (await world.ask(shop.web, sealed)).reads.flat().every(({ outcome }) => outcome === "allow");
}

test("turning the KEK rewraps everybody, destroys the old one, and all that was sealed still opens", async (t) => {
  const world = await createWorld(t);
  const all = await people(world, 5);
  assert.deepEqual(await rotateKek(world.context), { kekEpoch: 2, rewrapped: 5, destroyed: 1 });
  assert.deepEqual(keks(world), ["kek-2.json"]);
  assert.ok(await opensAll(world, all));
  await world.restart();
  assert.ok(await opensAll(world, all));
  await setLocked(world.context, all.subjects[0] ?? "", true);
});

test("two rotations at once leave one KEK and everybody under it", async (t) => {
  const world = await createWorld(t);
  const all = await people(world, 3);
  await Promise.all([rotateKek(world.context), rotateKek(world.context)]);
  assert.deepEqual(keks(world), ["kek-3.json"]);
  await world.restart();
  assert.ok(await opensAll(world, all));
});

test("a subject that is being made while the KEK turns is not left under the destroyed one", async (t) => {
  const world = await createWorld(t);
  const busy = world.stage.hold("write");
  const made = world.person();
  await busy.reached;
  const turned = rotateKek(world.context);
  await new Promise((resolve) => setImmediate(resolve));
  busy.release();
  const subject = await made;
  await turned;
  const row = await world.context.store.subject(subject);
  assert.equal(row?.kekEpoch, 2);
  await world.restart();
  assert.equal((await world.log(subject)).length, 1);
});

test("locks and rules that are being written while the KEK turns hold", async (t) => {
  const world = await createWorld(t);
  const { shop, sealed, subjects } = await people(world, 4);
  await Promise.all([
    setLocked(world.context, subjects[0] ?? "", true),
    rotateKek(world.context),
    eraseSubject(world.context, subjects[1] ?? ""),
    addRule(world.context, subjects[2] ?? "", mayRead(shop, { effect: "deny", types: ["personal", "home-contact"] })),
  ]);
  await world.restart();
  const outcomes = (await world.ask(shop.web, sealed)).reads
    .flat()
    .map((outcome) => (outcome.outcome === "allow" ? "allow" : outcome.reason));
  assert.deepEqual(outcomes, ["locked", "subject-erased", "denied-by-rule", "allow"]);
});

describe("an interrupted rotation", () => {
  for (const after of [1, 2, 3]) {
    test(`that stops after ${after} writes is finished by the next start`, async (t) => {
      const world = await createWorld(t);
      const all = await people(world, 3);
      let writes = 0;
      world.stage.before = (call) => {
        if (call !== "write") return;
        writes += 1;
        if (writes > after) throw new StrongroomError("storage.unavailable", "the machine stops here");
      };
      // One after the other, so that it stops somewhere in between.
      const turns = world.context.writer;
      const append = turns.append.bind(turns);
      let last: Promise<unknown> = Promise.resolve();
      turns.append = (unit) => {
        const mine = last.then(() => append(unit));
        last = mine.catch(() => undefined);
        return mine;
      };
      await assert.rejects(rotateKek(world.context), code("log.unavailable"));
      assert.deepEqual(keks(world), ["kek-1.json", "kek-2.json"], "no KEK goes while a root may need it");
      world.stage.before = () => undefined;
      await world.restart();
      assert.deepEqual(keks(world), ["kek-2.json"]);
      assert.ok(await opensAll(world, all));
    });
  }
});

describe("a root that was changed in the database", () => {
  async function damage(world: World, subject: string): Promise<() => void> {
    const database = new DatabaseSync(world.databaseFile);
    const { slot, wrap } = database
      .prepare("SELECT slot, wrap FROM wraps JOIN subjects ON root_slot = slot WHERE id = ?")
      .get(subject) as { slot: number; wrap: Uint8Array };
    database.prepare("UPDATE wraps SET wrap = zeroblob(60) WHERE slot = ?").run(slot);
    return () => {
      database.prepare("UPDATE wraps SET wrap = ? WHERE slot = ?").run(wrap, slot);
      database.close();
    };
  }

  test("does not keep the others from being rewrapped; the old KEK stays until it is repaired", async (t) => {
    const world = await createWorld(t);
    const { shop, sealed, subjects } = await people(world, 3);
    const repair = await damage(world, subjects[1] ?? "");
    await assert.rejects(rotateKek(world.context), code("keys.wrap-broken"));
    assert.deepEqual(keks(world), ["kek-1.json", "kek-2.json"]);
    await world.restart();
    assert.equal(world.backgroundErrors.length, 1, "the operator is told at every start");
    const outcomes = async (): Promise<string[]> =>
      (await world.ask(shop.web, sealed)).reads
        .flat()
        .map((outcome) => (outcome.outcome === "allow" ? "allow" : outcome.reason));
    assert.deepEqual(await outcomes(), ["allow", "error", "allow"]);
    repair();
    assert.deepEqual(await outcomes(), ["allow", "allow", "allow"], "a repaired row is seen at once");
    await world.restart();
    assert.deepEqual(keks(world), ["kek-2.json"]);
  });
});

test("the KEK turns before the day that its erasure receipts state", async (t) => {
  const world = await createWorld(t, { kekEpochDays: 2 });
  const customer = await world.person();
  const { finalAt } = await eraseSubject(world.context, customer);
  assert.equal(finalAt, world.now + 2 * DAY);
  world.now = finalAt - 1;
  await world.restart();
  assert.deepEqual(keks(world), ["kek-2.json"]);
});

test("a receipt made when the KEK is overdue states a time that has not passed", async (t) => {
  const world = await createWorld(t, { kekEpochDays: 2 });
  const customer = await world.person();
  world.now += 5 * DAY;
  const { finalAt } = await eraseSubject(world.context, customer);
  assert.ok(finalAt > world.now);
});

test("a database beside another key folder does not start", async (t) => {
  const world = await createWorld(t);
  await people(world, 1);
  await world.close();
  await assert.rejects(world.start({ keyFolder: `${world.folder}/other-keys` }), code("note.unknown-signer"));
});
