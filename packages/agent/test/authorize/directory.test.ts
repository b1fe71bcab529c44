/** Relationships in memory: few or many, one object for each, and never an old one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { eraseRelationship } from "../../src/erase/erasure.ts";
import { revokeRule } from "../../src/rules/ruleService.ts";
import { setLocked } from "../../src/subjects/lock.ts";
import { collectGarbage } from "../garbage.ts";
import { code, createWorld, opened, type Company, type World } from "../world.ts";

/** Drops from memory whatever nobody holds. */
async function forgetAll(world: World, shop: Company): Promise<void> {
  await world.publish();
  for (let i = 0; i < 4; i += 1) await world.context.directory.relationship((await world.customer(shop)).handle);
  await world.publish();
  for (let i = 0; i < 3; i += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
  }
}

test("with room for two relationships a batch over twenty is answered right", async (t) => {
  const world = await createWorld(t, { relationshipsInMemoryMax: 2 });
  const shop = await world.company("shop");
  const sealed: string[] = [];
  for (let i = 0; i < 20; i += 1)
    sealed.push(await world.seal(shop.web, (await world.customer(shop)).handle, `of ${i}`));
  for (let round = 0; round < 3; round += 1) {
    const outcomes = (await world.ask(shop.web, sealed)).reads.flat();
    assert.deepEqual(
      outcomes.map((outcome, i) => opened(sealed[i] ?? "", outcome)),
      sealed.map((_, i) => `of ${i}`),
    );
    collectGarbage();
  }
});

test("an object that was in memory when a batch began is not called unknown when it is dropped meanwhile", async (t) => {
  const world = await createWorld(t, { relationshipsInMemoryMax: 2 });
  const shop = await world.company("shop");
  const [ada, bob] = [await world.customer(shop), await world.customer(shop)];
  const sealed = [await world.seal(shop.web, ada.handle, "of Ada"), await world.seal(shop.web, bob.handle, "of Bob")];
  await forgetAll(world, shop);
  await world.context.directory.relationship(ada.handle);
  const loading = world.stage.hold("loadRelationships", "after");
  const asked = world.ask(shop.web, sealed);
  await loading.reached;
  await forgetAll(world, shop);
  loading.release();
  assert.deepEqual(
    (await asked).reads.flat().map((outcome) => outcome.outcome),
    ["allow", "allow"],
  );
});

test("who loads a relationship at once gets one and the same object", async (t) => {
  const world = await createWorld(t);
  const shop = await world.company("shop");
  const { subject, handle } = await world.customer(shop);
  await world.restart();
  const { directory } = world.context;
  const [one, two, of] = await Promise.all([
    directory.relationship(handle),
    directory.relationship(handle),
    directory.subject(subject),
  ]);
  assert.ok(one !== undefined);
  assert.equal(one, two);
  assert.equal(one.subject, of);
});

const changes = {
  "revoked rule": async (world: World, { subject, readRule }: Customer) => revokeRule(world.context, subject, readRule),
  lock: async (world: World, { subject }: Customer) => setLocked(world.context, subject, true),
  erasure: async (world: World, { subject, handle }: Customer) => eraseRelationship(world.context, subject, handle),
};
type Customer = Awaited<ReturnType<World["customer"]>>;

for (const [change, make] of Object.entries(changes)) {
  test(`a row read before a ${change} and taken up after it opens nothing`, async (t) => {
    const world = await createWorld(t, { relationshipsInMemoryMax: 2 });
    const shop = await world.company("shop");
    const customer = await world.customer(shop);
    const sealed = await world.seal(shop.web, customer.handle, "x");
    await forgetAll(world, shop);
    const reading = world.stage.hold("loadRelationships", "after");
    const answer = world.open(shop.web, sealed);
    await reading.reached;
    // It has the old row in its hands. The change is made and everything of it forgotten.
    await make(world, customer);
    await forgetAll(world, shop);
    reading.release();
    assert.match(await answer, /^(no-rule|locked|relationship-erased)$/);
  });
}

test("a subject's head read before its entry was stored is read again: no counter is given twice", async (t) => {
  const world = await createWorld(t, { relationshipsInMemoryMax: 2 });
  const shop = await world.company("shop");
  const { subject, handle } = await world.customer(shop);
  const sealed = await world.seal(shop.web, handle, "x");
  await forgetAll(world, shop);
  const reading = world.stage.hold("loadRelationships", "after");
  const late = world.open(shop.web, sealed);
  await reading.reached;
  assert.equal(await world.open(shop.web, sealed), "x");
  await forgetAll(world, shop);
  reading.release();
  assert.equal(await late, "x");
  const uses = (await world.log(subject)).filter(({ kind }) => kind === "use");
  assert.equal(uses.length, 2, "both entries are in one chain");
});

test("a head that was changed in the database is not built upon", async (t) => {
  const world = await createWorld(t, { relationshipsInMemoryMax: 2 });
  const shop = await world.company("shop");
  const { subject, handle } = await world.customer(shop);
  const sealed = await world.seal(shop.web, handle, "x");
  await forgetAll(world, shop);
  const head = await world.context.store.head(subject);
  assert.ok(head !== null);
  await world.context.store.write((tx) => tx.putHeads([{ ...head, counter: head.counter - 1 }]));
  assert.equal(await world.open(shop.web, sealed), "error");
  await assert.rejects(world.log(subject), code("log.damaged"));
});
