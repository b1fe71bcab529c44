/** `audit` and `log verify` against logs that lie. Each lie is told by a real log, or by something between it and the reader. */
import { after, before, describe, test } from "node:test";
import assert from "node:assert/strict";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { PASSWORD, Place, type Running, type Doc } from "./cli.ts";

const place = new Place();
const ann = ["--login", "ann", "--password-file", "password"];
let logKey: string;

before(async () => {
  place.secret("password", PASSWORD);
  ({ logKey } = await place.json(["init", "--origin", "agent.example/log"]));
  await place.json(["subject", "add", "ann", "--password-file", "password"]);
});

/** What an audit found, as codes. */
async function audit(...args: string[]): Promise<{ code: number | null; codes: string[]; report: Doc }> {
  const { code, stdout, stderr } = await place.run(["audit", ...args, "--json"]);
  assert.equal(stderr, "");
  const report = JSON.parse(stdout);
  return { code, codes: [...new Set<string>(report.findings.map(({ code: found }: Doc) => found))], report };
}

/** A copy of the mirror, changed. */
function copied(name: string, change: (folder: string) => void): string {
  const folder = place.path(name);
  cpSync(place.path("agent", "log"), folder, { recursive: true });
  change(folder);
  return folder;
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at]! ^= 1;
  writeFileSync(path, bytes);
}

const bundle = (folder: string): string => {
  const partial = join(folder, "tile", "entries", "000.p");
  return join(partial, readdirSync(partial).sort((a, b) => Number(b) - Number(a))[0]!);
};

describe("audit of a folder", () => {
  test("needs a key: given, or remembered from an earlier audit of the same log", async () => {
    const { code, problem } = await place.problem(["audit", place.path("agent")]);
    assert.deepEqual([code, problem.code], [2, "cli.no-verifier-key"]);
    const bad = await place.problem([
      "audit",
      place.path("agent"),
      "--verifier-key",
      "agent.example/log+00000000+AAAA",
    ]);
    assert.deepEqual([bad.code, bad.problem.code], [2, "note.bad-key"]);
    const given = await audit(place.path("agent"), "--verifier-key", logKey, "--state", "first.json");
    assert.deepEqual([given.code, given.report.trust, given.report.continues], [0, "given", null]);
    const known = await audit(
      copied("same", () => undefined),
      "--state",
      "first.json",
    );
    assert.deepEqual(
      [known.code, known.report.trust, known.report.continues],
      [0, "remembered", given.report.checkpoint.size],
    );
    assert.equal(readFileSync(place.path("first.json"), "utf8").includes(PASSWORD), false);
  });

  for (const [what, change, expected] of [
    ["a changed leaf", (folder: string) => flip(bundle(folder), 10), ["audit.bad-tile", "audit.root-mismatch"]],
    ["a missing bundle", (folder: string) => rmSync(bundle(folder)), ["audit.missing-tile", "audit.no-heads"]],
    [
      "a checkpoint with another size",
      (folder: string) =>
        writeFileSync(
          join(folder, "checkpoint"),
          readFileSync(join(folder, "checkpoint"), "utf8").replace(/\n(\d+)\n/, "\n1$1\n"),
        ),
      ["audit.bad-signature"],
    ],
    ["no checkpoint", (folder: string) => rmSync(join(folder, "checkpoint")), ["audit.bad-checkpoint"]],
  ] as const) {
    test(`${what} is found: exit code 4, and nothing is remembered`, async () => {
      const folder = copied(what.replaceAll(" ", "-"), change);
      const { code, codes } = await audit(folder, "--verifier-key", logKey, "--state", `${what}.json`);
      assert.deepEqual([code, codes], [4, expected]);
      assert.ok(!existsSync(place.path(`${what}.json`)));
      const text = await place.run(["audit", folder, "--verifier-key", logKey, "--state", `${what}.json`]);
      assert.match(text.stdout, new RegExp(`finding\\(s\\):\\n  ${expected[0]}: [^\\n]+\\n    what to do: `));
    });
  }

  test("a shrunk and a forked log are found by what was remembered", async () => {
    cpSync(place.path("agent"), place.path("fork"), { recursive: true });
    const add = (data: string, name: string) =>
      place.json(["subject", "add", name, "--password-file", "password", "--data", data]);
    await add("agent", "one");
    assert.equal((await audit(place.path("agent"), "--verifier-key", logKey)).code, 0);
    const shrunk = await audit(place.path("fork"));
    assert.deepEqual([shrunk.code, shrunk.codes, shrunk.report.trust], [4, ["audit.shrunk"], "remembered"]);
    await add("fork", "two");
    const forked = await audit(place.path("fork"));
    assert.deepEqual([forked.code, forked.codes], [4, ["audit.fork"]]);
    assert.equal((await audit(place.path("agent"))).code, 0, "the log that was seen first still continues itself");
  });

  test("a folder that is none, a damaged memory and a missing witness say so", async () => {
    assert.deepEqual((await place.problem(["audit", "nowhere"])).problem.code, "cli.file");
    place.secret("damaged.json", "{}");
    const damaged = await place.problem(["audit", place.path("agent"), "--state", "damaged.json"]);
    assert.deepEqual([damaged.code, damaged.problem.code], [1, "cli.bad-settings"]);
    const alone = await audit(place.path("agent"), "--witnesses-min", "1");
    assert.deepEqual([alone.code, alone.codes], [4, ["audit.no-witness"]]);
  });
});

describe("audit of an address", () => {
  let server: Server;
  let address: string;
  let broken = false;

  before(async () => {
    // A copy of the log on any web server, beside what an agent says of itself.
    server = createServer((request, response) => {
      if (request.url === "/v1/agent")
        return response.setHeader("content-type", "application/json").end(JSON.stringify({ logKey }));
      const path = place.path("agent", request.url!);
      if (broken && path.includes("tile")) return response.writeHead(502).end("bad gateway");
      if (!existsSync(path)) return response.writeHead(404).end("not here");
      response.end(readFileSync(path));
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  test("the first time trusts the key that the address tells, and says so loudly; then never asks again", async () => {
    const first = await place.run(["audit", `${address}/`, "--state", "tofu.json"]);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /^WARNING: this verifier key comes from the one that is being checked/);
    const right = logKey;
    logKey = "other.example+5c1d+AAAA";
    const again = await audit(address, "--state", "tofu.json");
    logKey = right;
    assert.deepEqual([again.code, again.report.trust, again.report.verifierKey], [0, "remembered", right]);
  });

  test("a copy below a path is read as well", async () => {
    const { code } = await audit(`${address}/log`, "--verifier-key", logKey);
    assert.equal(code, 0);
  });

  test("what does not answer is exit code 5, not a finding", async () => {
    broken = true;
    const half = await place.problem(["audit", address, "--verifier-key", logKey]);
    broken = false;
    assert.deepEqual([half.code, half.problem.code], [5, "cli.not-an-agent"]);
    const gone = await place.problem(["audit", "http://127.0.0.1:1", "--verifier-key", logKey]);
    assert.deepEqual([gone.code, gone.problem.code], [5, "cli.unreachable"]);
  });
});

describe("log verify finds an agent that does not show everything", () => {
  let running: Running;
  let proxy: Server;
  let lie: (entries: Doc[]) => Doc[];

  before(async () => {
    running = await place.up();
    // Between the command and the agent: what it shows of the entries is changed on the way.
    proxy = createServer((request, response) => void pass(request, response));
    await new Promise<void>((done) => proxy.listen(0, "127.0.0.1", done));
  });
  after(() => proxy.close());

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { authorization, "content-type": type } = request.headers;
    const answer = await fetch(running.facts.address + request.url, {
      method: request.method!,
      headers: { ...(authorization && { authorization }), ...(type && { "content-type": type }) },
      ...(parts.length > 0 && { body: Buffer.concat(parts) }),
    });
    let body: string | Buffer = Buffer.from(await answer.arrayBuffer());
    if (request.url!.startsWith("/v1/me/log/raw?limit=200")) {
      const page = JSON.parse(body.toString());
      body = JSON.stringify({ ...page, entries: lie(page.entries) });
    }
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "application/json" });
    response.end(body);
  }

  const verify = async (...more: string[]) => {
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const { code, stdout, stderr } = await place.run([
      "log",
      "verify",
      ...ann,
      "--agent",
      address,
      "--verifier-key",
      logKey,
      "--json",
      ...more,
    ]);
    assert.equal(stderr, "");
    return { code, codes: JSON.parse(stdout).findings.map(({ code: found }: Doc) => found) };
  };

  test("a dropped, a hidden and a changed entry; and nothing where nothing is changed", async () => {
    lie = (entries) => entries;
    assert.deepEqual(await verify(), { code: 0, codes: [] });
    // Newest first: the first is the last of the chain.
    lie = (entries) => entries.toSpliced(1, 1);
    assert.deepEqual(await verify(), { code: 4, codes: ["audit.entry-missing"] });
    lie = (entries) => entries.slice(1);
    assert.deepEqual(await verify(), { code: 4, codes: ["audit.hidden-entry"] });
    lie = (entries) => entries.with(1, { ...entries[1], sealed: entries[2].sealed });
    assert.deepEqual(await verify(), { code: 4, codes: ["audit.entry-unreadable"] });
  });

  test("what was seen before and is gone, also where the rest fits together", async () => {
    const before = JSON.parse(readFileSync(place.path("state", "strongroom", "remembered.json"), "utf8"));
    const { counter } = Object.values<Doc>(before.logs[logKey].heads)[0];
    lie = (entries) => entries.filter((entry) => entry.counter !== counter);
    assert.deepEqual(await verify(), { code: 4, codes: ["audit.entry-missing", "audit.entry-rewritten"] });
  });
});
