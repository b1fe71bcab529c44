/** A kept decision is answered again without new entries: one that was planted in the database must release nothing. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { toBase64url } from "@strongroom/core/bytes";
import { randomBytes, sha256 } from "@strongroom/core/primitives";
import { REPEAT_MS_MAX, requestDigest } from "../../src/http/idempotency.ts";
import { encodeDecision } from "../../src/http/keptDecision.ts";
import { TestApplication } from "./application.ts";
import { CITY, DELIVER, headersOf, Relationship } from "./relationship.ts";
import { assertProblem, openSetting, type Setting } from "./setting.ts";

function tamper({ folder }: Setting, sql: string, ...values: SQLInputValue[]): void {
  const database = new DatabaseSync(join(folder, "agent.db"));
  try {
    assert.equal(database.prepare(sql).run(...values).changes, 1);
  } finally {
    database.close();
  }
}

async function open(t: Parameters<typeof openSetting>[0]) {
  const setting = await openSetting(t);
  const application = await TestApplication.register(setting);
  const relationship = await Relationship.open(setting, application);
  const sealed = await relationship.seal([{ type: CITY, text: "Turku" }]);
  const body = Buffer.from(JSON.stringify({ reads: [{ ...DELIVER, objects: headersOf(sealed) }] }));
  const ask = (key: string) => application.call("POST", "/v1/authorizations", body, { "idempotency-key": key });
  return { setting, application, body, ask };
}

const newKey = () => toBase64url(randomBytes(16));

describe("no key without an entry of its own comes of a kept decision", () => {
  test("that was added to the database", async (t) => {
    const { setting, application, body, ask } = await open(t);
    const key = newKey();
    const decision = encodeDecision({ decision: randomBytes(16), logSize: 0, items: [{ reason: null, entry: -1 }] });
    const digest = requestDigest("POST", "/v1/authorizations", sha256(body));
    tamper(
      setting,
      "INSERT INTO idempotency VALUES (?, ?, ?, ?, ?)",
      application.id,
      key,
      digest,
      decision,
      setting.clock.now,
    );
    assertProblem(await ask(key), 409, "idempotency.reused");
  });

  test("that was made young again", async (t) => {
    const { setting, ask } = await open(t);
    const key = newKey();
    assert.equal((await ask(key)).status, 200);
    setting.clock.now += REPEAT_MS_MAX - 1;
    assert.equal((await ask(key)).status, 200);
    tamper(setting, "UPDATE idempotency SET created_at = ? WHERE key = ?", setting.clock.now, key);
    assertProblem(await ask(key), 409, "idempotency.reused");
  });

  test("that was copied to another key", async (t) => {
    const { setting, ask } = await open(t);
    const [key, other] = [newKey(), newKey()];
    assert.equal((await ask(key)).status, 200);
    tamper(
      setting,
      "INSERT INTO idempotency SELECT application, ?, digest, decision, created_at FROM idempotency WHERE key = ?",
      other,
      key,
    );
    assertProblem(await ask(other), 409, "idempotency.reused");
    assert.equal((await ask(key)).status, 200);
  });
});
