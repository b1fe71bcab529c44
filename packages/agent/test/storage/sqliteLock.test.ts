/** One agent per database: a second one is refused, and a crash locks nobody out and loses nothing that was promised. */
import assert from "node:assert/strict";
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { openSqlite } from "../../src/storage/sqlite/sqliteStore.ts";
import { chunkRow, coded, controllerRow, id, put } from "./samples.ts";
import { databaseFile, open } from "./sqliteFolder.ts";

const HOLDER = join(import.meta.dirname, "sqliteHolder.ts");
const IN_USE = /another agent uses the database .*agent\.db: stop it/;

test("a second store of the same process is refused until the first is closed", async (t) => {
  const file = databaseFile(t);
  const first = open(t, file);
  assert.throws(() => openSqlite({ file }), coded("storage.in-use", IN_USE));
  // A refused attempt gives nothing of the first one's lock away.
  assert.throws(() => openSqlite({ file }), coded("storage.in-use", IN_USE));
  await put(first, { op: "controller.add", row: controllerRow("shop") });
  await first.close();
  const second = open(t, file);
  assert.deepEqual(await second.controller(id("shop")), controllerRow("shop"));
});

test("two databases in one folder do not know of each other", async (t) => {
  const file = databaseFile(t);
  open(t, file);
  open(t, join(dirname(file), "other.db"));
});

test("a store of another process is refused; when that is killed, its lock and its unfinished write are gone", async (t) => {
  const file = databaseFile(t);
  const holder = await hold(t, file);
  assert.throws(() => openSqlite({ file }), coded("storage.in-use", IN_USE));

  holder.kill("SIGKILL");
  await once(holder, "exit");
  const store = open(t, file);
  assert.deepEqual(await store.controllers(), [controllerRow("shop")]);
  assert.deepEqual(await store.chunks(0, 100, 10), [chunkRow(0, 3)]);
  assert.equal(await store.logSize(), 3);
  await put(store, { op: "controller.add", row: controllerRow("bank") });
  await store.close();
  assert.deepEqual(readdirSync(dirname(file)).sort(), ["agent.db", "agent.db.lock"]);
});

test("another process is refused while this one has the store, whatever this one tried meanwhile", async (t) => {
  const file = databaseFile(t);
  open(t, file);
  // A process that closes any handle of a file loses its locks on it (POSIX): a refused opening must open none.
  assert.throws(() => openSqlite({ file }), coded("storage.in-use"));
  const refused = fork(HOLDER, [file], { stdio: ["ignore", "ignore", "pipe", "ipc"] });
  t.after(() => refused.kill("SIGKILL"));
  refused.on("message", () => refused.kill("SIGKILL"));
  let said = "";
  refused.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
  const [code] = (await once(refused, "close")) as [number | null];
  assert.equal(code, 1);
  assert.match(said, /storage\.in-use/);
});

/** Starts the other process and waits until it has written, and is in the middle of another write. */
async function hold(t: TestContext, file: string): Promise<ChildProcess> {
  const holder = fork(HOLDER, [file]);
  t.after(() => holder.kill("SIGKILL"));
  const words: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    holder.on("message", (word) => {
      words.push(word);
      if (word === "writing") resolve();
    });
    holder.on("exit", (code) => reject(new Error(`the other process ended with ${code}`)));
  });
  assert.deepEqual(words, ["durable", "writing"]);
  return holder;
}
