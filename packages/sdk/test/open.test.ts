import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { defineRecord, isDenied, isFailed, isOpened, Sealed } from "@strongroom/sdk";
import type { AuthorizationRequest } from "@strongroom/core/wire";
import { ADVERT, connect, customer, DELIVER, EXPLICIT, startAgent, until } from "./setting.ts";
import { handleOf } from "./fakeAgent.ts";

const TO_OPEN = "/v1/authorizations";

describe("seal and open", () => {
  test("gives back what was sealed, nulls included, through the column's text", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    const person = await strongroom.connectPerson(`${agent.locator.toString("base64url")}.code-of-rossi`);
    const photo = Uint8Array.of(0, 255, 1);
    const sealed = await strongroom.seal(
      customer,
      { person, row: 42, provenance: EXPLICIT },
      { surname: "Rossi \u{1f600}", email: null, photo },
    );
    assert.equal(sealed.email, null);
    const stored = { surname: sealed.surname.text, email: null, photo: sealed.photo.text, created_at: "2026-01-01" };

    const row = customer.sealedRow("42", stored);
    const opened = await strongroom.open(customer, row, DELIVER);
    assert.equal(opened.surname, "Rossi \u{1f600}");
    assert.equal(opened.email, null);
    assert.ok(!isDenied(opened.photo));
    assert.deepEqual(Uint8Array.from(opened.photo), photo);
    assert.deepEqual(Object.keys(row), ["surname", "email", "photo"]);
  });

  test("a denied field is a value that says why, and the others are there", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    const row = await strongroom.seal(
      customer,
      { person: agent.person("a"), row: 1, provenance: EXPLICIT },
      { surname: "Rossi", email: "r@example.org" },
    );
    agent.decide = (header) => (header.type === "home-contact.email" ? "no-rule" : { keepMs: 0 });
    const opened = await strongroom.open(customer, row, ADVERT);
    assert.equal(opened.surname, "Rossi");
    assert.ok(isDenied(opened.email));
    assert.equal(opened.email.reason, "no-rule");
    assert.equal(opened.email.field, "email");
    assert.equal(`Write to ${opened.email}`, "Write to (not available)");
    assert.equal(isOpened(opened), false);
  });

  test("use, purpose and provenance are checked against the vocabulary before anybody is asked", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    const row = await strongroom.seal(
      customer,
      { person: agent.person("a"), row: 1, provenance: EXPLICIT },
      { surname: "Rossi" },
    );
    await assert.rejects(strongroom.open(customer, row, { use: "deliver.packge", purpose: "contractual" }), {
      code: "vocabulary.unknown-use",
      message: /deliver\.package/,
    });
    await assert.rejects(strongroom.open(customer, row, { use: "deliver.package", purpose: "contract" }), {
      code: "vocabulary.unknown-purpose",
    });
    await assert.rejects(
      strongroom.seal(
        customer,
        { person: agent.person("a"), row: 1, provenance: "subject.explicitly" },
        { surname: "x" },
      ),
      { code: "vocabulary.unknown-provenance" },
    );
    assert.equal(agent.to(TO_OPEN).length, 0);
  });
});

describe("batching", () => {
  test("concurrent calls go out as one request, grouped by use and purpose, each object once", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    const rows = await strongroom.sealMany(
      customer,
      ["a", "b", "c"].map((name, row) => ({ person: agent.person(name), row, values: { surname: `S-${name}` } })),
      { provenance: EXPLICIT },
    );
    assert.equal(agent.to("/v1/leases").length, 1);
    const [first, second, third] = rows;
    const answers = await Promise.all([
      strongroom.open(customer, first!, DELIVER),
      strongroom.open(customer, first!, DELIVER),
      strongroom.openMany(customer, [second!, first!], DELIVER),
      strongroom.open(customer, third!, ADVERT),
      strongroom.use(DELIVER, second!, (plain) => plain.surname),
    ]);
    assert.deepEqual(answers, [
      { surname: "S-a" },
      { surname: "S-a" },
      [{ surname: "S-b" }, { surname: "S-a" }],
      { surname: "S-c" },
      "S-b",
    ]);
    const [call, ...others] = agent.to(TO_OPEN);
    assert.equal(others.length, 0);
    const { reads } = JSON.parse(call!.body) as AuthorizationRequest;
    assert.deepEqual(
      reads.map(({ use, objects }) => [use, objects.length]),
      [
        ["deliver.package", 2],
        ["communicate.email", 1],
      ],
    );
  });

  test("many values are split into parts that travel together; their order is kept", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent], { batch: { objectsPerRequest: 7, requestsInFlight: 3 } });
    const jobs = Array.from({ length: 50 }, (_, row) => ({
      person: agent.person(`p${row % 10}`),
      row,
      values: { surname: `S-${row}` },
    }));
    const rows = await strongroom.sealMany(customer, jobs, { provenance: EXPLICIT });
    let inFlight = 0;
    let most = 0;
    agent.intercept = async (call) => {
      if (call.path !== TO_OPEN) return undefined;
      inFlight += 1;
      most = Math.max(most, inFlight);
      await until(() => most >= 3);
      inFlight -= 1;
      return undefined;
    };
    const opened = await strongroom.openMany(customer, rows, DELIVER);
    assert.deepEqual(
      opened.map(({ surname }) => surname),
      jobs.map(({ values }) => values.surname),
    );
    assert.equal(agent.to(TO_OPEN).length, Math.ceil(50 / 7));
    assert.equal(most, 3);
  });

  test("what changed while it was decided is asked once more, and then stands", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    const row = await strongroom.seal(
      customer,
      { person: agent.person("a"), row: 1, provenance: EXPLICIT },
      { surname: "Rossi", email: "e" },
    );
    let asked = 0;
    agent.decide = (header) =>
      header.type === "identity.surname" && asked++ === 0 ? "changed-meanwhile" : { keepMs: 0 };
    assert.deepEqual(await strongroom.open(customer, row, DELIVER), { surname: "Rossi", email: "e" });
    assert.equal(agent.to(TO_OPEN).length, 2);

    agent.decide = () => "changed-meanwhile";
    const denied = await strongroom.open(customer, row, DELIVER);
    assert.ok(isDenied(denied.surname) && denied.surname.reason === "changed-meanwhile");
  });
});

describe("several agents", () => {
  test("each person's values go to their own agent, in one call", async (t) => {
    const [one, two] = [await startAgent(t), await startAgent(t)];
    const strongroom = await connect(t, [one, two]);
    const rows = await strongroom.sealMany(
      customer,
      [
        { person: one.person("a"), row: 1, values: { surname: "One" } },
        { person: two.person("b"), row: 2, values: { surname: "Two" } },
      ],
      { provenance: EXPLICIT },
    );
    assert.deepEqual(await strongroom.openMany(customer, rows, DELIVER), [{ surname: "One" }, { surname: "Two" }]);
    assert.equal(one.to(TO_OPEN).length, 1);
    assert.equal(two.to(TO_OPEN).length, 1);
    await two.stop();
    const some = await strongroom.openMany(customer, rows, { ...DELIVER, failures: "values" });
    assert.equal(some[0]!.surname, "One");
    assert.ok(isFailed(some[1]!.surname) && some[1]!.surname.error.code === "sdk.agent-unreachable");
    assert.equal(`${some[1]!.surname}`, "(not available)");
  });

  test("a planted value of another agent is refused and nobody is contacted", async (t) => {
    const [pinned, planted] = [await startAgent(t), await startAgent(t)];
    const theirs = await connect(t, [planted]);
    const row = await theirs.seal(
      customer,
      { person: planted.person("x"), row: 1, provenance: EXPLICIT },
      { surname: "Mallory" },
    );
    await until(() => planted.streams === 1);
    const before = planted.calls.length;
    const strongroom = await connect(t, [pinned]);
    const read = customer.sealedRow(1, { surname: row.surname.text });
    await assert.rejects(strongroom.open(customer, read, DELIVER), { code: "sdk.agent-not-pinned" });
    await assert.rejects(
      strongroom.seal(customer, { person: planted.person("x"), row: 1, provenance: EXPLICIT }, { surname: "x" }),
      { code: "sdk.agent-not-pinned" },
    );
    await assert.rejects(strongroom.connectPerson(`${planted.locator.toString("base64url")}.code`), {
      code: "sdk.agent-not-pinned",
    });
    assert.equal(planted.calls.length, before);
    assert.equal(pinned.to(TO_OPEN).length, 0);
  });
});

describe("values that are not what they should be", () => {
  test("each has its own error, and one does not take the others along", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    const other = defineRecord("customer", { surname: "identity.given-name" });
    const [a, b] = await strongroom.sealMany(
      customer,
      [1, 2].map((row) => ({
        person: agent.person("a"),
        row,
        values: { surname: `S-${row}`, email: "e@example.org" },
      })),
      { provenance: EXPLICIT },
    );
    const text = a!.surname.text;
    const flipped = text.slice(0, -1) + (text.endsWith("A") ? "Q" : "A");
    const cases: [Sealed<"identity.surname", string>, string][] = [
      [customer.sealed("surname", b!.surname.text, 1), "seal.wrong-context"],
      [customer.sealed("surname", flipped, 1), "seal.tampered"],
      [customer.sealed("surname", text.slice(0, -4), 1), "seal.cut"],
      [customer.sealed("surname", "Rossi", 1), "seal.not-sealed"],
      [customer.sealed("surname", a!.email.text, 1), "seal.wrong-type"],
    ];
    const opened = await strongroom.openMany(
      customer,
      [...cases.map(([surname]) => ({ surname })), { surname: a!.surname }],
      { ...DELIVER, failures: "values" },
    );
    for (const [at, [, code]] of cases.entries()) {
      const { surname } = opened[at]!;
      assert.ok(isFailed(surname));
      assert.equal(surname.error.code, code);
    }
    assert.equal(opened.at(-1)!.surname, "S-1");
    await assert.rejects(
      strongroom.openMany(
        customer,
        cases.map(([surname]) => ({ surname })),
        DELIVER,
      ),
      (error: { code: string; details: object }) => {
        assert.equal(error.code, "seal.wrong-context");
        assert.partialDeepStrictEqual(error.details, { field: "surname", failures: 5 });
        return true;
      },
    );
    await assert.rejects(strongroom.open(other, { surname: a!.surname } as never, DELIVER), { code: "sdk.misplaced" });
  });

  test("a wrong key is loud", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    const row = await strongroom.seal(
      customer,
      { person: agent.person("a"), row: 1, provenance: EXPLICIT },
      { surname: "Rossi" },
    );
    agent.tamper = (call, body) =>
      call.path === TO_OPEN
        ? { ...body, reads: [[{ outcome: "allow", key: Buffer.alloc(32).toString("base64url"), keepMs: 0, entry: 0 }]] }
        : body;
    await assert.rejects(strongroom.open(customer, row, DELIVER), { code: "seal.wrong-key" });
  });

  test("mistakes of the program are refused before anybody is asked", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    const row = await strongroom.seal(
      customer,
      { person: agent.person("a"), row: 1, provenance: EXPLICIT },
      { surname: "Rossi", email: "e" },
    );
    await assert.rejects(strongroom.open(customer, { surname: row.email } as never, DELIVER), {
      code: "sdk.misplaced",
    });
    await assert.rejects(strongroom.open(customer, { surname: Sealed.from(row.surname.text) } as never, DELIVER), {
      code: "sdk.misplaced",
    });
    await assert.rejects(strongroom.open(customer, { surnam: row.surname } as never, DELIVER), { code: "sdk.record" });
    await assert.rejects(strongroom.open(customer, { surname: row.surname.text } as never, DELIVER), {
      code: "sdk.record",
    });
    await assert.rejects(
      strongroom.seal(customer, { person: agent.person("a"), row: 1, provenance: EXPLICIT }, { surname: 7 } as never),
      { code: "sdk.record" },
    );
    await assert.rejects(
      strongroom.seal(customer, { person: "somebody", row: 1, provenance: EXPLICIT }, { surname: "x" }),
      { code: "sdk.person" },
    );
    await assert.rejects(
      strongroom.seal(customer, { person: agent.person("a"), row: "", provenance: EXPLICIT }, { surname: "x" }),
      { code: "sdk.record" },
    );
    assert.equal(agent.to(TO_OPEN).length, 0);
  });

  test("an old answer to a new question is refused", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    const place = { person: agent.person("a"), row: 1, provenance: EXPLICIT };
    const row = await strongroom.seal(customer, place, { surname: "Rossi" });
    let old: unknown;
    agent.tamper = (call, body) => (call.path === TO_OPEN ? (old ??= body) : body);
    assert.equal((await strongroom.open(customer, row, DELIVER)).surname, "Rossi");
    await assert.rejects(strongroom.open(customer, row, DELIVER), { code: "sdk.log-promise" });
  });

  test("an answer that does not fit the question is refused whole", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    const row = await strongroom.seal(
      customer,
      { person: agent.person("a"), row: 1, provenance: EXPLICIT },
      { surname: "Rossi", email: "e" },
    );
    type Body = { reads: Record<string, unknown>[][] } & Record<string, unknown>;
    const changes: [(body: Body) => unknown, string][] = [
      [() => [], "sdk.bad-answer"],
      [(body) => ({ ...body, reads: [] }), "sdk.bad-answer"],
      [(body) => ({ ...body, reads: [[body.reads[0]![0]]] }), "sdk.bad-answer"],
      [(body) => ({ ...body, reads: [[body.reads[0]![0], { outcome: "maybe" }]] }), "sdk.bad-answer"],
      [(body) => ({ ...body, reads: [[body.reads[0]![0], { ...body.reads[0]![1], key: "AAAA" }]] }), "sdk.bad-answer"],
      [(body) => ({ ...body, reads: [[body.reads[0]![0], { ...body.reads[0]![1], keepMs: -1 }]] }), "sdk.bad-answer"],
      [(body) => ({ ...body, reads: [[body.reads[0]![0], { ...body.reads[0]![1], entry: 2 }]] }), "sdk.bad-answer"],
      [
        (body) => ({ ...body, reads: [[body.reads[0]![0], { outcome: "deny", reason: "<script>" }]] }),
        "sdk.bad-answer",
      ],
      [(body) => ({ ...body, promise: undefined }), "sdk.bad-answer"],
      [(body) => ({ ...body, promise: { ...(body["promise"] as object), first: 0 } }), "sdk.log-promise"],
      [(body) => ({ ...body, decision: Buffer.alloc(16).toString("base64url") }), "sdk.log-promise"],
    ];
    for (const [change, code] of changes) {
      agent.tamper = (call, body) => (call.path === TO_OPEN ? change(body as Body) : body);
      const opened = await strongroom.open(customer, row, { ...DELIVER, failures: "values" });
      assert.ok(
        isFailed(opened.surname) && isFailed(opened.email),
        `change ${changes.indexOf([change, code] as never)}`,
      );
      assert.equal(opened.surname.error.code, code);
    }
  });
});

test("explain says what would be decided and why, and opens nothing", async (t) => {
  const agent = await startAgent(t);
  const strongroom = await connect(t, [agent]);
  const row = await strongroom.seal(
    customer,
    { person: agent.person("a"), row: 1, provenance: EXPLICIT },
    { surname: "Rossi", email: "e", photo: null },
  );
  agent.decide = (header) => (header.type === "home-contact.email" ? "denied-by-rule" : { keepMs: 0 });
  const explained = await strongroom.explain(customer, row, ADVERT);
  const explanation = { rules: ["rule-1"], others: [], othersTotal: 0 };
  assert.deepEqual(explained, {
    surname: { outcome: "allow", reason: null, explanation },
    email: { outcome: "deny", reason: "denied-by-rule", explanation },
    photo: null,
  });
  assert.equal((JSON.parse(agent.to(TO_OPEN)[0]!.body) as AuthorizationRequest).dryRun, true);
});

test("a person's reference is the agent's locator and the handle", async (t) => {
  const agent = await startAgent(t);
  const strongroom = await connect(t, [agent]);
  const person = await strongroom.connectPerson(`${agent.locator.toString("base64url")}.anna`);
  assert.equal(person.text, agent.person("anna"));
  assert.equal(person.handle, handleOf("anna"));
  assert.equal(JSON.stringify({ person }), JSON.stringify({ person: person.text }));
  for (const text of ["", "anna", `x${person.text}`, `${person.text} `]) {
    await assert.rejects(strongroom.connectPerson(text), { code: /sdk\.(person|agent-not-pinned)/ });
  }
});
