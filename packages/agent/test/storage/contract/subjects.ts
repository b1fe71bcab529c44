/** Subjects: their rows, logins, keys and pages. */
import assert from "node:assert/strict";
import type { SubjectRow } from "../../../src/storage/rows.ts";
import type { Mutation, Store } from "../../../src/storage/store.ts";
import type { Check } from "../contract.ts";
import {
  attempt,
  connectionRow,
  consentRow,
  coded,
  holdingRow,
  id,
  NOW,
  put,
  putAdaAndShop,
  subjectRow,
  tokenRow,
  wrapped,
} from "../samples.ts";

const add = (label: string, set: Partial<SubjectRow> = {}): Mutation => ({
  op: "subject.add",
  row: subjectRow(label, set),
});

export function subjects(check: Check): void {
  check("a subject is found by id and by login, as it was stored", async ({ store, readBack }) => {
    await put(store, add("ada"), add("bob", { login: null, passwordHash: null, state: "locked", kekEpoch: 7 }));
    await readBack(async (now) => {
      assert.deepEqual(await now.subject(id("ada")), subjectRow("ada"));
      assert.deepEqual(await now.subjectByLogin("ada@example.org"), subjectRow("ada"));
      assert.equal((await now.subject(id("bob")))?.state, "locked");
      assert.equal(await now.subject(id("nobody")), null);
      assert.equal(await now.subjectByLogin("ADA@example.org"), null);
    });
  });

  check("ids and logins are taken once; no login is taken by nobody", async ({ store }) => {
    await put(store, add("ada"), add("bob", { login: null }), add("cy", { login: null }));
    assert.equal(await attempt(store, add("ada", { login: "another" })), "storage.conflict");
    assert.equal(await attempt(store, add("dan", { login: "ada@example.org" })), "storage.conflict");
    const rename: Mutation = { op: "subject.update", id: id("bob"), set: { login: "ada@example.org" } };
    assert.equal(await attempt(store, rename), "storage.conflict");
    assert.equal((await store.subject(id("bob")))?.login, null);
  });

  check("an update sets what it names and nothing else", async ({ store }) => {
    await put(store, add("ada"), add("bob"));
    const sets: Partial<Omit<SubjectRow, "id" | "createdAt">>[] = [
      { state: "locked" },
      { login: "ada2@example.org", passwordHash: "another" },
      { root: wrapped("new root"), kekEpoch: 2 },
      { logKey: wrapped("new log") },
      {},
      { state: "erased", erasedAt: NOW + 5, login: null, passwordHash: null, root: null, logKey: null },
      { root: wrapped("a root again") },
    ];
    let expected = subjectRow("ada");
    for (const set of sets) {
      await put(store, { op: "subject.update", id: id("ada"), set });
      expected = { ...expected, ...set };
      assert.deepEqual(await store.subject(id("ada")), expected);
    }
    assert.deepEqual(await store.subject(id("bob")), subjectRow("bob"));
  });

  check("an update of an unknown subject is stale", async ({ store }) => {
    assert.equal(await attempt(store, { op: "subject.update", id: id("ada"), set: {} }), "storage.stale");
    assert.equal(
      await attempt(store, { op: "subject.update", id: id("ada"), set: { state: "locked" } }),
      "storage.stale",
    );
  });

  check("an update that expects a root is stale when another update of keys came first", async ({ store }) => {
    await put(store, add("ada"));
    const rewrap = (from: string, to: string): Mutation => ({
      op: "subject.update",
      id: id("ada"),
      expectRoot: wrapped(from),
      set: { root: wrapped(to) },
    });
    const outcomes = await Promise.all([
      attempt(store, rewrap("ada root", "first")),
      attempt(store, rewrap("ada root", "second")),
      attempt(store, rewrap("first", "third")),
    ]);
    assert.deepEqual(outcomes, [null, "storage.stale", null]);
    assert.deepEqual((await store.subject(id("ada")))?.root, wrapped("third"));

    await put(store, { op: "subject.update", id: id("ada"), expectRoot: wrapped("third"), set: { root: null } });
    assert.equal(await attempt(store, rewrap("third", "back")), "storage.stale");
    assert.equal((await store.subject(id("ada")))?.root, null);
    const none: Mutation = { op: "subject.update", id: id("ada"), expectRoot: null, set: { state: "erased" } };
    assert.equal(await attempt(store, none), null);
  });

  check("pages go through all subjects in the order of the ids' bytes", async ({ store }) => {
    const ids = ["-", "0", "9", "A", "Z", "_", "a", "aa", "b-", "b0", "bA", "b_", "ba", "z"];
    const rows = ids.map((name) => ({ ...subjectRow(name), id: name }));
    await put(store, ...[...rows].reverse().map((row): Mutation => ({ op: "subject.add", row })));
    for (const limit of [1, 2, 5, 13, 14, 15]) {
      const pages = await allPages(store, limit);
      assert.deepEqual(
        pages.flat().map((row) => row.id),
        ids,
      );
      assert.equal(pages.length, Math.ceil(ids.length / limit), `pages of ${limit}`);
    }
    assert.deepEqual(await store.subjects("z", 5), { rows: [], next: null });
    assert.deepEqual((await store.subjects("b", 1)).rows[0]?.id, "b-");
  });

  check("no subjects are one empty page", async ({ store }) => {
    assert.deepEqual(await store.subjects(null, 5), { rows: [], next: null });
  });

  check("subjects behind a KEK epoch are the living ones wrapped under an older one", async ({ store }) => {
    await put(
      store,
      add("one", { kekEpoch: 1 }),
      add("two", { kekEpoch: 2 }),
      add("three", { kekEpoch: 3 }),
      add("erased", { kekEpoch: 1, root: null, logKey: null, state: "erased" }),
    );
    const behind = async (epoch: number, limit: number): Promise<string[]> =>
      (await store.subjectsBehindKek(epoch, limit)).map((row) => row.id).sort();
    assert.deepEqual(await behind(1, 10), []);
    assert.deepEqual(await behind(2, 10), [id("one")]);
    assert.deepEqual(await behind(3, 10), [id("one"), id("two")].sort());
    assert.equal((await behind(3, 1)).length, 1);
    await put(store, { op: "subject.update", id: id("one"), set: { kekEpoch: 3, root: wrapped("rewrapped") } });
    await put(store, { op: "subject.update", id: id("two"), set: { root: null } });
    assert.deepEqual(await behind(3, 10), []);
  });

  check("forgetting a subject removes what is not needed as proof, of this subject alone", async ({ store }) => {
    await putAdaAndShop(store);
    await put(
      store,
      add("bob"),
      { op: "token.add", row: tokenRow("of ada") },
      { op: "token.add", row: tokenRow("of bob", { subject: id("bob") }) },
      { op: "connection.add", row: connectionRow("code of ada") },
      { op: "connection.add", row: connectionRow("code of bob", { handle: id("shop of bob") }) },
      { op: "consent.add", row: consentRow("asked ada") },
      { op: "consent.add", row: consentRow("asked bob", { subject: id("bob"), handle: id("shop of bob") }) },
      { op: "holding.put", row: holdingRow("identity.email") },
      { op: "holding.put", row: holdingRow("identity.email", { handle: id("shop of bob") }) },
    );
    await put(store, { op: "subject.forget", id: id("ada") });

    const ada = await store.subject(id("ada"));
    assert.deepEqual([ada?.login, ada?.passwordHash], [null, null]);
    assert.equal(await store.subjectByLogin("ada@example.org"), null);
    assert.deepEqual(await store.tokensOf(id("ada")), []);
    assert.equal(await store.connection(connectionRow("code of ada").hash), null);
    assert.deepEqual(await store.consentsOf(id("ada")), []);
    assert.deepEqual(await store.holdingsOf(id("shop of ada")), []);
    assert.equal((await store.relationshipsOf(id("ada"))).length, 1);

    assert.deepEqual(await store.subject(id("bob")), subjectRow("bob"));
    assert.equal((await store.tokensOf(id("bob"))).length, 1);
    assert.notEqual(await store.connection(connectionRow("code of bob").hash), null);
    assert.equal((await store.consentsOf(id("bob"))).length, 1);
    assert.equal((await store.holdingsOf(id("shop of bob"))).length, 1);
    // The login is free again.
    await put(store, add("new ada", { login: "ada@example.org" }));
  });

  check("a value that cannot be stored fails the write and is no conflict", async ({ store }) => {
    const broken = subjectRow("ada", { createdAt: "yesterday" as unknown as number });
    await assert.rejects(attempt(store, { op: "subject.add", row: broken }), coded("storage.unavailable"));
    const missing = subjectRow("ada", { state: null as unknown as SubjectRow["state"] });
    await assert.rejects(attempt(store, { op: "subject.add", row: missing }), coded("storage.unavailable"));
    assert.equal(await store.subject(id("ada")), null);
  });
}

async function allPages(store: Store, limit: number): Promise<(readonly SubjectRow[])[]> {
  const pages = [];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<Store["subjects"]>> = await store.subjects(after, limit);
    pages.push(page.rows);
    after = page.next;
  } while (after !== null);
  return pages;
}
