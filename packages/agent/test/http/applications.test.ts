import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { exportJWK } from "jose";
import { APPLICATION_KEYS_MAX, NAME_CHARS_MAX } from "../../src/clients/registry.ts";
import { assertProblem, openSetting } from "./setting.ts";
import { newKeyPair } from "../clients/keyPairs.ts";
import { TestApplication } from "./application.ts";

const UNKNOWN = "AAAAAAAAAAAAAAAAAAAAAA";

describe("controllers and applications", () => {
  test("a controller registers and is listed", async (t) => {
    const setting = await openSetting(t);
    const made = await setting.operator("POST", "/v1/controllers", {
      name: "  Bookshop Zoë ",
      website: "https://books.example",
    });
    assert.equal(made.status, 201);
    assert.equal(made.body.name, "Bookshop Zoë");
    assert.equal(made.body.website, "https://books.example/");
    assert.deepEqual((await setting.operator("GET", "/v1/controllers")).body, { controllers: [made.body] });
  });

  test("registering the same controller twice is told as that", async (t) => {
    const setting = await openSetting(t);
    await setting.operator("POST", "/v1/controllers", { name: "Bookshop" });
    assertProblem(await setting.operator("POST", "/v1/controllers", { name: "Bookshop" }), 409, "client.name-taken");
    // Composed otherwise, but the same to the eye.
    await setting.operator("POST", "/v1/controllers", { name: "Zoe\u0308" });
    assertProblem(await setting.operator("POST", "/v1/controllers", { name: "Zo\u00eb" }), 409, "client.name-taken");
  });

  test("names that cannot be shown and addresses that are none are refused", async (t) => {
    const setting = await openSetting(t);
    for (const name of ["   ", "a\u202eb", "a\u0000b", "line\nbreak", "\u200b"]) {
      assertProblem(await setting.operator("POST", "/v1/controllers", { name }), 400, "client.bad-name");
    }
    assertProblem(
      await setting.operator("POST", "/v1/controllers", { name: "x".repeat(NAME_CHARS_MAX + 1) }),
      400,
      "request.invalid",
    );
    assert.equal((await setting.operator("POST", "/v1/controllers", { name: "x".repeat(NAME_CHARS_MAX) })).status, 201);
    for (const website of ["javascript:alert(1)", "books.example", "https://user:secret@books.example"]) {
      assertProblem(
        await setting.operator("POST", "/v1/controllers", { name: "Books", website }),
        400,
        "client.bad-name",
      );
    }
  });

  test("a second application of a controller registers; the same name twice does not", async (t) => {
    const setting = await openSetting(t);
    const first = await TestApplication.register(setting);
    const second = await TestApplication.register(setting, { controller: first.controller });
    const { body } = await setting.operator("GET", `/v1/controllers/${first.controller}/applications`);
    assert.deepEqual(body.applications.map(({ id }: { id: string }) => id).sort(), [first.id, second.id].sort());
    assert.equal((await second.call("GET", "/v1/application/keys")).body.controller, first.controller);

    const draft = { name: "Same", key: (await newKeyPair()).jwk };
    const path = `/v1/controllers/${first.controller}/applications`;
    assert.equal((await setting.operator("POST", path, draft)).status, 201);
    assertProblem(await setting.operator("POST", path, draft), 409, "client.name-taken");
    // Another controller may use the name.
    const other = await TestApplication.register(setting);
    assert.equal(
      (await setting.operator("POST", `/v1/controllers/${other.controller}/applications`, draft)).status,
      201,
    );
  });

  test("an unknown controller or application is told", async (t) => {
    const setting = await openSetting(t);
    const draft = { name: "App", key: (await newKeyPair()).jwk };
    assertProblem(
      await setting.operator("POST", `/v1/controllers/${UNKNOWN}/applications`, draft),
      404,
      "client.unknown",
    );
    assertProblem(await setting.operator("GET", `/v1/controllers/${UNKNOWN}/applications`), 404, "client.unknown");
    assertProblem(await setting.operator("POST", `/v1/applications/${UNKNOWN}/disable`), 404, "client.unknown");
    assertProblem(await setting.operator("GET", "/v1/controllers/not-an-id/applications"), 400, "request.invalid");
  });

  test("a private key is refused and never stored", async (t) => {
    const setting = await openSetting(t);
    const { controller } = await TestApplication.register(setting);
    const { privateKey } = await newKeyPair();
    const answer = await setting.operator("POST", `/v1/controllers/${controller}/applications`, {
      name: "Careless",
      key: await exportJWK(privateKey),
    });
    assertProblem(answer, 400, "client.private-key");
    assert.equal(
      (await setting.operator("GET", `/v1/controllers/${controller}/applications`)).body.applications.length,
      1,
    );
  });

  test("disabling ends the tokens at once, enabling lets the application in again", async (t) => {
    const setting = await openSetting(t);
    const application = await TestApplication.register(setting);
    assert.equal((await application.call("GET", "/v1/application/keys")).status, 200);
    assert.equal((await setting.operator("POST", `/v1/applications/${application.id}/disable`)).body.disabled, true);
    assertProblem(await application.call("GET", "/v1/application/keys"), 403, "client.disabled");
    assertProblem(await application.askForToken(), 403, "client.disabled");
    assert.equal((await setting.operator("POST", `/v1/applications/${application.id}/enable`)).body.disabled, false);
    assert.equal((await application.call("GET", "/v1/application/keys")).status, 200);
  });

  test("an application changes its key: the new one signs in, tokens of the old one end with it", async (t) => {
    const setting = await openSetting(t);
    const application = await TestApplication.register(setting);
    const next = await newKeyPair("EdDSA");
    const added = await application.call("POST", "/v1/application/keys", { key: next.jwk });
    assert.equal(added.status, 201, added.text);
    assert.deepEqual(
      added.body.keys.map(({ kid }: { kid: string }) => kid),
      [application.key.kid, next.kid],
    );

    const renewed = application.at(setting, next);
    assert.equal((await renewed.call("GET", "/v1/application/keys")).status, 200);
    assert.equal((await renewed.call("DELETE", `/v1/application/keys/${application.key.kid}`)).status, 200);
    assertProblem(await application.call("GET", "/v1/application/keys"), 401, "auth.token-invalid");
    assertProblem(await application.askForToken(), 401, "client.bad-assertion");
    assert.equal((await renewed.call("GET", "/v1/application/keys")).body.keys.length, 1);
  });

  test("the last key stays, also when two are removed at once", async (t) => {
    const setting = await openSetting(t);
    const application = await TestApplication.register(setting);
    const remove = (kid: string) => application.call("DELETE", `/v1/application/keys/${kid}`);
    assertProblem(await remove(application.key.kid), 409, "client.last-key");
    const next = await newKeyPair();
    await application.call("POST", "/v1/application/keys", { key: next.jwk });
    const answers = await Promise.all([remove(next.kid), remove(application.key.kid)]);
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    const { body } = await setting.operator("GET", `/v1/controllers/${application.controller}/applications`);
    assert.equal(body.applications[0].keys.length, 1);
  });

  test("a key that is there, an unknown one, and one too many", async (t) => {
    const application = await TestApplication.register(await openSetting(t));
    const add = async (key: unknown) => application.call("POST", "/v1/application/keys", { key });
    assertProblem(await add(application.key.jwk), 409, "client.key-exists");
    assertProblem(
      await application.call("DELETE", `/v1/application/keys/${(await newKeyPair()).kid}`),
      404,
      "client.key-unknown",
    );
    for (let count = 1; count < APPLICATION_KEYS_MAX; count += 1)
      assert.equal((await add((await newKeyPair()).jwk)).status, 201);
    assertProblem(await add((await newKeyPair()).jwk), 409, "client.too-many-keys");
  });

  test("keys are still there after a restart", async (t) => {
    const setting = await openSetting(t);
    const application = await TestApplication.register(setting);
    await setting.operator("POST", `/v1/applications/${application.id}/disable`);
    await setting.server.close();
    await setting.agent.close();
    const again = await openSetting(t, { folder: setting.folder, clock: setting.clock });
    assertProblem(await application.at(again).askForToken(), 403, "client.disabled");
    await again.operator("POST", `/v1/applications/${application.id}/enable`);
    assert.equal((await application.at(again).askForToken()).status, 200);
  });

  test("only the operator registers", async (t) => {
    const setting = await openSetting(t);
    const person = await setting.subject();
    const draft = { name: "Mine" };
    assertProblem(await setting.call("POST", "/v1/controllers", { body: draft }), 401, "auth.missing");
    assertProblem(await setting.as(person.token, "POST", "/v1/controllers", draft), 401, "auth.operator");
    assertProblem(await setting.as("sro.operatoR", "POST", "/v1/controllers", draft), 401, "auth.operator");
    const application = await TestApplication.register(setting);
    assertProblem(await application.call("POST", "/v1/controllers", draft), 401, "auth.missing");
  });
});
