import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { isDenied, Sealed } from "@strongroom/sdk";
import type { LeaseRequest } from "@strongroom/core/wire";
import type { FakeAgent } from "./fakeAgent.ts";
import { connect, customer, DELIVER, EXPLICIT, startAgent, until } from "./setting.ts";

const leases = (agent: FakeAgent): number => agent.to("/v1/leases").length;
const asked = (agent: FakeAgent, at: number): LeaseRequest["leases"] =>
  (JSON.parse(agent.to("/v1/leases")[at]!.body) as LeaseRequest).leases;

describe("leases", () => {
  test("one question for all fields of a row; afterwards sealing is local", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    const place = { person: agent.person("a"), row: 1, provenance: EXPLICIT };
    await strongroom.seal(customer, place, { surname: "Rossi", email: "e", photo: Uint8Array.of(1) });
    assert.equal(leases(agent), 1);
    assert.deepEqual(
      asked(agent, 0).map(({ type }) => type),
      ["identity.surname", "home-contact.email", "biometric.photograph"],
    );
    agent.intercept = (call) => (call.path === "/v1/events" ? undefined : "cut");
    for (let row = 2; row < 20; row++)
      await strongroom.seal(customer, { ...place, row }, { surname: "Rossi", email: "e" });
    assert.equal(leases(agent), 1);
  });

  test("are asked for person, type and provenance: another provenance is another decision", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    const person = agent.person("a");
    await strongroom.seal(customer, { person, row: 1, provenance: EXPLICIT }, { surname: "x" });
    await strongroom.seal(customer, { person, row: 1, provenance: "third-party" }, { surname: "x" });
    assert.deepEqual([asked(agent, 0)[0]!.provenance, asked(agent, 1)[0]!.provenance], [EXPLICIT, "third-party"]);
  });

  test("are shared by calls that come while they are on their way", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    const place = { person: agent.person("a"), provenance: EXPLICIT };
    await Promise.all(
      Array.from({ length: 20 }, (_, row) => strongroom.seal(customer, { ...place, row }, { surname: "x" })),
    );
    assert.equal(leases(agent), 1);
    assert.equal(asked(agent, 0).length, 1);
  });

  test("are replaced before their objects are used up, without anybody waiting", async (t) => {
    const agent = await startAgent(t);
    agent.lease = () => ({ lifeMs: 600_000, objectsMax: 10 });
    const strongroom = await connect(t, [agent]);
    const seal = (row: number): Promise<unknown> =>
      strongroom.seal(customer, { person: agent.person("a"), row, provenance: EXPLICIT }, { surname: "x" });
    for (let row = 1; row <= 7; row++) await seal(row);
    assert.equal(leases(agent), 1);
    await seal(8);
    await until(() => leases(agent) === 2);
    for (let row = 9; row <= 30; row++) await seal(row);
    assert.ok(leases(agent) >= 3, "ten objects for each lease at most");
  });

  test("are replaced ahead of their end, and never used after it", async (t) => {
    const agent = await startAgent(t);
    let now = Date.now();
    agent.now = () => now;
    agent.lease = () => ({ lifeMs: 100_000, objectsMax: 1_000 });
    const strongroom = await connect(t, [agent], { clock: () => now });
    const seal = (row: number): Promise<unknown> =>
      strongroom.seal(customer, { person: agent.person("a"), row, provenance: EXPLICIT }, { surname: "x" });
    await seal(1);
    now += 69_000;
    await seal(2);
    assert.equal(leases(agent), 1);
    now += 2_000;
    await seal(3);
    await until(() => leases(agent) === 2);
    now += 200_000;
    await seal(4);
    await seal(5);
    assert.equal(leases(agent), 3);
  });

  test("more rows than a lease allows, and more people than leases are held, all get sealed", async (t) => {
    const agent = await startAgent(t);
    agent.lease = () => ({ lifeMs: 600_000, objectsMax: 3 });
    const strongroom = await connect(t, [agent], { leasesMax: 100 });
    const jobs = Array.from({ length: 400 }, (_, row) => ({
      person: agent.person(`p${row % 150}`),
      row,
      values: { surname: `S-${row}`, email: "e" },
    }));
    const rows = await strongroom.sealMany(customer, jobs, { provenance: EXPLICIT });
    const opened = await strongroom.openMany(customer, rows, DELIVER);
    assert.deepEqual(
      opened.map(({ surname }) => surname),
      jobs.map(({ values }) => values.surname),
    );
  });

  test("a revoked person's leases are dropped", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    const seal = (name: string): Promise<unknown> =>
      strongroom.seal(customer, { person: agent.person(name), row: 1, provenance: EXPLICIT }, { surname: "x" });
    const revoked: string[] = [];
    strongroom.onRevoked((person) => revoked.push(person.text));
    await until(() => agent.streams === 1);
    await Promise.all([seal("a"), seal("b")]);
    agent.tell({ event: "revoked", handle: agent.person("a").slice(12), at: 1 });
    await until(() => revoked.length === 1);
    agent.lease = () => "no-rule";
    await seal("b");
    await assert.rejects(seal("a"), { code: "sdk.lease-refused" });
    assert.deepEqual(revoked, [agent.person("a")]);
  });
});

describe("a refusal", () => {
  test("throws with the field and the reason, or is a value on request", async (t) => {
    const agent = await startAgent(t);
    agent.lease = ({ type }) => (type === "home-contact.email" ? "no-rule" : { lifeMs: 600_000, objectsMax: 10 });
    const strongroom = await connect(t, [agent]);
    const place = { person: agent.person("a"), row: 1, provenance: EXPLICIT };
    const values = { surname: "Rossi", email: "e" };
    await assert.rejects(
      strongroom.seal(customer, place, values),
      (error: { code: string; details: object; message: string }) => {
        assert.equal(error.code, "sdk.lease-refused");
        assert.deepEqual(error.details, {
          record: "customer",
          field: "email",
          type: "home-contact.email",
          reason: "no-rule",
        });
        return true;
      },
    );
    const row = await strongroom.seal(customer, place, values, { refusals: "values" });
    assert.ok(row.surname instanceof Sealed);
    assert.ok(isDenied(row.email) && row.email.reason === "no-rule");
  });
});

test("leases that do not fit the protocol are refused", async (t) => {
  const agent = await startAgent(t);
  const strongroom = await connect(t, [agent]);
  const changes: Record<string, unknown>[] = [
    { key: "AAAA" },
    { lease: "AAAA" },
    { epoch: 0 },
    { epoch: 70_000 },
    { expiresAt: Date.now() - 1 },
    { objectsMax: 0 },
    { entry: 1 },
    { outcome: "perhaps" },
  ];
  for (const change of changes) {
    agent.tamper = (call, body) =>
      call.path === "/v1/leases" ? { ...body, leases: [{ ...(body["leases"] as object[])[0], ...change }] } : body;
    const sealing = strongroom.seal(
      customer,
      { person: agent.person("a"), row: 1, provenance: EXPLICIT },
      { surname: "x" },
    );
    await assert.rejects(
      sealing,
      (error: { code: string }) => ["sdk.bad-answer", "encoding.not-canonical"].includes(error.code),
      JSON.stringify(change),
    );
  }
});

test("too large a value and a text that cannot be encoded are refused", async (t) => {
  const agent = await startAgent(t);
  const strongroom = await connect(t, [agent]);
  const place = { person: agent.person("a"), row: 1, provenance: EXPLICIT };
  await assert.rejects(strongroom.seal(customer, place, { surname: "x".repeat(1_048_577) }), {
    code: "seal.too-large",
  });
  await assert.rejects(strongroom.seal(customer, place, { surname: "\ud800" }), { code: "encoding.not-text" });
});
