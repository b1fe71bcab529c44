/** Taking over customers from files: real ones, odd ones and broken ones. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { readMapping, type RowNote } from "@strongroom/example-eshop";
import { Visitor } from "./browser.ts";
import { startAgent, type Person, type TestAgent } from "./agent.ts";
import { newFolder } from "./folder.ts";
import { openShop, PASSWORD, staffOf } from "./customer.ts";
import { formsOf } from "./forms.ts";

const CHINOOK = "tables/chinook/ChinookDatabase/DataSources/ChinookData.json";
const mappingFile = new URL("../mappings/chinook.json", import.meta.url);

/** A person who lets the shop keep what it already had. */
async function knownPerson(agent: TestAgent): Promise<Person> {
  const person = await agent.person({ rules: false });
  await person.rule({
    types: ["identity", "home-contact", "payment"],
    action: { kind: "update", provenances: ["controller"] },
  });
  return person;
}

test("chinook's customers are sealed, each under a person; without a code they wait and are stored nowhere", async (t) => {
  const data = process.env["STRONGROOM_TEST_DATA"];
  if (data === undefined) return t.skip("skipped: no test data (STRONGROOM_TEST_DATA is not set)");
  const file = join(data, CHINOOK);
  const agent = await startAgent(t);
  const shop = await openShop(t, agent);
  const rows = (JSON.parse(readFileSync(file, "utf8").replace(/^\ufeff/, "")) as { Customer: Record<string, string>[] })
    .Customer;
  assert.equal(rows.length, 59);
  const waits = (row: number) => row % 10 === 0;
  const [refuses, twice] = [7, 8];

  const codes = await Promise.all(
    rows.map(async (_, at) => {
      if (waits(at + 1)) return null;
      const person = at + 1 === refuses ? await agent.person({ rules: false }) : await knownPerson(agent);
      if (at + 1 === 1) await person.allowNewsletter();
      return await person.code();
    }),
  );
  codes[twice - 1] = codes[twice - 2]!;

  const notes: RowNote[] = [];
  const mapping = readMapping(JSON.parse(readFileSync(mappingFile, "utf8")));
  const connectionOf = (_: unknown, row: number) => (codes[row - 1] == null ? null : { code: codes[row - 1]! });
  const totals = await shop.importCustomers({ file, mapping, connectionOf, onRow: (note) => notes.push(note) });
  assert.deepEqual(totals, { taken: 52, waiting: 5, skipped: 2 });
  assert.deepEqual(
    notes.filter(({ outcome }) => outcome === "waiting").map(({ row }) => row),
    [10, 20, 30, 40, 50],
  );
  const reasons = notes.filter(({ outcome }) => outcome === "skipped").map(({ row, reason }) => `${row} ${reason}`);
  // The two share a code; whichever comes first, one is refused by its person and one finds the code used.
  assert.equal(reasons.filter((reason) => /keep givenName \(this person has not allowed it\)/.test(reason)).length, 1);
  assert.equal(reasons.filter((reason) => /the Strongroom code was used before/.test(reason)).length, 1);
  const said = JSON.stringify(notes);
  for (const { Email, Address } of rows) for (const value of [Email!, Address!]) assert.ok(!said.includes(value));

  const { userName, code } = notes.find(({ row }) => row === 1)!.welcome!;
  const visitor = new Visitor(shop.address);
  await visitor.get("/welcome");
  await visitor.send("/welcome", { userName, code: "AAAAAAAAAAAAAAAAAAAA", password: PASSWORD });
  assert.equal(visitor.page!.status, 403);
  await visitor.send("/welcome", { userName, code, password: PASSWORD });
  assert.match(visitor.page!.text, /Your password is set.* customer-1 /);
  const late = new Visitor(shop.address);
  await late.get("/welcome");
  assert.equal((await late.send("/welcome", { userName, code, password: PASSWORD })).status, 403, "a code works once");

  const staff = await staffOf(shop);
  await staff.get("/staff/newsletter");
  await staff.send("/staff/newsletter", { subject: "Hello", text: "again" });
  assert.match(staff.page!.text, /1 of 52 customers get it/);
  assert.ok(staff.page!.text.includes("To: luisg@embraer.com.br Subject: Hello Dear Luís"));

  assertNowhere(
    shop.databaseFile,
    rows.flatMap(Object.values).filter((value): value is string => typeof value === "string"),
  );

  const again = await shop.importCustomers({ file, mapping, connectionOf: () => null });
  assert.deepEqual(again, { taken: 0, waiting: 7, skipped: 52 }, "who is there is not taken twice");
});

/** Long values are looked for in the bytes of the files; short ones, which chance can make, in the cells that are not sealed. */
function assertNowhere(databaseFile: string, values: readonly string[]): void {
  const folder = dirname(databaseFile);
  const bytes = Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));
  const database = new DatabaseSync(databaseFile, { readOnly: true });
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'products'").all();
  const cells = tables
    .flatMap(({ name }) => database.prepare(`SELECT * FROM "${name as string}"`).all())
    .flatMap((row) => Object.values(row))
    .filter((cell) => typeof cell === "string" || cell instanceof Uint8Array)
    .map((cell) => (cell instanceof Uint8Array ? Buffer.from(cell).toString("latin1") : String(cell)))
    .filter((cell) => !/^sr1\.[\w-]+\.[\w-]+$/.test(cell));
  database.close();
  for (const value of new Set(values)) {
    if (value.length >= 8) for (const [form, sought] of formsOf(value)) assert.equal(bytes.indexOf(sought), -1, form);
    else for (const cell of cells) assert.ok(value.length >= 5 ? !cell.includes(value) : cell !== value);
  }
}

test("a CSV file with quotes, line breaks, a mark at its beginning and rows that are wrong", async (t) => {
  const agent = await startAgent(t);
  const shop = await openShop(t, agent);
  const person = await knownPerson(agent);
  const code = await person.code();
  const file = join(newFolder(t), "customers.csv");
  writeFileSync(
    file,
    "\ufeffNo;First;Last;Mail;Street;Card;Code\r\n" +
      `001;"Ann";"O""Hara; née Low";ann@example.org;;;${code}\r\n` +
      "002;Ben;Low;not an address;;;x\r\n" +
      "003;Cid;Low;cid@example.org;;4012888888881882;x\r\n" +
      "004;Dan;Low;dan@example.org\r\n" +
      "005;Eve;Low;eve@example.org;;;\r\n" +
      "\r\n" +
      `001;Ann;Low;ann@example.org;;;${code}\r\n` +
      '006;Flo;Low;flo@example.org;"1 Long\nRoad";;x\r\n' +
      "007;Gus;Low;gus@example.org;;;AAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA",
  );
  const mapping = readMapping({
    format: "csv",
    delimiter: ";",
    userName: "c-{No}",
    connection: { code: "Code" },
    fields: { surname: "Last", givenName: "First", email: "Mail", street: "Street", cardNumber: "Card" },
  });
  const notes: RowNote[] = [];
  const totals = await shop.importCustomers({ file, mapping, onRow: (note) => notes.push(note) });
  assert.deepEqual(totals, { taken: 1, waiting: 1, skipped: 6 });
  assert.deepEqual(
    notes.toSorted((a, b) => a.row - b.row).map(({ row, outcome, reason }) => `${row} ${outcome}: ${reason}`),
    [
      "1 taken: null",
      "2 skipped: email: This is not an e-mail address, such as name@example.org.",
      "3 skipped: cardNumber: This is not the number of a card. Look for a mistyped digit.",
      "4 skipped: it has 4 columns, the header has 7",
      "5 waiting: it connects to nobody yet: ask the customer for a Strongroom code",
      "6 skipped: another row has the same user name",
      "7 skipped: street: This holds a character that cannot be printed.",
      "8 skipped: the person's agent is not one that this shop knows",
    ],
  );
  const customer = shop.customer("c-001")!;
  assert.equal(customer.passwordHash, null);
  assert.equal(customer.sealed.street, null);
  assert.equal(customer.sealed.surname!.type, "identity.surname");
  assert.match(JSON.stringify(await person.log()), /"provenance":"controller"/);
});

test("while the agent is away no code is spent: the same file is taken later", async (t) => {
  const agent = await startAgent(t);
  const shop = await openShop(t, agent);
  const person = await knownPerson(agent);
  const file = join(newFolder(t), "customers.json");
  writeFileSync(
    file,
    JSON.stringify([{ No: 1, First: "Ann", Last: "Low", Mail: "ann@example.org", Code: await person.code() }]),
  );
  const mapping = readMapping({
    format: "json",
    userName: "c-{No}",
    connection: { code: "Code" },
    fields: { surname: "Last", givenName: "First", email: "Mail" },
  });
  const notes: RowNote[] = [];
  agent.away = true;
  await shop.importCustomers({ file, mapping, onRow: (note) => notes.push(note) });
  agent.away = false;
  await shop.importCustomers({ file, mapping, onRow: (note) => notes.push(note) });
  assert.deepEqual(
    notes.map(({ outcome, reason }) => `${outcome} ${reason}`),
    ["skipped the person's agent cannot be reached just now", "taken null"],
  );
});
