/** What the world does to a database that is open: a full disk, another program's lock, damage. */
import assert from "node:assert/strict";
import { closeSync, openSync, statSync, writeSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { chunkRow, coded, controllerRow, headRow, id, put, subjectRow, wrapped } from "./samples.ts";
import { databaseFile, open, openWithWriter } from "./sqliteFolder.ts";

const SHOP = { op: "controller.add", row: controllerRow("shop") } as const;
const FULL = /the disk is full, the database .*agent\.db cannot grow: free some space/;
const DAMAGED = /agent\.db is damaged: restore a backup/;
const LOCKED = /another program has the database .*agent\.db locked/;

const PAGE_BYTES = 4096;

/** More than the pages that are free in a small database. */
const BIG = { ...chunkRow(0, 1), records: Buffer.alloc(4 * 1024 * 1024, 1) };

function fill(writer: DatabaseSync): void {
  const { page_count: pages } = writer.prepare("PRAGMA page_count").get() as { page_count: number };
  writer.exec(`PRAGMA max_page_count = ${pages}`);
}

test("a full disk fails the write whole; reading goes on, and writing once there is space", async (t) => {
  const { store, writer } = openWithWriter(t, databaseFile(t));
  fill(writer);
  const write = store.write(async (tx) => {
    await tx.attempt([SHOP]);
    await tx.putHeads([headRow("ada")]);
    await tx.appendChunks([BIG]);
  });
  await assert.rejects(write, coded("storage.unavailable", FULL));
  assert.deepEqual(await store.controllers(), []);
  assert.equal(await store.head(id("ada")), null);
  assert.equal(await store.logSize(), 0);

  writer.exec("PRAGMA max_page_count = 1000000");
  await store.write(async (tx) => {
    await tx.attempt([SHOP]);
    await tx.appendChunks([BIG]);
  });
  assert.equal(await store.logSize(), 1);
});

test("a full disk is no conflict: an attempt throws it, and a work that swallows it commits nothing", async (t) => {
  const { store, writer } = openWithWriter(t, databaseFile(t));
  fill(writer);
  const large = subjectRow("ada", { passwordHash: "x".repeat(4 * 1024 * 1024) });
  const write = store.write(async (tx) => {
    assert.equal(await tx.attempt([SHOP]), null);
    await assert.rejects(tx.attempt([{ op: "subject.add", row: large }]), coded("storage.unavailable", FULL));
    // SQLite may have undone the whole transaction by now: what followed would be committed by itself.
    await assert.rejects(
      tx.attempt([{ op: "controller.add", row: controllerRow("bank") }]),
      coded("storage.unavailable"),
    );
    await assert.rejects(tx.appendChunks([chunkRow(0, 1)]), coded("storage.unavailable"));
    return "swallowed";
  });
  await assert.rejects(write, coded("storage.unavailable", FULL));
  assert.deepEqual(await store.controllers(), []);
  assert.equal(await store.logSize(), 0);
});

test("while another program writes, writes fail and reads do not; then both go on", async (t) => {
  const file = databaseFile(t);
  const store = open(t, file);
  await put(store, SHOP);
  const other = new DatabaseSync(file);
  t.after(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  await assert.rejects(
    put(store, { op: "controller.add", row: controllerRow("bank") }),
    coded("storage.unavailable", LOCKED),
  );
  await assert.rejects(store.ping(), coded("storage.unavailable", LOCKED));
  await assert.rejects(store.sweep(0, 0), coded("storage.unavailable", LOCKED));
  await assert.rejects(store.setCheckpointNote(1, ""), coded("storage.unavailable", LOCKED));
  assert.deepEqual(await store.controllers(), [controllerRow("shop")]);
  other.exec("ROLLBACK");
  await put(store, { op: "controller.add", row: controllerRow("bank") });
  await store.ping();
  assert.equal((await store.controllers()).length, 2);
});

test("a database that another program has locked is not opened, and is afterwards", async (t) => {
  const file = databaseFile(t);
  await open(t, file).close();
  const other = new DatabaseSync(file);
  t.after(() => other.isOpen && other.close());
  other.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE");
  assert.throws(() => open(t, file), coded("storage.unavailable", LOCKED));
  other.close();
  await put(open(t, file), SHOP);
});

test("damage is found where it is read, and told without a value of any row", async (t) => {
  const file = databaseFile(t);
  const first = open(t, file);
  await put(first, { op: "subject.add", row: subjectRow("ada") }, SHOP);
  await first.close();
  overwritePage(file, "subjects");
  const store = open(t, file);
  await assert.rejects(store.subject(id("ada")), coded("storage.unavailable", DAMAGED));
  await assert.rejects(store.subjects(null, 10), coded("storage.unavailable", DAMAGED));
  assert.deepEqual(await store.controllers(), [controllerRow("shop")]);
});

test("a damaged schema is found at the start", async (t) => {
  const file = databaseFile(t);
  await open(t, file).close();
  const handle = openSync(file, "r+");
  writeSync(handle, Buffer.alloc(statSync(file).size - PAGE_BYTES, 0xa5), 0, undefined, PAGE_BYTES);
  closeSync(handle);
  assert.throws(() => open(t, file), coded("storage.unavailable", DAMAGED));
});

test("a number that no agent wrote is damage, and is not shown", async (t) => {
  const file = databaseFile(t);
  const first = open(t, file);
  await put(first, { op: "subject.add", row: subjectRow("ada") });
  await first.close();
  const other = new DatabaseSync(file);
  other.exec("UPDATE subjects SET created_at = 9007199254740993");
  other.close();
  const store = open(t, file);
  await assert.rejects(store.subject(id("ada")), (error: Error) => {
    assert.doesNotMatch(error.message, /9007199254740993/);
    return coded("storage.unavailable", /damaged/)(error);
  });
});

test("messages of conflicts and failures hold no value that was to be stored", async (t) => {
  const store = open(t, databaseFile(t));
  const ada = { op: "subject.add", row: subjectRow("ada") } as const;
  await put(store, ada);
  const conflict = await store.write((tx) => tx.attempt([ada]));
  const broken = subjectRow("bob", { kekEpoch: "seven" as unknown as number, root: wrapped("bob root") });
  const failure = await store
    .write((tx) => tx.attempt([{ op: "subject.add", row: broken }]))
    .catch((error: Error) => error);
  for (const message of [conflict?.message, failure?.message]) {
    assert.ok(message !== undefined);
    for (const value of ["ada@example.org", "bob@example.org", id("ada"), id("bob"), "scrypt of", "seven"]) {
      assert.ok(!message.includes(value), message);
    }
  }
});

function overwritePage(file: string, table: string): void {
  const database = new DatabaseSync(file);
  const { rootpage } = database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?").get(table) as {
    rootpage: number;
  };
  database.close();
  const handle = openSync(file, "r+");
  writeSync(handle, Buffer.alloc(PAGE_BYTES, 0xa5), 0, undefined, (rootpage - 1) * PAGE_BYTES);
  closeSync(handle);
}
