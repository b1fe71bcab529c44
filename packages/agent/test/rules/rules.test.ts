/** Rules as their owner changes them. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ApplicationEvent, RuleDraft } from "@strongroom/core/wire";
import { requestConsent, answer } from "../../src/consent/consentService.ts";
import { eraseRelationship, eraseSubject } from "../../src/erase/erasure.ts";
import { addRule, editRule, listRules, revokeRule } from "../../src/rules/ruleService.ts";
import { code, createWorld, DAY, EMAIL, mayRead, mayUpdate, NOW } from "../world.ts";

test("a rule is added, listed, changed and revoked; each change is in the log and counts for the next decision", async (t) => {
  const world = await createWorld(t);
  const shop = await world.company("shop");
  const { subject, handle, readRule } = await world.customer(shop);
  const sealed = await world.seal(shop.web, handle, "x");
  const edited = await editRule(
    world.context,
    subject,
    readRule,
    mayRead(shop, { types: ["home-contact.city"], note: "only where I live" }),
  );
  assert.deepEqual([edited.id, edited.createdAt, edited.note], [readRule, NOW, "only where I live"]);
  assert.equal(await world.open(shop.web, sealed), "no-rule");
  await editRule(world.context, subject, readRule, mayRead(shop));
  assert.equal(await world.open(shop.web, sealed), "x");
  await revokeRule(world.context, subject, readRule);
  assert.deepEqual(
    (await listRules(world.context, subject)).map(({ action }) => action.kind),
    ["update"],
  );
  const told = (await world.log(subject))
    .filter(({ kind }) => kind === "rule")
    .map(({ reason, rules }) => [reason, rules[0] === readRule]);
  assert.deepEqual(told, [
    ["added", false],
    ["added", true],
    ["changed", true],
    ["changed", true],
    ["revoked", true],
  ]);
});

test("another subject's rule can neither be changed nor revoked, and is as unknown as one that never was", async (t) => {
  const world = await createWorld(t);
  const shop = await world.company("shop");
  const { subject, readRule } = await world.customer(shop);
  const eve = await world.customer(shop);
  for (const id of [readRule, "AAAAAAAAAAAAAAAAAAAAAA"]) {
    await assert.rejects(revokeRule(world.context, eve.subject, id), code("rule.unknown"));
    await assert.rejects(editRule(world.context, eve.subject, id, mayRead(shop)), code("rule.unknown"));
  }
  assert.equal((await listRules(world.context, subject)).length, 2);
});

test("a rule cannot move to another controller", async (t) => {
  const world = await createWorld(t);
  const [shop, bank] = [await world.company("shop"), await world.company("bank")];
  const { subject, readRule } = await world.customer(shop);
  await assert.rejects(editRule(world.context, subject, readRule, mayRead(bank)), code("rule.other-controller"));
});

describe("a draft that is wrong is refused with its reason, and makes nothing", () => {
  const drafts: Record<string, [Partial<RuleDraft>, Parameters<typeof code>[0]]> = {
    "an unknown type": [{ types: ["home-contact.emial"] }, "vocabulary.unknown-type"],
    "no type": [{ types: [] }, "rule.empty-list"],
    "an end before the beginning": [{ from: NOW + 2, until: NOW + 1 }, "rule.bad-validity"],
    "an end that has passed": [{ until: NOW - 1 }, "rule.already-expired"],
    "seconds for milliseconds": [{ until: Math.floor(NOW / 1000) }, "rule.bad-validity"],
    "keys kept for longer than a day": [{ retentionMs: DAY + 1 }, "rule.bad-retention"],
    "an application of nobody": [{ applications: ["AAAAAAAAAAAAAAAAAAAAAA"] }, "application.unknown"],
    "applications that are no list": [{ applications: "web" as never }, "rule.malformed"],
    "an unknown field": [{ until: null, untill: 5 } as Partial<RuleDraft>, "rule.malformed"],
    "an unknown controller": [{ controller: "AAAAAAAAAAAAAAAAAAAAAA" }, "controller.unknown"],
  };
  for (const [what, [draft, expected]] of Object.entries(drafts)) {
    test(what, async (t) => {
      const world = await createWorld(t);
      const shop = await world.company("shop");
      const ada = await world.person();
      await assert.rejects(addRule(world.context, ada, mayRead(shop, draft)), code(expected));
      assert.deepEqual(await listRules(world.context, ada), []);
      const decodable = expected === "rule.already-expired";
      assert.equal((await world.context.store.relationshipsOf(ada)).length, decodable ? 1 : 0);
    });
  }
});

test("another controller's application cannot be named", async (t) => {
  const world = await createWorld(t);
  const [shop, bank] = [await world.company("shop"), await world.company("bank")];
  const ada = await world.person();
  await assert.rejects(
    addRule(world.context, ada, mayRead(shop, { applications: [bank.web.application] })),
    code("application.unknown"),
  );
});

test("a duplicate is refused with the rule that says it already; a duplicate of an expired rule is accepted", async (t) => {
  const world = await createWorld(t);
  const shop = await world.company("shop");
  const ada = await world.person();
  const draft = mayRead(shop, { until: NOW + 1000 });
  const first = await addRule(world.context, ada, draft);
  await assert.rejects(addRule(world.context, ada, draft), (error: { details?: { rule?: string } }) => {
    code("rule.duplicate")(error);
    assert.equal(error.details?.rule, first.id);
    return true;
  });
  world.now += 1001;
  await addRule(world.context, ada, mayRead(shop, { until: NOW + 5000 }));
  assert.deepEqual(
    (await listRules(world.context, ada)).map(({ state }) => state),
    ["expired", "live"],
  );
});

test("rules added at once all count; of two changes of one rule the later stands; revoked twice it is unknown", async (t) => {
  const world = await createWorld(t);
  const shop = await world.company("shop");
  const ada = await world.person();
  const types = ["identity.surname", "identity.given-name", EMAIL, "home-contact.city", "home-contact.country"];
  const added = await Promise.all(types.map((type) => addRule(world.context, ada, mayRead(shop, { types: [type] }))));
  assert.equal((await listRules(world.context, ada)).length, types.length);
  const id = added[0]?.id ?? "";
  await Promise.all(
    [1, 2].map((n) => editRule(world.context, ada, id, mayRead(shop, { types: ["identity"], note: `change ${n}` }))),
  );
  assert.deepEqual(
    (await listRules(world.context, ada)).filter((rule) => rule.id === id).map(({ note }) => note),
    ["change 2"],
  );
  const revoked = await Promise.allSettled([revokeRule(world.context, ada, id), revokeRule(world.context, ada, id)]);
  assert.deepEqual(revoked.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  assert.ok(revoked.every((one) => one.status === "fulfilled" || code("rule.unknown")(one.reason)));
});

test("every change tells the controller's clients to forget the keys that they keep, and nobody else's", async (t) => {
  const world = await createWorld(t);
  const [shop, bank] = [await world.company("shop"), await world.company("bank")];
  const { subject, handle, readRule } = await world.customer(shop);
  const [heard, elsewhere]: [ApplicationEvent[], ApplicationEvent[]] = [[], []];
  world.context.events.listen(shop.id, () => {
    throw new Error("a stream that broke");
  });
  world.context.events.listen(shop.id, (event) => heard.push(event));
  world.context.events.listen(bank.id, (event) => elsewhere.push(event));
  await revokeRule(world.context, subject, readRule);
  assert.deepEqual([heard, elsewhere], [[{ event: "revoked", handle, at: world.now }], []]);
});

test("a rule that came from a consent request says so after it was changed too", async (t) => {
  const world = await createWorld(t);
  const shop = await world.company("shop");
  const { subject, handle } = await world.customer(shop);
  const { id } = await requestConsent(world.context, shop.web, {
    ...{
      handle,
      types: ["identity"],
      action: { kind: "read", uses: ["deliver"], purposes: ["contractual"] },
      until: null,
    },
    ...{ reason: "to deliver", ifRefused: "we cannot", expiresAt: world.now + DAY },
  });
  await answer(world.context, subject, id, { answer: "grant" });
  const [rule] = (await listRules(world.context, subject)).filter(({ origin }) => origin === "consent-request");
  assert.ok(rule !== undefined);
  const edited = await editRule(world.context, subject, rule.id, mayRead(shop, { types: ["identity.surname"] }));
  assert.equal(edited.origin, "consent-request");
});

test("erased subjects and relationships have no rules", async (t) => {
  const world = await createWorld(t);
  const shop = await world.company("shop");
  const { subject, handle, readRule } = await world.customer(shop);
  await eraseRelationship(world.context, subject, handle);
  assert.deepEqual(await listRules(world.context, subject), []);
  await assert.rejects(revokeRule(world.context, subject, readRule), code("rule.unknown"));
  await eraseSubject(world.context, subject);
  await assert.rejects(addRule(world.context, subject, mayUpdate(shop)), code("subject.unknown"));
});

test("a relationship erased while rules are listed is left out", async (t) => {
  const world = await createWorld(t);
  const [shop, bank] = [await world.company("shop"), await world.company("bank")];
  const { subject, handle } = await world.customer(shop);
  await addRule(world.context, subject, mayUpdate(bank));
  const listing = world.stage.hold("relationshipsOf", "after");
  const list = listRules(world.context, subject);
  await listing.reached;
  await eraseRelationship(world.context, subject, handle);
  listing.release();
  assert.deepEqual(
    (await list).map(({ controller }) => controller),
    [bank.id],
  );
});
