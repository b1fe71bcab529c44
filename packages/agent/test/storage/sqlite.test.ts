/** The contract on SQLite, and how its files come to be. */
import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { openSqlite } from "../../src/storage/sqlite/sqliteStore.ts";
import { storeContract } from "./contract.ts";
import { coded, controllerRow, id, put } from "./samples.ts";
import { databaseFile, open, openInTemporaryFolder } from "./sqliteFolder.ts";

storeContract("sqlite", openInTemporaryFolder);

const SHOP = { op: "controller.add", row: controllerRow("shop") } as const;
const posix = process.platform !== "win32";

describe("sqlite: files", () => {
  test("nobody but the owner may read the database, its WAL and its lock", async (t) => {
    const file = databaseFile(t);
    const mask = process.umask(0);
    try {
      await put(open(t, file), SHOP);
    } finally {
      process.umask(mask);
    }
    assert.deepEqual(readdirSync(dirname(file)).sort(), ["agent.db", "agent.db-shm", "agent.db-wal", "agent.db.lock"]);
    if (posix) assert.deepEqual(modes(file), ["600", "600", "600", "600"]);
  });

  test("a database that was copied back readable by all is made private again", async (t) => {
    const file = databaseFile(t);
    await openSqlite({ file }).close();
    chmodSync(file, 0o644);
    writeFileSync(`${file}-wal`, "", { mode: 0o644 });
    writeFileSync(`${file}-shm`, "", { mode: 0o644 });
    await put(open(t, file), SHOP);
    if (posix) assert.deepEqual(modes(file), ["600", "600", "600", "600"]);
  });

  test("closing leaves the database and its lock file, and no WAL", async (t) => {
    const file = databaseFile(t);
    const store = open(t, file);
    await put(store, SHOP);
    await store.close();
    assert.deepEqual(readdirSync(dirname(file)).sort(), ["agent.db", "agent.db.lock"]);
    assert.equal(statSync(`${file}.lock`).size, 0);
  });

  test("commits are synchronous and deletions are zeroed", async (t) => {
    const file = databaseFile(t);
    const settings: Record<string, unknown> = {};
    const original = DatabaseSync.prototype.close;
    // Looked at in the store's own connections, for most of these belong to the connection and not to the file.
    t.mock.method(DatabaseSync.prototype, "close", function (this: DatabaseSync) {
      for (const name of ["journal_mode", "synchronous", "secure_delete", "foreign_keys", "temp_store", "query_only"]) {
        const row = this.prepare(`PRAGMA ${name}`).get() as Record<string, unknown>;
        if (this.location()?.endsWith("agent.db") === true) settings[name] = row[name];
      }
      original.call(this);
    });
    await openSqlite({ file }).close();
    // The writer closes after the reader.
    const FULL = 2;
    const MEMORY = 2;
    assert.deepEqual(settings, {
      journal_mode: "wal",
      synchronous: FULL,
      secure_delete: 1,
      foreign_keys: 1,
      temp_store: MEMORY,
      query_only: 0,
    });
  });
});

describe("sqlite: what cannot be opened says why, names the file, and is left as it was", () => {
  test("a folder that does not exist", (t) => {
    const file = join(dirname(databaseFile(t)), "missing", "agent.db");
    assert.throws(() => openSqlite({ file }), says(`the folder ${dirname(file)} does not exist: create it`));
  });

  test("a folder that cannot be written", (t) => {
    const file = databaseFile(t);
    whileFolderIsReadOnly(dirname(file), () => {
      assert.throws(
        () => openSqlite({ file }),
        says(`the database ${file} cannot be written: let the agent's user write`),
      );
    });
    assert.deepEqual(readdirSync(dirname(file)), []);
  });

  test("a database and a folder that can only be read", async (t) => {
    const file = databaseFile(t);
    const store = open(t, file);
    await put(store, SHOP);
    await store.close();
    for (const path of [file, `${file}.lock`]) chmodSync(path, 0o444);
    const before = readFileSync(file);
    whileFolderIsReadOnly(dirname(file), () =>
      assert.throws(() => openSqlite({ file }), coded("storage.unavailable", new RegExp(file))),
    );
    assert.deepEqual(readFileSync(file), before);
  });

  test("a folder in place of a file", (t) => {
    const file = databaseFile(t);
    mkdirSync(file);
    assert.throws(() => openSqlite({ file }), says(`${file} is not a file`));
  });

  test("a file that is no database", (t) => {
    const file = databaseFile(t);
    const text = "name,email\nAda,ada@example.org\n".repeat(200);
    writeFileSync(file, text);
    assert.throws(() => openSqlite({ file }), says(`${file} is not a database: move it away`));
    assert.equal(readFileSync(file, "utf8"), text);
  });

  test("a database cut in the middle", async (t) => {
    const file = databaseFile(t);
    await openSqlite({ file }).close();
    const cut = readFileSync(file).subarray(0, 5000);
    writeFileSync(file, cut);
    assert.throws(() => openSqlite({ file }), coded("storage.unavailable", /agent\.db/));
  });

  test("the database of another program", (t) => {
    const file = databaseFile(t);
    const other = new DatabaseSync(file);
    other.exec("CREATE TABLE photos (name TEXT)");
    other.close();
    const before = readFileSync(file);
    assert.throws(() => openSqlite({ file }), says(`${file} is the database of another program`));
    assert.deepEqual(readFileSync(file), before);
    assert.equal(existsSync(`${file}-wal`), false);
  });

  test("a lock file that is something else", (t) => {
    const file = databaseFile(t);
    writeFileSync(`${file}.lock`, "1234\n".repeat(400));
    assert.throws(() => openSqlite({ file }), says(`${file}.lock is not a database: move it away`));
    assert.equal(existsSync(file), false);
  });

  test("after each of these the same process opens a good one", async (t) => {
    const file = databaseFile(t);
    writeFileSync(file, "not a database".repeat(500));
    assert.throws(() => openSqlite({ file }), coded("storage.unavailable"));
    writeFileSync(file, "");
    const store = open(t, file);
    await put(store, SHOP);
    assert.notEqual(await store.controller(id("shop")), null);
  });

  test("a link leads to the one database, which is in use under both names", (t) => {
    if (!posix) return;
    const file = databaseFile(t);
    const link = join(dirname(file), "link.db");
    open(t, file);
    symlinkSync(file, link);
    assert.throws(() => openSqlite({ file: link }), coded("storage.in-use"));
  });
});

function modes(file: string): string[] {
  return [file, `${file}-wal`, `${file}-shm`, `${file}.lock`].map((path) => (statSync(path).mode & 0o777).toString(8));
}

function says(start: string): (error: unknown) => true {
  return (error) => {
    coded("storage.unavailable")(error);
    const { message } = error as Error;
    assert.ok(message.includes(start), message);
    return true;
  };
}

/** File modes do not bind root, so a run as root becomes nobody for a moment. */
function whileFolderIsReadOnly(folder: string, work: () => void): void {
  const root = process.geteuid?.() === 0;
  chmodSync(folder, 0o555);
  if (root) process.seteuid?.(65_534);
  try {
    work();
  } finally {
    if (root) process.seteuid?.(0);
    chmodSync(folder, 0o755);
  }
}
