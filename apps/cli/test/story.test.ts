/** One agent from an empty folder to a verified log, by the real command: a controller, a person, rules, uses, erasure. */
import { before, describe, test } from "node:test";
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { defineRecord, Strongroom } from "@strongroom/sdk";
import { PASSWORD, Place, type Running, type Doc } from "./cli.ts";

const place = new Place();
const { env } = process;
const shop = ["--controller", "Corner Shop"];
const password = ["--password-file", "password"];
let running: Running;
let address: string;
/** STRONGROOM_TOKEN of a token that may change rules: no password is checked again and again. */
const asAnn: { env: Record<string, string> } = { env: {} };
let rule: { id: string };
let credentials: Doc;

before(async () => {
  place.secret("password", `${PASSWORD}\n`);
  const made = await place.spawn(["init", "--json"], { env: { HOME: env["HOME"] ?? "" } });
  assert.equal(made.code, 0, made.stderr);
  const facts = JSON.parse(made.stdout);
  assert.equal(facts.created, true);
  running = await place.up();
  address = running.facts.address;
  assert.equal(running.facts.logKey, facts.logKey);
});

describe("a running agent is found by its data folder", () => {
  test("run.json names it, for its owner only", () => {
    const run = JSON.parse(readFileSync(place.path("agent", "run.json"), "utf8"));
    assert.equal(run.address, address);
    assert.match(address, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(statSync(place.path("agent", "run.json")).mode & 0o777, 0o600);
  });

  test("init again changes nothing and says so", async () => {
    const again = await place.run(["init"]);
    assert.equal(again.code, 0);
    assert.match(again.stderr, /holds an agent already; its keys stay as they are/);
    assert.match(again.stdout, new RegExp(`verifier key: ${RegExp.escape(running.facts.logKey)}`));
  });

  test("a second agent on the folder is refused, and the first is named", async () => {
    const { code, problem } = await place.problem(["up", "--port", "0"]);
    assert.deepEqual([code, problem.code], [1, "storage.in-use"]);
    assert.ok(problem.detail.includes(address));
    assert.ok(existsSync(place.path("agent", "run.json")), "the first agent's file stays");
  });
});

describe("registration", () => {
  test("a controller, by its name", async () => {
    const added = await place.json(["controller", "add", "Corner Shop", "--website", "https://shop.example"]);
    const { controllers } = await place.json(["controller", "list"]);
    assert.deepEqual(controllers, [added]);
    const taken = await place.problem(["controller", "add", "Corner Shop"]);
    assert.deepEqual([taken.code, taken.problem.code], [1, "client.name-taken"]);
  });

  test("a subject, with its password from a file or from standard input", async () => {
    await place.json(["subject", "add", "ann", "--password-file", "password"]);
    await place.json(["subject", "add", "bob", "--password-file", "-"], { input: PASSWORD });
    const { subjects } = await place.json(["subject", "list"]);
    assert.deepEqual(subjects.map(({ login }: { login: string }) => login).sort(), ["ann", "bob"]);
    assert.match((await place.run(["subject", "list"])).stdout, /^ID +LOGIN +STATE +SINCE\n/);
  });

  test("an application: its credentials are shown once, and a mistake leaves no file", async () => {
    const none = await place.problem([
      "application",
      "add",
      "web",
      "--controller",
      "Corner Shp",
      "--out",
      "credentials.json",
    ]);
    assert.deepEqual(
      [none.code, none.problem.code, none.problem.details.nearest.name],
      [2, "cli.unknown-name", "Corner Shop"],
    );
    assert.ok(!existsSync(place.path("credentials.json")));

    const added = await place.json([
      "application",
      "add",
      "web",
      "--controller",
      "corner shop",
      "--out",
      "credentials.json",
    ]);
    assert.equal(statSync(place.path("credentials.json")).mode & 0o777, 0o600);
    credentials = JSON.parse(readFileSync(place.path("credentials.json"), "utf8"));
    assert.ok(!JSON.stringify(added).includes(credentials.application.privateKey.d));
    assert.equal(credentials.agent.issuer, address);

    const overwritten = await place.problem(["application", "add", "web2", ...shop, "--out", "credentials.json"]);
    assert.equal(overwritten.problem.code, "cli.file");
    const printed = await place.run(["application", "add", "warehouse", ...shop]);
    assert.match(printed.stdout, /"privateKey"/);
    assert.match(printed.stderr, /shown this once/);
    const { applications } = await place.json(["application", "list", ...shop]);
    assert.deepEqual(
      applications.map(({ name }: { name: string }) => name),
      ["web", "warehouse"],
    );
    assert.ok(!readFileSync(place.path("agent", "agent.db")).includes(credentials.application.privateKey.d));
  });

  test("an API token for the person's scripts", async () => {
    const ann = ["--login", "ann", ...password];
    await place.json([
      "subject",
      "token",
      ...ann,
      "--name",
      "tests",
      "--scope",
      "write",
      "--expires",
      "2099-12-31",
      "--out",
      "token",
    ]);
    asAnn.env["STRONGROOM_TOKEN"] = readFileSync(place.path("token"), "utf8").trim();
    const { rules } = await place.json(["rule", "list"], asAnn);
    assert.deepEqual(rules, []);
    assert.deepEqual((await place.json(["rule", "list", "--token-file", "token"])).rules, []);
  });
});

describe("rules", () => {
  const scope = ["--type", "home-contact,identity", "--read", "--use", "deliver.package", "--purpose", "contractual"];

  test("are added from readable flags", async () => {
    const dates = ["--from", "2020-01-01", "--until", "2099-12-31T23:59:59Z", "--keep", "10m", "--note", "for parcels"];
    rule = await place.json(["rule", "add", "--allow", ...shop, ...scope, ...dates], asAnn);
    const { effect, types, action, until, retentionMs, note, applications } = rule as Doc;
    assert.deepEqual(
      { effect, types, action, until, retentionMs, note, applications },
      {
        effect: "allow",
        types: ["home-contact", "identity"],
        action: { kind: "read", uses: ["deliver.package"], purposes: ["contractual"] },
        until: Date.UTC(2099, 11, 31, 23, 59, 59),
        retentionMs: 600_000,
        note: "for parcels",
        applications: null,
      },
    );
    await place.json(
      ["rule", "add", "--allow", ...shop, "--type", "home-contact", "--update", "--provenance", "subject"],
      asAnn,
    );
  });

  test("an unknown id is refused with the nearest", async () => {
    const typo = await place.problem(
      ["rule", "add", "--deny", ...shop, "--type", "home-contcat", ...scope.slice(2)],
      asAnn,
    );
    assert.deepEqual(
      [typo.code, typo.problem.code, typo.problem.details.nearest],
      [2, "vocabulary.unknown-type", "home-contact"],
    );
    const unknown = await place.problem(["rule", "revoke", `${rule.id.slice(0, 20)}xx`], asAnn);
    assert.deepEqual([unknown.code, unknown.problem.details.nearest.id], [2, rule.id]);
  });

  test("are edited: what is not named stays", async () => {
    const edited = await place.json(
      ["rule", "edit", rule.id, "--keep", "0", "--until", "never", "--application", "web"],
      asAnn,
    );
    assert.deepEqual(edited.types, ["home-contact", "identity"]);
    assert.deepEqual([edited.retentionMs, edited.until, edited.note], [0, null, "for parcels"]);
    assert.deepEqual(edited.applications, [credentials.application.id]);
    const any = await place.json(
      ["rule", "edit", rule.id, "--application", "any", "--purpose", "contractual,informative"],
      asAnn,
    );
    assert.deepEqual(
      [any.applications, any.action.uses, any.action.purposes],
      [null, ["deliver.package"], ["contractual", "informative"]],
    );
  });

  test("what they decide is explained; a denial is exit code 3", async () => {
    const ask = ["authorize", "--explain", ...shop, "--application", "web", "--type", "home-contact.city"];
    const allowed = await place.json([...ask, "--use", "deliver.package", "--purpose", "contractual"], asAnn);
    assert.deepEqual([allowed.outcome, allowed.explanation.rules], ["allow", [rule.id]]);
    const denied = await place.run([...ask, "--use", "analytics", "--purpose", "advert"], asAnn);
    assert.equal(denied.code, 3);
    assert.match(
      denied.stdout,
      new RegExp(
        `^deny: no-rule\\ndid not matter:\\n[^]*${rule.id}  other-use: allow Corner Shop \\(any program\\) to read`,
      ),
    );
    assert.equal((await place.run([...ask, "--use", "analytics", "--provenance", "subject"], asAnn)).code, 2);
  });
});

describe("a program of the controller", () => {
  test("connects, seals, opens and asks with the credentials that were printed", async () => {
    const code = (await place.json(["subject", "connect", ...shop], asAnn)).code;
    const { agent, application } = credentials;
    const program = await Strongroom.connect({ agents: [agent], application });
    try {
      const person = await program.connectPerson(code);
      const customer = defineRecord("customer", { city: "home-contact.city" });
      const sealed = await program.seal(customer, { person, row: 1, provenance: "subject" }, { city: "Athens" });
      const city = await program.use({ use: "deliver.package", purpose: "contractual" }, sealed, (plain) => plain.city);
      assert.equal(city, "Athens");
      const advert = { use: "communicate.email", purpose: "advert" };
      await program.use(advert, sealed, (plain) => assert.notEqual(plain.city, "Athens"));
      const asked = { kind: "read", uses: ["analytics"], purposes: ["informative", "advert"] } as const;
      const ask = {
        person,
        types: ["home-contact.city"],
        action: asked,
        reason: "to know where to open",
        ifRefused: "nothing changes",
      };
      await program.requestConsent(ask);
    } finally {
      await program.close();
    }
    const { holdings } = await place.json(["subject", "holdings"], asAnn);
    assert.deepEqual(
      holdings.map(({ controllerName, type }: Doc) => [controllerName, type]),
      [["Corner Shop", "home-contact.city"]],
    );
  });

  test("what it asked for is answered, in part", async () => {
    const { requests } = await place.json(["consent", "list"], asAnn);
    assert.deepEqual(
      requests.map(({ state, controllerName }: Doc) => [state, controllerName]),
      [["pending", "Corner Shop"]],
    );
    const granted = await place.json(
      ["consent", "answer", requests[0].id, "--grant", "--purpose", "informative"],
      asAnn,
    );
    assert.equal(granted.state, "granted");
    const { rules } = await place.json(["rule", "list"], asAnn);
    const made = rules.find(({ origin }: Doc) => origin === "consent-request");
    assert.deepEqual(made.action, { kind: "read", uses: ["analytics"], purposes: ["informative"] });
    assert.deepEqual((await place.json(["consent", "list"], asAnn)).requests, []);
  });

  test("is in the log, which filters find", async () => {
    const { lines } = await place.json(["log", "show", ...shop, "--action", "read", "--type", "home-contact"], asAnn);
    assert.deepEqual(
      lines.map(({ outcome, purpose }: Doc) => [outcome, purpose]),
      [
        ["deny", "advert"],
        ["allow", "contractual"],
      ],
    );
    const none = await place.json(["log", "show", "--until", "2020-12-31"], asAnn);
    assert.deepEqual(none, { lines: [], more: false });
    const text = await place.run(["log", "show", "--outcome", "allow", "--limit", "1"], asAnn);
    assert.match(
      text.stdout,
      /^# +TIME +WHAT +WHO +DATA +WHY +OUTCOME\n[^\n]*Corner Shop[^\n]*allow\nolder entries follow/,
    );
    const csv = await place.run(["log", "export", "--format", "csv", "--out", "log.csv"], asAnn);
    assert.equal(csv.code, 0, csv.stderr);
    assert.match(readFileSync(place.path("log.csv"), "utf8"), /^counter,index,time,kind,/);
  });
});

describe("the log", () => {
  const ann = ["--login", "ann", ...password];

  test("is verified by the person, and the first trust is told loudly", async () => {
    const first = await place.run(["log", "verify", ...ann]);
    assert.equal(first.code, 0, first.stderr + first.stdout);
    assert.match(first.stdout, /WARNING: this verifier key comes from the one that is being checked/);
    assert.match(first.stdout, /whole and unchanged/);
    const again = await place.json(["log", "verify", ...ann, "--verifier-key", running.facts.logKey]);
    assert.deepEqual([again.ok, again.pending, again.trust], [true, 0, "given"]);
    assert.ok(again.head.counter > 10);
  });

  test("is audited by anybody, by address and by folder", async () => {
    const byAddress = await place.json(["audit", address]);
    assert.deepEqual([byAddress.ok, byAddress.rootVerified], [true, true]);
    const byFolder = await place.json(["audit", place.path("agent")]);
    assert.deepEqual([byFolder.ok, byFolder.trust], [true, "remembered"]);
    assert.ok(byFolder.continues >= byAddress.checkpoint.size);
  });

  test("the lock denies everything until it is undone", async () => {
    const ask = [
      "authorize",
      "--explain",
      ...shop,
      "--application",
      "web",
      "--type",
      "identity",
      "--use",
      "deliver.package",
      "--purpose",
      "contractual",
    ];
    await place.json(["lock"], asAnn);
    const locked = await place.run([...ask, "--json"], asAnn);
    assert.deepEqual([locked.code, JSON.parse(locked.stdout).reason], [3, "locked"]);
    await place.json(["unlock"], asAnn);
    assert.equal((await place.json(ask, asAnn)).outcome, "allow");
  });
});

describe("the end", () => {
  test("the operator turns the keys, the doctor finds nothing", async () => {
    assert.deepEqual(await place.json(["keys", "rotate"]), { kekEpoch: 2, rewrapped: 2, destroyed: 1 });
    const { ok, checks } = await place.json(["doctor"]);
    assert.equal(ok, true, JSON.stringify(checks));
    assert.deepEqual(
      checks.map(({ name }: Doc) => name),
      ["node", "folder", "disk", "keys", "kek", "clock", "port", "database", "ready", "log", "mirror"],
    );
  });

  test("SIGTERM ends it in order: the file goes, and commands open the folder themselves", async () => {
    const { code, stderr } = await running.stop();
    assert.equal(code, 0, stderr);
    assert.ok(!existsSync(place.path("agent", "run.json")));
    for (const line of stderr.trim().split("\n")) JSON.parse(line);
    assert.ok(stderr.includes('"route":"/v1/me/rules"'));
    for (const personal of ["ann", PASSWORD, "Athens", asAnn.env["STRONGROOM_TOKEN"]!])
      assert.ok(!stderr.includes(`"${personal}`), personal);

    const { rules } = await place.json(["rule", "list"], asAnn);
    assert.equal(rules.length, 3);
    const own = await place.json(["log", "verify", "--login", "ann", "--password-file", "password"]);
    assert.deepEqual([own.ok, own.pending, own.trust], [true, 0, "remembered"]);
  });

  test("a rule is revoked, an export taken, and the person erased with a receipt", async () => {
    assert.deepEqual(await place.json(["rule", "revoke", rule.id], asAnn), { revoked: rule.id });
    const scope = await place.problem(["subject", "export"], asAnn);
    assert.deepEqual([scope.code, scope.problem.code], [3, "auth.scope"]);
    const exported = await place.json(["subject", "export", "--login", "ann", "--password-file", "password"]);
    assert.deepEqual([exported.format, exported.subject.login], ["strongroom-export/1", "ann"]);
    assert.equal(typeof exported.receipt, "string");

    const unsure = await place.problem(["subject", "erase", "ann"]);
    assert.deepEqual([unsure.code, unsure.problem.code], [2, "cli.no-terminal"]);
    const own = await place.json(["subject", "erase", "--login", "ann", ...password, ...shop, "--yes"]);
    assert.ok(own.finalAt > Date.now() && own.receipt.length > 100);
    const whole = await place.json(["subject", "erase", "ann", "--yes", "--out", "receipt"]);
    assert.equal(readFileSync(place.path("receipt"), "utf8").trim(), whole.receipt);
    const gone = await place.problem(["rule", "list"], asAnn);
    assert.deepEqual([gone.code, gone.problem.code], [3, "auth.token-invalid"]);
  });
});
