/** A second application of the shop, with credentials of its own, on the same database. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createWarehouse, NEEDED } from "@strongroom/example-eshop";
import { Strongroom } from "@strongroom/sdk";
import { startAgent } from "./agent.ts";
import { ADA, openShop, ordered, signedUp, staffOf } from "./customer.ts";

test("the warehouse prints labels under its own name; a rule may name it and leave the web shop out", async (t) => {
  const agent = await startAgent(t);
  const shop = await openShop(t, agent);
  const credentials = await agent.application("warehouse");
  const strongroom = await Strongroom.connect({
    agents: [{ issuer: agent.issuer, logKey: agent.logKey }],
    application: credentials,
    log: { checkEveryMs: 0 },
  });
  t.after(() => strongroom.close());
  const warehouse = await createWarehouse({ databaseFile: shop.databaseFile, strongroom });
  t.after(() => warehouse.close());
  await warehouse.listen();

  const person = await agent.person();
  await ordered(await signedUp(shop, person, ADA), ADA);
  const staff = await staffOf(warehouse, warehouse.staffPassword);
  assert.ok(staff.page!.text.includes(ADA.street));
  assert.match(JSON.stringify(await person.log()), /"applicationName":"warehouse"/);
  assert.equal((await staff.get("/staff/newsletter")).status, 404);
  assert.equal((await staff.get("/sign-up")).status, 404);

  const everyone = (await person.rules()).find(({ action }) => action.kind === "read")!;
  await person.revoke(everyone);
  await person.rule({ types: NEEDED.types, action: NEEDED.read, applications: [credentials.id] });
  await staff.get("/staff/labels");
  assert.ok(staff.page!.text.includes(ADA.street), "the warehouse may");
  const shopStaff = await staffOf(shop);
  assert.match(shopStaff.page!.text, /Parcel 1 not available: this person has not allowed it/);

  await staff.send("/staff/labels/1/sent", {});
  await shopStaff.get("/staff/labels");
  assert.match(shopStaff.page!.text, /No parcel waits/);
});
