/** Controllers, their applications and the applications' public keys. */
import assert from "node:assert/strict";
import type { Check } from "../contract.ts";
import { applicationKey, applicationRow, attempt, controllerRow, id, NOW, put } from "../samples.ts";

export function registrations(check: Check): void {
  check("controllers are listed oldest first, and a name is taken once", async ({ store }) => {
    const bank = controllerRow("bank", { website: null, createdAt: NOW - 5 });
    await put(store, { op: "controller.add", row: controllerRow("shop") }, { op: "controller.add", row: bank });
    assert.deepEqual(await store.controllers(), [bank, controllerRow("shop")]);
    assert.deepEqual(await store.controller(id("bank")), bank);
    assert.equal(await store.controller(id("unknown")), null);
    const sameName = controllerRow("another", { name: "shop" });
    assert.equal(await attempt(store, { op: "controller.add", row: sameName }), "storage.conflict");
    const sameId = controllerRow("shop", { name: "another" });
    assert.equal(await attempt(store, { op: "controller.add", row: sameId }), "storage.conflict");
  });

  check("a controller has many applications; names are its own", async ({ store, readBack }) => {
    const web = applicationRow("web", { keys: [applicationKey("first"), applicationKey("second", NOW + 1)] });
    const mail = applicationRow("mail", { disabled: true, createdAt: NOW + 1 });
    const banks = applicationRow("bank's web", { controller: id("bank"), name: "web", createdAt: NOW + 2 });
    await put(
      store,
      { op: "controller.add", row: controllerRow("shop") },
      { op: "controller.add", row: controllerRow("bank") },
      { op: "application.add", row: mail },
      { op: "application.add", row: web },
      { op: "application.add", row: banks },
    );
    await readBack(async (now) => {
      assert.deepEqual(await now.applications(id("shop")), [web, mail]);
      assert.deepEqual(await now.applications(id("bank")), [banks]);
      assert.deepEqual(await now.applications(null), [web, mail, banks]);
      assert.deepEqual(await now.applications(id("unknown")), []);
      assert.deepEqual(await now.application(id("web")), web);
      assert.equal(await now.application(id("unknown")), null);
    });
  });

  check("an application needs its controller, a free id and a free name", async ({ store }) => {
    assert.equal(await attempt(store, { op: "application.add", row: applicationRow("web") }), "storage.stale");
    await put(
      store,
      { op: "controller.add", row: controllerRow("shop") },
      { op: "application.add", row: applicationRow("web") },
    );
    const sameName = applicationRow("other", { name: "web" });
    assert.equal(await attempt(store, { op: "application.add", row: sameName }), "storage.conflict");
    const sameId = applicationRow("web", { name: "other" });
    assert.equal(await attempt(store, { op: "application.add", row: sameId }), "storage.conflict");
    const twoAlike = applicationRow("other", { keys: [applicationKey("k"), applicationKey("k")] });
    assert.equal(await attempt(store, { op: "application.add", row: twoAlike }), "storage.conflict");
    assert.deepEqual(await store.applications(null), [applicationRow("web")]);
  });

  check("an application is disabled and enabled again", async ({ store }) => {
    await put(
      store,
      { op: "controller.add", row: controllerRow("shop") },
      { op: "application.add", row: applicationRow("web") },
    );
    for (const disabled of [true, true, false]) {
      await put(store, { op: "application.disable", id: id("web"), disabled });
      assert.equal((await store.application(id("web")))?.disabled, disabled);
    }
    const unknown = { op: "application.disable", id: id("unknown"), disabled: true } as const;
    assert.equal(await attempt(store, unknown), "storage.stale");
  });

  check("keys of an application come and go, oldest first", async ({ store }) => {
    const [old, young] = [applicationKey("old"), applicationKey("young", NOW + 1)];
    await put(
      store,
      { op: "controller.add", row: controllerRow("shop") },
      { op: "application.add", row: applicationRow("web", { keys: [young] }) },
      { op: "application.add", row: applicationRow("mail", { keys: [young] }) },
      { op: "application.key.add", id: id("web"), key: old },
    );
    assert.deepEqual((await store.application(id("web")))?.keys, [old, young]);
    const again = { op: "application.key.add", id: id("web"), key: old } as const;
    assert.equal(await attempt(store, again), "storage.conflict");
    const nobodys = { op: "application.key.add", id: id("unknown"), key: old } as const;
    assert.equal(await attempt(store, nobodys), "storage.stale");

    const remove = { op: "application.key.remove", id: id("web"), kid: young.kid } as const;
    await put(store, remove);
    assert.equal(await attempt(store, remove), "storage.stale");
    assert.deepEqual((await store.application(id("web")))?.keys, [old]);
    assert.deepEqual((await store.application(id("mail")))?.keys, [young]);
  });
}
