/**
 * The machine may stop between any two steps: at each call of the store its files are copied as they are, and an agent
 * is started on the copy. Whatever was confirmed by then must be so there, and the log be whole for who reads it outside.
 */
import assert from "node:assert/strict";
import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { auditLog } from "@strongroom/core/log/reader";
import { folderSource } from "../auditing.ts";
import { Dice } from "../dice.ts";
import { createWorld, temporaryFolder, World } from "../world.ts";
import { doSomething } from "./busyAgent.ts";
import { Facts } from "./facts.ts";

const SEEDS = [1, 2, 3];
const COPIES_PER_SEED = 25;

for (const seed of SEEDS)
  test(`after a crash at any step everything that was confirmed is so (seed ${seed})`, (t) => crash(t, seed));

async function crash(t: TestContext, seed: number): Promise<void> {
  const dice = new Dice(seed);
  const world = await createWorld(t, { seed: `crash points ${seed}` });
  const facts = new Facts();
  const copies: { readonly folder: string; readonly facts: Facts; readonly at: string }[] = [];
  const copy = (at: string): void => {
    // The mirror is written file by file between these.
    const oneIn = /tile|chunks|checkpoint/.test(at) ? 4 : 15;
    if (copies.length >= COPIES_PER_SEED || dice.roll(oneIn) > 0) return;
    const folder = join(temporaryFolder(t), "world");
    cpSync(world.folder, folder, {
      recursive: true,
      filter: (path) => !path.endsWith(".lock") && !path.endsWith("-shm"),
    });
    copies.push({ folder, facts: facts.copy(), at });
  };
  world.stage.before = (call) => copy(`before ${call}`);
  world.stage.after = (call) => copy(`after ${call}`);
  world.stage.beforeCommit = () => copy("before a commit");
  const { verifierKey } = world.context.identity.signer;
  while (copies.length < COPIES_PER_SEED) await doSomething(world, facts, dice, (fact) => facts.take(fact));
  await world.close();

  const points = new Set(copies.map(({ at }) => at));
  assert.ok(points.size > 3, `different points: ${[...points].join(", ")}`);
  for (const [i, { folder, facts: confirmed, at }] of copies.entries()) {
    const mirror = join(folder, "data", "log");
    if (existsSync(join(mirror, "checkpoint"))) {
      assert.deepEqual(
        (await auditLog(folderSource(mirror), { verifierKey })).findings,
        [],
        `the mirror in copy ${i}, taken ${at}`,
      );
    }
    const restarted = new World(folder, { seed: `after a crash ${seed} ${i}` });
    await restarted.start();
    try {
      await confirmed.assertTrue(restarted);
    } catch (error) {
      throw new Error(`copy ${i}, taken ${at}: ${(error as Error).message}`, { cause: error });
    } finally {
      await restarted.close();
      rmSync(folder, { recursive: true });
    }
  }
}
