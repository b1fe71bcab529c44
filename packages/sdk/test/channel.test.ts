import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { Strongroom, type StrongroomError } from "@strongroom/sdk";
import { APPLICATION_ID, applicationKey, problem, type Call, type FakeAgent } from "./fakeAgent.ts";
import { connect, customer, DELIVER, EXPLICIT, startAgent } from "./setting.ts";

const TO_OPEN = "/v1/authorizations";

async function sealedRow(strongroom: Strongroom, agent: FakeAgent) {
  return await strongroom.seal(
    customer,
    { person: agent.person("a"), row: 1, provenance: EXPLICIT },
    { surname: "Rossi" },
  );
}

/** Answers the first `times` requests to a path otherwise. */
function first(
  times: number,
  path: string,
  answer: (call: Call) => ReturnType<FakeAgent["intercept"]>,
): FakeAgent["intercept"] {
  let left = times;
  return (call) => (call.path === path && left-- > 0 ? answer(call) : undefined);
}

describe("requests", () => {
  test("are bound to exactly their bytes, address and token, each proof used once", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    const row = await sealedRow(strongroom, agent);
    await strongroom.open(customer, row, DELIVER);
    await strongroom.open(customer, row, DELIVER);
    // The fake agent verifies signature, method, address, token hash and body digest of each.
    const proofs = agent.calls.filter(({ path }) => path !== "/v1/agent").map(({ proof }) => proof);
    assert.ok(proofs.length >= 4 && proofs.every((proof) => proof !== null));
    assert.equal(new Set(proofs.map((proof) => proof["jti"])).size, proofs.length);
    assert.equal(agent.to("/v1/token").length, 1, "one token serves all");
  });

  test("repeat safely after a lost answer, a cut connection and a busy agent: one decision", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    const row = await sealedRow(strongroom, agent);
    const entries = agent.log.leaves.length;
    const answers: (() => ReturnType<FakeAgent["intercept"]>)[] = [
      () => "cut",
      () => problem(503, "limit.busy"),
      () => problem(429, "limit.rate", { "retry-after": "0" }),
    ];
    agent.intercept = first(3, TO_OPEN, () => answers.shift()!());
    assert.deepEqual(await strongroom.open(customer, row, DELIVER), { surname: "Rossi" });
    const calls = agent.to(TO_OPEN);
    assert.equal(calls.length, 4);
    assert.equal(new Set(calls.map(({ headers }) => headers["idempotency-key"])).size, 1);
    assert.match(String(calls[0]!.headers["idempotency-key"]), /^[A-Za-z0-9_-]{22}$/);
    assert.equal(new Set(calls.map(({ proof }) => proof!["jti"])).size, 4);
    assert.equal(agent.log.leaves.length, entries + 1);
    await strongroom.open(customer, row, DELIVER);
    assert.notEqual(agent.to(TO_OPEN)[4]!.headers["idempotency-key"], calls[0]!.headers["idempotency-key"]);
  });

  test("that must not be done twice are not repeated where they may have arrived", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    agent.intercept = first(1, "/v1/connections", () => "cut");
    await assert.rejects(strongroom.connectPerson(`${agent.locator.toString("base64url")}.code`), {
      code: "sdk.agent-unreachable",
    });
    assert.equal(agent.to("/v1/connections").length, 1);
    agent.intercept = first(1, "/v1/connections", () => problem(503, "limit.busy"));
    await strongroom.connectPerson(`${agent.locator.toString("base64url")}.code`);
  });

  test("wait as long as the agent asks, and no longer than the deadline", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent], { deadlineMs: 20_000 });
    const row = await sealedRow(strongroom, agent);
    agent.intercept = first(9, TO_OPEN, () => problem(429, "limit.rate", { "retry-after": "3600" }));
    await assert.rejects(strongroom.open(customer, row, DELIVER), (error: StrongroomError) => {
      assert.equal(error.code, "sdk.agent-busy");
      assert.partialDeepStrictEqual(error.details, { code: "limit.rate", retryAfterMs: 3_600_000 });
      return true;
    });
    assert.equal(agent.to(TO_OPEN).length, 1, "it does not wait for what cannot come in time");
  });

  test("end at their deadline", async (t) => {
    const agent = await startAgent(t);
    const row = await sealedRow(await connect(t, [agent]), agent);
    const strongroom = await connect(t, [agent], { deadlineMs: 150 });
    agent.intercept = (call) => (call.path === TO_OPEN ? new Promise(() => undefined) : undefined);
    await assert.rejects(strongroom.open(customer, row, DELIVER), { code: "sdk.deadline" });
  });

  test("give the agent's own error where it refuses, and a plain one where its code is unknown", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    const row = await sealedRow(strongroom, agent);
    agent.intercept = first(1, TO_OPEN, () => problem(403, "client.disabled", {}, { since: 7 }));
    await assert.rejects(strongroom.open(customer, row, DELIVER), (error: StrongroomError) => {
      assert.equal(error.code, "client.disabled");
      assert.partialDeepStrictEqual(error.details, { since: 7, issuer: agent.issuer, status: 403 });
      return true;
    });
    agent.intercept = first(1, TO_OPEN, () => problem(418, "teapot.short"));
    await assert.rejects(strongroom.open(customer, row, DELIVER), { code: "sdk.agent-refused" });
    agent.intercept = first(1, TO_OPEN, () => ({ status: 200, body: "<html>" }));
    await assert.rejects(strongroom.open(customer, row, DELIVER), { code: "sdk.bad-answer" });
    agent.intercept = first(1, TO_OPEN, () => ({
      status: 302,
      body: "",
      headers: { location: "https://elsewhere.example/" },
    }));
    await assert.rejects(strongroom.open(customer, row, DELIVER), { code: "sdk.agent-refused" });
  });
});

describe("tokens and proofs", () => {
  test("a token that the agent no longer takes is replaced once", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    const row = await sealedRow(strongroom, agent);
    agent.intercept = first(1, TO_OPEN, () => problem(401, "auth.token-invalid"));
    assert.deepEqual(await strongroom.open(customer, row, DELIVER), { surname: "Rossi" });
    assert.equal(agent.to("/v1/token").length, 2);
    agent.intercept = first(9, TO_OPEN, () => problem(401, "auth.token-invalid"));
    await assert.rejects(strongroom.open(customer, row, DELIVER), { code: "auth.token-invalid" });
    assert.equal(agent.to(TO_OPEN).length, 4);
  });

  test("a token is replaced ahead of its end, and not used after it", async (t) => {
    const agent = await startAgent(t);
    let now = Date.now();
    agent.now = () => now;
    const strongroom = await connect(t, [agent], { clock: () => now });
    const row = await sealedRow(strongroom, agent);
    const tokens = (): number => agent.to("/v1/token").length;
    now += 470_000;
    await strongroom.open(customer, row, DELIVER);
    assert.equal(tokens(), 1);
    now += 20_000;
    await strongroom.open(customer, row, DELIVER);
    const used = (): unknown => agent.to(TO_OPEN).at(-1)!.headers.authorization;
    assert.equal(used(), "DPoP token-1", "nobody waits for the next one");
    while (used() === "DPoP token-1") await strongroom.open(customer, row, DELIVER);
    assert.equal(tokens(), 2);
    now += 700_000;
    await strongroom.open(customer, row, DELIVER);
    assert.equal(tokens(), 3);
    assert.equal(used(), "DPoP token-3");
  });

  test("a stale proof is made anew once, by the agent's clock", async (t) => {
    const agent = await startAgent(t);
    const ahead = 3_600_000;
    const strongroom = await connect(t, [agent]);
    const row = await sealedRow(strongroom, agent);
    agent.now = () => Date.now() + ahead;
    agent.intercept = first(1, TO_OPEN, () =>
      problem(401, "dpop.stale", { date: new Date(Date.now() + ahead).toUTCString() }),
    );
    assert.deepEqual(await strongroom.open(customer, row, DELIVER), { surname: "Rossi" });
    const [stale, fresh] = agent.to(TO_OPEN).map(({ proof }) => proof!["iat"] as number);
    assert.ok(Math.abs(fresh! - stale! - ahead / 1000) < 5);
    agent.intercept = first(9, TO_OPEN, () => problem(401, "dpop.stale"));
    await assert.rejects(strongroom.open(customer, row, DELIVER), { code: "dpop.stale" });
  });
});

describe("pins", () => {
  test("another agent at the address is refused before any credential is sent", async (t) => {
    const [agent, other] = [await startAgent(t), await startAgent(t)];
    const swapped = { issuer: agent.issuer, logKey: other.pin.logKey };
    await assert.rejects(
      Strongroom.connect({ agents: [swapped], application: { id: APPLICATION_ID, privateKey: applicationKey } }),
      (error: StrongroomError) => {
        assert.equal(error.code, "sdk.agent-mismatch");
        assert.deepEqual(error.details["differing"], ["logKey", "locator"]);
        return true;
      },
    );
    assert.deepEqual(
      agent.calls.map(({ path, headers }) => [path, headers.authorization, headers["dpop"]]),
      [["/v1/agent", undefined, undefined]],
    );
    agent.intercept = (call) =>
      call.path === "/v1/agent"
        ? {
            status: 200,
            body: { ...agent.pin, locator: agent.locator.toString("base64url"), issuer: "http://127.0.0.1:1" },
          }
        : undefined;
    await assert.rejects(connect(t, [agent]), { code: "sdk.agent-mismatch" });
    assert.equal(agent.to("/v1/token").length, 0);
  });

  test("an agent that is away when the program starts is met when it is needed", async (t) => {
    const agent = await startAgent(t);
    const { port } = new URL(agent.issuer);
    await agent.stop();
    const strongroom = await connect(t, [agent]);
    await assert.rejects(sealedRow(strongroom, agent), (error: StrongroomError) => {
      assert.equal(error.code, "sdk.agent-unreachable");
      assert.match(error.message, /ECONNREFUSED/);
      return true;
    });
    await agent.listen(Number(port));
    const row = await sealedRow(strongroom, agent);
    assert.deepEqual(await strongroom.open(customer, row, DELIVER), { surname: "Rossi" });
    assert.equal(agent.to("/v1/agent").length, 1);
  });

  test("settings that cannot be right are refused, each by its name", async (t) => {
    const agent = await startAgent(t);
    const application = { id: APPLICATION_ID, privateKey: applicationKey };
    const witness = agent.pin.logKey.replace(/\+[^+]*\+.*/, "+00000000+BAAA");
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    const cases: [object, string][] = [
      [{ agents: [], application }, "agents"],
      [{ agents: [agent.pin] }, "application"],
      [{ agents: [agent.pin, agent.pin], application }, "agents"],
      [{ agents: [{ ...agent.pin, issuer: `${agent.issuer}/` }], application }, "agents[0].issuer"],
      [{ agents: [{ ...agent.pin, issuer: "ftp://127.0.0.1" }], application }, "agents[0].issuer"],
      [{ agents: [{ ...agent.pin, issuer: "http://agent.example" }], application }, "agents[0].issuer"],
      [{ agents: [{ ...agent.pin, issuer: "https://me:secret@agent.example" }], application }, "agents[0].issuer"],
      [{ agents: [{ ...agent.pin, logKey: "log" }], application }, "agents[0].logKey"],
      [{ agents: [{ ...agent.pin, logKey: witness }], application }, "agents[0].logKey"],
      [{ agents: [agent.pin], application: { ...application, id: "" } }, "application.id"],
      [{ agents: [agent.pin], application: { ...application, privateKey: rsa } }, "application.privateKey"],
      [{ agents: [agent.pin], application: { ...application, privateKey: { kty: "OKP" } } }, "application.privateKey"],
      [{ agents: [agent.pin], application, deadlineMs: 0 }, "deadlineMs"],
      [{ agents: [agent.pin], application, batch: { objectsPerRequest: 2_001 } }, "batch.objectsPerRequest"],
      [{ agents: [agent.pin], application, attemptsMax: 1.5 }, "attemptsMax"],
    ];
    for (const [options, setting] of cases) {
      await assert.rejects(Strongroom.connect(options as never), (error: StrongroomError) => {
        assert.equal(error.code, "sdk.configuration");
        assert.equal(error.details["setting"], setting);
        return true;
      });
    }
    assert.equal(agent.calls.length, 0);
  });

  test("a key may be given as JWK too, P-256 or Ed25519", async (t) => {
    const agent = await startAgent(t);
    const privateKey = { ...applicationKey.export({ format: "jwk" }), kid: "a name of its own" };
    const strongroom = await connect(t, [agent], { application: { id: APPLICATION_ID, privateKey } });
    await sealedRow(strongroom, agent);
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    await connect(t, [agent], { application: { id: APPLICATION_ID, privateKey: ec } });
  });
});

test("a closed client says so, also to what was not answered yet", async (t) => {
  const agent = await startAgent(t);
  const strongroom = await connect(t, [agent]);
  const row = await sealedRow(strongroom, agent);
  const unanswered = new Promise<void>((resolve) => {
    agent.intercept = (call) => (call.path === TO_OPEN ? (resolve(), new Promise(() => undefined)) : undefined);
  });
  const opening = assert.rejects(strongroom.open(customer, row, DELIVER), { code: "sdk.closed" });
  await unanswered;
  await strongroom.close();
  await opening;
  await strongroom.close();
  const place = { person: agent.person("a"), row: 1, provenance: EXPLICIT };
  await assert.rejects(strongroom.open(customer, row, DELIVER), { code: "sdk.closed" });
  await assert.rejects(strongroom.seal(customer, place, { surname: "x" }), { code: "sdk.closed" });
  await assert.rejects(strongroom.verifyLog(), { code: "sdk.closed" });
  assert.throws(() => strongroom.onRevoked(() => undefined), { code: "sdk.closed" });
});
