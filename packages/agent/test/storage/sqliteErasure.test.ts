/** A destroyed key is nowhere in the database's files: not in a row, not in free space, not in the WAL. */
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { WrappedKey } from "../../src/storage/rows.ts";
import type { Mutation, Store } from "../../src/storage/store.ts";
import {
  connectionRow,
  digest,
  epochRow,
  id,
  NOW,
  put,
  putAdaAndShop,
  relationshipRow,
  subjectRow,
  tokenRow,
  wrapped,
} from "./samples.ts";
import { databaseFile, open } from "./sqliteFolder.ts";

const HANDLE = id("shop of ada");

const DESTRUCTIONS: readonly (readonly [what: string, gone: readonly string[], mutations: readonly Mutation[]])[] = [
  ["an epoch's key", ["shop of ada epoch 1"], [{ op: "epoch.key", handle: HANDLE, epoch: 1, key: null }]],
  [
    "a rewrapped epoch's key",
    ["shop of ada epoch 1"],
    [{ op: "epoch.key", handle: HANDLE, epoch: 1, key: wrapped("new") }],
  ],
  [
    "a relationship's key",
    ["shop of ada relationship"],
    [{ op: "relationship.update", handle: HANDLE, expectGeneration: 1, set: { key: null, erasedAt: NOW } }],
  ],
  [
    "a root that got a new value",
    ["ada root"],
    [{ op: "subject.update", id: id("ada"), set: { root: wrapped("new root") } }],
  ],
  ["a log key", ["ada log"], [{ op: "subject.update", id: id("ada"), set: { logKey: null } }]],
  [
    "a whole subject",
    ["ada root", "ada log", "shop of ada relationship", "shop of ada epoch 1"],
    [
      { op: "relationship.update", handle: HANDLE, expectGeneration: 1, set: { key: null, erasedAt: NOW } },
      { op: "epoch.key", handle: HANDLE, epoch: 1, key: null },
      { op: "relationship.forget", handle: HANDLE },
      { op: "subject.update", id: id("ada"), set: { state: "erased", erasedAt: NOW, root: null, logKey: null } },
      { op: "subject.forget", id: id("ada") },
    ],
  ],
];

for (const [what, gone, mutations] of DESTRUCTIONS) {
  test(`${what} is in no file once the write has resolved`, async (t) => {
    const file = databaseFile(t);
    const store = open(t, file);
    await putAdaAndShop(store);
    for (const label of gone) assert.ok(holds(file, wrapped(label).wrap), `${label} should be stored first`);
    await put(store, ...mutations);
    for (const label of gone) assert.ok(!holds(file, wrapped(label).wrap), `${label} is still stored`);
    assert.equal(statSync(`${file}-wal`).size, 0);
    // What was not destroyed is still there.
    for (const label of ["ada root", "ada log", "shop of ada relationship", "shop of ada epoch 1"]) {
      assert.equal(holds(file, wrapped(label).wrap), !gone.includes(label), label);
    }
  });
}

test("a forgotten subject's login, password hash and tokens are in no file", async (t) => {
  const file = databaseFile(t);
  const store = open(t, file);
  await putAdaAndShop(store);
  await put(
    store,
    { op: "token.add", row: tokenRow("ada's phone") },
    { op: "connection.add", row: connectionRow("ada's code") },
  );
  const traces = ["ada@example.org", "scrypt of ada", "ada's phone", connectionRow("ada's code").hash];
  for (const trace of traces) assert.ok(holds(file, Buffer.from(trace)), trace);
  await put(store, { op: "subject.forget", id: id("ada") });
  for (const trace of traces) assert.ok(!holds(file, Buffer.from(trace)), trace);
});

test("a mutation that is undone destroys nothing", async (t) => {
  const file = databaseFile(t);
  const store = open(t, file);
  await putAdaAndShop(store);
  await store.write(async (tx) => {
    const conflict = await tx.attempt([
      { op: "epoch.key", handle: HANDLE, epoch: 1, key: null },
      { op: "subject.add", row: subjectRow("ada") },
    ]);
    assert.equal(conflict?.code, "storage.conflict");
  });
  assert.deepEqual(await store.epochsOf(HANDLE), [epochRow("shop of ada")]);
});

test("after thousands of keys came and went, the files hold exactly the living ones, once each", async (t) => {
  const file = databaseFile(t);
  const store = open(t, file);
  const living = await churn(store);
  const found = new Map<string, number>();
  for (const part of files(file)) {
    for (let at = part.indexOf(MARK); at >= 0; at = part.indexOf(MARK, at + 1)) {
      const wrap = part.subarray(at, at + 60).toString("hex");
      found.set(wrap, (found.get(wrap) ?? 0) + 1);
    }
  }
  const expected = [...living].sort();
  assert.ok(expected.length > 3_000);
  assert.deepEqual([...found.keys()].sort(), expected);
  assert.deepEqual(new Set(found.values()), new Set([1]));
});

test("while another program reads, the key stays in the WAL; it is gone with the next write after that", async (t) => {
  const file = databaseFile(t);
  const store = open(t, file);
  await putAdaAndShop(store);
  const { wrap } = wrapped("shop of ada epoch 1");
  const backup = new DatabaseSync(file, { readOnly: true });
  t.after(() => backup.isOpen && backup.close());
  backup.exec("BEGIN; SELECT count(*) FROM subjects");
  await put(store, { op: "epoch.key", handle: HANDLE, epoch: 1, key: null });
  assert.deepEqual(await store.epochsOf(HANDLE), [epochRow("shop of ada", 1, { key: null })]);
  assert.ok(holds(file, wrap), "the reader's snapshot should still have it");
  await store.ping();
  assert.ok(holds(file, wrap));
  backup.close();
  await store.ping();
  assert.ok(!holds(file, wrap));
});

test("a key that a crash left in the WAL is gone after the next start", async (t) => {
  const file = databaseFile(t);
  const store = open(t, file);
  await putAdaAndShop(store);
  await store.close();
  // What a crash between commit and emptying leaves: the commit in the WAL, and in the database the key.
  const crashed = new DatabaseSync(file);
  crashed.exec("PRAGMA wal_autocheckpoint = 0; PRAGMA secure_delete = ON; UPDATE epochs SET key_slot = NULL");
  crashed.exec("UPDATE wraps SET wrap = zeroblob(60) WHERE slot = (SELECT max(slot) FROM wraps)");
  const { wrap } = wrapped("shop of ada epoch 1");
  assert.ok(holds(file, wrap));
  const keepsWal = new DatabaseSync(file, { readOnly: true });
  keepsWal.exec("SELECT count(*) FROM wraps");
  crashed.close();
  assert.ok(statSync(`${file}-wal`).size > 0);
  open(t, file);
  assert.ok(!holds(file, wrap));
  keepsWal.close();
});

/** Begins every wrap of the long test: one pass over a file finds them all. */
const MARK = digest("mark").subarray(0, 12);

/** Adds subjects, relationships and epochs, rewraps and destroys keys, in an order that looks random and never changes. */
async function churn(store: Store): Promise<Set<string>> {
  const living = new Set<string>();
  let serial = 0;
  const born = (): WrappedKey => {
    serial += 1;
    const wrap = Buffer.concat([MARK, digest(`wrap ${serial}`), digest(`rest ${serial}`)]).subarray(0, 60);
    living.add(wrap.toString("hex"));
    return { keyId: id(`key ${serial}`), wrap };
  };
  const died = (key: WrappedKey | null): void => void (key !== null && living.delete(key.wrap.toString("hex")));
  const roots: WrappedKey[] = [];
  const epochs: (WrappedKey | null)[] = [];
  const generations: number[] = [];
  for (let round = 0; round < 40; round += 1) {
    const mutations: Mutation[] = [];
    for (let step = 0; step < 50; step += 1) {
      const number = roots.length;
      const [subject, label] = [`subject ${number}`, `handle ${number}`];
      const [root, epoch] = [born(), born()];
      const rulebook = Buffer.alloc(number % 700, number);
      mutations.push(
        { op: "subject.add", row: subjectRow(subject, { root, logKey: born() }) },
        {
          op: "relationship.add",
          row: relationshipRow(label, { subject: id(subject), key: born(), rulebook, generation: 0 }),
          epoch: epochRow(label, 1, { key: epoch }),
        },
      );
      roots.push(root);
      epochs.push(epoch);
      generations.push(0);
      const chosen = digest(`choice ${round} ${step}`).readUInt32BE() % roots.length;
      const next = step % 3 === 0 ? null : born();
      died(epochs[chosen] ?? null);
      epochs[chosen] = next;
      mutations.push({ op: "epoch.key", handle: id(`handle ${chosen}`), epoch: 1, key: next });
      const other = digest(`other ${round} ${step}`).readUInt32BE() % roots.length;
      const newRoot = born();
      died(roots[other] ?? null);
      roots[other] = newRoot;
      mutations.push({ op: "subject.update", id: id(`subject ${other}`), set: { root: newRoot } });
      // Rows of changing size make SQLite move their neighbours about.
      const generation = generations[other] ?? 0;
      const grown = { rulebook: Buffer.alloc((other * 37 + round) % 1500, round) };
      mutations.push({
        op: "relationship.update",
        handle: id(`handle ${other}`),
        expectGeneration: generation,
        set: grown,
      });
      generations[other] = generation + 1;
    }
    await put(store, ...mutations);
  }
  return living;
}

function files(file: string): Buffer[] {
  return [file, `${file}-wal`].map((path) => readFileSync(path));
}

function holds(file: string, bytes: Buffer): boolean {
  return files(file).some((content) => content.includes(bytes));
}
