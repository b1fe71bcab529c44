/** What goes wrong around the shop: the agent is away, rows were swapped, agents are unknown. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { startAgent } from "./agent.ts";
import { Visitor } from "./browser.ts";
import { ADA, BRAM, openShop, ordered, PASSWORD, signedUp, staffOf } from "./customer.ts";

const AWAY = /not available: (?:the person's|your) agent cannot be reached just now/;

test("while the agent is away every page says so and goes on; afterwards all is as before", async (t) => {
  const agent = await startAgent(t);
  const shop = await openShop(t, agent);
  const person = await agent.person();
  const visitor = await signedUp(shop, person, ADA);
  await ordered(visitor, ADA);
  const staff = await staffOf(shop);
  const code = await person.code();

  agent.away = true;
  for (const path of ["/account", "/orders"]) {
    await visitor.get(path);
    assert.equal(visitor.page!.status, 200, path);
    assert.match(visitor.page!.text, AWAY);
    assert.match(visitor.page!.html, /role="alert"/);
  }
  await staff.get("/staff/labels");
  assert.match(staff.page!.text, /everything else works/);
  assert.match(staff.page!.text, AWAY);
  await staff.get("/staff/report");
  assert.match(staff.page!.text, AWAY);
  await staff.get("/staff/newsletter");
  await staff.send("/staff/newsletter", { subject: "Spring", text: "New kettles." });
  assert.match(staff.page!.text, AWAY);

  // Leases for sealing are still there, the card of the account is not.
  await visitor.get("/");
  await visitor.send("/cart/add", { product: "2" });
  await visitor.get("/checkout");
  assert.match(
    visitor.page!.text,
    /From your account: not available: your agent cannot be reached just now \. Type it here\./,
  );
  const { street, postalCode, city, country } = ADA;
  await visitor.send("/checkout", { street, postalCode, city, country, cardNumber: "" });
  assert.match(visitor.page!.text, /The card of your account: not available: your agent cannot be reached/);

  const other = new Visitor(shop.address);
  await other.get("/sign-up");
  await other.send("/sign-up", { userName: "other", password: PASSWORD, ...BRAM, code });
  assert.equal(other.page!.status, 503);
  assert.match(other.page!.text, /Your agent cannot be reached just now\. Nothing was stored\./);
  assert.ok(other.page!.html.includes(`value="${BRAM.city}"`));

  agent.away = false;
  await other.send("/sign-up", { userName: "other", password: PASSWORD, ...BRAM, code });
  assert.equal(other.page!.path, "/account", other.page!.text);
  await visitor.get("/checkout");
  await visitor.send("/checkout", { street, postalCode, city, country, cardNumber: "" });
  assert.equal(visitor.page!.path, "/orders");
  await staff.get("/staff/labels");
  assert.ok(staff.page!.text.includes(ADA.street));
});

test("a value that was moved to another row is refused and the page says so", async (t) => {
  const agent = await startAgent(t);
  const shop = await openShop(t, agent);
  const [ada, bram] = [await agent.person(), await agent.person()];
  const visitor = await signedUp(shop, ada, ADA);
  const other = await signedUp(shop, bram, BRAM);
  await ordered(visitor, ADA);
  await ordered(other, BRAM);

  const database = new DatabaseSync(shop.databaseFile);
  t.after(() => database.close());
  const [first, second] = database.prepare("SELECT email FROM customers ORDER BY number").all();
  const move = database.prepare("UPDATE customers SET email = ? WHERE number = ?");
  move.run(second!["email"]!, 1);
  move.run(first!["email"]!, 2);
  database.exec(`UPDATE orders SET street = city WHERE number = 1`);
  database.exec(`UPDATE orders SET country = country || 'A' WHERE number = 2`);

  for (const [who, theirs] of [
    [visitor, BRAM],
    [other, ADA],
  ] as const) {
    await who.get("/account");
    assert.match(who.page!.text, /We write to not available: this value was moved here from another place/);
    assert.ok(!who.page!.text.includes(theirs.email));
  }
  const staff = await staffOf(shop);
  assert.match(
    staff.page!.text,
    /Parcel 1 .* not available: this value was moved here from another place .*This parcel waits/,
  );
  assert.match(staff.page!.text, /Parcel 2 .* not available: the stored value is damaged/);
});

test("a code that was used, made up, or of an unknown agent is told apart, and nothing is stored", async (t) => {
  const agent = await startAgent(t);
  const shop = await openShop(t, agent);
  const person = await agent.person();
  const used = await person.code();
  await shop.signUp({ code: used, userName: "first", password: PASSWORD, details: ADA });
  const visitor = new Visitor(shop.address);
  await visitor.get("/sign-up");
  const attempt = async (code: string) =>
    await visitor.send("/sign-up", { userName: "second", password: PASSWORD, ...BRAM, code });
  const cases: readonly (readonly [string, RegExp])[] = [
    [used, /This code was used before, is too old, or was made for another shop/],
    [
      `${used.slice(0, -1)}${used.endsWith("A") ? "Q" : "A"}`,
      /This code was used before, is too old, or was made for another shop/,
    ],
    [`AAAAAAAAAAA.${used.slice(12)}`, /from an agent that this shop does not know/],
    [`AAAAAAAAAAB.${used.slice(12)}`, /This is not a Strongroom code/],
    ["my birthday", /This is not a Strongroom code/],
    [`${used}A`, /This code was used before/],
    [`${used.slice(0, 12)}${"A".repeat(200)}`, /This code was used before/],
  ];
  for (const [code, words] of cases) {
    const { status, text, html } = await attempt(code);
    assert.equal(status, 422, code);
    assert.match(text, words);
    assert.ok(!html.includes(code), "a code is a secret and is not shown again");
  }
  assert.equal(shop.customer("second"), null);
});
