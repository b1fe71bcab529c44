/** Every statement that the store runs finds its rows by an index: the plans are SQLite's own. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { SqliteReads } from "../../src/storage/sqlite/reads.ts";
import type { Store } from "../../src/storage/store.ts";
import { id, put, putAdaAndShop } from "./samples.ts";
import { databaseFile, open } from "./sqliteFolder.ts";

/** A call of each read of the store. */
const READS: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  loadRelationships: (store) => store.loadRelationships([id("shop of ada")]),
  relationship: (store) => store.relationship(id("shop of ada")),
  relationshipsOf: (store) => store.relationshipsOf(id("ada")),
  relationshipBetween: (store) => store.relationshipBetween(id("ada"), id("shop")),
  epochsOf: (store) => store.epochsOf(id("shop of ada")),
  subject: (store) => store.subject(id("ada")),
  subjectByLogin: (store) => store.subjectByLogin("ada"),
  subjects: (store) => store.subjects(null, 10),
  subjectsBehindKek: (store) => store.subjectsBehindKek(2, 10),
  head: (store) => store.head(id("ada")),
  ownerOfKey: (store) => store.ownerOfKey(id("key")),
  controllers: (store) => store.controllers(),
  controller: (store) => store.controller(id("shop")),
  applications: async (store) => [await store.applications(null), await store.applications(id("shop"))],
  application: (store) => store.application(id("web")),
  token: (store) => store.token("hash"),
  tokensOf: (store) => store.tokensOf(id("ada")),
  connection: (store) => store.connection("hash"),
  consent: (store) => store.consent(id("consent")),
  consentsOf: (store) => store.consentsOf(id("ada")),
  consentsPendingCount: (store) => store.consentsPendingCount(id("shop of ada")),
  holdingsOf: (store) => store.holdingsOf(id("shop of ada")),
  idempotency: (store) => store.idempotency(id("web"), "key"),
  logSize: (store) => store.logSize(),
  chunks: (store) => store.chunks(5, 10, 3),
  tile: (store) => store.tile(0, 0),
  checkpoint: (store) => store.checkpoint(),
  headsBucket: (store) => store.headsBucket(17),
};

/** Whole tables that may be walked: registers that an operator lists, and the two of which the last row is taken. */
const SCANS = new Set(["controllers", "applications", "log_chunks", "checkpoints"]);

test("every read is known here", () => {
  const methods = Object.getOwnPropertyNames(SqliteReads.prototype).filter((name) => name !== "constructor");
  assert.deepEqual(Object.keys(READS).sort(), methods.sort());
});

for (const [name, read] of Object.entries(READS)) {
  test(`${name} walks no table that grows with people`, async (t) => {
    const { plans } = await plansOf(t, read);
    assert.ok(plans.length > 0);
    for (const step of plans) {
      const scanned = /^SCAN (\w+)/.exec(step)?.[1];
      assert.ok(scanned === undefined || SCANS.has(scanned), step);
      assert.doesNotMatch(step, /AUTOMATIC|MATERIALIZE/);
    }
  });
}

test("loading a relationship is look-ups by key alone", async (t) => {
  const { plans } = await plansOf(t, READS["loadRelationships"]);
  assert.deepEqual(plans, [
    "SEARCH r USING INDEX sqlite_autoindex_relationships_1 (handle=?)",
    "SEARCH s USING PRIMARY KEY (id=?)",
    "SEARCH key USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
    "SEARCH root USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
    "SEARCH log USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
    "SEARCH h USING INDEX sqlite_autoindex_heads_2 (subject=?) LEFT-JOIN",
    "SEARCH e USING PRIMARY KEY (handle=?)",
    "SEARCH key USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
  ]);
});

test("a bucket of the heads map is a range of the table, in its order", async (t) => {
  const { plans } = await plansOf(t, READS["headsBucket"]);
  assert.deepEqual(plans, ["SEARCH heads USING PRIMARY KEY (blinded>? AND blinded<?)"]);
});

test("a range of the log begins at the chunk that holds its first position", async (t) => {
  const { plans } = await plansOf(t, READS["chunks"]);
  assert.deepEqual(plans, [
    "SEARCH log_chunks USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
    "SCALAR SUBQUERY 1",
    "SEARCH log_chunks USING INTEGER PRIMARY KEY (rowid<?)",
  ]);
});

test("mutations and the sweep find their rows by an index too", async (t) => {
  const { plans } = await plansOf(t, async (store) => {
    await putAdaAndShop(store);
    const handle = id("shop of ada");
    await put(
      store,
      { op: "subject.update", id: id("ada"), set: { state: "locked" } },
      { op: "relationship.update", handle, expectGeneration: 1, set: { key: null } },
      { op: "epoch.key", handle, epoch: 1, key: null },
      { op: "holding.used", handle, type: "identity.email", at: 1 },
      { op: "relationship.forget", handle },
      { op: "subject.forget", id: id("ada") },
    );
    await store.sweep(1, 1);
    await store.setCheckpointNote(1, "note");
  });
  assert.ok(plans.length > 15);
  for (const step of plans) assert.doesNotMatch(step, /^SCAN/);
});

/** The plan of each statement that the store prepares for `use`, which is run on a store of its own. */
async function plansOf(
  t: TestContext,
  use: ((store: Store) => Promise<unknown>) | undefined,
): Promise<{ plans: string[] }> {
  assert.ok(use !== undefined);
  const file = databaseFile(t);
  const store = open(t, file);
  const texts: string[] = [];
  const original = DatabaseSync.prototype.prepare;
  const spy = t.mock.method(DatabaseSync.prototype, "prepare", function (this: DatabaseSync, sql: string) {
    texts.push(sql);
    return original.call(this, sql);
  });
  await use(store);
  spy.mock.restore();
  const database = new DatabaseSync(file);
  const plans = texts
    .filter((sql) => /^(SELECT|UPDATE|DELETE|INSERT)/.test(sql.trim()))
    .flatMap((sql) => database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all())
    .map((row) => row["detail"] as string);
  database.close();
  return { plans };
}
