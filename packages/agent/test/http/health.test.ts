import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { TestApplication } from "./application.ts";
import { ADVERT, DELIVER, headersOf, Relationship, SURNAME } from "./relationship.ts";
import { assertProblem, openSetting } from "./setting.ts";

describe("operations", () => {
  test("alive and ready; not ready where the store is gone", async (t) => {
    const setting = await openSetting(t);
    assert.deepEqual((await setting.call("GET", "/healthz")).body, { status: "ok" });
    assert.deepEqual((await setting.call("GET", "/readyz")).body, { ready: true, reasons: [] });
    await setting.context.store.close();
    // The answer is kept for a second.
    assert.equal((await setting.call("GET", "/readyz")).status, 200);
    setting.clock.now += 1_000;
    const broken = await setting.call("GET", "/readyz");
    assert.equal(broken.status, 503);
    assert.deepEqual(broken.body, { ready: false, reasons: ["storage"] });
    assert.equal((await setting.call("GET", "/healthz")).status, 200);
  });

  test("not ready where checkpoints do not keep up with the log", async (t) => {
    const setting = await openSetting(t);
    const { checkpointMs } = setting.context.config;
    await setting.subject();
    assert.equal((await setting.call("GET", "/readyz")).body.ready, true);
    setting.clock.now += 5 * checkpointMs + 1;
    assert.deepEqual((await setting.call("GET", "/readyz")).body, { ready: false, reasons: ["log-behind"] });
    await setting.context.publisher.publish(setting.context.writer);
    setting.clock.now += 1_000;
    assert.equal((await setting.call("GET", "/readyz")).body.ready, true);
  });

  test("figures for the operator: decisions by outcome and reason, no id anywhere", async (t) => {
    const setting = await openSetting(t);
    const application = await TestApplication.register(setting);
    const relationship = await Relationship.open(setting, application);
    const objects = headersOf(await relationship.seal([{ type: SURNAME, text: "Doe" }]));
    await application.call("POST", "/v1/authorizations", {
      reads: [
        { ...DELIVER, objects: [...objects, ...objects] },
        { ...ADVERT, objects },
      ],
    });
    assertProblem(await setting.call("GET", "/metrics"), 401, "auth.missing");
    const { text } = await setting.operator("GET", "/metrics");
    assert.match(text, /strongroom_decisions_total\{kind="read",outcome="allow",reason=""\} 2/);
    assert.match(text, /strongroom_decisions_total\{kind="read",outcome="deny",reason="no-rule"\} 1/);
    assert.match(text, /strongroom_decisions_total\{kind="update",outcome="allow",reason=""\} 1/);
    assert.match(
      text,
      /strongroom_http_request_seconds_count\{route="\/v1\/authorizations",method="POST",status="200"\} 1/,
    );
    assert.match(text, new RegExp(`strongroom_log_size ${setting.context.writer.size}`));
    for (const id of [
      application.id,
      application.controller,
      relationship.handle,
      relationship.person.id,
      relationship.person.login,
    ]) {
      assert.ok(!text.includes(id));
    }
  });

  test("addresses that nobody registered are one line, whatever they are called", async (t) => {
    const setting = await openSetting(t);
    for (const path of ["/a", "/b", "/c?d"]) await setting.call("GET", path);
    const { text } = await setting.operator("GET", "/metrics");
    assert.match(text, /strongroom_http_request_seconds_count\{route="\(none\)",method="\(none\)",status="404"\} 3/);
  });
});

describe("the log of requests", () => {
  test("has one structured line for each, and nothing of anybody", async (t) => {
    const lines: string[] = [];
    const setting = await openSetting(t, {
      logger: { level: "trace", stream: { write: (line: string) => void lines.push(line) } },
    });
    const application = await TestApplication.register(setting);
    const relationship = await Relationship.open(setting, application);
    const objects = headersOf(await relationship.seal([{ type: SURNAME, text: "Doe" }]));
    lines.length = 0;
    await application.call(
      "POST",
      "/v1/authorizations",
      { reads: [{ ...DELIVER, objects }] },
      { "user-agent": "somebody's browser" },
    );
    await setting.call("GET", "/v1/nobody@example.com?login=ada", { headers: { cookie: "a=b" } });
    await setting.call("POST", "/v1/sessions", { body: { login: "ada", password: "hunter2hunter2" } });
    const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      parsed.map(({ method, route, status }) => [method, route, status]),
      [
        ["POST", "/v1/authorizations", 200],
        ["GET", "(none)", 404],
        ["POST", "/v1/sessions", 401],
      ],
    );
    for (const line of parsed)
      assert.deepEqual(Object.keys(line).sort(), [
        "level",
        "method",
        "ms",
        "msg",
        "requestId",
        "route",
        "status",
        "time",
      ]);
    const said = lines.join("");
    for (const secret of [
      "192.0.2.1",
      "nobody@",
      "ada",
      "hunter2",
      "browser",
      "a=b",
      objects[0]!,
      relationship.handle,
      await application.token(),
      application.id,
    ]) {
      assert.ok(!said.includes(secret), secret);
    }
  });
});
