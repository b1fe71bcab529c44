/** Five customers of a shop, a copy of the agent's database, and what happens after it was taken. */
import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openCheckpoint, parseVerifierKey, type OpenedCheckpoint } from "@strongroom/core/log";
import type { EntryHead } from "@strongroom/core/log/reader";
import { eraseEpoch, eraseRelationship, eraseSubject } from "../../src/erase/erasure.ts";
import { setLocked } from "../../src/subjects/lock.ts";
import { assertWhole } from "../auditing.ts";
import { createWorld, readText, type Company, type World } from "../world.ts";

export type Customer = Awaited<ReturnType<World["customer"]>> & { readonly sealed: string };
export type Name = (typeof NAMES)[number];

export const NAMES = ["Ann", "Ben", "Cat", "Dan", "Eve"] as const;

export interface Setting {
  readonly world: World;
  readonly shop: Company;
  readonly people: Readonly<Record<Name, Customer>>;
  /** What each remembers of the log from before the copy was taken. */
  readonly headsBefore: ReadonlyMap<string, EntryHead>;
}

/** Five customers of a shop; then a copy of the database is taken. */
export async function setting(t: Parameters<typeof createWorld>[0]): Promise<Setting> {
  const world = await createWorld(t);
  const shop = await world.company("shop");
  const people: [Name, Customer][] = [];
  for (const name of NAMES) {
    const customer = await world.customer(shop);
    people.push([name, { ...customer, sealed: await world.seal(shop.web, customer.handle, `of ${name}`) }]);
  }
  const headsBefore = await assertWhole(
    world,
    people.map(([, { subject }]) => subject),
  );
  await world.close();
  copyDatabase(world);
  await world.start();
  return { world, shop, people: Object.fromEntries(people) as Record<Name, Customer>, headsBefore };
}

/** Where the key folder remembers the last checkpoint. */
export const memoryOf = (world: World): string => join(world.keyFolder, "checkpoint");
export const copyOf = (world: World): string => join(world.folder, "copy.db");

/** Of a closed agent's database: one file. */
export function copyDatabase(world: World): void {
  cpSync(world.databaseFile, copyOf(world));
}

/** As an operator does: the agent is stopped and the copy put in the place of its files. */
export async function putBack(world: World): Promise<void> {
  await world.close();
  for (const ending of ["-wal", "-shm"]) rmSync(`${world.databaseFile}${ending}`, { force: true });
  cpSync(copyOf(world), world.databaseFile);
}

/** After the copy: Ben's epoch, Cat's relationship and Dan himself are erased, Ann and Dan are asked for; Eve does nothing. */
export async function whatTheCopyMisses({ world, shop, people: { Ann, Ben, Cat, Dan } }: Setting): Promise<void> {
  assert.equal(await world.open(shop.web, Ann.sealed), "of Ann");
  await eraseEpoch(world.context, Ben.subject, Ben.handle, 1);
  await eraseRelationship(world.context, Cat.subject, Cat.handle);
  await eraseSubject(world.context, Dan.subject);
  await world.publish();
}

/** What opens once everybody who is left has undone the lock that a recovery puts on them. */
export async function outcomes(all: Setting): Promise<string[]> {
  for (const subject of livingIn(all)) await setLocked(all.world.context, subject, false);
  return answersNow(all);
}

export async function answersNow({ world, shop, people }: Setting): Promise<string[]> {
  const answers: string[] = [];
  for (const name of NAMES) answers.push(await world.open(shop.web, people[name].sealed));
  return answers;
}

export const ERASED = ["of Ann", "epoch-erased", "relationship-erased", "subject-erased", "of Eve"];
export const LIVING: readonly Name[] = ["Ann", "Ben", "Cat", "Eve"];

export const livingIn = ({ people }: Setting): string[] => LIVING.map((name) => people[name].subject);
export const noteIn = (world: World): string => readText(join(world.logFolder, "checkpoint"));

export function checkpointOf(world: World, note: string): OpenedCheckpoint {
  return openCheckpoint(note, parseVerifierKey(world.context.identity.signer.verifierKey));
}
