import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { connect } from "node:net";
import { ERRORS } from "@strongroom/core/errors";
import { PROBLEM_TYPE_PREFIX } from "@strongroom/core/wire";
import { listen } from "../../src/http/listen.ts";
import { TestApplication } from "./application.ts";
import { DELIVER } from "./relationship.ts";
import { assertProblem, openSetting, OPERATOR } from "./setting.ts";

const authorization = `Bearer ${OPERATOR}`;

describe("requests that are wrong", () => {
  test("an unknown address and a wrong method are told apart; nothing is authorised by a GET", async (t) => {
    const setting = await openSetting(t);
    assertProblem(await setting.call("GET", "/v1/nothing"), 404, "request.unknown-route");
    assertProblem(await setting.call("POST", "/"), 404, "request.unknown-route");
    const wrong = await setting.call("GET", "/v1/authorizations");
    assertProblem(wrong, 405, "request.wrong-method");
    assert.equal(wrong.headers.allow, "POST");
    assertProblem(await setting.call("DELETE", "/v1/leases?x=1"), 405, "request.wrong-method");
    assertProblem(
      await setting.call("PUT", "/v1/controllers/AAAAAAAAAAAAAAAAAAAAAA/applications"),
      405,
      "request.wrong-method",
    );
    assertProblem(await setting.call("GET", "/v1/%zz"), 400, "request.invalid");
    const long = await setting.call("GET", `/v1/controllers/${"x".repeat(200)}/applications`);
    assertProblem(long, 400, "request.invalid");
    assert.equal(long.headers["cache-control"], "no-store");
    assertProblem(await setting.call("PUT", "/log/tile/0/000"), 405, "request.wrong-method");
  });

  test("a problem says what it is in every field, and leaks nothing", async (t) => {
    const setting = await openSetting(t);
    const { body, headers } = await setting.call("POST", "/v1/controllers", {
      headers: { authorization },
      body: { name: 7 },
    });
    assert.deepEqual(Object.keys(body), ["type", "title", "status", "code", "detail", "requestId", "details"]);
    assert.equal(body.type, `${PROBLEM_TYPE_PREFIX}request.invalid`);
    assert.equal(body.title, ERRORS["request.invalid"].cause);
    assert.equal(body.detail, "body/name must be string");
    assert.deepEqual(body.details, { path: "body/name", keyword: "type" });
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers.date, new Date(setting.clock.now).toUTCString());
  });

  test("each wrong body is told with its field", async (t) => {
    const setting = await openSetting(t);
    const post = (body: unknown, contentType?: string) =>
      setting.call("POST", "/v1/controllers", {
        headers: { authorization },
        body,
        ...(contentType === undefined ? {} : { contentType }),
      });
    const cases: [unknown, string, string][] = [
      [{}, "request.invalid", "body must have required property 'name'"],
      [{ name: "A", more: 1 }, "request.invalid", "body/more is not a field of this request"],
      ['{"name":"A","__proto__":{"x":1}}', "request.invalid", "body/__proto__ is not a field of this request"],
      [{ name: null }, "request.invalid", "body/name must be string"],
      [{ name: "" }, "request.invalid", "body/name must NOT have fewer than 1 characters"],
      [[], "request.invalid", "body must be object"],
      ["null", "request.invalid", "body must be object"],
      ["", "request.invalid", "body must be object"],
      ["{", "request.malformed-json", "the body is not JSON in UTF-8"],
      [Buffer.from('{"name":"\xff"}', "latin1"), "request.malformed-json", "the body is not JSON in UTF-8"],
    ];
    for (const [body, code, detail] of cases) {
      const answer = await post(body);
      assertProblem(answer, 400, code as "request.invalid");
      assert.equal(answer.body.detail, detail);
    }
    assertProblem(await post("name=A", "application/xml"), 415, "request.media-type");
    assertProblem(await post("name=A", "text/plain"), 415, "request.media-type");
    assertProblem(
      await setting.call("POST", "/v1/controllers", { headers: { authorization } }),
      400,
      "request.invalid",
    );
    // A page of another origin could send a form without asking first; JSON it could not.
    assertProblem(
      await post("name=A&website=https://x.example&more=1", "application/x-www-form-urlencoded"),
      415,
      "request.media-type",
    );
  });

  test("credentials that are missing, doubled or of another kind", async (t) => {
    const setting = await openSetting(t);
    const person = await setting.subject();
    const application = await TestApplication.register(setting);
    const token = await application.token();
    const me = (value: string) =>
      setting.call("GET", "/v1/me", { headers: value === "" ? {} : { authorization: value } });
    for (const value of [
      "",
      "Bearer",
      "Bearer ",
      `Basic ${person.token}`,
      `Bearer ${person.token} x`,
      `DPoP ${token}`,
      `Bearer  ${person.token}`,
    ]) {
      const answer = await me(value);
      assertProblem(answer, 401, "auth.missing");
      assert.match(String(answer.headers["www-authenticate"]), /Bearer/);
    }
    assert.equal((await me(`bearer ${person.token}`)).status, 200);
    // An access token without its proof is worth nothing, whatever it calls itself.
    assertProblem(await me(`Bearer ${token}`), 401, "auth.token-invalid");
    assertProblem(
      await setting.call("POST", "/v1/leases", { headers: { authorization: `DPoP ${token}` }, body: {} }),
      401,
      "dpop.invalid",
    );
    assertProblem(
      await setting.call("POST", "/v1/leases", { headers: { authorization: `Bearer ${token}` }, body: {} }),
      401,
      "auth.missing",
    );
  });

  test("a proof of another request, body, address or key is refused, and a used one", async (t) => {
    const setting = await openSetting(t);
    const application = await TestApplication.register(setting);
    const token = await application.token();
    const path = "/v1/authorizations";
    const body = Buffer.from(JSON.stringify({ reads: [{ ...DELIVER, objects: ["AAAA"] }] }));
    const right = { method: "POST", path, body, token };
    const send = (dpop: string) =>
      setting.call("POST", path, { headers: { authorization: `DPoP ${token}`, dpop }, body });
    const proof = (changes: object, claims = {}) => application.proof({ ...right, ...changes }, { claims });
    const used = await proof({});
    assert.equal((await send(used)).status, 200);
    assertProblem(await send(used), 401, "dpop.replayed");
    assertProblem(await send(await proof({ path: "/v1/leases" })), 401, "dpop.mismatch");
    assertProblem(await send(await proof({ method: "GET" })), 401, "dpop.mismatch");
    assertProblem(await send(await proof({ body: Buffer.from("{}") })), 401, "dpop.mismatch");
    assertProblem(await send(await proof({ body: undefined })), 401, "dpop.mismatch");
    assertProblem(await send(await proof({ token: "another" })), 401, "dpop.mismatch");
    assertProblem(await send(await proof({}, { iat: application.nowS + 50 * 60 })), 401, "dpop.stale");
    assertProblem(await send(await proof({}, { iat: application.nowS - 6 * 60 })), 401, "dpop.stale");
    const stranger = await TestApplication.register(setting);
    assertProblem(await send(await application.proof(right, { key: stranger.proofKey })), 401, "dpop.mismatch");
    assertProblem(await send(`${await proof({})}, ${await proof({})}`), 401, "dpop.invalid");
  });

  test("a token is of no use to another application", async (t) => {
    const setting = await openSetting(t);
    const [one, two] = [await TestApplication.register(setting), await TestApplication.register(setting)];
    const token = await one.token();
    const dpop = await two.proof({ method: "GET", path: "/v1/application/keys", token });
    assertProblem(
      await setting.call("GET", "/v1/application/keys", { headers: { authorization: `DPoP ${token}`, dpop } }),
      401,
      "dpop.mismatch",
    );
  });

  test("who is refused has not been listened to: the body is not judged before the credentials", async (t) => {
    const setting = await openSetting(t);
    assertProblem(await setting.call("POST", "/v1/controllers", { body: "{" }), 401, "auth.missing");
    assertProblem(
      await setting.call("POST", "/v1/authorizations", { body: "x".repeat(2_000_000) }),
      401,
      "auth.missing",
    );
  });

  test("what is not HTTP gets a problem and the door", async (t) => {
    const setting = await openSetting(t);
    const address = new URL(await listen(setting.server, { host: "127.0.0.1", port: 0 }));
    for (const text of ["nonsense\r\n\r\n", `GET / HTTP/1.1\r\nhost: x\r\nlong: ${"x".repeat(20_000)}\r\n\r\n`]) {
      const answer = await new Promise<string>((resolve, reject) => {
        const socket = connect(Number(address.port), "127.0.0.1", () => socket.write(text));
        let received = "";
        socket.on("data", (bytes) => (received += bytes.toString()));
        socket.on("close", () => resolve(received));
        socket.on("error", reject);
      });
      assert.match(answer, /^HTTP\/1\.1 400 /);
      assert.equal(JSON.parse(answer.split("\r\n\r\n")[1]!).code, "request.malformed-http");
    }
  });

  test("an unexpected failure tells its request id and nothing else", async (t) => {
    const lines: string[] = [];
    const setting = await openSetting(t, {
      logger: { level: "info", stream: { write: (line: string) => void lines.push(line) } },
    });
    const store = setting.context.store as unknown as { controllers(): Promise<never> };
    store.controllers = () => Promise.reject(new TypeError("secret of somebody"));
    const answer = await setting.operator("GET", "/v1/controllers");
    assertProblem(answer, 500, "agent.internal");
    assert.ok(!answer.text.includes("secret"));
    const line = lines.find((each) => each.includes("request failed"));
    assert.ok(line?.includes(answer.body.requestId) && line.includes("TypeError"));
    assert.ok(!lines.join().includes("secret of somebody"));
  });
});
