/** A stream of events ends with the application, or with the key, that opened it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setLocked } from "../../src/subjects/lock.ts";
import { newKeyPair } from "../clients/keyPairs.ts";
import { TestApplication } from "./application.ts";
import { Relationship } from "./relationship.ts";
import { openSetting } from "./setting.ts";

describe("an open stream of events", () => {
  for (const [what, shut] of [
    [
      "of an application that was disabled",
      (app: TestApplication) => app.setting.operator("POST", `/v1/applications/${app.id}/disable`),
    ],
    [
      "opened by a key that was removed",
      async (app: TestApplication) => {
        const next = await newKeyPair();
        assert.equal((await app.call("POST", "/v1/application/keys", { key: next.jwk })).status, 201);
        return await app.at(app.setting, next).call("DELETE", `/v1/application/keys/${app.key.kid}`);
      },
    ],
  ] as const) {
    test(`${what} tells nothing any more, and ends`, async (t) => {
      const setting = await openSetting(t);
      const application = await TestApplication.register(setting);
      const { person, handle } = await Relationship.open(setting, application);
      const token = await application.token();
      const dpop = await application.proof({ method: "GET", path: "/v1/events", token });
      const stream = await setting.server.inject({
        url: "/v1/events",
        headers: { authorization: `DPoP ${token}`, dpop },
        payloadAsStream: true,
      });
      const payload = stream.stream();
      let heard = "";
      payload.on("data", (bytes: Buffer) => (heard += bytes.toString()));
      const ended = new Promise<void>((resolve) => payload.once("close", resolve).once("error", () => resolve()));
      await setLocked(setting.context, person.id, true);
      assert.ok((await shut(application)).status < 300);
      await setLocked(setting.context, person.id, false);
      await setLocked(setting.context, person.id, true);
      await ended;
      assert.equal(heard.match(/event: hello/g)?.length, 1);
      assert.equal(heard.match(new RegExp(`"handle":"${handle}"`, "g"))?.length, 1);
    });
  }
});
