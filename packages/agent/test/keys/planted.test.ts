/**
 * Rows that the agent acts on later, changed by somebody who can write to the database: a consent request that turns
 * into another when the person grants it, a connection code that leads to somebody else.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { ConsentRequestDraft } from "@strongroom/core/wire";
import {
  answer,
  consentStatus,
  listConsents,
  PENDING_PER_RELATIONSHIP_MAX,
  requestConsent,
  withdrawConsent,
} from "../../src/consent/consentService.ts";
import { makeConnectionCode, takeConnectionCode } from "../../src/relationships/connections.ts";
import { addRule } from "../../src/rules/ruleService.ts";
import { code, createWorld, DAY, mayUpdate, type World } from "../world.ts";

function tamper(world: World, sql: string, ...values: SQLInputValue[]): void {
  const database = new DatabaseSync(world.databaseFile);
  try {
    assert.equal(database.prepare(sql).run(...values).changes, 1);
  } finally {
    database.close();
  }
}

const READ = { kind: "read", uses: ["deliver"], purposes: ["contractual"] } as const;

async function setting(t: Parameters<typeof createWorld>[0]) {
  const world = await createWorld(t);
  const [shop, evil] = [await world.company("shop"), await world.company("evil")];
  const ada = await world.customer(shop);
  await addRule(world.context, ada.subject, mayUpdate(evil));
  const evilHandle = await world.handle(ada.subject, evil);
  const sealed = await world.seal(evil.web, evilHandle, "Ada's, at evil");
  const draft: ConsentRequestDraft = {
    ...{ handle: ada.handle, types: ["home-contact.email"], action: READ, until: world.now + 90 * DAY },
    ...{ reason: "to send you a parcel", ifRefused: "you get none", expiresAt: world.now + DAY },
  };
  const ask = async () => (await requestConsent(world.context, shop.web, draft)).id;
  return { world, shop, evil, ada, evilHandle, sealed, draft, ask };
}
type Setting = Awaited<ReturnType<typeof setting>>;

describe("a stored consent request grants nothing", () => {
  const cases: Record<string, (s: Setting, id: string) => void> = {
    "that was moved to another controller's relationship": ({ world, evil, evilHandle }, id) =>
      tamper(
        world,
        "UPDATE consents SET handle = ?, application = ? WHERE id = ?",
        evilHandle,
        evil.web.application,
        id,
      ),
    "whose draft was widened": ({ world }, id) =>
      tamper(world, `UPDATE consents SET draft = replace(draft, 'home-contact.email', 'personal') WHERE id = ?`, id),
    "whose draft has no end any more": ({ world, draft }, id) =>
      tamper(
        world,
        `UPDATE consents SET draft = replace(draft, '"until":${draft.until}', '"until":null') WHERE id = ?`,
        id,
      ),
    "that another application is said to have made": ({ world, evil }, id) =>
      tamper(world, "UPDATE consents SET application = ? WHERE id = ?", evil.web.application, id),
    "that is said to be of a controller that the person trusts": ({ world, evil }, id) =>
      tamper(world, "UPDATE consents SET controller = ? WHERE id = ?", evil.id, id),
    "under the id of another": ({ world }, id) =>
      tamper(world, "UPDATE consents SET id = 'AAAAAAAAAAAAAAAAAAAAAA' WHERE id = ?", id),
  };
  for (const [what, change] of Object.entries(cases)) {
    test(what, async (t) => {
      const all = await setting(t);
      const { world, shop, evil, ada, sealed, ask } = all;
      const [id, untouched] = [await ask(), await ask()];
      change(all, id);
      assert.deepEqual(
        (await listConsents(world.context, ada.subject)).map((request) => request.id),
        [untouched],
      );
      for (const name of [id, "AAAAAAAAAAAAAAAAAAAAAA"]) {
        await assert.rejects(answer(world.context, ada.subject, name, { answer: "grant" }), code("consent.unknown"));
        await assert.rejects(consentStatus(world.context, shop.web, name), code("consent.unknown"));
        await assert.rejects(withdrawConsent(world.context, shop.web, name), code("consent.unknown"));
      }
      assert.equal(await world.open(evil.web, sealed), "no-rule");
      assert.equal((await answer(world.context, ada.subject, untouched, { answer: "grant" })).state, "granted");
    });
  }

  test("and does not take the room of one that can be answered", async (t) => {
    const { world, ask } = await setting(t);
    for (let i = 0; i < PENDING_PER_RELATIONSHIP_MAX; i += 1) {
      tamper(world, "UPDATE consents SET draft = 'x' WHERE id = ?", await ask());
    }
    assert.notEqual(await ask(), "");
  });
});

test("of many consent requests at once no more wait than may", async (t) => {
  const { ask } = await setting(t);
  const asked = await Promise.allSettled(Array.from({ length: 3 * PENDING_PER_RELATIONSHIP_MAX }, ask));
  assert.equal(asked.filter(({ status }) => status === "fulfilled").length, PENDING_PER_RELATIONSHIP_MAX);
});

describe("a stored connection code leads to nobody", () => {
  const cases: Record<string, (s: Setting, victim: string) => void> = {
    "where it was moved to another customer's handle": ({ world }, victim) =>
      tamper(world, "UPDATE connections SET handle = ?", victim),
    "where it was moved to a relationship of another controller": ({ world, evilHandle }) =>
      tamper(world, "UPDATE connections SET handle = ?", evilHandle),
    "where its end was moved": ({ world }) => tamper(world, "UPDATE connections SET expires_at = expires_at + 1"),
  };
  for (const [what, change] of Object.entries(cases)) {
    test(what, async (t) => {
      const all = await setting(t);
      const { world, shop, ada } = all;
      const { code: text } = await makeConnectionCode(world.context, ada.subject, shop.id);
      const victim = await world.customer(shop);
      change(all, victim.handle);
      await assert.rejects(
        takeConnectionCode(world.context, shop.web, text.split(".")[1] ?? ""),
        code("connection.unknown"),
      );
    });
  }

  test("where it was given to another controller", async (t) => {
    const { world, shop, evil, ada } = await setting(t);
    const { code: text } = await makeConnectionCode(world.context, ada.subject, shop.id);
    tamper(world, "UPDATE connections SET controller = ?", evil.id);
    await assert.rejects(
      takeConnectionCode(world.context, evil.web, text.split(".")[1] ?? ""),
      code("connection.unknown"),
    );
  });
});
