/** Consent requests: asked once, settled once. */
import assert from "node:assert/strict";
import type { ConsentRow } from "../../../src/storage/rows.ts";
import type { Mutation } from "../../../src/storage/store.ts";
import type { Check } from "../contract.ts";
import { attempt, consentRow, id, NOW, put } from "../samples.ts";

const settle = (label: string, state: ConsentRow["state"], answeredAt: number | null = NOW + 1): Mutation => ({
  op: "consent.settle",
  id: id(label),
  state,
  answeredAt,
});

export function consents(check: Check): void {
  check("requests are listed newest first and counted while pending", async ({ store, readBack }) => {
    const rows = [consentRow("a"), consentRow("b", { createdAt: NOW + 2 }), consentRow("c", { createdAt: NOW + 1 })];
    await put(store, ...rows.map((row): Mutation => ({ op: "consent.add", row })));
    await put(store, { op: "consent.add", row: consentRow("other", { handle: id("bank"), subject: id("bob") }) });
    await readBack(async (now) => {
      assert.deepEqual(await now.consentsOf(id("ada")), [rows[1], rows[2], rows[0]]);
      assert.deepEqual(await now.consent(id("a")), rows[0]);
      assert.equal(await now.consent(id("unknown")), null);
      assert.equal(await now.consentsPendingCount(id("shop of ada")), 3);
      assert.equal(await now.consentsPendingCount(id("bank")), 1);
      assert.equal(await now.consentsPendingCount(id("unknown")), 0);
    });
  });

  check("an id is asked under once", async ({ store }) => {
    await put(store, { op: "consent.add", row: consentRow("a") });
    assert.equal(await attempt(store, { op: "consent.add", row: consentRow("a") }), "storage.conflict");
  });

  for (const state of ["granted", "refused", "expired", "withdrawn"] as const) {
    check(`a pending request becomes ${state}, and then nothing else`, async ({ store }) => {
      await put(store, { op: "consent.add", row: consentRow("a") }, { op: "consent.add", row: consentRow("b") });
      const answeredAt = state === "expired" ? null : NOW + 1;
      await put(store, settle("a", state, answeredAt));
      const settled = { ...consentRow("a"), state, answeredAt };
      assert.deepEqual(await store.consent(id("a")), settled);
      for (const later of ["pending", "granted", "refused", "expired", "withdrawn"] as const) {
        assert.equal(await attempt(store, settle("a", later, NOW + 2)), "storage.stale");
      }
      assert.deepEqual(await store.consent(id("a")), settled);
      assert.deepEqual(await store.consent(id("b")), consentRow("b"));
      assert.equal(await store.consentsPendingCount(id("shop of ada")), 1);
    });
  }

  check("of two answers at once the first counts, and an unknown request has none", async ({ store }) => {
    await put(store, { op: "consent.add", row: consentRow("a") });
    const outcomes = await Promise.all([
      attempt(store, settle("a", "granted")),
      attempt(store, settle("a", "withdrawn")),
      attempt(store, settle("unknown", "granted")),
    ]);
    assert.deepEqual(outcomes, [null, "storage.stale", "storage.stale"]);
    assert.equal((await store.consent(id("a")))?.state, "granted");
  });
}
