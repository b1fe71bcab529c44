import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { fromBase64url } from "@strongroom/core/bytes";
import { parseVerifierKey, verifyPromise } from "@strongroom/core/log";
import { AUTHORIZATION_OBJECTS_MAX, BODY_BYTES_MAX, LEASES_MAX, type LogPromise } from "@strongroom/core/wire";
import { setLocked } from "../../src/subjects/lock.ts";
import { assertProblem, openSetting, type Setting } from "./setting.ts";
import { TestApplication } from "./application.ts";
import { ADVERT, CITY, DELIVER, EXPLICIT, headersOf, opened, Relationship, SURNAME } from "./relationship.ts";

async function open(
  t: Parameters<typeof openSetting>[0],
): Promise<{ setting: Setting; application: TestApplication; relationship: Relationship }> {
  const setting = await openSetting(t);
  const application = await TestApplication.register(setting);
  return { setting, application, relationship: await Relationship.open(setting, application) };
}

function assertPromise(setting: Setting, decision: string, promise: LogPromise): void {
  const commitments = fromBase64url(promise.commitments);
  const entries = Array.from({ length: commitments.length / 32 }, (_, i) => ({
    index: promise.first + i,
    commitment: commitments.subarray(32 * i, 32 * i + 32),
  }));
  const content = { at: promise.at, decision: fromBase64url(decision), entries };
  assert.ok(
    verifyPromise(
      content,
      fromBase64url(promise.signature),
      parseVerifierKey(setting.context.identity.signer.verifierKey),
    ),
  );
}

describe("POST /v1/authorizations", () => {
  test("what was sealed opens with the key of the answer, and the promise is the log's", async (t) => {
    const { setting, application, relationship } = await open(t);
    const sealed = await relationship.seal([
      { type: SURNAME, text: "Doe" },
      { type: CITY, text: "Åbo" },
    ]);
    const answer = await application.call("POST", "/v1/authorizations", {
      reads: [{ ...DELIVER, objects: headersOf(sealed) }],
    });
    assert.equal(answer.status, 200, answer.text);
    const [outcomes] = answer.body.reads;
    assert.deepEqual(
      outcomes.map((outcome: { key: string }, i: number) => opened(sealed[i]!, outcome)),
      ["Doe", "Åbo"],
    );
    assert.deepEqual(
      outcomes.map(({ entry }: { entry: number }) => entry),
      [0, 1],
    );
    assertPromise(setting, answer.body.decision, answer.body.promise);
    assert.equal(answer.body.promise.first + 2, setting.context.writer.size);
  });

  test("two types, one held: an outcome for each; another purpose is denied", async (t) => {
    const { application, relationship } = await open(t);
    const sealed = await relationship.seal([{ type: SURNAME, text: "Doe" }]);
    const [header] = headersOf(sealed);
    const { body } = await application.call("POST", "/v1/authorizations", {
      reads: [
        { ...DELIVER, objects: [header, "not-a-header"] },
        { ...ADVERT, objects: [header] },
        { ...DELIVER, purpose: "advert", objects: [header] },
      ],
    });
    const told = body.reads.map((group: { outcome: string; reason?: string }[]) =>
      group.map(({ outcome, reason }) => reason ?? outcome),
    );
    assert.deepEqual(told, [["allow", "malformed-object"], ["no-rule"], ["no-rule"]]);
    assert.ok(!JSON.stringify(body.reads.slice(1)).includes('"key"'));
  });

  test("authorised for A, asked for B: never B's key", async (t) => {
    const { application, relationship } = await open(t);
    const sealed = await relationship.seal([
      { type: SURNAME, text: "Doe" },
      { type: CITY, text: "Turku" },
    ]);
    const answer = await application.call("POST", "/v1/authorizations", {
      reads: [{ ...DELIVER, objects: headersOf(sealed).slice(0, 1) }],
    });
    assert.throws(() => opened(sealed[1]!, answer.body.reads[0][0]), { code: "seal.wrong-key" });
  });

  test("permission to write gives no way to read", async (t) => {
    const { setting, application } = await open(t);
    const person = await setting.subject();
    const other = await Relationship.open(setting, application, person);
    const [sealed] = await other.seal([{ type: SURNAME, text: "Roe" }]);
    const leases = [{ handle: other.handle, type: SURNAME, provenance: EXPLICIT }];
    const lease = (await application.call("POST", "/v1/leases", { leases })).body.leases[0];
    assert.throws(() => opened(sealed!, { key: lease.key }), { code: "seal.wrong-key" });
  });

  test("an application of another controller gets nothing, and does not learn whether the object is real", async (t) => {
    const { setting, relationship } = await open(t);
    const stranger = await TestApplication.register(setting);
    const [header] = headersOf(await relationship.seal([{ type: SURNAME, text: "Doe" }]));
    const before = setting.context.writer.size;
    const { body } = await stranger.call("POST", "/v1/authorizations", { reads: [{ ...DELIVER, objects: [header] }] });
    assert.deepEqual(body.reads, [[{ outcome: "deny", reason: "unknown-object" }]]);
    assert.equal(body.promise, undefined);
    // The person is told all the same.
    assert.equal(setting.context.writer.size, before + 1);
  });

  test("a dry run explains, releases nothing and logs nothing", async (t) => {
    const { setting, application, relationship } = await open(t);
    const [header] = headersOf(await relationship.seal([{ type: SURNAME, text: "Doe" }]));
    const before = setting.context.writer.size;
    const { body } = await application.call("POST", "/v1/authorizations", {
      dryRun: true,
      reads: [
        { ...DELIVER, objects: [header] },
        { ...ADVERT, objects: [header] },
      ],
    });
    assert.equal(body.reads[0][0].outcome, "allow");
    assert.equal(body.reads[0][0].explanation.rules.length, 1);
    assert.equal(body.reads[1][0].reason, "no-rule");
    assert.ok(!JSON.stringify(body).includes('"key"'));
    assert.equal(setting.context.writer.size, before);
  });

  test("revoked and locked: the next request is denied", async (t) => {
    const { setting, application, relationship } = await open(t);
    const rule = await relationship.allow({
      types: [SURNAME],
      action: { kind: "read", uses: [ADVERT.use], purposes: [ADVERT.purpose] },
    });
    const [header] = headersOf(await relationship.seal([{ type: SURNAME, text: "Doe" }]));
    const ask = async () =>
      (await application.call("POST", "/v1/authorizations", { reads: [{ ...ADVERT, objects: [header] }] })).body
        .reads[0][0];
    assert.equal((await ask()).outcome, "allow");
    await relationship.revoke(rule);
    assert.equal((await ask()).reason, "no-rule");
    await setLocked(setting.context, relationship.person.id, true);
    assert.equal((await ask()).reason, "locked");
  });

  test("an unknown use or purpose is refused for the whole request, with the nearest known", async (t) => {
    const { application } = await open(t);
    const ask = (scope: object) =>
      application.call("POST", "/v1/authorizations", { reads: [{ ...DELIVER, ...scope, objects: ["AAAA"] }] });
    assertProblem(await ask({ use: "deliver.packages" }), 400, "vocabulary.unknown-use");
    assertProblem(await ask({ purpose: "contract" }), 400, "vocabulary.unknown-purpose");
  });

  test("limits hold at the limit and break one above, naming it", async (t) => {
    const { application } = await open(t);
    const ask = (...counts: number[]) =>
      application.call("POST", "/v1/authorizations", {
        reads: counts.map((count) => ({ ...DELIVER, objects: Array.from({ length: count }, () => "AAAA") })),
      });
    const full = await ask(AUTHORIZATION_OBJECTS_MAX);
    assert.equal(full.status, 200, full.text.slice(0, 300));
    assert.equal(full.body.reads[0].length, AUTHORIZATION_OBJECTS_MAX);
    const over = await ask(AUTHORIZATION_OBJECTS_MAX + 1);
    assertProblem(over, 400, "request.invalid");
    assert.deepEqual(over.body.details, {
      path: "body/reads/0/objects",
      keyword: "maxItems",
      limit: AUTHORIZATION_OBJECTS_MAX,
    });
    assert.equal((await ask(AUTHORIZATION_OBJECTS_MAX - 1, 1)).status, 200);
    const together = await ask(AUTHORIZATION_OBJECTS_MAX, 1);
    assertProblem(together, 400, "request.invalid");
    assert.equal(together.body.details.limit, AUTHORIZATION_OBJECTS_MAX);
    assertProblem(await ask(0), 400, "request.invalid");
    assertProblem(await ask(), 400, "request.invalid");
  });

  test("a body at the limit is read, one byte more is not", async (t) => {
    const { application } = await open(t);
    const padded = (size: number) => {
      const text = JSON.stringify({ reads: [{ ...DELIVER, objects: ["AAAA"] }] });
      return Buffer.from(text + " ".repeat(size - text.length));
    };
    assert.equal((await application.call("POST", "/v1/authorizations", padded(BODY_BYTES_MAX))).status, 200);
    const over = await application.call("POST", "/v1/authorizations", padded(BODY_BYTES_MAX + 1));
    assertProblem(over, 413, "request.too-large");
    assert.deepEqual(over.body.details, { bytesMax: BODY_BYTES_MAX });
  });

  test("malformed, oversized, duplicate, foreign and good in one batch: an outcome for each, in order", async (t) => {
    const { setting, application, relationship } = await open(t);
    const other = await Relationship.open(setting, await TestApplication.register(setting));
    const [header] = headersOf(await relationship.seal([{ type: SURNAME, text: "Doe" }]));
    const [foreign] = headersOf(await other.seal([{ type: SURNAME, text: "Roe" }]));
    const flipped = `${header!.slice(0, 60)}${header![60] === "A" ? "B" : "A"}${header!.slice(61)}`;
    const objects = ["", "A", "x".repeat(5_000), "\u0000", header, header, foreign, flipped, "sr1.a.b"];
    const { body } = await application.call("POST", "/v1/authorizations", { reads: [{ ...DELIVER, objects }] });
    const told = body.reads[0].map(({ outcome, reason }: { outcome: string; reason?: string }) => reason ?? outcome);
    assert.equal(told.length, objects.length);
    assert.deepEqual(told.slice(0, 7), [
      ...Array<string>(4).fill("malformed-object"),
      "allow",
      "allow",
      "unknown-object",
    ]);
    assert.notEqual(told[7], "allow");
    assert.equal(told[8], "malformed-object");
  });

  test("a log that cannot be written releases nothing", async (t) => {
    const { setting, application, relationship } = await open(t);
    const [header] = headersOf(await relationship.seal([{ type: SURNAME, text: "Doe" }]));
    await application.token();
    await setting.context.store.close();
    const answer = await application.call("POST", "/v1/authorizations", { reads: [{ ...DELIVER, objects: [header] }] });
    assertProblem(answer, 503, "log.unavailable");
    assert.ok(answer.headers["retry-after"]);
    assert.ok(!answer.text.includes('"key"'));
  });
});

describe("POST /v1/leases", () => {
  test("a listed provenance is allowed, another is denied, each item for itself", async (t) => {
    const { setting, application, relationship } = await open(t);
    const { handle } = relationship;
    const { status, body } = await application.call("POST", "/v1/leases", {
      leases: [
        { handle, type: SURNAME, provenance: EXPLICIT },
        { handle, type: SURNAME, provenance: "public.data" },
        { handle, type: "sensitive.health", provenance: EXPLICIT },
        { handle: "AAAAAAAAAAAAAAAAAAAAAA", type: SURNAME, provenance: EXPLICIT },
      ],
    });
    assert.equal(status, 200);
    assert.deepEqual(
      body.leases.map(({ outcome, reason }: { outcome: string; reason?: string }) => reason ?? outcome),
      ["allow", "no-rule", "no-rule", "unknown-object"],
    );
    assert.ok(body.leases[0].expiresAt > setting.clock.now);
    assertPromise(setting, body.decision, body.promise);
  });

  test("limits hold, and a malformed handle is named", async (t) => {
    const { application, relationship } = await open(t);
    const item = { handle: relationship.handle, type: SURNAME, provenance: EXPLICIT };
    const ask = (leases: object[]) => application.call("POST", "/v1/leases", { leases });
    assert.equal((await ask(Array.from({ length: LEASES_MAX }, () => item))).status, 200);
    assertProblem(await ask(Array.from({ length: LEASES_MAX + 1 }, () => item)), 400, "request.invalid");
    const bad = await ask([item, { ...item, handle: `${item.handle.slice(0, 21)}B` }]);
    assertProblem(bad, 400, "request.invalid");
    assert.equal(bad.body.details.path, "body/leases/1/handle");
    assertProblem(await ask([{ ...item, type: "identity.surnam" }]), 400, "vocabulary.unknown-type");
    assertProblem(await ask([{ ...item, provenance: "me" }]), 400, "vocabulary.unknown-provenance");
  });
});
