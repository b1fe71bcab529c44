/** What every page and form of the shop keeps to, whoever sends what. */
import { describe, test, type TestContext } from "node:test";
import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { noteSigner } from "@strongroom/core/log";
import { createShop, systemEffects } from "@strongroom/example-eshop";
import { Strongroom } from "@strongroom/sdk";
import { startAgent } from "./agent.ts";
import { newFolder } from "./folder.ts";
import { Visitor } from "./browser.ts";
import { ADA, openShop, ordered, PASSWORD, signedUp, STAFF_PASSWORD, staffOf } from "./customer.ts";

const newKey = () => generateKeyPairSync("ed25519").privateKey;

/** A client of an agent that is never asked. */
async function nobody(t: TestContext): Promise<Strongroom> {
  const strongroom = await Strongroom.connect({
    agents: [{ issuer: "http://127.0.0.1:9", logKey: noteSigner("nobody.example", newKey()).verifierKey }],
    application: { id: "web-shop", privateKey: newKey() },
    attemptsMax: 1,
    log: { checkEveryMs: 0 },
  });
  t.after(() => strongroom.close());
  return strongroom;
}

describe("without any agent", () => {
  test("the products are there, and every answer has the headers", async (t) => {
    const shop = await openShop(t, null as never, { strongroom: await nobody(t) });
    for (const path of ["/", "/cart", "/sign-up", "/sign-in", "/staff/sign-in", "/nowhere"]) {
      const { headers } = await fetch(shop.address + path);
      const policy = headers.get("content-security-policy")!;
      assert.match(policy, /^default-src 'none'; style-src 'sha256-[\w+/=]+'; /);
      assert.match(policy, /form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/);
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.equal(headers.get("cache-control"), "no-store");
      assert.match(headers.get("content-type")!, /^text\/html; charset=utf-8$/);
    }
    const visitor = new Visitor(shop.address);
    const { html } = await visitor.get("/");
    assert.equal([...html.matchAll(/<h3>/g)].length, 20);
    const style = /<style>(.*?)<\/style>/s.exec(html)![1]!;
    const { headers } = await fetch(shop.address);
    assert.ok(
      headers.get("content-security-policy")!.includes(createHash("sha256").update(style).digest("base64")),
      "the policy names the stylesheet",
    );
    assert.ok(!/<script|javascript:|\son\w+=|https?:\/\//i.test(html), "no script, nothing from elsewhere");
    assert.match(html, /<html lang="en">/);
  });

  test("a form of another site, without a token, or with somebody else's does nothing", async (t) => {
    const shop = await openShop(t, null as never, { strongroom: await nobody(t) });
    const visitor = new Visitor(shop.address);
    await visitor.get("/");
    assert.equal((await visitor.send("/cart/add", { product: "1", token: "" })).status, 403);
    await visitor.get("/");
    assert.equal((await visitor.send("/cart/add", { product: "1" }, { origin: "https://evil.example" })).status, 403);
    const other = new Visitor(shop.address);
    await other.get("/");
    visitor.cookies.clear();
    visitor.page = other.page;
    assert.equal((await visitor.send("/cart/add", { product: "1" })).status, 403);
    assert.match(visitor.page!.text, /This form is too old/);
    assert.equal((await other.send("/cart/add", { product: "1" }, { origin: shop.address })).status, 200);
    assert.match(other.page!.text, /Brindle teapot is in your cart/);
  });

  test("cookies cannot be read by scripts or sent by other sites; over TLS they go nowhere else", async (t) => {
    const strongroom = await nobody(t);
    const plain = await openShop(t, null as never, { strongroom });
    const cookie = (await fetch(plain.address)).headers.get("set-cookie")!;
    assert.match(cookie, /^shop=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    const secure = await openShop(t, null as never, { strongroom, publicOrigin: "https://shop.example" });
    const { headers } = await fetch(secure.address);
    assert.match(headers.get("set-cookie")!, /^__Host-shop=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    assert.ok(headers.has("strict-transport-security"));
    assert.match(
      (await fetch(`${secure.address}/staff/sign-in`)).headers.get("set-cookie")!,
      /^__Secure-shop-staff=[\w-]{43}; Path=\/staff; HttpOnly; Secure/,
    );
  });

  test("cart: quantities within bounds, unknown products and odd numbers are left alone", async (t) => {
    const shop = await openShop(t, null as never, { strongroom: await nobody(t) });
    const visitor = new Visitor(shop.address);
    await visitor.get("/");
    for (const product of ["0", "21", "-1", "1e3", "", "x"]) {
      await visitor.send("/cart/add", { product });
      assert.match(visitor.page!.text, /There is no such product/);
    }
    for (const product of ["1", "1", "7"]) {
      await visitor.get("/");
      await visitor.send("/cart/add", { product });
    }
    assert.match(visitor.page!.text, /Cart \(3\)/);
    await visitor.send("/cart", { "quantity-1": "20", "quantity-7": "21" });
    assert.match(visitor.page!.text, /Cart \(21\)/);
    await visitor.send("/cart", { "quantity-1": "0", "quantity-7": "-1" });
    assert.match(visitor.page!.text, /Cart \(1\)/);
  });

  test("a form that is wrong comes back with what is wrong beside each field, and never with a secret", async (t) => {
    const shop = await openShop(t, null as never, { strongroom: await nobody(t) });
    const visitor = new Visitor(shop.address);
    await visitor.get("/sign-up");
    const bad = {
      ...ADA,
      userName: "a b",
      password: "short",
      code: "no code",
      email: "nowhere",
      phone: "call me",
      street: "Via <b>dei</b> Glicini",
      city: "x".repeat(81),
      postalCode: "",
      country: "Left\u202eRight",
      cardNumber: "4012 8888 8888 1882",
      cardExpiry: "11/19",
    };
    const { status, html, text } = await visitor.send("/sign-up", bad);
    assert.equal(status, 422);
    for (const name of [
      "userName",
      "password",
      "code",
      "email",
      "phone",
      "city",
      "postalCode",
      "country",
      "cardNumber",
      "cardExpiry",
    ]) {
      assert.ok(html.includes(`id="${name}-error"`), name);
      assert.match(html, new RegExp(`id="${name}"[^>]*aria-invalid="true"[^>]*aria-describedby="[^"]*${name}-error`));
    }
    assert.ok(!html.includes('id="street-error"'));
    assert.ok(html.includes('value="Via &lt;b&gt;dei&lt;/b&gt; Glicini"'));
    assert.match(text, /10 things are not right yet/);
    for (const secret of ["short", "no code", "4012", "11/19"])
      assert.ok(!html.includes(`value="${secret}`) && !text.includes(secret), secret);
    assert.match(html, /role="alert" tabindex="-1" autofocus/);
  });

  test("too long a body, another type, twice the same field: refused with a page", async (t) => {
    const shop = await openShop(t, null as never, { strongroom: await nobody(t) });
    const post = (body: string, type: string) =>
      fetch(`${shop.address}/sign-in`, { method: "POST", body, headers: { "content-type": type } });
    assert.equal((await post(`a=${"x".repeat(40_000)}`, "application/x-www-form-urlencoded")).status, 413);
    assert.equal((await post("{}", "application/json")).status, 415);
    const visitor = new Visitor(shop.address);
    await visitor.get("/sign-in");
    const token = /name="token"\s+value="([^"]+)"/.exec(visitor.page!.html)![1]!;
    const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const twice = await fetch(`${shop.address}/sign-in`, {
      method: "POST",
      body: new URLSearchParams([
        ["token", token],
        ["userName", "a"],
        ["userName", "b"],
        ["password", "x"],
      ]),
      headers: { cookie },
    });
    assert.equal(twice.status, 422);
    assert.match(await twice.text(), /This was sent twice/);
  });

  test("staff: wrong passwords run out; nobody sees the pages without one", async (t) => {
    let now = Date.UTC(2026, 5, 1);
    const shop = await openShop(t, null as never, {
      strongroom: await nobody(t),
      effects: { ...systemEffects, now: () => now },
    });
    const staff = new Visitor(shop.address);
    for (const path of ["/staff/labels", "/staff/newsletter", "/staff/report"])
      assert.equal((await staff.get(path)).path, "/staff/sign-in");
    assert.equal((await staff.send("/staff/labels/1/sent", {})).path, "/staff/sign-in");
    for (let i = 0; i < 10; i += 1)
      assert.equal((await staff.send("/staff/sign-in", { password: "guess guess guess" })).status, 403);
    const { status, text } = await staff.send("/staff/sign-in", { password: STAFF_PASSWORD });
    assert.equal(status, 429);
    assert.match(text, /Try again in 15 minutes/);
    now += 15 * 60_000;
    assert.equal((await staff.send("/staff/sign-in", { password: STAFF_PASSWORD })).path, "/staff/labels");
    assert.match(staff.page!.text, /No parcel waits/);
    now += 8 * 3_600_000;
    assert.equal((await staff.get("/staff/labels")).path, "/staff/sign-in", "a session ends");
  });

  test("a taken port and an unusable database give a plain reason", async (t) => {
    const strongroom = await nobody(t);
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    t.after(() => taken.close());
    const { port } = taken.address() as AddressInfo;
    const shop = await createShop({ databaseFile: join(newFolder(t), "shop.db"), strongroom, port });
    t.after(() => shop.close());
    await assert.rejects(shop.listen(), new RegExp(`port ${port} of 127.0.0.1 is taken`));
    await assert.rejects(
      createShop({ databaseFile: newFolder(t), strongroom }),
      /the shop's database .* cannot be opened/,
    );
    await assert.rejects(
      createShop({ databaseFile: join(newFolder(t), "shop.db"), strongroom, staffPassword: "short" }),
      /less than 12 characters/,
    );
  });

  test("a database of a newer shop is refused; one of this shop is opened again as it was", async (t) => {
    const strongroom = await nobody(t);
    const databaseFile = join(newFolder(t), "shop.db");
    const first = await createShop({ databaseFile, strongroom });
    await first.close();
    const again = await createShop({ databaseFile, strongroom });
    await again.close();
    const database = new DatabaseSync(databaseFile);
    assert.equal(database.prepare("SELECT count(*) AS count FROM products").get()!["count"], 20);
    database.exec("PRAGMA user_version = 99");
    database.close();
    await assert.rejects(createShop({ databaseFile, strongroom }), /written by a newer version/);
  });
});

test("sign-in: tries run out for a name; sessions are stored as hashes and change at signing in; the cart comes along", async (t) => {
  const agent = await startAgent(t);
  let now = Date.now();
  const shop = await openShop(t, agent, { effects: { ...systemEffects, now: () => now } });
  await signedUp(shop, await agent.person(), ADA);
  const visitor = new Visitor(shop.address);
  await visitor.get("/");
  await visitor.send("/cart/add", { product: "5" });
  const before = visitor.cookies.get("shop");
  await visitor.get("/sign-in");
  for (let i = 0; i < 10; i += 1)
    assert.equal((await visitor.send("/sign-in", { userName: "teapot", password: `wrong password ${i}` })).status, 403);
  assert.equal((await visitor.send("/sign-in", { userName: "teapot", password: PASSWORD })).status, 429);
  now += 15 * 60_000;
  assert.equal((await visitor.send("/sign-in", { userName: "teapot", password: PASSWORD })).path, "/account");
  assert.match(visitor.page!.text, /Cart \(1\)/);
  const secret = visitor.cookies.get("shop")!;
  assert.notEqual(secret, before);
  const database = new DatabaseSync(shop.databaseFile, { readOnly: true });
  t.after(() => database.close());
  const hashes = database
    .prepare("SELECT hash FROM sessions WHERE customer IS NOT NULL")
    .all()
    .map(({ hash }) => Buffer.from(hash as Uint8Array).toString("hex"));
  assert.ok(hashes.includes(createHash("sha256").update(secret).digest("hex")));
  const stored = database.prepare("SELECT password_hash AS hash FROM customers").get()!["hash"] as string;
  assert.match(stored, /^scrypt\$15\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
});

test("the same order form sent twice is one order", async (t) => {
  const agent = await startAgent(t);
  const shop = await openShop(t, agent);
  const visitor = await signedUp(shop, await agent.person(), ADA);
  await visitor.get("/");
  await visitor.send("/cart/add", { product: "1" });
  const form = await visitor.get("/checkout");
  const { street, postalCode, city, country } = ADA;
  await visitor.send("/checkout", { street, postalCode, city, country });
  assert.match(visitor.page!.text, /Order 1 is on its way/);
  visitor.page = form;
  await visitor.send("/checkout", { street, postalCode, city, country });
  assert.match(visitor.page.text, /Order 1 is on its way/);
  await ordered(visitor, ADA, 2);
  assert.match(visitor.page.text, /Order 2 is on its way/);
  const staff = await staffOf(shop);
  assert.equal([...staff.page!.html.matchAll(/Mark as sent/g)].length, 2);
});
