/** Consent requests and connection codes: who may ask whom, and what of two at once happens. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ApplicationEvent, ConsentRequestDraft } from "@strongroom/core/wire";
import {
  answer,
  consentStatus,
  listConsents,
  PENDING_PER_RELATIONSHIP_MAX,
  requestConsent,
  withdrawConsent,
} from "../../src/consent/consentService.ts";
import { eraseRelationship } from "../../src/erase/erasure.ts";
import { CONNECTION_MS, makeConnectionCode, takeConnectionCode } from "../../src/relationships/connections.ts";
import { listRules, revokeRule } from "../../src/rules/ruleService.ts";
import { code, createWorld, DAY, EMAIL, type World } from "../world.ts";

const READ = { kind: "read", uses: ["communicate"], purposes: ["advert"] } as const;

function draft(world: World, handle: string, more: Partial<ConsentRequestDraft> = {}): ConsentRequestDraft {
  const words = { reason: "to send you news", ifRefused: "you get no news" };
  return {
    handle,
    types: ["home-contact"],
    action: READ,
    retentionMs: 1000,
    until: world.now + 90 * DAY,
    ...words,
    expiresAt: world.now + DAY,
    ...more,
  };
}

async function setting(t: Parameters<typeof createWorld>[0]) {
  const world = await createWorld(t);
  const [shop, bank] = [await world.company("shop"), await world.company("bank")];
  const { subject, handle } = await world.customer(shop);
  const sealed = await world.seal(shop.web, handle, "x");
  const news = { use: "communicate.email", purpose: "advert.newsletter" };
  const ask = async (): Promise<string> => (await requestConsent(world.context, shop.web, draft(world, handle))).id;
  return { world, shop, bank, subject, handle, ask, opens: () => world.open(shop.web, sealed, news) };
}

describe("a consent request", () => {
  test("is pending, then granted: the rule counts for the application that asked, and the controller is told", async (t) => {
    const { world, shop, subject, handle, ask, opens } = await setting(t);
    const post = await world.application(shop.id, "post room");
    const heard: ApplicationEvent[] = [];
    world.context.events.listen(shop.id, (event) => heard.push(event));
    const id = await ask();
    assert.equal((await consentStatus(world.context, post, id)).state, "pending");
    assert.equal(await opens(), "no-rule");
    const view = await answer(world.context, subject, id, { answer: "grant" });
    assert.deepEqual([view.state, view.controllerName, view.handle], ["granted", "shop", handle]);
    assert.equal(await opens(), "x");
    const sealed = await world.seal(shop.web, handle, "x");
    assert.equal(await world.open(post, sealed, { use: "communicate.email", purpose: "advert" }), "no-rule");
    assert.deepEqual(
      heard.map(({ event }) => event),
      ["revoked", "consent"],
    );
    const told = (await world.log(subject)).filter(({ kind }) => kind === "consent").map(({ reason }) => reason);
    assert.deepEqual(told, ["requested", "granted"]);
  });

  test("that is refused gives nothing, and stays refused", async (t) => {
    const { world, shop, subject, ask, opens } = await setting(t);
    const id = await ask();
    await answer(world.context, subject, id, { answer: "refuse" });
    assert.equal(await opens(), "no-rule");
    assert.equal((await consentStatus(world.context, shop.web, id)).state, "refused");
    await assert.rejects(answer(world.context, subject, id, { answer: "grant" }), code("consent.already-answered"));
  });

  test("is expired after its last millisecond, and cannot be answered any more", async (t) => {
    const { world, shop, subject, ask, opens } = await setting(t);
    const [early, late] = [await ask(), await ask()];
    world.now += DAY;
    await answer(world.context, subject, early, { answer: "grant" });
    world.now += 1;
    assert.equal((await consentStatus(world.context, shop.web, late)).state, "expired");
    for (const body of [{ answer: "grant" }, { answer: "refuse" }]) {
      await assert.rejects(answer(world.context, subject, late, body), code("consent.expired"));
    }
    await assert.rejects(withdrawConsent(world.context, shop.web, late), code("consent.expired"));
    assert.equal(await opens(), "x", "what was granted in time counts");
  });

  test("can be granted in part, and never wider than asked", async (t) => {
    const { world, subject, ask } = await setting(t);
    const id = await ask();
    const wider: object[] = [
      { types: ["identity"] },
      { action: { kind: "read", uses: ["deliver"], purposes: ["advert"] } },
      { action: { kind: "read", uses: ["communicate"], purposes: ["contractual"] } },
      { action: { kind: "update", provenances: ["subject"] } },
      { until: null },
      { retentionMs: 1001 },
    ];
    for (const more of wider) {
      await assert.rejects(
        answer(world.context, subject, id, { answer: "grant", ...more }),
        code("consent.wider-than-asked"),
        JSON.stringify(more),
      );
    }
    await answer(world.context, subject, id, {
      answer: "grant",
      types: [EMAIL],
      retentionMs: 0,
      until: world.now + DAY,
    });
    const [rule] = (await listRules(world.context, subject)).filter(({ origin }) => origin === "consent-request");
    assert.deepEqual([rule?.types, rule?.retentionMs, rule?.until], [[EMAIL], 0, world.now + DAY]);
  });

  test("answered twice at once is answered once, whichever answers they are", async (t) => {
    const { world, shop, subject, ask } = await setting(t);
    const [grant, refuse] = [{ answer: "grant" }, { answer: "refuse" }];
    for (const [one, two] of [
      [grant, grant],
      [grant, refuse],
      [refuse, grant],
      [refuse, refuse],
    ]) {
      const id = await ask();
      const before = (await listRules(world.context, subject)).length;
      const both = await Promise.allSettled([
        answer(world.context, subject, id, one),
        answer(world.context, subject, id, two),
      ]);
      assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
      for (const result of both) if (result.status === "rejected") code("consent.already-answered")(result.reason);
      const { state } = await consentStatus(world.context, shop.web, id);
      const rules = (await listRules(world.context, subject)).length - before;
      assert.ok(
        (state === "granted" && rules === 1) || (state === "refused" && rules === 0),
        `${state} and ${rules} rules`,
      );
      for (const { id: rule, origin } of await listRules(world.context, subject)) {
        if (origin === "consent-request") await revokeRule(world.context, subject, rule);
      }
    }
  });

  test("that is withdrawn while it is answered is one of the two", async (t) => {
    const { world, shop, subject, ask } = await setting(t);
    const id = await ask();
    const both = await Promise.allSettled([
      answer(world.context, subject, id, { answer: "grant" }),
      withdrawConsent(world.context, shop.web, id),
    ]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    for (const result of both) if (result.status === "rejected") code("consent.already-answered")(result.reason);
    const { state } = await consentStatus(world.context, shop.web, id);
    const granted = (await listRules(world.context, subject)).some(({ origin }) => origin === "consent-request");
    assert.equal(granted, state === "granted");
  });

  test("is nobody else's to see, answer or withdraw", async (t) => {
    const { world, bank, handle, ask } = await setting(t);
    const id = await ask();
    const eve = await world.person();
    await assert.rejects(consentStatus(world.context, bank.web, id), code("consent.unknown"));
    await assert.rejects(withdrawConsent(world.context, bank.web, id), code("consent.unknown"));
    await assert.rejects(answer(world.context, eve, id, { answer: "grant" }), code("consent.unknown"));
    await assert.rejects(requestConsent(world.context, bank.web, draft(world, handle)), code("relationship.unknown"));
    assert.deepEqual(await listConsents(world.context, eve), []);
  });

  test("to somebody who has too many waiting is refused, until some have lapsed or were withdrawn", async (t) => {
    const { world, shop, subject, ask } = await setting(t);
    const ids = await Promise.all(Array.from({ length: PENDING_PER_RELATIONSHIP_MAX }, ask));
    await assert.rejects(ask(), code("consent.too-many"));
    await withdrawConsent(world.context, shop.web, ids[0] ?? "");
    await ask();
    await assert.rejects(ask(), code("consent.too-many"));
    world.now += DAY + 1;
    await ask();
    const states = (await listConsents(world.context, subject)).map(({ state }) => state);
    assert.deepEqual(states.filter((state) => state === "pending").length, 1);
  });

  test("goes with its relationship", async (t) => {
    const { world, shop, subject, handle, ask } = await setting(t);
    const id = await ask();
    await eraseRelationship(world.context, subject, handle);
    await assert.rejects(answer(world.context, subject, id, { answer: "grant" }), code("consent.unknown"));
    await assert.rejects(requestConsent(world.context, shop.web, draft(world, handle)), code("relationship.unknown"));
  });

  test("that is malformed is refused with its reason", async (t) => {
    const { world, shop, subject, handle, ask } = await setting(t);
    const refused: [Partial<ConsentRequestDraft>, Parameters<typeof code>[0]][] = [
      [{ expiresAt: world.now - 1 }, "consent.bad-deadline"],
      [{ expiresAt: world.now + 91 * DAY }, "consent.bad-deadline"],
      [{ until: world.now + 5 }, "consent.bad-deadline"],
      [{ types: [] }, "rule.empty-list"],
      [{ reason: "" }, "rule.malformed"],
      [{ handle: "AAAAAAAAAAAAAAAAAAAAAA" }, "relationship.unknown"],
    ];
    for (const [more, expected] of refused) {
      await assert.rejects(
        requestConsent(world.context, shop.web, draft(world, handle, more)),
        code(expected),
        JSON.stringify(more),
      );
    }
    const id = await ask();
    for (const body of [null, {}, { answer: "perhaps" }, { answer: "refuse", types: [EMAIL] }]) {
      await assert.rejects(answer(world.context, subject, id, body), code("rule.malformed"), JSON.stringify(body));
    }
  });
});

describe("a connection code", () => {
  const secret = (text: string): string => text.split(".")[1] ?? "";

  test("gives the controller the handle, once, and stands in the person's log", async (t) => {
    const { world, shop, subject, handle } = await setting(t);
    const { code: text, expiresAt } = await makeConnectionCode(world.context, subject, shop.id);
    assert.equal(expiresAt, world.now + CONNECTION_MS);
    assert.equal(text.split(".")[0], world.context.identity.locator.toString("base64url"));
    assert.deepEqual(await takeConnectionCode(world.context, shop.web, secret(text)), { handle });
    await assert.rejects(takeConnectionCode(world.context, shop.web, secret(text)), code("connection.unknown"));
    const last = (await world.log(subject)).at(-1);
    assert.deepEqual([last?.kind, last?.reason, last?.applicationName], ["connection", "connected", "web"]);
  });

  test("used twice at once works once, and one entry says so", async (t) => {
    const { world, shop, subject } = await setting(t);
    const { code: text } = await makeConnectionCode(world.context, subject, shop.id);
    const tries = await Promise.allSettled(
      Array.from({ length: 5 }, () => takeConnectionCode(world.context, shop.web, secret(text))),
    );
    assert.equal(tries.filter(({ status }) => status === "fulfilled").length, 1);
    for (const one of tries) if (one.status === "rejected") code("connection.unknown")(one.reason);
    assert.equal((await world.log(subject)).filter(({ reason }) => reason === "connected").length, 1);
  });

  test("of another controller, expired, or of no form is as unknown as one that never was", async (t) => {
    const { world, shop, bank, subject } = await setting(t);
    const { code: text } = await makeConnectionCode(world.context, subject, shop.id);
    await assert.rejects(takeConnectionCode(world.context, bank.web, secret(text)), code("connection.unknown"));
    for (const wrong of ["", "AAAAAAAAAAAAAAAAAAAAAA", "not base64!", text]) {
      await assert.rejects(takeConnectionCode(world.context, shop.web, wrong), code("connection.unknown"), wrong);
    }
    world.now += CONNECTION_MS;
    await takeConnectionCode(world.context, shop.web, secret(text));
    const late = await makeConnectionCode(world.context, subject, shop.id);
    world.now += CONNECTION_MS + 1;
    await assert.rejects(takeConnectionCode(world.context, shop.web, secret(late.code)), code("connection.unknown"));
  });

  test("for an unknown controller is not made; made twice at once for a new one it is one relationship", async (t) => {
    const { world, bank, subject } = await setting(t);
    await assert.rejects(
      makeConnectionCode(world.context, subject, "AAAAAAAAAAAAAAAAAAAAAA"),
      code("controller.unknown"),
    );
    const codes = await Promise.all([1, 2, 3].map(() => makeConnectionCode(world.context, subject, bank.id)));
    const handles = await Promise.all(
      codes.map(({ code: text }) => takeConnectionCode(world.context, bank.web, secret(text))),
    );
    assert.equal(new Set(handles.map(({ handle }) => handle)).size, 1);
  });
});
