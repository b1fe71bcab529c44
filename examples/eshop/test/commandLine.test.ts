/** The shop's command line, as somebody types it. */
import { test, type TestContext } from "node:test";
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { KeyObject } from "node:crypto";
import { connectWith } from "../src/configuration.ts";
import { startAgent, type TestAgent } from "./agent.ts";
import { newFolder } from "./folder.ts";
import { staffOf } from "./customer.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

function start(
  t: TestContext,
  args: readonly string[],
): ChildProcess & { readonly output: { out: string; err: string } } {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const output = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.err += text));
  t.after(() => child.kill("SIGKILL"));
  return Object.assign(child, { output });
}

async function run(
  t: TestContext,
  args: readonly string[],
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const child = start(t, args);
  const [code] = (await once(child, "close")) as [number];
  return { code, ...child.output };
}

async function credentialsFile(agent: TestAgent, folder: string): Promise<string> {
  const { id, privateKey } = await agent.application("web shop");
  const { issuer, logKey } = agent;
  const file = join(folder, "web.json");
  const key = (privateKey as KeyObject).export({ format: "jwk" });
  writeFileSync(
    file,
    JSON.stringify({ agent: { issuer, logKey }, application: { id, name: "web shop", privateKey: key } }),
    { mode: 0o600 },
  );
  return file;
}

test("import a file, then serve: staff compose for whoever was taken", async (t) => {
  const agent = await startAgent(t);
  const folder = newFolder(t);
  const credentials = await credentialsFile(agent, folder);
  const person = await agent.person({ rules: false });
  await person.rule({ types: ["identity", "home-contact"], action: { kind: "update", provenances: ["controller"] } });
  await person.allowNewsletter();
  const [database, file, mapping] = ["shop.db", "old.csv", "mapping.json"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(
    file,
    `No,First,Last,Mail,Code\n1,Ann,Low,ann@example.org,${await person.code()}\n2,Ben,Low,ben@example.org,\n`,
  );
  const fields = { surname: "Last", givenName: "First", email: "Mail" };
  writeFileSync(mapping, JSON.stringify({ format: "csv", userName: "c-{No}", connection: { code: "Code" }, fields }));

  const imported = await run(t, [
    "import",
    "--database",
    database,
    "--credentials",
    credentials,
    "--file",
    file,
    "--mapping",
    mapping,
  ]);
  assert.match(
    imported.out,
    /^row 2 waiting: .*\nrow 1 taken: user name c-1, welcome code [\w-]{20}\n1 taken, 1 waiting for a Strongroom code, 0 skipped\n$/,
    imported.err,
  );
  assert.equal(imported.code, 3);

  const serving = start(t, ["serve", "--database", database, "--credentials", credentials]);
  while (!serving.output.out.includes("staff password")) await once(serving.stdout!, "data");
  const [, address, password] = /the shop is at (http:\S+)\nstaff password of this run: (\S+)\n/.exec(
    serving.output.out,
  )!;
  const staff = await staffOf({ address: address! }, password);
  await staff.get("/staff/newsletter");
  await staff.send("/staff/newsletter", { subject: "Hello", text: "again" });
  assert.match(staff.page!.text, /1 of 1 customers get it.* To: ann@example\.org/);
  const ended = once(serving, "close");
  serving.kill("SIGTERM");
  assert.deepEqual(await ended, [0, null]);
});

test("what is called wrongly is said in one line, with how to call it", async (t) => {
  const database = join(newFolder(t), "shop.db");
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [["serve"], 2, /^shop: --database is missing\n\nnode .*main\.ts <command>/],
    [["serve", "--colour", "red"], 2, /^shop: Unknown option '--colour'/],
    [["serve", "--database", database], 1, /^shop: name at least one --credentials file\n$/],
  ];
  for (const [args, code, message] of cases) {
    const ended = await run(t, args);
    assert.match(ended.err, message);
    assert.equal(ended.code, code, ended.err);
  }
  assert.ok(!existsSync(database));
});

test("credentials that cannot be used, and what to do", async (t) => {
  const folder = newFolder(t);
  const [open, other, broken] = ["open.json", "other.json", "broken.json"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(open, "{}", { mode: 0o644 });
  writeFileSync(other, "{}", { mode: 0o600 });
  writeFileSync(broken, "{", { mode: 0o600 });
  const connect = (file: string) => connectWith([file], join(folder, "log.json"));
  await assert.rejects(connect(join(folder, "none.json")), /none\.json cannot be read \(ENOENT\)$/);
  await assert.rejects(connect(open), /can be read by others; run: chmod 600 /);
  await assert.rejects(connect(other), /is not a file of credentials: strongroom application add/);
  await assert.rejects(connect(broken), /broken\.json is not JSON/);
});
