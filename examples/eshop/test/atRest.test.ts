/** What is in the shop's files: none of a customer's values, in no form in which a program would store a text. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { startAgent } from "./agent.ts";
import { ADA, BRAM, openShop, ordered, PASSWORD, signedUp, staffOf } from "./customer.ts";
import { formsOf } from "./forms.ts";

test("no plaintext of any customer is in the database or its write-ahead log", async (t) => {
  const agent = await startAgent(t);
  const shop = await openShop(t, agent);
  const [ada, bram] = [await agent.person(), await agent.person()];
  await bram.allowNewsletter();
  const code = await ada.code();
  const visitors = [await signedUp(shop, ada, ADA), await signedUp(shop, bram, BRAM)];
  await ordered(visitors[0]!, ADA);
  await ordered(visitors[1]!, BRAM);
  const staff = await staffOf(shop);
  await staff.get("/staff/newsletter");
  await staff.send("/staff/newsletter", { subject: "Spring", text: "New kettles." });
  await staff.get("/staff/report");
  assert.match(staff.page!.text, /2 orders/);

  const folder = dirname(shop.databaseFile);
  assert.deepEqual(readdirSync(folder).sort(), ["shop.db", "shop.db-shm", "shop.db-wal"]);
  const bytes = Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));
  const secrets = [
    ...[ADA, BRAM].flatMap((details) => Object.entries(details)),
    ["card digits", ADA.cardNumber.replaceAll(" ", "")] as const,
    ["card digits", BRAM.cardNumber.replaceAll(" ", "")] as const,
    ["password", PASSWORD] as const,
    ["connection code", code] as const,
    ...visitors.flatMap((visitor) => [...visitor.cookies]),
    ...staff.cookies,
  ];
  for (const [what, value] of secrets) {
    for (const [form, sought] of formsOf(value)) assert.equal(bytes.indexOf(sought), -1, `${what} as ${form}`);
  }
  // The search finds what is there.
  assert.notEqual(bytes.indexOf("teapot"), -1);
  assert.notEqual(bytes.indexOf("sr1."), -1);
});

test("the search finds a text that was stored in any of these forms", () => {
  const text = "Straße 12, Ærøskøbing";
  const stored: Readonly<Record<string, string | Buffer>> = {
    "utf-8": text,
    "utf-16le": Buffer.from(text, "utf16le"),
    "utf-16be": Buffer.from(text, "utf16le").swap16(),
    hex: Buffer.from(`x${text}y`).toString("hex"),
    HEX: Buffer.from(text).toString("hex").toUpperCase(),
    "percent encoding": `q=${encodeURIComponent(text)}`,
    "a form": new URLSearchParams({ a: "b", street: text }).toString(),
    JSON: JSON.stringify({ text }),
    "base64 at 0": Buffer.from(`123${text}4`).toString("base64"),
    "base64 at 1": Buffer.from(`1${text}`).toString("base64"),
    "base64 at 2": Buffer.from(`12345${text}`).toString("base64"),
    "base64url at 1": Buffer.from(`1${text}23`).toString("base64url"),
  };
  const forms = new Map(formsOf(text));
  for (const [form, bytes] of Object.entries(stored))
    assert.notEqual(Buffer.from(bytes as string).indexOf(forms.get(form)!), -1, form);
});

test("a column of sealed values takes nothing else", async (t) => {
  const agent = await startAgent(t);
  const shop = await openShop(t, agent);
  await signedUp(shop, await agent.person(), ADA);
  assert.ok(existsSync(shop.databaseFile));
  const database = new DatabaseSync(shop.databaseFile);
  t.after(() => database.close());
  for (const column of ["surname", "email", "card_number"]) {
    assert.throws(() => database.exec(`UPDATE customers SET ${column} = 'Quintavalle'`), /CHECK constraint failed/);
  }
});
