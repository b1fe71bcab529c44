/** A temporary folder for databases, removed with everything in it when the test ends. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { TestContext } from "node:test";
import { openSqlite, type SqliteOptions } from "../../src/storage/sqlite/sqliteStore.ts";
import type { Store } from "../../src/storage/store.ts";
import type { Opened } from "./contract.ts";

export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "strongroom-storage-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }) };
}

/** The path of a database, not made yet, in a folder that goes when the test ends. */
export function databaseFile(t: TestContext): string {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  return join(folder.path, "agent.db");
}

/** Opens a store that is closed when the test ends. */
export function open(t: TestContext, file: string, options: Omit<SqliteOptions, "file"> = {}): Store {
  const store = openSqlite({ busyMs: 0, ...options, file });
  t.after(() => store.close());
  return store;
}

/** A store and its writing connection, which the store keeps to itself: to set a limit on it. */
export function openWithWriter(t: TestContext, file: string): { store: Store; writer: DatabaseSync } {
  const connections: DatabaseSync[] = [];
  const original = DatabaseSync.prototype.exec;
  const spy = t.mock.method(DatabaseSync.prototype, "exec", function (this: DatabaseSync, sql: string) {
    if (sql.includes("secure_delete")) connections.push(this);
    original.call(this, sql);
  });
  const store = open(t, file);
  spy.mock.restore();
  const [writer] = connections;
  if (writer === undefined) throw new Error("the store did not prepare a writing connection");
  return { store, writer };
}

/** For the contract. */
export async function openInTemporaryFolder(): Promise<Opened> {
  const folder = temporaryFolder();
  const file = join(folder.path, "agent.db");
  let store = openSqlite({ file });
  return {
    store,
    async reopen() {
      await store.close();
      store = openSqlite({ file });
      return store;
    },
    async cleanup() {
      await store.close();
      folder.remove();
    },
  };
}
