/**
 * What is in the agent's files after people and applications did everything that there is to do: no value that was
 * sealed, no key that opens anything, no password, token or code, and none of the words that people wrote. In the key
 * folder: the present KEK and the agent's own secrets, and nothing of anybody.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fromBase64url } from "@strongroom/core/bytes";
import { sealUnderLease } from "@strongroom/core/seal";
import { operatorToken } from "../src/accounts/operator.ts";
import { Metrics } from "../src/http/metrics.ts";
import { buildServer } from "../src/http/server.ts";
import { TestApplication } from "./http/application.ts";
import { readDescription } from "./http/documented.ts";
import { CITY, DELIVER, EXPLICIT, headersOf, opened, Relationship, SURNAME } from "./http/relationship.ts";
import { OPERATOR, PASSWORD_COST, Setting, type Answer, type Person } from "./http/setting.ts";
import { createWorld, DAY, type World } from "./world.ts";

const PLAINTEXTS = [
  "Wolkenstein-Trostburg",
  "Kirkkonummi Masala",
  "an erased relationship's value",
  "an erased person's value",
];
const PASSWORDS = [
  "first password of Ann",
  "second password of Ann",
  "mistyped password of Ann",
  "the password of Ben",
  "the password of Cat",
];
const WORDS = [
  "note of a rule that stays",
  "note of a rule before it was edited",
  "note of a rule after it was edited",
  "note of a rule that was revoked",
];
/** What controllers say when they ask for a rule is stored as it is, until the relationship or the person is erased. */
const ASKED = ["granted", "refused", "pending", "withdrawn"].flatMap((end) => [
  `why it is asked, then ${end}`,
  `what follows, then ${end}`,
]);
const ASKED_OF_ERASED = ["why it is asked of the erased", "what follows for the erased"];
const ANY_RATE = { burst: 1_000_000, perSecond: 1_000_000 };

class Secrets {
  readonly #values: [what: string, value: Buffer][] = [];

  text(what: string, ...values: readonly string[]): void {
    for (const value of values) this.#values.push([what, Buffer.from(value, "utf8")]);
  }

  key(what: string, value: string): void {
    const bytes = fromBase64url(value);
    assert.ok(bytes.length >= 16, `${what} is long enough to be told from chance`);
    this.#values.push([what, bytes]);
  }

  /** What of it is in these bytes, and how. */
  foundIn(bytes: Buffer): string[] {
    return this.#values.flatMap(([what, value]) => formsIn(bytes, value).map((form) => `${what} as ${form}`));
  }
}

/** The forms of a value that are found: itself, as UTF-16, hexadecimal, and inside of something in base64 or base64url. */
function formsIn(bytes: Buffer, value: Buffer): string[] {
  const hex = value.toString("hex");
  const forms: [string, Buffer][] = [
    ["it is", value],
    ["UTF-16", Buffer.from(value.toString("utf8"), "utf16le")],
    ["hex", Buffer.from(hex)],
    ["HEX", Buffer.from(hex.toUpperCase())],
    ["JSON", Buffer.from(JSON.stringify(value.toString("utf8")).slice(1, -1))],
  ];
  for (const encoding of ["base64", "base64url"] as const) {
    for (const before of [0, 1, 2]) {
      const text = Buffer.concat([Buffer.alloc(before), value])
        .toString(encoding)
        .replaceAll("=", "");
      // The characters that the value alone decides.
      forms.push([
        encoding,
        Buffer.from(text.slice(Math.ceil((before * 4) / 3), Math.floor(((before + value.length) * 4) / 3))),
      ]);
    }
  }
  return [...new Set(forms.filter(([, form]) => bytes.includes(form)).map(([name]) => name))];
}

function filesIn(folder: string): Buffer {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.ok(names.length > 0, `${folder} has files`);
  return Buffer.concat(names.map(({ parentPath, name }) => readFileSync(join(parentPath, name))));
}

async function serve(t: TestContext, world: World): Promise<Setting> {
  const server = buildServer(world.context, {
    operator: operatorToken(OPERATOR),
    metrics: new Metrics(),
    version: "0.0.0-test",
    passwordCost: PASSWORD_COST,
    rates: { application: ANY_RATE, subject: ANY_RATE, address: ANY_RATE },
  });
  t.after(() => server.close());
  await server.ready();
  const documented = await readDescription((await server.inject({ url: "/openapi.json" })).body);
  return new Setting(world.agent, server, documented, world, join(world.folder, "data"));
}

function ok(answer: Answer): Answer {
  assert.ok(answer.status < 300, answer.text);
  return answer;
}

/** Everything that people and applications do, with what must not be found of it. */
async function everything(
  t: TestContext,
): Promise<{ world: World; secrets: Secrets; ann: Person; shop: Relationship }> {
  const world = await createWorld(t);
  const setting = await serve(t, world);
  const secrets = new Secrets();
  secrets.text("a plaintext", ...PLAINTEXTS);
  secrets.text("a password", ...PASSWORDS);
  secrets.text("somebody's words", ...WORDS);

  const [first = "", second = "", mistyped = "", ofBen, ofCat] = PASSWORDS;
  const ann = await setting.subject("ann@people.example", first);
  const ben = await setting.subject("ben@people.example", ofBen);
  const cat = await setting.subject("cat@people.example", ofCat);
  assert.equal(
    (await setting.call("POST", "/v1/sessions", { body: { login: ann.login, password: mistyped } })).status,
    401,
  );
  ok(await setting.as(ann.token, "POST", "/v1/me/password", { current: first, next: second }));
  secrets.text("a session", ann.token, ben.token, cat.token);
  const draft = { name: "backup script", scope: "write", expiresAt: null };
  const apiToken = ok(await setting.as(ann.token, "POST", "/v1/me/tokens", draft)).body.token as string;
  secrets.text("an API token", apiToken);
  ok(await setting.as(apiToken, "GET", "/v1/me"));

  const application = await TestApplication.register(setting);
  secrets.text("an access token", await application.token());
  for (const person of [ann, ben]) {
    // Ann's is used, Ben's waits.
    const { code } = ok(
      await setting.as(person.token, "POST", "/v1/me/connections", { controller: application.controller }),
    ).body;
    const [, secret = ""] = (code as string).split(".");
    secrets.key("a connection code", secret);
    if (person === ann) ok(await application.call("POST", "/v1/connections", { code: secret }));
  }

  const shop = await Relationship.open(setting, application, ann);
  await writesRules(setting, shop);
  await answersRequests(setting, shop);
  const ofErased = [
    await Relationship.open(setting, application, ben),
    await Relationship.open(setting, application, cat),
  ] as const;
  for (const relationship of ofErased) ok(await asksConsent(setting, relationship, ASKED_OF_ERASED));
  const uses = [
    { relationship: shop, type: SURNAME, text: PLAINTEXTS[0] ?? "" },
    { relationship: shop, type: CITY, text: PLAINTEXTS[1] ?? "" },
    { relationship: ofErased[0], type: CITY, text: PLAINTEXTS[2] ?? "" },
    { relationship: ofErased[1], type: CITY, text: PLAINTEXTS[3] ?? "" },
  ];
  for (const [i, use] of uses.entries()) await sealsAndOpens(secrets, use, i);

  ok(await setting.as(ann.token, "POST", "/v1/me/lock"));
  ok(await setting.as(ann.token, "DELETE", "/v1/me/lock"));
  ok(await setting.as(ben.token, "DELETE", `/v1/me/relationships/${uses[2]?.relationship.handle ?? ""}`));
  ok(await setting.as(cat.token, "DELETE", "/v1/me"));
  ok(await setting.as(ann.token, "DELETE", `/v1/me/relationships/${shop.handle}/epochs/1`));
  await sealsAndOpens(secrets, uses[0] as (typeof uses)[0], uses.length);
  ok(await setting.operator("POST", "/v1/keys/rotate", {}));
  await world.publish();
  return { world, secrets, ann, shop };
}

async function writesRules(setting: Setting, shop: Relationship): Promise<void> {
  const [stays = "", before = "", edited = "", revoked = ""] = WORDS;
  const action = { kind: "read", uses: ["communicate.email"], purposes: ["advert"] } as const;
  await shop.allow({ types: [SURNAME], action, note: stays });
  const rule = await shop.allow({ types: [CITY], action, note: before });
  const draft = {
    controller: rule.controller,
    applications: null,
    effect: "allow",
    types: [CITY],
    action,
    from: null,
    until: null,
    note: edited,
  };
  ok(await setting.as(shop.person.token, "PUT", `/v1/me/rules/${rule.id}`, draft));
  await shop.revoke(await shop.allow({ types: ["home-contact.country"], action, note: revoked }));
}

function asksConsent(
  setting: Setting,
  { application, handle }: Relationship,
  [reason, ifRefused]: readonly string[],
): Promise<Answer> {
  return application.call("POST", "/v1/consent-requests", {
    handle,
    types: ["sensitive.health"],
    action: { kind: "read", uses: [DELIVER.use], purposes: ["contractual.delivery"] },
    until: null,
    reason,
    ifRefused,
    expiresAt: setting.clock.now + DAY,
  });
}

async function answersRequests(setting: Setting, shop: Relationship): Promise<void> {
  const { application, person } = shop;
  for (const [i, end] of ["granted", "refused", "pending", "withdrawn"].entries()) {
    const { id } = ok(await asksConsent(setting, shop, ASKED.slice(2 * i, 2 * i + 2))).body;
    const path = `/v1/me/consent-requests/${id as string}/answer`;
    if (end === "granted") ok(await setting.as(person.token, "POST", path, { answer: "grant" }));
    if (end === "refused") ok(await setting.as(person.token, "POST", path, { answer: "refuse" }));
    if (end === "withdrawn") ok(await application.call("DELETE", `/v1/consent-requests/${id as string}`));
  }
  const { requests } = ok(await setting.as(person.token, "GET", "/v1/me/consent-requests")).body;
  assert.equal(requests.length, 4);
}

interface Use {
  readonly relationship: Relationship;
  readonly type: string;
  readonly text: string;
}

/** With decisions that are kept for repetition, and repeated. */
async function sealsAndOpens(secrets: Secrets, { relationship, type, text }: Use, turn: number): Promise<void> {
  const { application, handle } = relationship;
  const headers = (what: string) => ({ "idempotency-key": `${what}-${turn}-of-the-shop` });
  for (let times = 0; times < 2; times += 1) {
    const answer = await application.call(
      "POST",
      "/v1/leases",
      { leases: [{ handle, type, provenance: EXPLICIT }] },
      headers("seal"),
    );
    const [granted] = ok(answer).body.leases;
    secrets.key("a lease key", granted.key as string);
    const sealed = sealUnderLease(relationship.leaseOf(granted, type), text);
    const ask = { reads: [{ ...DELIVER, objects: headersOf([sealed]) }] };
    const [[outcome]] = ok(await application.call("POST", "/v1/authorizations", ask, headers(`open-${times}`))).body
      .reads;
    assert.equal(opened(sealed, outcome), text);
    secrets.key("an object key", outcome.key as string);
  }
}

test("no plaintext, usable key, password, token, code or anybody's words are in the data folder", async (t) => {
  const { world, secrets, ann, shop } = await everything(t);
  // Keys of every kind, and the secrets in tokens, are drawn with 32 bytes.
  for (const bytes of world.drawn) if (bytes.length === 32) secrets.key("a drawn key", bytes.toString("base64url"));
  const folder = join(world.folder, "data");
  assert.ok(
    readdirSync(folder).includes("agent.db-wal"),
    "the agent runs: what is not in the database file yet is looked at too",
  );
  assert.deepEqual(secrets.foundIn(filesIn(folder)), []);
  await world.close();
  const closed = filesIn(folder);
  secrets.text("what an erased person was asked", ...ASKED_OF_ERASED);
  assert.deepEqual(secrets.foundIn(closed), []);

  // What may be found, and shows that the search finds: names of accounts, controllers and tokens; who deals with whom
  // over which types; what controllers asked for.
  const { name } = (await openedAgain(world)).find(({ id }) => id === shop.application.controller) ?? { name: "" };
  for (const text of [ann.login, name, "backup script", shop.handle, SURNAME, ...ASKED]) {
    assert.deepEqual(formsIn(closed, Buffer.from(text)).slice(0, 1), ["it is"], text);
  }
});

async function openedAgain(world: World): Promise<{ id: string; name: string }[]> {
  await world.start();
  return world.context.store.controllers();
}

test("in the key folder there are the present KEK and the agent's own secrets, and nothing of anybody", async (t) => {
  const { world, secrets } = await everything(t);
  await world.close();
  assert.deepEqual(readdirSync(world.keyFolder).sort(), ["checkpoint", "identity.json", "kek-2.json"]);
  const files = filesIn(world.keyFolder);
  assert.deepEqual(secrets.foundIn(files), []);
  const drawn = world.drawn.filter((bytes) => bytes.length === 32);
  const found = drawn.filter((bytes) => formsIn(files, bytes).length > 0);
  assert.ok(drawn.length > 20, `${drawn.length} keys were drawn`);
  assert.equal(found.length, 2, "the KEK and the secret of tokens");
});

test("the search finds a value in each of these forms", () => {
  const value = Buffer.from("Straße 12, Ærøskøbing");
  const stored: Record<string, Buffer> = {
    "it is": Buffer.concat([Buffer.from("a"), value]),
    "UTF-16": Buffer.from(`a${value.toString("utf8")}`, "utf16le"),
    hex: Buffer.from(value.toString("hex")),
    HEX: Buffer.from(value.toString("hex").toUpperCase()),
  };
  for (const [form, bytes] of Object.entries(stored)) assert.ok(formsIn(bytes, value).includes(form), form);
  for (const encoding of ["base64", "base64url"] as const) {
    for (const before of ["", "a", "ab", "abc"]) {
      const bytes = Buffer.from(Buffer.from(`${before}${value.toString("utf8")}z`).toString(encoding));
      assert.ok(formsIn(bytes, value).includes(encoding), `${encoding} after ${before.length}`);
    }
  }
  assert.deepEqual(formsIn(Buffer.from("something else"), value), []);
});
