/** The pinned agents, found by the locator in a sealed object, a person's reference or a code. Nobody else is contacted. */
import { toBase64url } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import type { Agent } from "./agent.ts";

export class AgentDirectory {
  readonly all: readonly Agent[];
  readonly #byLocator: ReadonlyMap<string, Agent>;

  constructor(agents: readonly Agent[]) {
    this.all = agents;
    this.#byLocator = new Map(agents.map((agent) => [agent.pin.locator, agent]));
  }

  /** @param locator base64url. @throws StrongroomError `sdk.agent-not-pinned` */
  named(locator: string): Agent {
    const agent = this.#byLocator.get(locator);
    if (agent === undefined) throw notPinned(locator);
    return agent;
  }

  /** @param locator as in a header. @throws StrongroomError `sdk.agent-not-pinned` */
  located(locator: Buffer): Agent {
    // Mostly there is one agent: comparing bytes is cheaper than making a text of them.
    for (const agent of this.all) if (agent.pin.locatorBytes.equals(locator)) return agent;
    throw notPinned(toBase64url(locator));
  }
}

function notPinned(locator: string): StrongroomError {
  return new StrongroomError("sdk.agent-not-pinned", `no pinned agent has the locator ${locator}`, {
    details: { locator },
  });
}
