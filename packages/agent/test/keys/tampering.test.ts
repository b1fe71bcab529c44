/**
 * Somebody can write to the database but has no key. Whatever is changed, moved or put back: denied or refused, never
 * wider than before, and nobody else's request fails with it.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { eraseEpoch, eraseRelationship, eraseSubject } from "../../src/erase/erasure.ts";
import { addRule, listRules, revokeRule } from "../../src/rules/ruleService.ts";
import { setLocked } from "../../src/subjects/lock.ts";
import { code, createWorld, EMAIL, mayRead, mayUpdate, opened, type Company, type World } from "../world.ts";

interface Setting {
  readonly world: World;
  readonly shop: Company;
  readonly ada: Customer;
  readonly bob: Customer;
  /** Of Ada, while her rules allowed it, and of Bob, whose rows nobody touches. */
  readonly sealed: readonly [string, string];
}
type Customer = Awaited<ReturnType<World["customer"]>>;
type Sql = (sql: string, ...values: SQLInputValue[]) => Record<string, SQLInputValue>[];

async function setting(t: Parameters<typeof createWorld>[0]): Promise<Setting> {
  const world = await createWorld(t);
  const shop = await world.company("shop");
  const [ada, bob] = [await world.customer(shop), await world.customer(shop)];
  return {
    world,
    shop,
    ada,
    bob,
    sealed: [await world.seal(shop.web, ada.handle, "of Ada"), await world.seal(shop.web, bob.handle, "of Bob")],
  };
}

function sqlOf(world: World): Sql {
  return (sql, ...values) => {
    const database = new DatabaseSync(world.databaseFile);
    try {
      return database.prepare(sql).all(...values);
    } finally {
      database.close();
    }
  };
}

/** What both get after the rows were changed while the agent did not run. */
async function outcomes({ world, shop, sealed }: Setting): Promise<string[]> {
  return (await world.ask(shop.web, sealed)).reads.flat().map((outcome, i) => opened(sealed[i] ?? "", outcome));
}

const relationship = "SELECT * FROM relationships WHERE handle = ?";

describe("denied: ", () => {
  const cases: Record<string, { prepare?: (s: Setting) => Promise<unknown>; tamper: (sql: Sql, s: Setting) => void }> =
    {
      "a locked subject whose state column says active": {
        prepare: ({ world, ada }) => setLocked(world.context, ada.subject, true),
        tamper: (sql, { ada }) => sql("UPDATE subjects SET state = 'active' WHERE id = ?", ada.subject),
      },
      "an active subject whose state column says erased": {
        tamper: (sql, { ada }) => sql("UPDATE subjects SET state = 'erased' WHERE id = ?", ada.subject),
      },
      "roots of two subjects swapped": {
        tamper: (sql, { ada }) => {
          const [row] = sql("SELECT root_slot, log_slot FROM subjects WHERE id = ?", ada.subject);
          sql(
            "UPDATE wraps SET wrap = (SELECT wrap FROM wraps WHERE slot = ?) WHERE slot = ?",
            row!.log_slot!,
            row!.root_slot!,
          );
        },
      },
      "another relationship's key in this one's place": {
        tamper: (sql, { ada, bob }) => {
          const [own, other] = [sql(relationship, ada.handle)[0], sql(relationship, bob.handle)[0]];
          sql(
            "UPDATE wraps SET (key_id, wrap) = (SELECT key_id, wrap FROM wraps WHERE slot = ?) WHERE slot = ?",
            other!.key_slot!,
            own!.key_slot!,
          );
        },
      },
      "a key under another key id": {
        tamper: (sql, { ada }) => {
          const [own] = sql(relationship, ada.handle);
          sql("UPDATE wraps SET key_id = 'AAAAAAAAAAAAAAAAAAAAAA' WHERE slot = ?", own!.key_slot!);
        },
      },
      "an empty wrap": {
        tamper: (sql, { ada }) =>
          sql("UPDATE wraps SET wrap = x'' WHERE slot = ?", sql(relationship, ada.handle)[0]!.key_slot!),
      },
      "an epoch's key moved to another epoch": {
        tamper: (sql, { ada }) => sql("UPDATE epochs SET epoch = 2 WHERE handle = ?", ada.handle),
      },
      "epochs of two relationships swapped": {
        tamper: (sql, { ada, bob }) => {
          const [own, other] = [ada, bob].map(
            ({ handle }) => sql("SELECT key_slot FROM epochs WHERE handle = ?", handle)[0]!.key_slot!,
          );
          const wraps = [own!, other!].map((slot) => sql("SELECT wrap FROM wraps WHERE slot = ?", slot)[0]!.wrap!);
          sql("UPDATE wraps SET wrap = ? WHERE slot = ?", wraps[1]!, own!);
        },
      },
      "an epoch that was taken away": {
        tamper: (sql, { ada }) => sql("DELETE FROM epochs WHERE handle = ?", ada.handle),
      },
      "a rulebook that was deleted": {
        tamper: (sql, { ada }) => sql("UPDATE relationships SET rulebook = NULL WHERE handle = ?", ada.handle),
      },
      "a rulebook that was deleted and its generation begun anew": {
        tamper: (sql, { ada }) =>
          sql("UPDATE relationships SET rulebook = NULL, generation = 0 WHERE handle = ?", ada.handle),
      },
      "a rulebook of another relationship": {
        tamper: (sql, { ada, bob }) =>
          sql(
            "UPDATE relationships SET rulebook = (SELECT rulebook FROM relationships WHERE handle = ?) WHERE handle = ?",
            bob.handle,
            ada.handle,
          ),
      },
      "a flipped bit in the rulebook": {
        tamper: (sql, { ada }) => {
          const book = Buffer.from(sql(relationship, ada.handle)[0]!.rulebook as Uint8Array);
          book[20]! ^= 1;
          sql("UPDATE relationships SET rulebook = ? WHERE handle = ?", book, ada.handle);
        },
      },
      "a relationship given to another controller": {
        tamper: (sql, { ada }) =>
          sql("UPDATE relationships SET controller = 'AAAAAAAAAAAAAAAAAAAAAA' WHERE handle = ?", ada.handle),
      },
    };
  for (const [what, { prepare, tamper }] of Object.entries(cases)) {
    test(what, async (t) => {
      const all = await setting(t);
      await prepare?.(all);
      await all.world.close();
      tamper(sqlOf(all.world), all);
      await all.world.start();
      const [ada, bob] = await outcomes(all);
      assert.match(ada ?? "", /^(error|unknown-object|epoch-unknown)$/);
      assert.equal(bob, "of Bob", "nobody else's request fails with it");
    });
  }
});

test("a relationship given to the attacker's own controller opens nothing for it", async (t) => {
  const all = await setting(t);
  const attacker = await all.world.company("attacker");
  await all.world.close();
  sqlOf(all.world)("UPDATE relationships SET controller = ? WHERE handle = ?", attacker.id, all.ada.handle);
  await all.world.start();
  assert.equal(await all.world.open(attacker.web, all.sealed[0]), "error");
});

describe("an older row put back", () => {
  test("a rulebook from before a revocation beside the newer row is denied, and the subject is told", async (t) => {
    const all = await setting(t);
    const { world, ada } = all;
    const sql = sqlOf(world);
    const before = sql(relationship, ada.handle)[0]!;
    await revokeRule(world.context, ada.subject, ada.readRule);
    await world.close();
    sql("UPDATE relationships SET rulebook = ? WHERE handle = ?", before.rulebook!, ada.handle);
    await world.start();
    assert.deepEqual(await outcomes(all), ["error", "of Bob"]);
    await assert.rejects(listRules(world.context, ada.subject), code("rules.tampered"));
    await assert.rejects(
      addRule(world.context, ada.subject, mayRead(all.shop, { types: [EMAIL] })),
      code("rules.tampered"),
    );
  });

  test("an erased epoch's key is denied", async (t) => {
    const all = await setting(t);
    const { world, ada } = all;
    const sql = sqlOf(world);
    const [epoch] = sql("SELECT epochs.*, wrap FROM epochs JOIN wraps ON slot = key_slot WHERE handle = ?", ada.handle);
    await eraseEpoch(world.context, ada.subject, ada.handle, 1);
    await world.close();
    sql("UPDATE wraps SET wrap = ? WHERE slot = ?", epoch!.wrap!, epoch!.key_slot!);
    sql("UPDATE epochs SET key_slot = ? WHERE handle = ? AND epoch = 1", epoch!.key_slot!, ada.handle);
    await world.start();
    assert.deepEqual(await outcomes(all), ["error", "of Bob"]);
  });

  test("an erased relationship with its epochs is denied, under the old key and under the new root", async (t) => {
    const all = await setting(t);
    const { world, ada, shop } = all;
    const sql = sqlOf(world);
    // Another relationship, so that the subject's root lives on.
    const bank = await world.company("bank");
    await addRule(world.context, ada.subject, mayUpdate(bank));
    const rows = sql("SELECT slot, wrap FROM wraps");
    const old = sql(relationship, ada.handle)[0]!;
    const epochs = sql("SELECT * FROM epochs WHERE handle = ?", ada.handle);
    await eraseRelationship(world.context, ada.subject, ada.handle);
    await world.close();
    sql(
      "UPDATE relationships SET key_slot = ?, rulebook = ?, generation = ?, erased_at = NULL WHERE handle = ?",
      ...[old.key_slot!, old.rulebook!, old.generation!, ada.handle],
    );
    for (const epoch of epochs) sql("UPDATE epochs SET key_slot = ? WHERE handle = ?", epoch.key_slot!, ada.handle);
    const slots = new Set([old.key_slot, ...epochs.map(({ key_slot }) => key_slot)]);
    for (const { slot, wrap } of rows)
      if (slots.has(slot)) sql("UPDATE wraps SET wrap = ? WHERE slot = ?", wrap!, slot!);
    await world.start();
    assert.deepEqual(await outcomes(all), ["error", "of Bob"]);
    assert.ok(shop.id !== bank.id);
  });
});

describe("what was damaged can still be erased", () => {
  test("a relationship whose key does not open, and then the subject's others open as before", async (t) => {
    const all = await setting(t);
    const { world, ada, shop } = all;
    const bank = await world.company("bank");
    await addRule(world.context, ada.subject, mayUpdate(bank));
    await addRule(world.context, ada.subject, mayRead(bank));
    const other = await world.seal(bank.web, await world.handle(ada.subject, bank), "of the bank");
    await world.close();
    const sql = sqlOf(world);
    sql("UPDATE wraps SET wrap = zeroblob(60) WHERE slot = ?", sql(relationship, ada.handle)[0]!.key_slot!);
    await world.start();
    assert.equal(await world.open(shop.web, all.sealed[0]), "error");
    await assert.rejects(listRules(world.context, ada.subject, shop.id), code("keys.wrap-broken"));
    await eraseRelationship(world.context, ada.subject, ada.handle);
    assert.equal(await world.open(shop.web, all.sealed[0]), "relationship-erased");
    assert.equal(await world.open(bank.web, other), "of the bank");
  });

  test("a whole subject one of whose relationships does not open", async (t) => {
    const all = await setting(t);
    const { world, ada, shop } = all;
    await world.close();
    const sql = sqlOf(world);
    sql("UPDATE relationships SET rulebook = NULL WHERE handle = ?", ada.handle);
    sql("UPDATE wraps SET wrap = zeroblob(60) WHERE slot = ?", sql(relationship, ada.handle)[0]!.key_slot!);
    await world.start();
    await eraseSubject(world.context, ada.subject);
    assert.equal(await world.open(shop.web, all.sealed[0]), "subject-erased");
  });
});
