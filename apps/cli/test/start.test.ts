/** Starting: folders, keys with a passphrase, ports, TLS, what is refused, and how each refusal names its cure. */
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { selfSigned } from "./certificate.ts";
import { PASSWORD, Place, type Doc } from "./cli.ts";

describe("init", () => {
  test("makes private files, prints what to pin, and a log that can be audited with it", async () => {
    const place = new Place();
    const { stdout, code } = await place.run([
      "init",
      "--origin",
      "agent.example/log",
      "--issuer",
      "https://agent.example/",
    ]);
    assert.equal(code, 0);
    const [, key] = /^verifier key: (\S+)$/m.exec(stdout)!;
    assert.match(key!, /^agent\.example\/log\+[0-9a-f]{8}\+/);
    assert.match(stdout, /^issuer: +https:\/\/agent\.example$/m);
    assert.match(stdout, /Next: `strongroom up`/);
    for (const [name, mode] of [
      ["", 0o700],
      ["keys", 0o700],
      ["keys/identity.json", 0o600],
      ["keys/kek-1.json", 0o600],
      ["agent.db", 0o600],
      ["operator.token", 0o600],
      ["settings.json", 0o600],
    ] as const) {
      assert.equal(statSync(place.path("agent", name)).mode & 0o777, mode, name);
    }
    const operator = readFileSync(place.path("agent", "operator.token"), "utf8").trim();
    assert.ok(!stdout.includes(operator));
  });

  test("with a passphrase: every opening needs it, from a file or from standard input", async () => {
    const place = new Place();
    place.secret("passphrase", "four random words here\n");
    await place.json(["init", "--passphrase-file", "passphrase"]);
    const without = await place.problem(["controller", "list"]);
    assert.deepEqual([without.code, without.problem.code], [1, "keys.passphrase-needed"]);
    const wrong = await place.problem(["controller", "list", "--passphrase-file", "-"], {
      input: "four wrong words here",
    });
    assert.deepEqual([wrong.code, wrong.problem.code], [1, "keys.passphrase-wrong"]);
    await place.json(["controller", "list", "--passphrase-file", "-"], { input: "four random words here" });
    const { ok, checks } = await place.json(["doctor", "--port", "0"]);
    assert.equal(ok, true, "a passphrase that was not given is a warning");
    assert.deepEqual(
      checks.filter(({ level }: Doc) => level === "warn").map(({ name }: Doc) => name),
      ["database"],
    );
    const twice = await place.problem(["subject", "add", "ann", "--password-file", "-", "--passphrase-file", "-"], {
      input: "x",
    });
    assert.deepEqual([twice.code, twice.problem.code], [2, "cli.usage"]);
  });

  test("keys in a folder of their own stay there", async () => {
    const place = new Place();
    const { keys } = await place.json(["init", "--keys", "elsewhere"]);
    assert.equal(keys, place.path("elsewhere"));
    assert.ok(!existsSync(place.path("agent", "keys")));
    await place.json(["controller", "add", "Shop"]);
    const moved = await place.problem(["init", "--keys", "other"]);
    assert.deepEqual([moved.code, moved.problem.code], [2, "cli.usage"]);
  });

  test("a vocabulary extension named once holds for every later command", async () => {
    const place = new Place();
    place.secret("password", PASSWORD);
    const term = { id: "vehicle", label: "Vehicle", sentence: "What a person drives." };
    writeFileSync(place.path("ours.json"), JSON.stringify({ version: "acme-1", types: [term] }));
    writeFileSync(place.path("bad.json"), JSON.stringify({ version: "acme-1", types: [{ ...term, id: "Bad Id" }] }));
    const bad = await place.problem(["init", "--vocabulary", "bad.json"]);
    assert.deepEqual([bad.code, bad.problem.code], [2, "vocabulary.bad-id"]);
    await place.json(["init", "--vocabulary", "ours.json"]);
    await place.json(["controller", "add", "Garage"]);
    await place.json(["subject", "add", "ann", "--password-file", "password"]);
    const scope = ["--controller", "Garage", "--allow", "--type", "vehicle", "--update", "--provenance", "subject"];
    const added = await place.json(["rule", "add", "--login", "ann", "--password-file", "password", ...scope]);
    assert.deepEqual(added.types, ["vehicle"]);
  });

  test("a folder that cannot be made, or that others may write, says what to do", async () => {
    const place = new Place();
    place.secret("file", "");
    const { code, problem } = await place.problem(["init", "--data", "file/agent"]);
    assert.deepEqual([code, problem.code], [1, "agent.folder-unusable"]);
    mkdirSync(place.path("open"), { mode: 0o755 });
    chmodSync(place.path("open"), 0o755);
    assert.match((await place.run(["init", "--data", "open"])).stderr, /others can look into .*open; run: chmod 700/);
  });

  test("a folder that this user cannot write is told with its cure", async (t) => {
    if (process.getuid?.() === 0) return t.skip("skipped: root may write everywhere");
    const place = new Place();
    mkdirSync(place.path("agent"), { mode: 0o500 });
    const { code, stderr } = await place.run(["init"]);
    assert.equal(code, 1);
    assert.match(stderr, /what to do: Name a folder that you may write with --data, or correct the permissions/);
  });
});

describe("up", () => {
  test("without an agent in the folder, on a taken port, or in the clear for others: refused with the cure", async () => {
    const place = new Place();
    const none = await place.run(["up"]);
    assert.equal(none.code, 1);
    assert.match(none.stderr, /there is no agent in .*\n +what to do: .*`strongroom init`/);
    await place.json(["init"]);
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((done) => taken.once("listening", done));
    const { port } = taken.address() as AddressInfo;
    const { code, stderr } = await place.run(["up", "--port", String(port)]);
    taken.close();
    assert.equal(code, 1);
    assert.match(
      stderr,
      new RegExp(
        `port ${port} of 127\\.0\\.0\\.1 is taken by another program\\n  what to do: Stop it, or choose another port`,
      ),
    );
    for (const [args, expected] of [
      [["--host", "0.0.0.0"], "cli.usage"],
      [["--host", "0.0.0.0", "--issuer", "http://agent.example"], "agent.insecure-bind"],
      [["--tls-cert", "cert.pem"], "cli.usage"],
      [["--tls-cert", "cert.pem", "--tls-key", "key.pem"], "agent.tls"],
      [["--port", "70000"], "cli.usage"],
      [["--checkpoint-interval", "2"], "cli.usage"],
      [["--checkpoint-interval", "1ms"], "cli.usage"],
      [["--witness", "nobody"], "note.bad-key"],
      [["--vocabulary", "nowhere.json"], "cli.file"],
      [["--host", "192.0.2.1"], "agent.bad-address"],
    ] as const) {
      const { problem } = await place.problem(["up", "--port", "0", ...args]);
      assert.equal(problem.code, expected, args.join(" "));
    }
    assert.ok(!existsSync(place.path("agent", "run.json")));
  });

  test("by TLS: commands of the same folder trust the certificate that it was given, whatever its name", async () => {
    const place = new Place();
    const { cert, key } = selfSigned("agent.example");
    place.secret("cert.pem", cert);
    place.secret("key.pem", key);
    await place.json(["init"]);
    const running = await place.up("--tls-cert", "cert.pem", "--tls-key", "key.pem");
    assert.match(running.facts.address, /^https:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(running.facts.issuer, running.facts.address);
    await place.json(["controller", "add", "Shop"]);
    // A renewed one is taken up without a restart.
    const renewed = selfSigned("agent.example");
    place.secret("cert.pem", renewed.cert);
    place.secret("key.pem", renewed.key);
    running.signal("SIGHUP");
    const list = ["controller", "list", "--json"];
    for (let tries = 0; tries < 100 && (await place.run(list)).code !== 0; tries += 1);
    assert.equal((await place.run(list)).code, 0);
    // From elsewhere it is a certificate that nobody vouches for.
    const other = await place.problem([
      "controller",
      "list",
      "--agent",
      running.facts.address,
      "--operator-token-file",
      "agent/operator.token",
    ]);
    assert.deepEqual([other.code, other.problem.code], [5, "cli.unreachable"]);
    // Killed, it leaves its file behind, which counts for nothing.
    await running.stop("SIGKILL");
    assert.ok(existsSync(place.path("agent", "run.json")));
    const { controllers } = await place.json(["controller", "list"]);
    assert.equal(controllers.length, 1);
    assert.ok(!existsSync(place.path("agent", "run.json")));
  });

  test("another program at the address in run.json is never sent the operator's token", async () => {
    const place = new Place();
    await place.json(["init"]);
    const running = await place.up();
    const file = place.path("agent", "run.json");
    const run = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...run, logKey: "another.example+00000000+AAAA" }));
    const { code, problem } = await place.problem(["controller", "list"]);
    assert.deepEqual([code, problem.code], [5, "cli.not-an-agent"]);
    const { stderr } = await running.stop("SIGINT");
    assert.ok(!stderr.includes("/v1/controllers"));
  });
});
