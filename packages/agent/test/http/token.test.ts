import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { decodeJwt, SignJWT } from "jose";
import { ISSUER, openSetting, assertProblem } from "./setting.ts";
import { hash, newKeyPair } from "../clients/keyPairs.ts";
import { TestApplication } from "./application.ts";

describe("POST /v1/token", () => {
  for (const algorithm of ["ES256", "EdDSA"] as const) {
    test(`an application with an ${algorithm} key gets a token bound to its proof key`, async (t) => {
      const setting = await openSetting(t);
      const application = await TestApplication.register(setting, { algorithm });
      const answer = await application.askForToken();
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.body.token_type, "DPoP");
      assert.equal(answer.body.expires_in, 600);
      const claims = decodeJwt(answer.body.access_token);
      assert.deepEqual(claims.cnf, { jkt: application.proofKey.kid });
      assert.equal(claims.sub, application.id);
    });
  }

  test("each wrong assertion is refused with what is wrong", async (t) => {
    const setting = await openSetting(t);
    const application = await TestApplication.register(setting);
    const stranger = await newKeyPair();
    const now = application.nowS;
    const wrong: [string, RegExp, Parameters<TestApplication["assertion"]>[0]][] = [
      ["another audience", /aud is not/, { claims: { aud: "https://other.example" } }],
      ["the audience with a slash", /aud is not/, { claims: { aud: `${ISSUER}/` } }],
      ["another audience beside", /aud is not/, { claims: { aud: [ISSUER, "https://other.example"] } }],
      ["no audience", /aud is missing/, { claims: { aud: undefined } }],
      ["another subject", /sub is missing or wrong/, { claims: { sub: "someone" } }],
      ["an unknown issuer", /no application/, { claims: { iss: "AAAAAAAAAAAAAAAAAAAAAA" } }],
      ["no issuer", /not a JWT with iss/, { claims: { iss: undefined } }],
      ["it has ended", /has ended/, { claims: { exp: now - 6 } }],
      ["no end", /exp is missing/, { claims: { exp: undefined } }],
      ["an end too far ahead", /exp is more than 5 minutes/, { claims: { exp: now + 306 } }],
      ["no time", /iat is missing/, { claims: { iat: undefined } }],
      ["50 minutes ahead", /iat is in the future/, { claims: { iat: now + 3_000, exp: now + 60 } }],
      ["6 minutes behind", /iat is more than 5 minutes ago/, { claims: { iat: now - 360 } }],
      ["no id", /jti is missing/, { claims: { jti: undefined } }],
      ["an empty id", /jti is not a text/, { claims: { jti: "" } }],
      ["an id that is too long", /jti is not a text/, { claims: { jti: "x".repeat(257) } }],
      ["an id that is a number", /jti is not a text/, { claims: { jti: 7 } }],
      ["a key that is not registered", /kid does not name/, { key: stranger }],
      ["another key under the right kid", /signature/, { key: stranger, header: { kid: application.key.kid } }],
      ["not valid yet", /nbf is missing or wrong/, { claims: { nbf: now + 60 } }],
    ];
    for (const [what, message, changes] of wrong) {
      const form = what === "an unknown issuer" ? { client_id: "AAAAAAAAAAAAAAAAAAAAAA" } : {};
      const answer = await application.askForToken({ assertion: await application.assertion(changes), form });
      assertProblem(answer, 401, "client.bad-assertion");
      assert.match(answer.body.detail, message, what);
    }
  });

  test("assertions that only look like one are refused", async (t) => {
    const application = await TestApplication.register(await openSetting(t));
    const right = await application.assertion();
    const [, payload] = right.split(".");
    const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`;
    const hmac = await new SignJWT(decodeJwt(right))
      .setProtectedHeader({ alg: "HS256", kid: application.key.kid })
      .sign(Buffer.from(JSON.stringify(application.key.jwk)));
    for (const assertion of [unsigned, hmac, "nonsense", "a.b.c", `${right}x`, `${right}.`]) {
      assertProblem(await application.askForToken({ assertion }), 401, "client.bad-assertion");
    }
    assertProblem(await application.askForToken({ assertion: "x".repeat(4_097) }), 400, "request.invalid");
  });

  test("another application's id beside a right assertion is refused", async (t) => {
    const setting = await openSetting(t);
    const [one, two] = [await TestApplication.register(setting), await TestApplication.register(setting)];
    assertProblem(await one.askForToken({ form: { client_id: two.id } }), 401, "client.bad-assertion");
  });

  test("an assertion counts once; of two at once one succeeds", async (t) => {
    const application = await TestApplication.register(await openSetting(t));
    const assertion = await application.assertion();
    const answers = await Promise.all([application.askForToken({ assertion }), application.askForToken({ assertion })]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 401]);
    assertProblem(await application.askForToken({ assertion }), 401, "client.assertion-replayed");
  });

  test("without a kid the only key is meant; with two keys it has to be said", async (t) => {
    const application = await TestApplication.register(await openSetting(t));
    const assertion = () => application.assertion({ header: { kid: undefined } });
    assert.equal((await application.askForToken({ assertion: await assertion() })).status, 200);
    await application.call("POST", "/v1/application/keys", { key: (await newKeyPair()).jwk });
    assertProblem(await application.askForToken({ assertion: await assertion() }), 401, "client.bad-assertion");
  });

  test("the proof is needed, and is for this form", async (t) => {
    const application = await TestApplication.register(await openSetting(t));
    assertProblem(await application.askForToken({ ask: { headers: {} } }), 401, "dpop.invalid");
    const [other, nothing] = [
      await application.proof({ method: "POST", path: "/v1/token", body: Buffer.from("x") }),
      await application.proof({ method: "POST", path: "/v1/token" }),
    ];
    assertProblem(await application.askForToken({ proof: other }), 401, "dpop.mismatch");
    assertProblem(await application.askForToken({ proof: nothing }), 401, "dpop.mismatch");
  });

  test("other grants, fields that come twice and JSON are refused", async (t) => {
    const application = await TestApplication.register(await openSetting(t));
    assertProblem(await application.askForToken({ form: { grant_type: "password" } }), 400, "request.invalid");
    assertProblem(await application.askForToken({ form: { scope: "all" } }), 400, "request.invalid");
    const body = Buffer.from("grant_type=client_credentials&grant_type=client_credentials");
    const dpop = await application.proof({ method: "POST", path: "/v1/token", body });
    const twice = { body, contentType: "application/x-www-form-urlencoded", headers: { dpop } };
    assertProblem(await application.setting.call("POST", "/v1/token", twice), 400, "request.invalid");
  });

  test("after a restart an assertion of before is refused, and so is a token", async (t) => {
    const setting = await openSetting(t);
    const application = await TestApplication.register(setting);
    const [assertion, token] = [await application.assertion(), await application.token()];
    setting.clock.now += 1_500;
    await setting.server.close();
    await setting.agent.close();
    const again = await openSetting(t, { folder: setting.folder, clock: setting.clock });
    const same = application.at(again);
    assertProblem(await same.askForToken({ assertion }), 401, "client.assertion-replayed");
    const dpop = await same.proof({ method: "GET", path: "/v1/application/keys", token });
    assertProblem(
      await again.call("GET", "/v1/application/keys", { headers: { authorization: `DPoP ${token}`, dpop } }),
      401,
      "auth.token-invalid",
    );
    assert.equal((await same.call("GET", "/v1/application/keys")).status, 200);
  });

  test("tokens that were not made here are refused", async (t) => {
    const setting = await openSetting(t);
    const application = await TestApplication.register(setting);
    const token = await application.token();
    const claims = decodeJwt(token);
    const forged = await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256", typ: "at+jwt" })
      .sign(Buffer.alloc(32, 7));
    const [head, payload] = token.split(".");
    for (const text of [forged, `${head}.${payload}.`, "x", "x".repeat(2_000)]) {
      const dpop = await application.proof({ method: "GET", path: "/v1/application/keys", token: text });
      const answer = await setting.call("GET", "/v1/application/keys", {
        headers: { authorization: `DPoP ${text}`, dpop },
      });
      assertProblem(answer, 401, "auth.token-invalid");
      assert.match(String(answer.headers["www-authenticate"]), /^DPoP/);
    }
  });

  test("a token ends after ten minutes", async (t) => {
    const setting = await openSetting(t);
    const application = await TestApplication.register(setting);
    await application.token();
    setting.clock.now += 599_999;
    assert.equal((await application.call("GET", "/v1/application/keys")).status, 200);
    setting.clock.now += 1;
    assertProblem(await application.call("GET", "/v1/application/keys"), 401, "auth.token-invalid");
  });

  test("hash of the token is what a proof names", () => {
    // RFC 9449 section 7.1: the example's access token and ath.
    assert.equal(hash("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"), "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
  });
});
