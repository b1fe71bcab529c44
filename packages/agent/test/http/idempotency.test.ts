import { describe, test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { toBase64url } from "@strongroom/core/bytes";
import { randomBytes } from "@strongroom/core/primitives";
import { revokeRule } from "../../src/rules/ruleService.ts";
import { eraseSubject } from "../../src/erase/erasure.ts";
import { REPEAT_MS_MAX } from "../../src/http/idempotency.ts";
import { decodeDecision, encodeDecision, type KeptItem } from "../../src/http/keptDecision.ts";
import { TestApplication } from "./application.ts";
import { CITY, DELIVER, EXPLICIT, headersOf, opened, Relationship, SURNAME } from "./relationship.ts";
import { assertProblem, openSetting, type Setting } from "./setting.ts";

async function open(
  t: Parameters<typeof openSetting>[0],
): Promise<{ setting: Setting; application: TestApplication; relationship: Relationship }> {
  const setting = await openSetting(t);
  const application = await TestApplication.register(setting);
  return { setting, application, relationship: await Relationship.open(setting, application) };
}

const newKey = () => toBase64url(randomBytes(16));
const headers = (key: string) => ({ "idempotency-key": key });

describe("a repeated request", () => {
  test("is decided and logged once, and answered with the same decision, keys and places in the log", async (t) => {
    const { setting, application, relationship } = await open(t);
    const sealed = await relationship.seal([
      { type: SURNAME, text: "Doe" },
      { type: CITY, text: "Turku" },
      { type: SURNAME, text: "Roe" },
    ]);
    const ask = {
      reads: [
        { ...DELIVER, objects: [...headersOf(sealed), "bad"] },
        { use: "communicate.email", purpose: "advert", objects: headersOf(sealed).slice(0, 1) },
      ],
    };
    const key = newKey();
    const first = await application.call("POST", "/v1/authorizations", ask, headers(key));
    const size = setting.context.writer.size;
    // Others come between.
    await relationship.seal([{ type: SURNAME, text: "x" }]);
    const grown = setting.context.writer.size;
    assert.ok(grown > size);

    const again = await application.call("POST", "/v1/authorizations", ask, headers(key));
    assert.equal(setting.context.writer.size, grown);
    assert.equal(again.body.decision, first.body.decision);
    assert.deepEqual(again.body.reads, first.body.reads);
    assert.equal(opened(sealed[2]!, again.body.reads[0][2]), "Roe");
    assert.deepEqual({ ...again.body.promise, at: 0, signature: "" }, { ...first.body.promise, at: 0, signature: "" });
  });

  test("gives no key any more where the rules have changed since", async (t) => {
    const { setting, application, relationship } = await open(t);
    const rule = await relationship.allow({
      types: ["sensitive.health"],
      action: { kind: "read", uses: [DELIVER.use], purposes: [DELIVER.purpose] },
    });
    await relationship.allow({ types: ["sensitive.health"], action: { kind: "update", provenances: [EXPLICIT] } });
    const sealed = await relationship.seal([
      { type: "sensitive.health", text: "fine" },
      { type: SURNAME, text: "Doe" },
    ]);
    const ask = { reads: [{ ...DELIVER, objects: headersOf(sealed) }] };
    const key = newKey();
    await application.call("POST", "/v1/authorizations", ask, headers(key));
    await revokeRule(setting.context, relationship.person.id, rule.id);
    const { body } = await application.call("POST", "/v1/authorizations", ask, headers(key));
    assert.deepEqual(body.reads[0][0], { outcome: "deny", reason: "no-rule", entry: 0 });
    assert.equal(opened(sealed[1]!, body.reads[0][1]), "Doe");
  });

  test("stays denied where it was denied, although the rules would allow it now", async (t) => {
    const { application, relationship } = await open(t);
    const sealed = await relationship.seal([{ type: SURNAME, text: "Doe" }]);
    const scope = { use: "communicate.email", purpose: "advert" };
    const ask = { reads: [{ ...scope, objects: headersOf(sealed) }] };
    const key = newKey();
    const first = await application.call("POST", "/v1/authorizations", ask, headers(key));
    await relationship.allow({
      types: [SURNAME],
      action: { kind: "read", uses: [scope.use], purposes: [scope.purpose] },
    });
    assert.deepEqual(
      (await application.call("POST", "/v1/authorizations", ask, headers(key))).body.reads,
      first.body.reads,
    );
    const fresh = await application.call("POST", "/v1/authorizations", ask, headers(newKey()));
    assert.equal(fresh.body.reads[0][0].outcome, "allow");
  });

  test("is answered the same after a restart", async (t) => {
    const { setting, application, relationship } = await open(t);
    const sealed = await relationship.seal([{ type: SURNAME, text: "Doe" }]);
    const ask = { reads: [{ ...DELIVER, objects: headersOf(sealed) }] };
    const key = newKey();
    const first = await application.call("POST", "/v1/authorizations", ask, headers(key));
    await setting.server.close();
    await setting.agent.close();
    const again = await openSetting(t, { folder: setting.folder, clock: setting.clock });
    const size = again.context.writer.size;
    const { body } = await application.at(again).call("POST", "/v1/authorizations", ask, headers(key));
    assert.deepEqual(body.reads, first.body.reads);
    assert.equal(body.promise.first, first.body.promise.first);
    assert.equal(body.promise.commitments, first.body.promise.commitments);
    assert.equal(again.context.writer.size, size);
  });

  test("with other bytes, at another address or after ten minutes is refused", async (t) => {
    const { setting, application, relationship } = await open(t);
    const [header] = headersOf(await relationship.seal([{ type: SURNAME, text: "Doe" }]));
    const ask = { reads: [{ ...DELIVER, objects: [header] }] };
    const key = newKey();
    await application.call("POST", "/v1/authorizations", ask, headers(key));
    assertProblem(
      await application.call("POST", "/v1/authorizations", { ...ask, dryRun: false }, headers(key)),
      409,
      "idempotency.reused",
    );
    const leases = [{ handle: relationship.handle, type: SURNAME, provenance: EXPLICIT }];
    assertProblem(await application.call("POST", "/v1/leases", { leases }, headers(key)), 409, "idempotency.reused");
    setting.clock.now += REPEAT_MS_MAX - 1_000;
    const patient = application.at(setting);
    assert.equal((await patient.call("POST", "/v1/authorizations", ask, headers(key))).status, 200);
    setting.clock.now += 1_001;
    assertProblem(await patient.call("POST", "/v1/authorizations", ask, headers(key)), 409, "idempotency.expired");
  });

  test("of another application is another request", async (t) => {
    const { setting, application, relationship } = await open(t);
    const second = await TestApplication.register(setting, { controller: application.controller });
    const ask = {
      reads: [{ ...DELIVER, objects: headersOf(await relationship.seal([{ type: SURNAME, text: "Doe" }])) }],
    };
    const key = newKey();
    const [one, two] = [
      await application.call("POST", "/v1/authorizations", ask, headers(key)),
      await second.call("POST", "/v1/authorizations", ask, headers(key)),
    ];
    assert.notEqual(one.body.decision, two.body.decision);
  });

  test("that comes twice at once works once", async (t) => {
    const { setting, application, relationship } = await open(t);
    const ask = {
      reads: [{ ...DELIVER, objects: headersOf(await relationship.seal([{ type: SURNAME, text: "Doe" }])) }],
    };
    const key = newKey();
    await application.token();
    const before = setting.context.writer.size;
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => application.call("POST", "/v1/authorizations", ask, headers(key))),
    );
    assert.equal(setting.context.writer.size, before + 1);
    assert.equal(new Set(answers.map(({ body }) => body.decision)).size, 1);
    assert.equal(new Set(answers.map(({ body }) => body.reads[0][0].key)).size, 1);
  });

  test("that failed the first time is tried again", async (t) => {
    const { application, relationship } = await open(t);
    const key = newKey();
    const ask = (use: string) =>
      application.call("POST", "/v1/authorizations", { reads: [{ ...DELIVER, use, objects: ["AAAA"] }] }, headers(key));
    assertProblem(await ask("nonsense"), 400, "vocabulary.unknown-use");
    assert.equal((await ask(DELIVER.use)).status, 200);
    assert.ok(relationship.handle);
  });

  test("about somebody who was erased since: no key, no place, the others unharmed", async (t) => {
    const { setting, application, relationship } = await open(t);
    const other = await Relationship.open(setting, application);
    const sealed = [
      ...(await relationship.seal([{ type: SURNAME, text: "Doe" }])),
      ...(await other.seal([{ type: SURNAME, text: "Roe" }])),
    ];
    const both = { reads: [{ ...DELIVER, objects: headersOf(sealed) }] };
    const alone = { reads: [{ ...DELIVER, objects: headersOf(sealed).slice(0, 1) }] };
    const [keyOfBoth, keyOfOne] = [newKey(), newKey()];
    const first = await application.call("POST", "/v1/authorizations", both, headers(keyOfBoth));
    await application.call("POST", "/v1/authorizations", alone, headers(keyOfOne));
    await eraseSubject(setting.context, relationship.person.id);

    const again = await application.call("POST", "/v1/authorizations", both, headers(keyOfBoth));
    assert.deepEqual(again.body.reads[0][0], { outcome: "deny", reason: "subject-erased", entry: 0 });
    assert.equal(opened(sealed[1]!, again.body.reads[0][1]), "Roe");
    assert.equal(again.body.promise.commitments, first.body.promise.commitments);
    const nobody = await application.call("POST", "/v1/authorizations", alone, headers(keyOfOne));
    assert.deepEqual(nobody.body.reads, [[{ outcome: "deny", reason: "subject-erased" }]]);
    assert.equal(nobody.body.promise, undefined);
  });

  test("for leases gives new leases that end when the first ones do", async (t) => {
    const { setting, application, relationship } = await open(t);
    const ask = {
      leases: [
        { handle: relationship.handle, type: SURNAME, provenance: EXPLICIT },
        { handle: relationship.handle, type: SURNAME, provenance: "public.data" },
      ],
    };
    const key = newKey();
    const first = await application.call("POST", "/v1/leases", ask, headers(key));
    const size = setting.context.writer.size;
    setting.clock.now += 60_000;
    const again = await application.call("POST", "/v1/leases", ask, headers(key));
    assert.equal(setting.context.writer.size, size);
    assert.equal(again.body.decision, first.body.decision);
    assert.notEqual(again.body.leases[0].lease, first.body.leases[0].lease);
    assert.equal(again.body.leases[0].expiresAt, first.body.leases[0].expiresAt);
    assert.deepEqual(again.body.leases[1], first.body.leases[1]);
    assert.equal(again.body.promise.commitments, first.body.promise.commitments);
  });

  test("needs a key of the right form", async (t) => {
    const { application } = await open(t);
    const ask = { reads: [{ ...DELIVER, objects: ["AAAA"] }] };
    for (const key of ["x".repeat(15), "x".repeat(65), "with space in the key", "a".repeat(20) + "+"]) {
      assertProblem(await application.call("POST", "/v1/authorizations", ask, headers(key)), 400, "request.invalid");
    }
    for (const key of ["x".repeat(16), "x".repeat(64)]) {
      assert.equal((await application.call("POST", "/v1/authorizations", ask, headers(key))).status, 200);
    }
  });

  test("a kept decision holds no key and nothing of the request", async (t) => {
    const { setting, application, relationship } = await open(t);
    const sealed = await relationship.seal([{ type: SURNAME, text: "Doe" }]);
    const key = newKey();
    const answer = await application.call(
      "POST",
      "/v1/authorizations",
      { reads: [{ ...DELIVER, objects: headersOf(sealed) }] },
      headers(key),
    );
    const row = await setting.context.store.idempotency(application.id, key);
    assert.ok(row !== null);
    const [mac = "", kept = ""] = row.decision.split(".");
    assert.match(mac, /^[\w-]{43}$/);
    assert.deepEqual(JSON.parse(kept), [answer.body.decision, answer.body.promise.first, [[1, null, 0, 0]]]);
  });
});

describe("kept decisions", () => {
  const item: fc.Arbitrary<KeptItem> = fc.record(
    { reason: fc.constantFrom(null, "no-rule", "locked"), entry: fc.integer({ min: -1, max: 5 }) },
    { noNullPrototype: true },
  );
  const decision = Buffer.alloc(16, 1);

  test("come back as they were", () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 60 }), fc.nat(), (items, logSize) => {
        assert.deepEqual(decodeDecision(encodeDecision({ decision, logSize, items })), { decision, logSize, items });
      }),
    );
  });

  test("a thousand alike, or each with an entry of its own, take a few bytes", () => {
    for (const step of [0, 1]) {
      const items = Array.from({ length: 1_000 }, (_, i) => ({ reason: null, entry: i * step }));
      assert.ok(encodeDecision({ decision, logSize: 7, items }).length < 60);
    }
  });
});
