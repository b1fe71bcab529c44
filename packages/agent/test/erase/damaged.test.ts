/** A root that does not open keeps the old KEKs alive, and with them everybody's backups: such a subject can be erased. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readdirSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { eraseRelationship, eraseSubject } from "../../src/erase/erasure.ts";
import { rotateKek } from "../../src/keys/rotate.ts";
import { code, createWorld, DAY, type World } from "../world.ts";

function sql(world: World, text: string, subject: string): void {
  const database = new DatabaseSync(world.databaseFile);
  try {
    assert.equal(database.prepare(text).run(subject).changes, 1);
  } finally {
    database.close();
  }
}

const kekFiles = (world: World): string[] => readdirSync(world.keyFolder).filter((name) => name.startsWith("kek-"));

describe("a subject can be erased", () => {
  const cases: Record<string, (world: World, subject: string) => void> = {
    "whose root was damaged": (world, subject) =>
      sql(
        world,
        "UPDATE wraps SET wrap = zeroblob(60) WHERE slot = (SELECT root_slot FROM subjects WHERE id = ?)",
        subject,
      ),
    "whose log key was damaged": (world, subject) =>
      sql(
        world,
        "UPDATE wraps SET wrap = zeroblob(60) WHERE slot = (SELECT log_slot FROM subjects WHERE id = ?)",
        subject,
      ),
  };
  for (const [what, damage] of Object.entries(cases)) {
    test(`${what}, and then the old KEKs are destroyed by the day that others' receipts state`, async (t) => {
      const world = await createWorld(t);
      const shop = await world.company("shop");
      const [ada, bob] = [await world.customer(shop), await world.customer(shop)];
      const [sealed, kept] = [
        await world.seal(shop.web, ada.handle, "of Ada"),
        await world.seal(shop.web, bob.handle, "of Bob"),
      ];
      await world.publish();
      await world.close();
      damage(world, ada.subject);
      await world.start();
      assert.equal(await world.open(shop.web, sealed), "error");
      world.now += 30 * DAY;
      await assert.rejects(rotateKek(world.context), code("keys.wrap-broken"));
      assert.ok(kekFiles(world).includes("kek-1.json"), "kept for the row to be restored");

      const { receipt } = await eraseSubject(world.context, ada.subject);
      assert.notEqual(receipt, "");
      assert.equal(await world.open(shop.web, sealed), "subject-erased");
      await assert.rejects(eraseSubject(world.context, ada.subject), code("subject.unknown"));
      await rotateKek(world.context);
      assert.equal(kekFiles(world).length, 1);
      assert.equal(await world.open(shop.web, kept), "of Bob");
      await eraseRelationship(world.context, bob.subject, bob.handle);
      await world.restart();
      assert.equal(await world.open(shop.web, sealed), "subject-erased");
    });
  }
});
