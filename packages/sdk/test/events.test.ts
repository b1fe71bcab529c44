import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { isDenied, type Consent } from "@strongroom/sdk";
import { readEvents } from "../src/agent/events.ts";
import { Expiring } from "../src/agent/expiring.ts";
import { Transport } from "../src/agent/transport.ts";
import { settingsOf } from "../src/options.ts";
import { APPLICATION_ID, applicationKey, problem, type FakeAgent } from "./fakeAgent.ts";
import { ADVERT, connect, customer, DELIVER, EXPLICIT, startAgent, until } from "./setting.ts";

const asked = (agent: FakeAgent): number => agent.to("/v1/authorizations").length;

/** A client that hears the agent and holds one value whose key may be kept for a minute. */
async function keeping(t: Parameters<typeof connect>[0], options: Parameters<typeof connect>[2] = {}) {
  const agent = await startAgent(t);
  agent.decide = () => ({ keepMs: 60_000 });
  const strongroom = await connect(t, [agent], options);
  const heard: string[] = [];
  strongroom.onRevoked((person) => heard.push(person.text));
  await until(() => agent.streams === 1);
  const rows = await strongroom.sealMany(
    customer,
    ["a", "b"].map((name, row) => ({ person: agent.person(name), row, values: { surname: `S-${name}` } })),
    { provenance: EXPLICIT },
  );
  const open = async (row: 0 | 1, purpose = DELIVER as { use: string; purpose: string }): Promise<unknown> =>
    (await strongroom.open(customer, rows[row]!, purpose)).surname;
  // The stream is live once its hello was read, which nothing shows from outside but a key being kept.
  for (let before = -1; before !== asked(agent);) {
    before = asked(agent);
    await open(0);
    await open(1);
  }
  return { agent, strongroom, open, heard };
}

describe("kept keys", () => {
  test("serve the same use again without a question, and no other use", async (t) => {
    const { agent, open } = await keeping(t);
    const before = asked(agent);
    assert.deepEqual(await Promise.all([open(0), open(1), open(0)]), ["S-a", "S-b", "S-a"]);
    assert.equal(asked(agent), before);
    agent.decide = () => "no-rule";
    assert.ok(isDenied(await open(0, ADVERT)));
    assert.equal(asked(agent), before + 1);
  });

  test("are forgotten at once when the person revokes, and only theirs", async (t) => {
    const { agent, open, heard } = await keeping(t);
    agent.decide = () => "no-rule";
    const before = asked(agent);
    agent.tell({ event: "revoked", handle: agent.person("a").slice(12), at: Date.now() });
    await until(() => heard.length === 1);
    assert.deepEqual(heard, [agent.person("a")]);
    assert.ok(isDenied(await open(0)));
    assert.equal(await open(1), "S-b");
    assert.equal(asked(agent), before + 1);
  });

  test("are never used after the time that the rule allows", async (t) => {
    let now = Date.now();
    const { agent, open } = await keeping(t, { clock: () => now });
    agent.now = () => now;
    agent.decide = () => ({ keepMs: 0 });
    const before = asked(agent);
    now += 59_000;
    await open(0);
    assert.equal(asked(agent), before);
    now += 1_001;
    await open(0);
    await open(0);
    assert.equal(asked(agent), before + 2);
  });

  test("are forgotten when the agent can no longer be heard, and when it says hello again", async (t) => {
    const { agent, open } = await keeping(t);
    agent.decide = () => ({ keepMs: 0 });
    const before = asked(agent);
    agent.dropStreams();
    await until(() => agent.to("/v1/events").length === 2 && agent.streams === 1);
    await open(0);
    assert.equal(asked(agent), before + 1);
  });

  test("an answer from before a revocation is not kept after it", async (t) => {
    const { agent, open, heard } = await keeping(t);
    // Told in this order: where the second was heard, the first was.
    agent.tell({ event: "hello", at: Date.now() });
    agent.tell({ event: "revoked", handle: agent.person("b").slice(12), at: Date.now() });
    await until(() => heard.length === 1);
    let release: () => void = () => undefined;
    agent.intercept = (call) =>
      call.path === "/v1/authorizations" ? new Promise((resolve) => (release = () => resolve(undefined))) : undefined;
    const before = asked(agent);
    const opening = open(0);
    await until(() => asked(agent) === before + 1);
    agent.tell({ event: "revoked", handle: agent.person("a").slice(12), at: Date.now() });
    await until(() => heard.length === 2);
    agent.intercept = () => undefined;
    release();
    assert.equal(await opening, "S-a");
    await open(0);
    assert.equal(asked(agent), before + 2);
  });

  test("none is kept where the rule says so or the program turns it off", async (t) => {
    const agent = await startAgent(t);
    agent.decide = () => ({ keepMs: 60_000 });
    const strongroom = await connect(t, [agent], { keptKeysMax: 0 });
    const row = await strongroom.seal(
      customer,
      { person: agent.person("a"), row: 1, provenance: EXPLICIT },
      { surname: "Rossi" },
    );
    await until(() => agent.streams === 1);
    for (let times = 1; times <= 5; times++) {
      await strongroom.open(customer, row, DELIVER);
      assert.equal(asked(agent), times);
    }
  });
});

describe("the stream", () => {
  test("is opened by the first lease, and again after it ended", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    assert.equal(agent.to("/v1/events").length, 0);
    await strongroom.seal(customer, { person: agent.person("a"), row: 1, provenance: EXPLICIT }, { surname: "x" });
    await until(() => agent.streams === 1);
    let refused = 0;
    agent.intercept = (call) =>
      call.path === "/v1/events" && refused++ < 1 ? problem(401, "auth.token-invalid") : undefined;
    agent.dropStreams();
    await until(() => agent.streams === 1 && refused >= 2);
    assert.equal(agent.to("/v1/token").length, 2, "a refused token is replaced");
  });

  test("tells of answers to consent requests", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    const told: Consent[] = [];
    const stop = strongroom.onConsent((consent) => told.push(consent));
    await until(() => agent.streams === 1);
    const consent = await strongroom.requestConsent({
      person: agent.person("a"),
      types: ["home-contact.email"],
      action: { kind: "read", uses: ["communicate.email"], purposes: ["advert"] },
      reason: "To send you offers",
      ifRefused: "You get no offers",
    });
    assert.equal(consent.state, "pending");
    const { id, state } = await strongroom.consentStatus(consent.id);
    assert.deepEqual({ id, state }, consent);
    const sent = JSON.parse(agent.to("/v1/consent-requests")[0]!.body) as Record<string, unknown>;
    assert.equal(sent["handle"], agent.person("a").slice(12));
    assert.equal(sent["until"], null);
    agent.tell({ event: "consent", id: consent.id.slice(12), state: "granted", at: 1 });
    await until(() => told.length === 1);
    assert.deepEqual(told, [{ id: consent.id, state: "granted" }]);
    stop();
    await assert.rejects(
      strongroom.requestConsent({
        person: agent.person("a"),
        types: ["home-contact.emial"],
        action: { kind: "update", provenances: [EXPLICIT] },
        reason: "",
        ifRefused: "",
      }),
      {
        code: "vocabulary.unknown-type",
      },
    );
    await assert.rejects(strongroom.consentStatus("consent"), { code: "sdk.person" });
  });

  test("is read however it is cut, and begun anew at what cannot be understood", async () => {
    const handle = Buffer.alloc(16, 7).toString("base64url");
    const text = [
      `: comment\r\n\r\nevent: hello\r\ndata: {"event":"hello","at":1}\r\n\r\n`,
      `data: {"event":"revoked",\ndata:"handle":"${handle}","at":2}\n\n`,
      `event: later\ndata: {"event":"of-a-later-release","at":3}\n\n`,
      `data: {"event":"consent","id":"x","state":"granted","at":4}\n\n`,
    ].join("");
    const expected = [
      { event: "hello", at: 1 },
      { event: "revoked", handle, at: 2 },
      { event: "consent", id: "x", state: "granted", at: 4 },
    ];
    const read = async (...parts: string[]): Promise<unknown[]> => {
      const body = (async function* () {
        for (const part of parts) yield Buffer.from(part);
      })();
      const events: unknown[] = [];
      for await (const event of readEvents(body)) events.push(event);
      return events;
    };
    assert.deepEqual(await read(text), expected);
    assert.deepEqual(await read(...text), expected);
    for (const bad of [
      "data: {",
      'data: {"event":"revoked","handle":"short","at":1}',
      'data: {"event":"hello"}',
      `data: ${"x".repeat(20_000)}`,
    ]) {
      await assert.rejects(read(`${bad}\n\n`), bad.slice(0, 40));
    }
    await assert.rejects(read("x".repeat(20_000)), /too long/);
  });

  test("that says nothing for too long counts as ended", async (t) => {
    const agent = await startAgent(t);
    const [pin] = settingsOf({
      agents: [agent.pin],
      application: { id: APPLICATION_ID, privateKey: applicationKey },
    }).pins;
    const transport = new Transport(pin!);
    t.after(() => transport.close());
    const { body } = await transport.stream("/v1/events", [], 100, new AbortController().signal);
    const heard: string[] = [];
    await assert.rejects(
      async () => {
        for await (const event of readEvents(body)) heard.push(event.event);
      },
      { code: "UND_ERR_BODY_TIMEOUT" },
    );
    assert.deepEqual(heard, ["hello"]);
  });

  test("does not keep the process alive", async (t) => {
    const agent = await startAgent(t);
    const key = JSON.stringify(applicationKey.export({ format: "jwk" }));
    const program = `
      import { defineRecord, Strongroom } from "@strongroom/sdk";
      const customer = defineRecord("customer", { surname: "identity.surname" });
      const strongroom = await Strongroom.connect({ agents: [${JSON.stringify(agent.pin)}], application: { id: "${APPLICATION_ID}", privateKey: ${key} } });
      strongroom.onRevoked(() => undefined);
      const row = await strongroom.seal(customer, { person: "${agent.person("a")}", row: 1, provenance: "subject.explicit" }, { surname: "Rossi" });
      console.log((await strongroom.open(customer, row, { use: "deliver.package", purpose: "contractual" })).surname);
    `;
    agent.decide = () => ({ keepMs: 60_000 });
    const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", program], {
      cwd: import.meta.dirname,
      stdio: ["ignore", "pipe", "inherit"],
    });
    t.after(() => child.kill());
    let output = "";
    child.stdout.on("data", (bytes: Buffer) => (output += bytes.toString()));
    const code = await new Promise((resolve) => child.on("close", resolve));
    assert.deepEqual([code, output], [0, "Rossi\n"]);
    assert.equal(agent.to("/v1/events").length, 1);
  });
});

describe("what expires", () => {
  const box = (max: number) => {
    let now = 0;
    return { cache: new Expiring<string>(max, () => now), tick: (ms: number) => (now += ms) };
  };

  test("is bounded: the oldest leaves that was not used, and where all were, the oldest", () => {
    const { cache } = box(2);
    cache.set("1", "a", "one", 10);
    cache.set("2", "a", "two", 10);
    cache.get("1");
    cache.set("3", "b", "three", 10);
    assert.deepEqual([cache.get("1"), cache.get("2"), cache.get("3"), cache.size], ["one", undefined, "three", 2]);
    cache.set("4", "b", "four", 10);
    assert.deepEqual([cache.get("1"), cache.get("3"), cache.get("4"), cache.size], [undefined, "three", "four", 2]);
    cache.clear();
  });

  test("ends on time, by person, and leaves no trace", () => {
    const { cache, tick } = box(10);
    cache.set("1", "a", "one", 10);
    cache.set("2", "a", "two", 20);
    cache.set("3", "b", "three", 20);
    cache.set("4", "b", "late", 0);
    assert.equal(cache.get("4"), undefined);
    tick(9);
    assert.equal(cache.get("1"), "one");
    tick(1);
    assert.equal(cache.get("1"), undefined);
    cache.dropHandle("a");
    cache.dropHandle("nobody");
    assert.deepEqual([cache.get("2"), cache.get("3"), cache.size], [undefined, "three", 1]);
    cache.clear();
    assert.equal(cache.size, 0);
  });

  test("leaves memory by itself", async () => {
    const cache = new Expiring<string>(10, Date.now);
    cache.set("1", "a", "one", Date.now() + 1);
    cache.set("2", "a", "two", Date.now() + 60_000);
    await until(() => cache.size === 1);
    assert.equal(cache.get("2"), "two");
    cache.clear();
  });
});
