/** Keys get new values between a copy and its recovery: what was erased is found all the same, and is final for the copy too. */
import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { beginEpoch, eraseEpoch, eraseRelationship, eraseSubject } from "../../src/erase/erasure.ts";
import { rotateKek } from "../../src/keys/rotate.ts";
import { setLocked } from "../../src/subjects/lock.ts";
import { everyKey, keksIn, opens } from "../erase/attacker.ts";
import { createWorld, type World } from "../world.ts";

/** Copies the database as it is between two runs. */
async function backUp(world: World): Promise<string> {
  const copy = join(world.folder, "backup.db");
  await world.close();
  cpSync(world.databaseFile, copy);
  await world.start();
  return copy;
}

/** Puts an older database in the place of a newer one. The agent must not run. */
function restore(world: World, copy: string): void {
  for (const ending of ["", "-wal", "-shm"]) rmSync(`${world.databaseFile}${ending}`, { force: true });
  cpSync(copy, world.databaseFile);
}

/** Four people: of one an epoch is erased after the backup, of one an epoch and then the relationship, one whole; one lives on. */
async function erasedAfterBackup(t: TestContext) {
  const world = await createWorld(t);
  const shop = await world.company("shop");
  const customers = await Promise.all(Array.from({ length: 4 }, () => world.customer(shop)));
  const [ada, bob, eve, dan] = customers as [Customer, Customer, Customer, Customer];
  const sealed = await Promise.all([ada, bob, eve, dan].map(({ handle }) => world.seal(shop.web, handle, "x")));
  await beginEpoch(world.context, bob.subject, bob.handle);
  const backup = await backUp(world);
  const late = await world.customer(shop);
  await world.open(shop.web, sealed[3] ?? "");
  await eraseEpoch(world.context, ada.subject, ada.handle, 1);
  // Replaces the relationship's key, which is destroyed next.
  await eraseEpoch(world.context, bob.subject, bob.handle, 2);
  await eraseRelationship(world.context, bob.subject, bob.handle);
  await eraseSubject(world.context, eve.subject);
  // Was not there when the backup was made.
  await eraseRelationship(world.context, late.subject, late.handle);
  await world.publish();
  const outcomes = async (): Promise<string[]> => Promise.all(sealed.map((one) => world.open(shop.web, one)));
  assert.deepEqual(await outcomes(), AFTER);
  await world.close();
  /** Whoever was locked by the recovery looks at the rules and unlocks. */
  const unlock = async (): Promise<void> => {
    for (const { subject } of [ada, bob, dan]) await setLocked(world.context, subject, false);
  };
  return { world, shop, backup, sealed, outcomes, unlock };
}
type Customer = Awaited<ReturnType<World["customer"]>>;
const AFTER = ["epoch-erased", "relationship-erased", "subject-erased", "x"];

test("recovered, it destroys again what was erased since, and only that", async (t) => {
  const { world, backup, outcomes, unlock } = await erasedAfterBackup(t);
  restore(world, backup);
  const agent = await world.start({ recover: true });
  await unlock();
  // Two epochs, a relationship and a subject, of which two keys were named.
  assert.equal(agent.erasedAgain, 4);
  assert.deepEqual(await outcomes(), AFTER);
  await world.restart();
  assert.equal(world.agent.erasedAgain, 0);
  assert.deepEqual(await outcomes(), AFTER);
});

test("recovered, its erasures are final for the backup too once the KEK has turned", async (t) => {
  const { world, backup, sealed } = await erasedAfterBackup(t);
  restore(world, backup);
  await world.start({ recover: true });
  await rotateKek(world.context);
  await world.close();
  const keys = everyKey([backup, world.databaseFile], keksIn(world.keyFolder));
  assert.deepEqual(
    sealed.map((one) => opens(keys, one)),
    [false, false, false, true],
  );
});
