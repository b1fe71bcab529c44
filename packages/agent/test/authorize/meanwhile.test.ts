/** What happens between a decision and its release: the log is written, others change rules, stores fail. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { StrongroomError } from "@strongroom/core/errors";
import { WAITING_UNITS_MAX, LogUnit } from "../../src/log/writer.ts";
import { grantLeases } from "../../src/authorize/leases.ts";
import { eraseEpoch, eraseRelationship, eraseSubject } from "../../src/erase/erasure.ts";
import { rotateKek } from "../../src/keys/rotate.ts";
import { addRule, revokeRule } from "../../src/rules/ruleService.ts";
import { listHoldings } from "../../src/subjects/holdings.ts";
import { setLocked } from "../../src/subjects/lock.ts";
import { code, createWorld, EMAIL, mayRead, opened, type World } from "../world.ts";

/** Asks while the log is busy with something else, so that what comes next is committed together with the answer. */
async function askAnd(world: World, ask: () => Promise<string>, change: () => Promise<unknown>): Promise<string> {
  const busy = world.stage.hold("write");
  const other = world.commit();
  await busy.reached;
  const answer = ask();
  // The decision is made once its unit waits; then the change comes.
  await settled();
  const changed = change();
  await settled();
  busy.release();
  await Promise.all([other, changed]);
  return answer;
}

/** Everything that can run without the log has run. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe("a change between decision and release denies", () => {
  test("a lock between decision and release denies", async (t) => {
    const world = await createWorld(t);
    const shop = await world.company("shop");
    const { subject, handle } = await world.customer(shop);
    const sealed = await world.seal(shop.web, handle, "x");
    const outcome = await askAnd(
      world,
      () => world.open(shop.web, sealed),
      () => setLocked(world.context, subject, true),
    );
    assert.equal(outcome, "changed-meanwhile");
  });

  test("a revoked rule, a new deny rule and every erasure deny", async (t) => {
    const world = await createWorld(t);
    const shop = await world.company("shop");
    const changes: Record<string, (of: Awaited<ReturnType<World["customer"]>>) => Promise<unknown>> = {
      revoke: ({ subject, readRule }) => revokeRule(world.context, subject, readRule),
      deny: ({ subject }) => addRule(world.context, subject, mayRead(shop, { effect: "deny", types: [EMAIL] })),
      epoch: ({ subject, handle }) => eraseEpoch(world.context, subject, handle, 1),
      relationship: ({ subject, handle }) => eraseRelationship(world.context, subject, handle),
      subject: ({ subject }) => eraseSubject(world.context, subject),
    };
    for (const [name, change] of Object.entries(changes)) {
      const customer = await world.customer(shop);
      const sealed = await world.seal(shop.web, customer.handle, "x");
      const outcome = await askAnd(
        world,
        () => world.open(shop.web, sealed),
        () => change(customer),
      );
      assert.equal(outcome, "changed-meanwhile", name);
    }
  });

  test("a lease that waits while the subject locks is not granted", async (t) => {
    const world = await createWorld(t);
    const shop = await world.company("shop");
    const { subject, handle } = await world.customer(shop);
    const outcome = await askAnd(
      world,
      async () =>
        (await grantLeases(world.asking, shop.web, [{ handle, type: EMAIL, provenance: "subject" }])).leases[0]
          ?.outcome ?? "",
      () => setLocked(world.context, subject, true),
    );
    assert.equal(outcome, "deny");
  });

  test("turning the KEK meanwhile denies nobody", async (t) => {
    const world = await createWorld(t);
    const shop = await world.company("shop");
    const { handle } = await world.customer(shop);
    const sealed = await world.seal(shop.web, handle, "x");
    assert.equal(
      await askAnd(
        world,
        () => world.open(shop.web, sealed),
        () => rotateKek(world.context),
      ),
      "x",
    );
  });
});

describe("the log is written before a key leaves", () => {
  test("while the commit has not come back nothing is released", async (t) => {
    const world = await createWorld(t);
    const shop = await world.company("shop");
    const { subject, handle } = await world.customer(shop);
    const sealed = await world.seal(shop.web, handle, "x");
    const before = (await world.log(subject)).length;
    const commit = world.stage.hold("write", "after");
    let answered = false;
    const answer = world.open(shop.web, sealed).finally(() => (answered = true));
    await commit.reached;
    await settled();
    assert.equal(answered, false);
    assert.equal((await world.log(subject)).length, before, "a page shows only what is known to be durable");
    commit.release();
    assert.equal(await answer, "x");
    assert.equal((await world.log(subject)).length, before + 1);
  });

  test("a log that cannot be written denies with log.unavailable, and the next request works", async (t) => {
    const world = await createWorld(t);
    const shop = await world.company("shop");
    const { subject, handle } = await world.customer(shop);
    const sealed = await world.seal(shop.web, handle, "x");
    const before = await world.log(subject);
    const head = (await world.live(subject)).head;
    for (const broken of ["in its transaction", "at its commit"]) {
      if (broken === "at its commit") world.stage.failNextCommit(new Error("disk full"));
      else
        world.stage.before = (call) => {
          if (call !== "write") return;
          world.stage.before = () => undefined;
          throw new StrongroomError("storage.unavailable", "disk full");
        };
      await assert.rejects(world.open(shop.web, sealed), code("log.unavailable"), broken);
      assert.deepEqual((await world.live(subject)).head, head, "the head in memory is that of the store");
      assert.deepEqual(await world.log(subject), before);
      assert.deepEqual(
        await listHoldings(world.context, subject).then(([held]) => held?.lastUsedAt),
        null,
        "what was not released was not used",
      );
    }
    assert.equal(await world.open(shop.web, sealed), "x");
    assert.equal((await world.log(subject)).at(-1)?.counter, head.counter + 1);
  });

  test("a rule that could not be logged does not count", async (t) => {
    const world = await createWorld(t);
    const shop = await world.company("shop");
    const { subject, handle, readRule } = await world.customer(shop);
    const sealed = await world.seal(shop.web, handle, "x");
    world.stage.failNextCommit(new Error("disk full"));
    await assert.rejects(revokeRule(world.context, subject, readRule), code("log.unavailable"));
    assert.equal(await world.open(shop.web, sealed), "x");
    await revokeRule(world.context, subject, readRule);
    assert.equal(await world.open(shop.web, sealed), "no-rule");
  });

  test("requests beyond those that may wait are refused with log.busy and lose nothing", async (t) => {
    const world = await createWorld(t);
    const busy = world.stage.hold("write");
    const first = world.commit();
    await busy.reached;
    const waiting = Array.from({ length: WAITING_UNITS_MAX }, () => world.commit());
    await assert.rejects(world.commit(), code("log.busy"));
    busy.release();
    await Promise.all([first, ...waiting]);
    await world.commit();
  });

  test("an entry that cannot be made refuses its own request and none that is committed with it", async (t) => {
    const world = await createWorld(t);
    const shop = await world.company("shop");
    const { subject, handle } = await world.customer(shop);
    const sealed = await world.seal(shop.web, handle, "x");
    const bad = new LogUnit(null, null, world.now);
    bad.record(await world.live(subject), { kind: "account", reason: "x".repeat(300) });
    bad.mutations.push({
      op: "controller.add",
      row: { id: world.id(), name: "never", website: null, createdAt: world.now },
    });
    const [answer, refused] = await Promise.allSettled([
      world.open(shop.web, sealed),
      world.context.writer.append(bad),
    ]);
    assert.deepEqual(answer, { status: "fulfilled", value: "x" });
    assert.ok(refused.status === "rejected" && code("log.bad-entry")(refused.reason));
    assert.equal((await world.context.store.controllers()).length, 1, "its changes did not happen either");
    const counters = (await world.log(subject)).map(({ counter }) => counter);
    assert.deepEqual(
      counters,
      counters.map((_, i) => i + 1),
    );
  });

  test("after an error of the agent itself the log stops instead of deciding over old memory", async (t) => {
    const world = await createWorld(t);
    const unit = new LogUnit(null, null, world.now);
    unit.onCommit.push(() => {
      throw new Error("a mistake");
    });
    await assert.rejects(world.context.writer.append(unit), code("log.unavailable"));
    await assert.rejects(world.commit(), code("log.unavailable"));
    await world.restart();
    await world.commit();
  });
});

test("one of many subjects erased meanwhile: the others are decided again and get their keys", async (t) => {
  const world = await createWorld(t);
  const shop = await world.company("shop");
  const [ada, bob] = [await world.customer(shop), await world.customer(shop)];
  const sealed = [await world.seal(shop.web, ada.handle, "of Ada"), await world.seal(shop.web, bob.handle, "of Bob")];
  // The erasure is committed in one batch, the request decided before waits for the next.
  const erasing = world.stage.hold("write");
  const erased = eraseSubject(world.context, ada.subject);
  await erasing.reached;
  const asked = world.ask(shop.web, sealed);
  await settled();
  erasing.release();
  await erased;
  const outcomes = (await asked).reads.flat();
  assert.deepEqual(
    [opened(sealed[0] ?? "", outcomes[0]), opened(sealed[1] ?? "", outcomes[1])],
    ["subject-erased", "of Bob"],
  );
});

test("leases granted at once leave every provenance under the data held", async (t) => {
  const world = await createWorld(t);
  const shop = await world.company("shop");
  const { subject, handle } = await world.customer(shop);
  const provenances = ["subject.explicit", "subject.behaviour", "subject"];
  await Promise.all(
    provenances.map((provenance) => grantLeases(world.asking, shop.web, [{ handle, type: EMAIL, provenance }])),
  );
  const [held] = await listHoldings(world.context, subject);
  assert.deepEqual(held?.provenances, [...provenances].sort());
});
