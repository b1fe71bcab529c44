/** What most tests need: an agent, a client, a record, and their end. */
import type { TestContext } from "node:test";
import { defineRecord, Strongroom, type ConnectOptions } from "@strongroom/sdk";
import { APPLICATION_ID, applicationKey, FakeAgent } from "./fakeAgent.ts";

export const customer = defineRecord("customer", {
  surname: "identity.surname",
  email: "home-contact.email",
  photo: { type: "biometric.photograph", bytes: true },
});

export const DELIVER = { use: "deliver.package", purpose: "contractual" } as const;
export const ADVERT = { use: "communicate.email", purpose: "advert" } as const;
export const EXPLICIT = "subject.explicit";

export async function startAgent(t: TestContext): Promise<FakeAgent> {
  const agent = await FakeAgent.start();
  t.after(() => agent.stop());
  return agent;
}

export async function connect(
  t: TestContext,
  agents: readonly FakeAgent[],
  options: Partial<ConnectOptions> = {},
): Promise<Strongroom> {
  const strongroom = await Strongroom.connect({
    agents: agents.map((agent) => agent.pin),
    application: { id: APPLICATION_ID, privateKey: applicationKey },
    log: { checkEveryMs: 0 },
    ...options,
  });
  t.after(() => strongroom.close());
  return strongroom;
}

/** Resolves when the condition holds, and fails when it does not come to hold. */
export async function until(condition: () => boolean): Promise<void> {
  for (const end = performance.now() + 5_000; !condition();) {
    if (performance.now() > end) throw new Error(`never came to hold: ${condition}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
