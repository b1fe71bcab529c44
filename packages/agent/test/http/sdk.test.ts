/** The client that we ship, against this server: what the two of them say to each other fits. */
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { defineRecord, isDenied, Strongroom, type PersonRef } from "@strongroom/sdk";
import { makeConnectionCode } from "../../src/relationships/connections.ts";
import { addRule, revokeRule } from "../../src/rules/ruleService.ts";
import { ADVERT, DELIVER, EXPLICIT } from "./relationship.ts";
import { openSetting, type Person, type Setting } from "./setting.ts";

const customer = defineRecord("customer", { surname: "identity.surname", city: "home-contact.city" });

/** A server at a real port, which is part of the issuer and so has to be known first. */
async function openAtPort(t: TestContext): Promise<Setting> {
  const front = createServer();
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  const setting = await openSetting(t, { issuer });
  front.on("request", (request, response) => setting.server.server.emit("request", request, response));
  t.after(() => {
    front.closeAllConnections();
    front.close();
  });
  return setting;
}

interface Shop {
  readonly strongroom: Strongroom;
  readonly controller: string;
  readonly person: Person;
  readonly reference: PersonRef;
}

async function openShop(t: TestContext, setting: Setting): Promise<Shop> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const controller = (
    await setting.operator("POST", "/v1/controllers", { name: `Shop ${randomBytes(4).toString("hex")}` })
  ).body.id as string;
  const draft = { name: "web", key: publicKey.export({ format: "jwk" }) };
  const application = (await setting.operator("POST", `/v1/controllers/${controller}/applications`, draft)).body
    .id as string;
  const { context } = setting;
  const agents = [{ issuer: context.config.issuer, logKey: context.identity.signer.verifierKey }];
  const strongroom = await Strongroom.connect({
    agents,
    application: { id: application, privateKey },
    log: { checkEveryMs: 0 },
    clock: () => setting.clock.now,
  });
  t.after(() => strongroom.close());
  const person = await setting.subject();
  const rule = {
    controller,
    applications: null,
    effect: "allow",
    types: ["identity", "home-contact"],
    from: null,
    until: null,
  } as const;
  await addRule(context, person.id, { ...rule, action: { kind: "update", provenances: [EXPLICIT] } });
  const { code } = await makeConnectionCode(context, person.id, controller);
  return { strongroom, controller, person, reference: await strongroom.connectPerson(code) };
}

describe("the SDK against this server", () => {
  test("seals, opens what is allowed, is told what is not, and finds its entries in the log", async (t) => {
    const setting = await openAtPort(t);
    const { strongroom, controller, person, reference } = await openShop(t, setting);
    const rule = await addRule(setting.context, person.id, {
      controller,
      applications: null,
      effect: "allow",
      types: ["identity", "home-contact"],
      action: { kind: "read", uses: [DELIVER.use], purposes: [DELIVER.purpose] },
      from: null,
      until: null,
    });
    const sealed = await strongroom.seal(
      customer,
      { person: reference, row: "1", provenance: EXPLICIT },
      { surname: "Doe", city: "Turku" },
    );
    assert.deepEqual({ ...(await strongroom.open(customer, sealed, DELIVER)) }, { surname: "Doe", city: "Turku" });
    const refused = await strongroom.open(customer, sealed, ADVERT);
    assert.ok(isDenied(refused.surname) && refused.surname.reason === "no-rule");

    await setting.context.publisher.publish(setting.context.writer);
    const [report] = await strongroom.verifyLog();
    assert.ok(report !== undefined && report.entriesFound > 0 && report.entriesWaiting === 0, JSON.stringify(report));

    await revokeRule(setting.context, person.id, rule.id);
    const revoked = await strongroom.open(customer, sealed, DELIVER);
    assert.ok(isDenied(revoked.surname));
  });
});
