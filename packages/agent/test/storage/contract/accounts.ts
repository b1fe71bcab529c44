/** Tokens, one-time codes, holdings, kept decisions, and the sweep that ends what has passed its time. */
import assert from "node:assert/strict";
import type { Mutation } from "../../../src/storage/store.ts";
import type { Check } from "../contract.ts";
import { attempt, connectionRow, digest, holdingRow, id, idempotencyRow, NOW, put, tokenRow } from "../samples.ts";

const HANDLE = id("shop of ada");

export function accounts(check: Check): void {
  check("tokens are found by hash and by subject, and removed by their owner alone", async ({ store, readBack }) => {
    const api = tokenRow("api", { kind: "api", scope: "read", expiresAt: null, createdAt: NOW - 1 });
    const bobs = tokenRow("bob's", { subject: id("bob") });
    await put(
      store,
      { op: "token.add", row: tokenRow("session") },
      { op: "token.add", row: api },
      { op: "token.add", row: bobs },
    );
    await readBack(async (now) => {
      assert.deepEqual(await now.token(api.hash), api);
      assert.deepEqual(await now.tokensOf(id("ada")), [api, tokenRow("session")]);
      assert.equal(await now.token(digest("unknown").toString("base64url")), null);
    });
  });

  check("a token is taken once and removed once", async ({ store }) => {
    const row = tokenRow("session");
    await put(store, { op: "token.add", row });
    assert.equal(await attempt(store, { op: "token.add", row: { ...row, id: id("other") } }), "storage.conflict");
    assert.equal(await attempt(store, { op: "token.add", row: { ...row, hash: "other" } }), "storage.conflict");
    const remove = (subject: string): Mutation => ({ op: "token.remove", subject, id: row.id });
    assert.equal(await attempt(store, remove(id("bob"))), "storage.stale");
    assert.deepEqual(await store.token(row.hash), row);
    await put(store, remove(id("ada")));
    assert.equal(await attempt(store, remove(id("ada"))), "storage.stale");
    assert.equal(await store.token(row.hash), null);
  });

  check("a one-time code is read any number of times and taken once", async ({ store }) => {
    const row = connectionRow("code");
    await put(store, { op: "connection.add", row });
    assert.equal(await attempt(store, { op: "connection.add", row }), "storage.conflict");
    assert.deepEqual(await store.connection(row.hash), row);
    assert.deepEqual(await store.connection(row.hash), row);
    await put(store, { op: "connection.take", hash: row.hash });
    assert.equal(await attempt(store, { op: "connection.take", hash: row.hash }), "storage.conflict");
    assert.equal(await store.connection(row.hash), null);
  });

  check("a code that was taken in a list that conflicts is not taken", async ({ store }) => {
    const row = connectionRow("code");
    await put(store, { op: "connection.add", row }, { op: "token.add", row: tokenRow("session") });
    const taken = [
      { op: "connection.take", hash: row.hash },
      { op: "token.add", row: tokenRow("session") },
    ] as const;
    assert.equal(await attempt(store, ...taken), "storage.conflict");
    assert.deepEqual(await store.connection(row.hash), row);
  });

  check("a holding is replaced by type; its last use only moves forward", async ({ store }) => {
    const email = holdingRow("identity.email");
    await put(
      store,
      { op: "holding.put", row: holdingRow("identity.surname") },
      { op: "holding.put", row: email },
      { op: "holding.put", row: holdingRow("identity.email", { handle: id("bank of ada") }) },
    );
    assert.deepEqual(await store.holdingsOf(HANDLE), [email, holdingRow("identity.surname")]);
    const lastUse = async (): Promise<number | null> => (await store.holdingsOf(HANDLE))[0]?.lastUsedAt ?? null;
    const used = (at: number): Mutation => ({ op: "holding.used", handle: HANDLE, type: "identity.email", at });
    await put(store, used(NOW + 5));
    assert.equal(await lastUse(), NOW + 5);
    await put(store, used(NOW + 3));
    assert.equal(await lastUse(), NOW + 5);

    // Sealed again by somebody who had read the row before it was used.
    const sealed = holdingRow("identity.email", {
      provenances: '["third-party"]',
      since: NOW - 1,
      lastSealedAt: NOW + 9,
    });
    await put(store, { op: "holding.put", row: sealed });
    assert.deepEqual((await store.holdingsOf(HANDLE))[0], { ...sealed, lastUsedAt: NOW + 5 });
    await put(store, { op: "holding.put", row: { ...sealed, lastUsedAt: NOW + 8 } });
    assert.equal(await lastUse(), NOW + 8);
    await put(store, { op: "holding.put", row: { ...sealed, lastUsedAt: NOW + 2 } });
    assert.equal(await lastUse(), NOW + 8);

    await put(store, { op: "holding.used", handle: HANDLE, type: "identity.unknown", at: NOW });
    assert.equal((await store.holdingsOf(HANDLE)).length, 2);
    assert.equal((await store.holdingsOf(id("bank of ada")))[0]?.lastUsedAt, null);
  });

  check("a kept decision belongs to one application and one key", async ({ store, reopen, readBack }) => {
    const row = idempotencyRow("order-1");
    const others = idempotencyRow("order-1", { application: id("mail"), decision: "{}" });
    await put(store, { op: "idempotency.put", row }, { op: "idempotency.put", row: others });
    await readBack(async (now) => {
      assert.deepEqual(await now.idempotency(id("web"), "order-1"), row);
      assert.deepEqual(await now.idempotency(id("mail"), "order-1"), others);
      assert.equal(await now.idempotency(id("web"), "order-2"), null);
    });
    const again = idempotencyRow("order-1", { decision: "another", digest: digest("another") });
    assert.equal(await attempt(await reopen(), { op: "idempotency.put", row: again }), "storage.conflict");
  });

  check("the sweep removes what ended before its time, and says how much", async ({ store }) => {
    await put(
      store,
      { op: "token.add", row: tokenRow("ended", { expiresAt: NOW - 1 }) },
      { op: "token.add", row: tokenRow("ends now", { expiresAt: NOW }) },
      { op: "token.add", row: tokenRow("for ever", { expiresAt: null }) },
      { op: "connection.add", row: connectionRow("ended", { expiresAt: NOW - 1 }) },
      { op: "connection.add", row: connectionRow("ends now", { expiresAt: NOW }) },
      { op: "idempotency.put", row: idempotencyRow("old", { createdAt: NOW - 101 }) },
      { op: "idempotency.put", row: idempotencyRow("young", { createdAt: NOW - 100 }) },
    );
    assert.equal(await store.sweep(NOW, NOW - 100), 3);
    assert.equal(await store.sweep(NOW, NOW - 100), 0);
    assert.deepEqual(
      new Set((await store.tokensOf(id("ada"))).map(({ name }) => name)),
      new Set(["ends now", "for ever"]),
    );
    assert.equal(await store.connection(connectionRow("ended").hash), null);
    assert.notEqual(await store.connection(connectionRow("ends now").hash), null);
    assert.equal(await store.idempotency(id("web"), "old"), null);
    assert.notEqual(await store.idempotency(id("web"), "young"), null);
  });
}
