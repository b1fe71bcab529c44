/** What one authorization gives out, and what it never does. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fromBase64url, toBase64url } from "@strongroom/core/bytes";
import {
  deriveObjectKey,
  decodeHeaderText,
  commitmentFits,
  headerTextOf,
  openSealed,
  sealUnderLease,
} from "@strongroom/core/seal";
import { authorize } from "../../src/authorize/authorize.ts";
import { eraseSubject } from "../../src/erase/erasure.ts";
import { addRule, revokeRule } from "../../src/rules/ruleService.ts";
import { setLocked } from "../../src/subjects/lock.ts";
import { CITY, code, createWorld, DAY, EMAIL, mayRead, mayUpdate, NOW, opened, SURNAME } from "../world.ts";

describe("a decision is bound to exactly what it decided", () => {
  test("authorised for one type never yields the key of another", async (t) => {
    const world = await createWorld(t);
    const shop = await world.company("shop");
    const ada = await world.person();
    await addRule(world.context, ada, mayUpdate(shop));
    await addRule(world.context, ada, mayRead(shop, { types: [EMAIL] }));
    const handle = await world.handle(ada, shop);
    const [email, city] = [
      await world.seal(shop.web, handle, "a@example.org"),
      await world.seal(shop.web, handle, "Athens", CITY),
    ];
    const outcomes = (await world.ask(shop.web, [email, city])).reads.flat();
    assert.equal(opened(email, outcomes[0]), "a@example.org");
    assert.deepEqual(outcomes[1], { outcome: "deny", reason: "no-rule", entry: 1 });
    const key = outcomes[0]?.outcome === "allow" ? fromBase64url(outcomes[0].key ?? "") : Buffer.alloc(32);
    assert.throws(() => openSealed(city, key), code("seal.wrong-key"));
  });

  test("the key of one object opens no other of the same type and lease", async (t) => {
    const world = await createWorld(t);
    const shop = await world.company("shop");
    const { handle } = await world.customer(shop);
    const lease = await world.lease(shop.web, handle);
    const [one, two] = [sealUnderLease(lease, "one"), sealUnderLease(lease, "two")];
    const [outcome] = (await world.ask(shop.web, [one])).reads.flat();
    assert.equal(opened(one, outcome), "one");
    assert.throws(() => opened(two, outcome), code("seal.wrong-key"));
  });

  test("a header that was changed to a type with kinder rules gets no key", async (t) => {
    const world = await createWorld(t);
    const shop = await world.company("shop");
    const { subject, handle } = await world.customer(shop);
    await addRule(world.context, subject, mayUpdate(shop, { types: ["identity"] }));
    const surname = await world.seal(shop.web, handle, "Lovelace", "identity.surname");
    assert.equal(await world.open(shop.web, surname), "no-rule");
    const bytes = Buffer.from(fromBase64url(headerTextOf(surname)));
    const at = bytes.indexOf(SURNAME);
    const kinder = Buffer.concat([
      bytes.subarray(0, at - 1),
      Buffer.from([CITY.length]),
      Buffer.from(CITY),
      bytes.subarray(at + SURNAME.length),
    ]);
    const { reads } = await authorize(world.asking, shop.web, {
      reads: [{ use: "deliver.package", purpose: "contractual.delivery", objects: [toBase64url(kinder)] }],
    });
    assert.deepEqual(reads.flat(), [{ outcome: "deny", reason: "malformed-object", entry: 0 }]);
  });

  test("another application's rule does not count, a second application of the controller has its own", async (t) => {
    const world = await createWorld(t);
    const shop = await world.company("shop");
    const post = await world.application(shop.id, "post room");
    const ada = await world.person();
    await addRule(world.context, ada, mayUpdate(shop));
    await addRule(world.context, ada, mayRead(shop, { applications: [post.application] }));
    const sealed = await world.seal(shop.web, await world.handle(ada, shop), "x");
    assert.equal(await world.open(shop.web, sealed), "no-rule");
    assert.equal(await world.open(post, sealed), "x");
  });

  test("a rule for one controller does not apply to another", async (t) => {
    const world = await createWorld(t);
    const [shop, bank] = [await world.company("shop"), await world.company("bank")];
    const { subject } = await world.customer(shop);
    await addRule(world.context, subject, mayUpdate(bank));
    const sealed = await world.seal(bank.web, await world.handle(subject, bank), "x");
    assert.equal(await world.open(bank.web, sealed), "no-rule");
  });
});

describe("permission to write gives no way to read", () => {
  test("who may only update is denied every read", async (t) => {
    const world = await createWorld(t);
    const shop = await world.company("shop");
    const ada = await world.person();
    await addRule(world.context, ada, mayUpdate(shop));
    const sealed = await world.seal(shop.web, await world.handle(ada, shop), "x");
    assert.equal(await world.open(shop.web, sealed), "no-rule");
  });

  test("a lease key opens what was sealed under it and nothing else", async (t) => {
    const world = await createWorld(t);
    const shop = await world.company("shop");
    const { handle } = await world.customer(shop);
    const [first, second] = [await world.lease(shop.web, handle), await world.lease(shop.web, handle)];
    const sealed = sealUnderLease(first, "x");
    const header = decodeHeaderText(headerTextOf(sealed));
    assert.equal(openSealed(sealed, deriveObjectKey(first.key, header)).toString(), "x");
    assert.equal(commitmentFits(header, deriveObjectKey(second.key, header)), false);
  });
});

describe("every part of a rule is checked", () => {
  const refused = {
    "another use is denied": { use: "communicate.email" },
    "a purpose that does not match is denied": { purpose: "advert.newsletter" },
    "a wider use than the rule's is denied": { use: "communicate" },
  };
  for (const [promise, ask] of Object.entries(refused)) {
    test(promise, async (t) => {
      const world = await createWorld(t);
      const shop = await world.company("shop");
      const { handle } = await world.customer(shop);
      assert.equal(await world.open(shop.web, await world.seal(shop.web, handle, "x"), ask), "no-rule");
    });
  }

  test("a rule on home contact covers home city; one without an end works", async (t) => {
    const world = await createWorld(t);
    const shop = await world.company("shop");
    const { handle } = await world.customer(shop);
    const sealed = await world.seal(shop.web, handle, "Athens", CITY);
    world.now += 3650 * DAY;
    assert.equal(await world.open(shop.web, sealed), "Athens");
  });

  test("both ends of a rule are inclusive, to the millisecond", async (t) => {
    const world = await createWorld(t);
    const shop = await world.company("shop");
    const ada = await world.person();
    await addRule(world.context, ada, mayUpdate(shop));
    const sealed = await world.seal(shop.web, await world.handle(ada, shop), "x");
    await addRule(world.context, ada, mayRead(shop, { from: NOW + 1000, until: NOW + 2000 }));
    const at = async (now: number): Promise<string> => {
      world.now = now;
      return world.open(shop.web, sealed);
    };
    assert.deepEqual(
      [await at(NOW + 999), await at(NOW + 1000), await at(NOW + 2000), await at(NOW + 2001)],
      ["no-rule", "x", "x", "no-rule"],
    );
  });

  test("a deny rule beats an allow rule, and the entry names it", async (t) => {
    const world = await createWorld(t);
    const shop = await world.company("shop");
    const { subject, handle } = await world.customer(shop);
    const sealed = await world.seal(shop.web, handle, "x");
    const { id } = await addRule(world.context, subject, mayRead(shop, { effect: "deny", types: [EMAIL] }));
    assert.equal(await world.open(shop.web, sealed), "denied-by-rule");
    const last = (await world.log(subject)).at(-1);
    assert.deepEqual([last?.outcome, last?.reason, last?.rules], ["deny", "denied-by-rule", [id]]);
  });

  test("unknown uses and purposes are refused with the nearest known one", async (t) => {
    const world = await createWorld(t);
    const shop = await world.company("shop");
    const { handle } = await world.customer(shop);
    const sealed = await world.seal(shop.web, handle, "x");
    await assert.rejects(world.open(shop.web, sealed, { use: "deliver.packages" }), code("vocabulary.unknown-use"));
    await assert.rejects(world.open(shop.web, sealed, { purpose: "contractuals" }), code("vocabulary.unknown-purpose"));
  });
});

test("revoking stops the next open, locking too, and unlocking lets the rules decide again", async (t) => {
  const world = await createWorld(t);
  const shop = await world.company("shop");
  const { subject, handle, readRule } = await world.customer(shop);
  const sealed = await world.seal(shop.web, handle, "x");
  assert.equal(await world.open(shop.web, sealed), "x");
  await setLocked(world.context, subject, true);
  assert.equal(await world.open(shop.web, sealed), "locked");
  await setLocked(world.context, subject, false);
  assert.equal(await world.open(shop.web, sealed), "x");
  await revokeRule(world.context, subject, readRule);
  assert.equal(await world.open(shop.web, sealed), "no-rule");
});

test("a restart between sealing and opening changes nothing", async (t) => {
  const world = await createWorld(t);
  const shop = await world.company("shop");
  const { subject, handle } = await world.customer(shop);
  const sealed = await world.seal(shop.web, handle, "x");
  await world.restart();
  assert.equal(await world.open(shop.web, sealed), "x");
  await setLocked(world.context, subject, true);
  await world.restart();
  assert.equal(await world.open(shop.web, sealed), "locked");
});

test("in a mixed batch every item has its own outcome, and nothing is lost", async (t) => {
  const world = await createWorld(t);
  const [shop, bank] = [await world.company("shop"), await world.company("bank")];
  const [ada, bob, eve] = [await world.customer(shop), await world.customer(shop), await world.customer(bank)];
  const good = await world.seal(shop.web, ada.handle, "good");
  const locked = await world.seal(shop.web, bob.handle, "locked away");
  const foreign = await world.seal(bank.web, eve.handle, "of the bank");
  await setLocked(world.context, bob.subject, true);
  const unknown = Buffer.from(fromBase64url(headerTextOf(good)));
  unknown.fill(7, 10, 26);
  const elsewhere = Buffer.from(fromBase64url(headerTextOf(good)));
  elsewhere.fill(7, 2, 10);
  const objects = [good, locked, foreign]
    .map(headerTextOf)
    .concat(toBase64url(unknown), toBase64url(elsewhere), "not a header", headerTextOf(good));
  const { reads } = await authorize(world.asking, shop.web, {
    reads: [{ use: "deliver.package", purpose: "contractual.delivery", objects }],
  });
  const outcomes = reads.flat();
  assert.deepEqual(
    outcomes.map((outcome) => (outcome.outcome === "allow" ? "allow" : outcome.reason)),
    ["allow", "locked", "unknown-object", "unknown-object", "unknown-object", "malformed-object", "allow"],
  );
  assert.equal(opened(good, outcomes[6]), "good");
  const last = (await world.log(ada.subject)).at(-1);
  assert.deepEqual([last?.outcome, last?.objects], ["allow", 2], "two objects of one scope are one entry");
});

test("a foreign controller learns nothing, and the subject sees that it asked", async (t) => {
  const world = await createWorld(t);
  const [shop, bank] = [await world.company("shop"), await world.company("bank")];
  const { subject, handle } = await world.customer(shop);
  const sealed = await world.seal(shop.web, handle, "x");
  const asked = await world.ask(bank.web, [sealed]);
  assert.deepEqual(asked.reads.flat(), [{ outcome: "deny", reason: "unknown-object" }]);
  const last = (await world.log(subject)).at(-1);
  assert.deepEqual([last?.controller, last?.outcome, last?.reason], [bank.id, "deny", "unknown-object"]);
  await eraseSubject(world.context, subject);
  assert.equal(await world.open(bank.web, sealed), "unknown-object", "not even that there was somebody");
  assert.equal(await world.open(shop.web, sealed), "subject-erased");
});

test("a dry run explains, releases nothing and leaves no entry", async (t) => {
  const world = await createWorld(t);
  const shop = await world.company("shop");
  const { subject, handle, readRule, updateRule } = await world.customer(shop);
  const sealed = await world.seal(shop.web, handle, "x");
  const before = world.context.writer.size;
  const { reads, receipt } = await authorize(world.asking, shop.web, {
    dryRun: true,
    reads: [{ use: "deliver.package", purpose: "contractual", objects: [headerTextOf(sealed)] }],
  });
  const [outcome] = reads.flat();
  assert.equal(receipt, null);
  assert.equal(world.context.writer.size, before);
  assert.deepEqual(Object.keys(outcome ?? {}).sort(), ["explanation", "keepMs", "outcome"]);
  assert.deepEqual(outcome?.explanation?.rules, [readRule]);
  assert.deepEqual(outcome?.explanation?.others, [{ rule: updateRule, why: "other-action" }]);
  assert.equal((await world.log(subject)).at(-1)?.kind, "seal");
});

test("a key may be kept as long as its rule says and not past its end", async (t) => {
  const world = await createWorld(t);
  const shop = await world.company("shop");
  const ada = await world.person();
  await addRule(world.context, ada, mayUpdate(shop));
  const sealed = await world.seal(shop.web, await world.handle(ada, shop), "x");
  await addRule(world.context, ada, mayRead(shop, { until: NOW + 5_000, retentionMs: 60_000 }));
  const keepMs = async (): Promise<number | null> => {
    const [outcome] = (await world.ask(shop.web, [sealed])).reads.flat();
    return outcome?.outcome === "allow" ? outcome.keepMs : null;
  };
  assert.equal(await keepMs(), 5_000);
  world.now += 4_000;
  assert.equal(await keepMs(), 1_000);
});
