/** A process of its own that opens a database, writes to it, and waits to be killed. Run by sqliteLock.test.ts. */
import { openSqlite } from "../../src/storage/sqlite/sqliteStore.ts";
import { chunkRow, controllerRow } from "./samples.ts";

const file = process.argv[2];
if (file === undefined) throw new Error("name the database");
const store = openSqlite({ file, busyMs: 0 });
await store.write(async (tx) => {
  await tx.attempt([{ op: "controller.add", row: controllerRow("shop") }]);
  await tx.appendChunks([chunkRow(0, 3)]);
});
process.send?.("durable");
// A write that is never finished: it must leave nothing behind.
void store.write(async (tx) => {
  await tx.attempt([{ op: "controller.add", row: controllerRow("unfinished") }]);
  await tx.appendChunks([chunkRow(3, 1)]);
  process.send?.("writing");
  await new Promise(() => setInterval(() => undefined, 60_000));
});
