/** Relationships, their epochs, and loading both with their subject in one step. */
import assert from "node:assert/strict";
import type { KeyOwner, Mutation } from "../../../src/storage/store.ts";
import type { Check } from "../contract.ts";
import {
  attempt,
  connectionRow,
  consentRow,
  epochRow,
  headRow,
  holdingRow,
  id,
  NOW,
  put,
  putAdaAndShop,
  relationshipRow,
  subjectRow,
  wrapped,
} from "../samples.ts";

const HANDLE = id("shop of ada");
const SHOP_OF_ADA = relationshipRow("shop of ada", { controller: id("shop") });

const add = (label: string, set: Parameters<typeof relationshipRow>[1] = {}): Mutation => ({
  op: "relationship.add",
  row: relationshipRow(label, set),
  epoch: epochRow(label),
});

export function relationships(check: Check): void {
  check("a relationship comes with its first epoch", async ({ store, readBack }) => {
    await putAdaAndShop(store);
    await readBack(async (now) => {
      assert.deepEqual(await now.relationship(HANDLE), SHOP_OF_ADA);
      assert.deepEqual(await now.relationshipBetween(id("ada"), id("shop")), SHOP_OF_ADA);
      assert.deepEqual(await now.relationshipsOf(id("ada")), [SHOP_OF_ADA]);
      assert.deepEqual(await now.epochsOf(HANDLE), [epochRow("shop of ada")]);
      assert.equal(await now.relationship(id("unknown")), null);
      assert.equal(await now.relationshipBetween(id("ada"), id("bank")), null);
      assert.deepEqual(await now.relationshipsOf(id("bob")), []);
      assert.deepEqual(await now.epochsOf(id("unknown")), []);
    });
  });

  check("a subject and a controller have one living relationship, and any number of erased ones", async ({ store }) => {
    await putAdaAndShop(store);
    assert.equal(await attempt(store, add("second", { controller: id("shop") })), "storage.conflict");
    assert.equal(await store.relationship(id("second")), null);
    assert.deepEqual(await store.epochsOf(id("second")), []);

    const erase = { key: null, rulebook: null, erasedAt: NOW + 9 };
    await put(store, { op: "relationship.update", handle: HANDLE, expectGeneration: 1, set: erase });
    assert.equal(await store.relationshipBetween(id("ada"), id("shop")), null);
    await put(store, add("second", { controller: id("shop"), createdAt: NOW + 10 }));
    assert.equal((await store.relationshipBetween(id("ada"), id("shop")))?.handle, id("second"));
    assert.deepEqual(
      (await store.relationshipsOf(id("ada"))).map(({ handle }) => handle),
      [HANDLE, id("second")],
    );
    assert.deepEqual(await store.relationship(HANDLE), { ...SHOP_OF_ADA, ...erase, generation: 2 });
  });

  check("a handle is taken once", async ({ store }) => {
    await putAdaAndShop(store);
    assert.equal(await attempt(store, add("shop of ada")), "storage.conflict");
  });

  check("a relationship of nobody, and an epoch of no relationship, are stale", async ({ store }) => {
    assert.equal(await attempt(store, add("shop of ada")), "storage.stale");
    assert.equal(await attempt(store, { op: "epoch.add", row: epochRow("shop of ada", 2) }), "storage.stale");
  });

  check("of two updates of one generation the first wins", async ({ store }) => {
    await putAdaAndShop(store);
    const update = (rules: string): Mutation => ({
      op: "relationship.update",
      handle: HANDLE,
      expectGeneration: 1,
      set: { rulebook: Buffer.from(rules) },
    });
    const outcomes = await Promise.all([attempt(store, update("first")), attempt(store, update("second"))]);
    assert.deepEqual(outcomes, [null, "storage.stale"]);
    assert.deepEqual(await store.relationship(HANDLE), {
      ...SHOP_OF_ADA,
      rulebook: Buffer.from("first"),
      generation: 2,
    });
  });

  check("an update sets what it names, and every update is a new generation", async ({ store }) => {
    await putAdaAndShop(store);
    const sets = [
      { rulebook: Buffer.from("rules") },
      { key: wrapped("new relationship key") },
      {},
      { rulebook: Buffer.alloc(0) },
      { rulebook: null },
      { key: null, erasedAt: NOW + 1 },
    ];
    let expected = SHOP_OF_ADA;
    for (const [index, set] of sets.entries()) {
      await put(store, { op: "relationship.update", handle: HANDLE, expectGeneration: index + 1, set });
      expected = { ...expected, ...set, generation: index + 2 };
      assert.deepEqual(await store.relationship(HANDLE), expected);
    }
    const late: Mutation = { op: "relationship.update", handle: HANDLE, expectGeneration: 6, set: {} };
    assert.equal(await attempt(store, late), "storage.stale");
    const unknown: Mutation = { op: "relationship.update", handle: id("unknown"), expectGeneration: 1, set: {} };
    assert.equal(await attempt(store, unknown), "storage.stale");
  });

  check("epochs come in their order, and the key of one is replaced or destroyed by itself", async ({ store }) => {
    await putAdaAndShop(store);
    await put(
      store,
      ...[10, 2, 256].map((epoch): Mutation => ({ op: "epoch.add", row: epochRow("shop of ada", epoch) })),
    );
    assert.equal(await attempt(store, { op: "epoch.add", row: epochRow("shop of ada", 2) }), "storage.conflict");
    await put(
      store,
      { op: "epoch.key", handle: HANDLE, epoch: 2, key: null },
      { op: "epoch.key", handle: HANDLE, epoch: 10, key: wrapped("rewrapped") },
    );
    assert.deepEqual(await store.epochsOf(HANDLE), [
      epochRow("shop of ada", 1),
      epochRow("shop of ada", 2, { key: null }),
      epochRow("shop of ada", 10, { key: wrapped("rewrapped") }),
      epochRow("shop of ada", 256),
    ]);
    const missing: Mutation = { op: "epoch.key", handle: HANDLE, epoch: 3, key: null };
    assert.equal(await attempt(store, missing), "storage.stale");
  });

  check("relationships load with epochs, subject and head, each known handle once", async ({ store }) => {
    await putAdaAndShop(store);
    await put(
      store,
      { op: "subject.add", row: subjectRow("bob", { state: "locked" }) },
      add("bank of ada"),
      add("bank of bob", { subject: id("bob"), key: null, erasedAt: NOW + 1 }),
      { op: "epoch.add", row: epochRow("bank of ada", 2, { key: null }) },
    );
    await store.write((tx) => tx.putHeads([headRow("bob", { counter: 4 })]));
    const handles = ["bank of bob", "shop of ada", "unknown", "bank of ada", "shop of ada"].map(id);
    const loaded = await store.loadRelationships(handles);
    assert.deepEqual(
      new Map(loaded.map((one) => [one.relationship.handle, one])),
      new Map([
        [
          HANDLE,
          { relationship: SHOP_OF_ADA, epochs: [epochRow("shop of ada")], subject: subjectRow("ada"), head: null },
        ],
        [
          id("bank of ada"),
          {
            relationship: relationshipRow("bank of ada"),
            epochs: [epochRow("bank of ada"), epochRow("bank of ada", 2, { key: null })],
            subject: subjectRow("ada"),
            head: null,
          },
        ],
        [
          id("bank of bob"),
          {
            relationship: relationshipRow("bank of bob", { subject: id("bob"), key: null, erasedAt: NOW + 1 }),
            epochs: [epochRow("bank of bob")],
            subject: subjectRow("bob", { state: "locked" }),
            head: headRow("bob", { counter: 4 }),
          },
        ],
      ]),
    );
    assert.equal(loaded.length, 3);
    assert.deepEqual(await store.loadRelationships([]), []);
  });

  check("an erased subject and its relationships still load, without keys", async ({ store }) => {
    await putAdaAndShop(store);
    const gone = {
      login: null,
      passwordHash: null,
      state: "erased",
      erasedAt: NOW + 1,
      root: null,
      logKey: null,
    } as const;
    await put(store, { op: "subject.update", id: id("ada"), set: gone });
    const [loaded] = await store.loadRelationships([HANDLE]);
    assert.deepEqual(loaded?.subject, subjectRow("ada", gone));
  });

  check("a living key leads to its owner, whatever wraps it; a destroyed one to nobody", async ({ store }) => {
    await putAdaAndShop(store);
    const owner = (label: string): Promise<KeyOwner | null> => store.ownerOfKey(wrapped(label).keyId);
    const [subject, handle] = [id("ada"), HANDLE];
    assert.deepEqual(await owner("ada root"), { kind: "subject", subject });
    assert.deepEqual(await owner("ada log"), { kind: "subject", subject });
    assert.deepEqual(await owner("shop of ada relationship"), { kind: "relationship", subject, handle });
    assert.deepEqual(await owner("shop of ada epoch 1"), { kind: "epoch", subject, handle, epoch: 1 });
    assert.equal(await owner("unknown"), null);

    const rewrapped = { keyId: wrapped("ada root").keyId, wrap: wrapped("another wrap").wrap };
    await put(
      store,
      { op: "subject.update", id: subject, set: { root: rewrapped, logKey: wrapped("another log key") } },
      { op: "relationship.update", handle, expectGeneration: 1, set: { key: null } },
      { op: "epoch.key", handle, epoch: 1, key: null },
    );
    assert.deepEqual(await owner("ada root"), { kind: "subject", subject });
    assert.equal(await owner("ada log"), null);
    assert.deepEqual(await owner("another log key"), { kind: "subject", subject });
    assert.equal(await owner("shop of ada relationship"), null);
    assert.equal(await owner("shop of ada epoch 1"), null);
  });

  check("forgetting a relationship removes its codes, drafts and holdings, and no other's", async ({ store }) => {
    await putAdaAndShop(store);
    const other = { handle: id("bank of ada") };
    await put(
      store,
      add("bank of ada"),
      { op: "connection.add", row: connectionRow("shop's code") },
      { op: "connection.add", row: connectionRow("bank's code", other) },
      { op: "consent.add", row: consentRow("shop asks") },
      { op: "consent.add", row: consentRow("bank asks", other) },
      { op: "holding.put", row: holdingRow("identity.email") },
      { op: "holding.put", row: holdingRow("identity.email", other) },
    );
    await put(store, { op: "relationship.forget", handle: HANDLE });
    assert.equal(await store.connection(connectionRow("shop's code").hash), null);
    assert.notEqual(await store.connection(connectionRow("bank's code").hash), null);
    assert.deepEqual(
      (await store.consentsOf(id("ada"))).map((row) => row.id),
      [id("bank asks")],
    );
    assert.deepEqual(await store.holdingsOf(HANDLE), []);
    assert.equal((await store.holdingsOf(other.handle)).length, 1);
    assert.deepEqual(await store.relationship(HANDLE), SHOP_OF_ADA);
    assert.deepEqual((await store.subject(id("ada")))?.login, "ada@example.org");
  });
}
