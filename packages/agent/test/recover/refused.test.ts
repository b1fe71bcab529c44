/** What recovery refuses to take up, and that it leaves alone what is not behind. */
import assert from "node:assert/strict";
import { cpSync, existsSync, globSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { ErrorCode } from "@strongroom/core/errors";
import { revokeRule } from "../../src/rules/ruleService.ts";
import { assertWhole } from "../auditing.ts";
import { code, type World } from "../world.ts";
import {
  setting,
  memoryOf,
  putBack,
  whatTheCopyMisses,
  outcomes,
  ERASED,
  livingIn,
  noteIn,
  checkpointOf,
} from "./olderCopy.ts";

describe("refused: ", () => {
  test("a store that went another way, longer or shorter than what was published", async (t) => {
    const all = await setting(t);
    const { world, shop, people } = all;
    await whatTheCopyMisses(all);
    const published = join(world.folder, "published");
    await world.close();
    cpSync(world.logFolder, published, { recursive: true });
    // The copy runs without knowing what was published.
    await putBack(world);
    rmSync(world.logFolder, { recursive: true });
    rmSync(memoryOf(world));
    await world.start();
    for (const times of [1, 40]) {
      for (let i = 0; i < times; i += 1) await world.open(shop.web, people.Eve.sealed);
      await world.close();
      rmSync(memoryOf(world));
      rmSync(world.logFolder, { recursive: true });
      cpSync(published, world.logFolder, { recursive: true });
      const longer = times > 1;
      await assert.rejects(world.start(), code(longer ? "log.fork" : "log.store-behind"));
      await assert.rejects(world.start({ recover: true }), code("log.fork"));
      rmSync(world.logFolder, { recursive: true });
      rmSync(memoryOf(world), { force: true });
      await world.start();
    }
  });

  const bundleOf = (world: World): string => {
    const [bundle] = globSync(
      join(world.logFolder, "tile", "entries", "000.p", String(checkpointOf(world, noteIn(world)).size)),
    );
    assert.ok(bundle !== undefined);
    return bundle;
  };
  const damages: Record<string, (bundle: string) => void> = {
    "a file of the mirror that is missing": (bundle) => rmSync(bundle),
    "a file of the mirror that was cut": (bundle) => truncateSync(bundle, 100),
    "a file of the mirror with another entry in it": (bundle) => {
      const bytes = readFileSync(bundle);
      bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
      writeFileSync(bundle, bytes);
    },
  };
  for (const [what, damage] of Object.entries(damages)) {
    test(what, async (t) => {
      const all = await setting(t);
      const { world } = all;
      await whatTheCopyMisses(all);
      const bundle = bundleOf(world);
      await putBack(world);
      const whole = readFileSync(bundle);
      damage(bundle);
      await assert.rejects(world.start({ recover: true }), code("log.damaged" satisfies ErrorCode));
      await assert.rejects(world.start(), code("log.store-behind"), "and nothing was taken over");
      writeFileSync(bundle, whole);
      await world.start({ recover: true });
      assert.deepEqual(await outcomes(all), ERASED);
    });
  }
});

test("recovering a database that is not behind changes nothing", async (t) => {
  const all = await setting(t);
  const { world, people } = all;
  await whatTheCopyMisses(all);
  await revokeRule(world.context, people.Eve.subject, people.Eve.readRule);
  const before = await assertWhole(world, livingIn(all));
  await world.close();
  const note = noteIn(world);
  const { erasedAgain } = await world.start({ recover: true });
  assert.deepEqual([erasedAgain, noteIn(world), world.context.writer.size], [0, note, checkpointOf(world, note).size]);
  assert.deepEqual(await outcomes(all), [...ERASED.slice(0, 4), "no-rule"]);
  await assertWhole(world, livingIn(all), { heads: before, remembered: note });
  // Nor one that is ahead, or has no mirror at all.
  await world.open(all.shop.web, people.Ann.sealed);
  rmSync(world.logFolder, { recursive: true });
  await world.restart({ recover: true });
  assert.ok(existsSync(join(world.logFolder, "checkpoint")));
  await assertWhole(world, livingIn(all), { heads: before, remembered: note });
});
