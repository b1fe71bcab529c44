/** What the live benchmarks stand on: a real agent in another process, made and gone again. */
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { customer } from "../src/world/customer.ts";
import { Person } from "../src/world/person.ts";
import { PURPOSE, TYPE, USE } from "../src/world/rules.ts";
import { World } from "../src/world/world.ts";

describe("a world", () => {
  test("its people's fields open for what their rules say, also after a restart, and for nothing else", async () => {
    const world = await World.start({ tell: () => undefined });
    try {
      const client = await world.connect();
      // As many as there are sets of rules, and one of the first again.
      const fields = await world.populate(client, { people: 65, rules: 30, retentionMs: 0 });
      const rows = () => fields.map(({ row, sealed }) => customer.sealedRow(row, { street: sealed }));
      const open = async (use: string) => {
        const opened = await client.openMany(customer, rows(), { use, purpose: PURPOSE });
        return opened.map(({ street }) => String(street));
      };
      const plain = fields.map((field) => field.plain);
      assert.deepEqual(await open(USE), plain);
      assert.deepEqual(
        await open("analytics"),
        fields.map(() => "(not available)"),
      );

      await world.restart();
      assert.deepEqual(await open(USE), plain);
      const objects = fields.map(({ sealed }) => sealed.split(".")[1]!);
      const order = { objects, application: world.application.id, controller: world.controller };
      await world.order("decideObjects", order);
      await world.order("decideRules", order);

      const { commits, rssBytes } = await world.order("usage", null);
      assert.ok(commits.records >= fields.length && rssBytes > 0);
    } finally {
      await world.close();
    }
    assert.equal(existsSync(world.logFolder), false);
  });

  test("a person's log has the entries that it was filled with", async () => {
    const world = await World.start({ tell: () => undefined });
    try {
      const action = { kind: "read", uses: [USE], purposes: [PURPOSE] } as const;
      const rule = { applications: null, effect: "allow", types: [TYPE], action, from: null, until: null } as const;
      const person = await Person.signUp(world, "person", [rule]);
      const { size } = await world.order("fill", { handles: [person.handle], entries: 5 });
      const { lines } = await person.logPage("limit=200&kind=use");
      assert.deepEqual(
        lines.map(({ index, outcome }) => ({ index, outcome })),
        [1, 2, 3, 4, 5].map((last) => ({ index: size - last, outcome: "allow" })),
      );
    } finally {
      await world.close();
    }
  });
});
