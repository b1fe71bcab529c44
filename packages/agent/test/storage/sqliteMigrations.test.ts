/** From an empty file to the newest schema, step by step, whole or not at all. */
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { APPLICATION_ID, migrate, MIGRATIONS } from "../../src/storage/sqlite/migrations.ts";
import { openSqlite } from "../../src/storage/sqlite/sqliteStore.ts";
import { coded, controllerRow, id, put, subjectRow } from "./samples.ts";
import { databaseFile, open } from "./sqliteFolder.ts";

const STEPS = [
  "CREATE TABLE one (a TEXT); INSERT INTO one VALUES ('first')",
  "CREATE TABLE two (b TEXT); UPDATE one SET a = 'second'",
];

test("an empty file gets the newest schema and our mark", async (t) => {
  const file = databaseFile(t);
  writeFileSync(file, "");
  await openSqlite({ file }).close();
  const database = raw(t, file);
  assert.equal(version(database), MIGRATIONS.length);
  assert.deepEqual({ ...database.prepare("PRAGMA application_id").get() }, { application_id: APPLICATION_ID });
  assert.deepEqual({ ...database.prepare("PRAGMA integrity_check").get() }, { integrity_check: "ok" });
});

test("opening again changes nothing", async (t) => {
  const file = databaseFile(t);
  const store = open(t, file);
  await put(store, { op: "subject.add", row: subjectRow("ada") });
  await store.close();
  const before = readFileSync(file);
  await openSqlite({ file }).close();
  assert.deepEqual(readFileSync(file), before);
  assert.deepEqual(await open(t, file).subject(id("ada")), subjectRow("ada"));
});

test("each step runs once, and data stays", (t) => {
  const file = databaseFile(t);
  const database = raw(t, file);
  migrate(database, file, STEPS.slice(0, 1));
  database.exec("INSERT INTO one VALUES ('data')");
  migrate(database, file, STEPS);
  migrate(database, file, STEPS);
  assert.equal(version(database), 2);
  assert.deepEqual(column(database, "SELECT a FROM one"), ["second", "second"]);
  assert.deepEqual(tables(database), ["one", "two"]);
});

test("a step that fails is undone whole, says which it was, and runs once it is right", (t) => {
  const file = databaseFile(t);
  const database = raw(t, file);
  const broken = [STEPS[0] as string, `${STEPS[1]}; INSERT INTO nowhere VALUES (1)`, "CREATE TABLE three (c TEXT)"];
  assert.throws(
    () => migrate(database, file, broken),
    coded("storage.unavailable", /step 2 of .*agent\.db's schema failed/),
  );
  assert.equal(version(database), 1);
  assert.deepEqual(tables(database), ["one"]);
  assert.deepEqual(column(database, "SELECT a FROM one"), ["first"]);
  assert.equal(database.isTransaction, false);
  migrate(database, file, STEPS);
  assert.deepEqual(tables(database), ["one", "two"]);
});

test("a disk that fills up during a step leaves the schema as it was", (t) => {
  const file = databaseFile(t);
  const database = raw(t, file);
  migrate(database, file, STEPS.slice(0, 1));
  database.exec("PRAGMA max_page_count = 3");
  const large = [STEPS[0] as string, "CREATE TABLE two (b BLOB); INSERT INTO two VALUES (zeroblob(1000000))"];
  assert.throws(() => migrate(database, file, large), coded("storage.unavailable", /step 2/));
  assert.equal(version(database), 1);
  assert.deepEqual(tables(database), ["one"]);
});

test("a newer schema is refused, and nothing is touched", async (t) => {
  const file = databaseFile(t);
  const store = open(t, file);
  await put(store, { op: "controller.add", row: controllerRow("shop") });
  await store.close();
  const newer = raw(t, file);
  migrate(newer, file, [...MIGRATIONS, "ALTER TABLE controllers ADD COLUMN colour TEXT"]);
  newer.close();
  const before = readFileSync(file);
  const message = new RegExp(
    `agent\\.db has schema ${MIGRATIONS.length + 1} and this Strongroom knows schemas up to ${MIGRATIONS.length}: start the newer`,
  );
  assert.throws(() => openSqlite({ file }), coded("storage.newer-schema", message));
  assert.deepEqual(readFileSync(file), before);
  assert.equal(existsSync(`${file}-wal`), false);
});

test("another handle that writes makes a step wait, or fail with the reason; it runs afterwards", (t) => {
  const file = databaseFile(t);
  const [one, other] = [raw(t, file), raw(t, file)];
  migrate(one, file, STEPS.slice(0, 1));
  other.exec("BEGIN IMMEDIATE");
  assert.throws(() => migrate(one, file, STEPS), coded("storage.unavailable", /agent\.db locked/));
  assert.equal(version(one), 1);
  other.exec("ROLLBACK");
  migrate(one, file, STEPS);
  migrate(other, file, STEPS);
  assert.deepEqual(column(other, "SELECT a FROM one"), ["second"]);
});

test("a step that another handle runs at the last moment is not run again", (t) => {
  const file = databaseFile(t);
  const [one, other] = [raw(t, file), raw(t, file)];
  const original = DatabaseSync.prototype.exec;
  const spy = t.mock.method(DatabaseSync.prototype, "exec", function (this: DatabaseSync, sql: string) {
    if (this === one && sql === "BEGIN IMMEDIATE") migrate(other, file, STEPS.slice(0, 1));
    original.call(this, sql);
  });
  migrate(one, file, STEPS);
  assert.ok(spy.mock.callCount() > 0);
  assert.deepEqual(column(one, "SELECT a FROM one"), ["second"]);
  assert.equal(version(one), 2);
});

test("several processes at once run each step once", async (t) => {
  const file = databaseFile(t);
  raw(t, file).exec("PRAGMA journal_mode = WAL; CREATE TABLE counted (step INTEGER)");
  const steps = [1, 2, 3, 4, 5].map((step) => `INSERT INTO counted VALUES (${step}); CREATE TABLE t${step} (a TEXT)`);
  const processes = [1, 2, 3].map(() => fork(join(import.meta.dirname, "sqliteMigrator.ts"), [file, ...steps]));
  const ends = await Promise.all(processes.map((one) => once(one, "exit")));
  assert.deepEqual(
    ends.map(([code]) => code as number),
    [0, 0, 0],
  );
  assert.deepEqual(column(raw(t, file), "SELECT step FROM counted ORDER BY rowid"), [1, 2, 3, 4, 5]);
});

function raw(t: TestContext, file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 0 });
  t.after(() => database.isOpen && database.close());
  return database;
}

function version(database: DatabaseSync): unknown {
  return database.prepare("PRAGMA user_version").get()?.["user_version"];
}

function column(database: DatabaseSync, sql: string): unknown[] {
  return database
    .prepare(sql)
    .all()
    .map((row) => Object.values(row)[0]);
}

function tables(database: DatabaseSync): unknown[] {
  return column(database, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
}
