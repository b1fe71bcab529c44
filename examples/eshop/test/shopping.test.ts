/** The shop with a real agent: what is allowed works, what is denied says so, and the shop goes on. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createWarehouse, NEEDED } from "@strongroom/example-eshop";
import { Strongroom } from "@strongroom/sdk";
import { startAgent } from "./agent.ts";
import { Visitor } from "./browser.ts";
import { ADA, BRAM, openShop, ordered, PASSWORD, signedUp, staffOf } from "./customer.ts";

test("sign up, order, label; the person's log tells each use", async (t) => {
  const agent = await startAgent(t);
  const shop = await openShop(t, agent);
  const person = await agent.person();
  const visitor = await signedUp(shop, person, ADA);
  assert.equal(visitor.page!.path, "/account");
  assert.match(visitor.page!.text, /Welcome\. Your details were sealed\./);
  assert.ok(visitor.page!.text.includes(ADA.email), "the e-mail is opened");
  assert.ok(!visitor.page!.text.includes(ADA.surname), "nothing else is");
  assert.match(visitor.page!.text, /Surname \[sealed identity\.surname\]/);

  await visitor.get("/");
  await visitor.send("/cart/add", { product: "3" });
  await visitor.get("/checkout");
  assert.ok(visitor.page!.html.includes(`value="${ADA.street}"`), "the address is filled in");
  assert.ok(!visitor.page!.html.includes("4012"), "the card is not");
  await visitor.send("/checkout", {
    street: ADA.street,
    postalCode: ADA.postalCode,
    city: ADA.city,
    country: ADA.country,
    cardNumber: "",
  });
  assert.equal(visitor.page!.path, "/orders");
  assert.match(visitor.page!.text, /Order 1 is on its way/);
  assert.ok(visitor.page!.text.includes(`${ADA.street} ${ADA.city}`), "the history opens street and city");

  const staff = await staffOf(shop);
  assert.equal(staff.page!.path, "/staff/labels");
  for (const field of ["givenName", "surname", "street", "postalCode", "city", "country"] as const)
    assert.ok(staff.page!.text.includes(ADA[field]), field);
  assert.match(staff.page!.text, /1 × Tarn kettle/);
  await staff.send("/staff/labels/1/sent", {});
  assert.match(staff.page!.text, /No parcel waits/);
  await visitor.get("/orders");
  assert.match(visitor.page!.text, /Parcel sent on /);

  const uses = new Set((await person.log()).map(({ use, purpose, outcome }) => `${use} ${purpose} ${outcome}`));
  for (const line of [
    "application.remote informative allow",
    "application.remote contractual.order allow",
    "pay.charge contractual.payment allow",
    "deliver.package contractual.delivery allow",
  ]) {
    assert.ok(uses.has(line), line);
  }
});

test("the newsletter is denied by default, says so for each customer, and reaches those who allow it", async (t) => {
  const agent = await startAgent(t);
  const shop = await openShop(t, agent);
  const [ada, bram] = [await agent.person(), await agent.person()];
  await signedUp(shop, ada, ADA);
  await signedUp(shop, bram, BRAM);
  const staff = await staffOf(shop);
  await staff.get("/staff/newsletter");
  await staff.send("/staff/newsletter", { subject: "Spring", text: "New kettles." });
  assert.equal(staff.page!.status, 200);
  assert.match(staff.page!.text, /0 of 2 customers get it/);
  assert.match(staff.page!.text, /teapot not available: this person has not allowed it/);
  assert.match(staff.page!.text, /moorland not available: this person has not allowed it/);

  await bram.allowNewsletter();
  await staff.get("/staff/newsletter");
  await staff.send("/staff/newsletter", { subject: "Spring", text: "New kettles." });
  assert.match(staff.page!.text, /1 of 2 customers get it/);
  assert.ok(staff.page!.text.includes(`To: ${BRAM.email} Subject: Spring Dear ${BRAM.givenName}`));
  assert.ok(!staff.page!.text.includes(ADA.email));
  await staff.get("/staff/labels");
  assert.equal(staff.page!.status, 200);
});

test("a revoked rule closes the label, which says why; others print", async (t) => {
  const agent = await startAgent(t);
  const shop = await openShop(t, agent);
  const [ada, bram] = [await agent.person(), await agent.person()];
  await ordered(await signedUp(shop, ada, ADA), ADA);
  const visitor = await signedUp(shop, bram, BRAM);
  await ordered(visitor, BRAM);
  const reading = (await ada.rules()).find(({ action }) => action.kind === "read")!;
  await ada.revoke(reading);
  const staff = await staffOf(shop);
  assert.match(staff.page!.text, /Parcel 1 not available: this person has not allowed it/);
  assert.ok(!staff.page!.text.includes(ADA.street));
  assert.ok(staff.page!.text.includes(BRAM.street), "with its angle brackets as text");
  assert.ok(staff.page!.html.includes("&lt;hoog&gt;"));

  await bram.ask("POST", "/v1/me/lock");
  await staff.get("/staff/labels");
  assert.match(staff.page!.text, /Parcel 2 not available: this person has locked all of their data/);
  await visitor.get("/orders");
  assert.match(visitor.page!.text, /To not available: you have locked all of your data/);
  await bram.ask("DELETE", "/v1/me/lock");
  await staff.get("/staff/labels");
  assert.ok(staff.page!.text.includes(BRAM.street));

  await bram.ask("DELETE", `/v1/me/relationships/${shop.customer("moorland")!.person.slice(12)}`);
  await staff.get("/staff/labels");
  assert.match(staff.page!.text, /Parcel 2 not available: this person has erased everything that this shop stored/);
});

test("the monthly report counts what it may, and says what it may not", async (t) => {
  const agent = await startAgent(t);
  const shop = await openShop(t, agent);
  const [ada, bram] = [await agent.person(), await agent.person()];
  await ordered(await signedUp(shop, ada, ADA), ADA, 1);
  await ordered(await signedUp(shop, bram, BRAM), BRAM, 2);
  await bram.rule({
    types: ["home-contact.country"],
    action: { kind: "read", uses: ["analytics"], purposes: ["improvement"] },
  });
  const staff = await staffOf(shop);
  await staff.get("/staff/report");
  assert.match(staff.page!.text, /2 orders, €63\.40\./);
  assert.ok(staff.page!.text.includes(`${BRAM.country} 1 not available: this person has not allowed it 1`));
  await staff.get("/staff/report?month=2020-02");
  assert.match(staff.page!.text, /February 2020 0 orders, €0\.00\./);
});

test("a sign-up without rules stores nothing and asks the person's agent; the code need not be new", async (t) => {
  const agent = await startAgent(t);
  const shop = await openShop(t, agent);
  const person = await agent.person({ rules: false });
  const visitor = await signedUp(shop, person, ADA);
  assert.equal(visitor.page!.status, 403);
  assert.match(visitor.page!.text, /Your rules do not let this shop keep “Surname” \(you have not allowed it\)/);
  assert.match(visitor.page!.text, /We have asked your agent/);
  assert.ok(visitor.page!.html.includes(`value="${ADA.street}"`), "what was typed stays");
  for (const secret of ["4012", "1881", PASSWORD, ADA.cardExpiry])
    assert.ok(!visitor.page!.html.includes(secret), "secrets do not");
  assert.equal(shop.customer("teapot"), null);

  const requests = await person.consentRequests();
  assert.equal(requests.length, 2);
  for (const { id } of requests) await person.ask("POST", `/v1/me/consent-requests/${id}/answer`, { answer: "grant" });
  await visitor.send("/sign-up", { userName: "teapot", password: PASSWORD, ...ADA });
  assert.match(visitor.page!.text, /Welcome\. Your details were sealed\./);
});

test("what a person does not let the shop keep is left out, and said", async (t) => {
  const agent = await startAgent(t);
  const shop = await openShop(t, agent);
  const person = await agent.person();
  await person.rule({
    effect: "deny",
    types: ["home-contact.phone", "payment"],
    action: { kind: "update", provenances: ["subject"] },
  });
  const visitor = await signedUp(shop, person, ADA);
  assert.match(
    visitor.page!.text,
    /do not let this shop keep “Phone \(optional\)” \(you have forbidden it\), “Card number”/,
  );
  assert.match(visitor.page!.text, /Phone not stored/);

  await visitor.get("/");
  await visitor.send("/cart/add", { product: "1" });
  await visitor.get("/checkout");
  const { street, postalCode, city, country } = ADA;
  await visitor.send("/checkout", { street, postalCode, city, country, cardNumber: "" });
  assert.match(visitor.page!.text, /The card of your account: there is none/);
  await visitor.send("/checkout", { street, postalCode, city, country, cardNumber: ADA.cardNumber });
  assert.match(
    visitor.page!.text,
    /Your rules do not let this shop keep “Card number \(optional\)” \(you have forbidden it\)\. Nothing was ordered/,
  );
  assert.equal(shop.customer("teapot")!.sealed.phone, null);
});

test("signing in opens the e-mail; signing out ends the session", async (t) => {
  const agent = await startAgent(t);
  const shop = await openShop(t, agent);
  await signedUp(shop, await agent.person(), ADA);
  const visitor = new Visitor(shop.address);
  await visitor.get("/sign-in");
  await visitor.send("/sign-in", { userName: "Teapot", password: "not this one" });
  assert.equal(visitor.page!.status, 403);
  const wrong = visitor.page!.text;
  await visitor.send("/sign-in", { userName: "nobody", password: "not this one" });
  assert.equal(visitor.page!.text, wrong, "the same for an unknown name");
  await visitor.send("/sign-in", { userName: "Teapot", password: PASSWORD });
  assert.equal(visitor.page!.path, "/account");
  assert.ok(visitor.page!.text.includes(ADA.email));
  const cookies = new Map(visitor.cookies);
  await visitor.send("/sign-out", {});
  const thief = new Visitor(shop.address);
  for (const [name, value] of cookies) thief.cookies.set(name, value);
  assert.equal((await thief.get("/account")).path, "/sign-in");
});

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
