/** Everything that a client has for one pinned agent, wired together. */
import type { ConsentState } from "@strongroom/core/wire";
import { LogWatch } from "../log/watch.ts";
import type { LogMemory } from "../log/memory.ts";
import { PromiseBook } from "../log/promises.ts";
import { Asks } from "../open/asks.ts";
import { authorize } from "../open/authorize.ts";
import { KeptKeys } from "../open/keptKeys.ts";
import type { Settings } from "../options.ts";
import { Leases } from "../seal/leases.ts";
import { AgentClock } from "./agentClock.ts";
import { Channel } from "./channel.ts";
import { EventStream } from "./events.ts";
import { Lanes } from "./lanes.ts";
import type { Pin } from "./pin.ts";
import { Transport } from "./transport.ts";

/** What the client wants to hear of an agent's events. */
export interface AgentListener {
  onRevoked(agent: Agent, handle: string): void;
  onConsent(agent: Agent, id: string, state: ConsentState): void;
}

export class Agent {
  readonly pin: Pin;
  readonly channel: Channel;
  readonly kept: KeptKeys;
  readonly asks: Asks;
  readonly leases: Leases;
  readonly events: EventStream;
  readonly watch: LogWatch;
  readonly #transport: Transport;
  #heardBefore = false;

  constructor(pin: Pin, settings: Settings, memory: LogMemory, listener: AgentListener) {
    this.pin = pin;
    const clock = new AgentClock(settings.clock);
    const lanes = new Lanes(settings.requestsInFlight);
    this.#transport = new Transport(pin);
    this.channel = new Channel(pin, this.#transport, clock, settings);
    const promises = new PromiseBook(pin, settings.clock);

    this.events = new EventStream(this.channel, settings.deadlineMs, {
      onEvent: (event) => {
        if (event.event === "hello") this.#onHello();
        else if (event.event === "consent") listener.onConsent(this, event.id, event.state);
        else {
          this.kept.forget(event.handle);
          this.leases.forget(event.handle);
          listener.onRevoked(this, event.handle);
        }
      },
      // Leases end by themselves within minutes, so an agent that is away does not stop the sealing at once.
      onDeaf: () => this.kept.forgetAll(),
    });
    this.kept = new KeptKeys(settings.keptKeysMax, settings.clock, () => this.events.live);
    this.leases = new Leases({
      channel: this.channel,
      promises,
      lanes,
      clock,
      deadlineMs: settings.deadlineMs,
      leasesMax: settings.leasesMax,
      onHeld: () => this.events.start(),
    });
    const parts = { channel: this.channel, promises, kept: this.kept, events: this.events, clock: settings.clock };
    this.asks = new Asks((part, deadline, lastRound) => authorize(parts, part, deadline, lastRound), lanes, settings);
    this.watch = new LogWatch(this.channel, promises, memory, settings.clock, settings.lateAfterMs);
  }

  async close(): Promise<void> {
    this.events.stop();
    this.#forgetAll();
    this.watch.save();
    await this.#transport.close();
  }

  /**
   * Events may have been missed: no key is kept. Leases are given up too when the stream came back, not when it
   * came first, because the first lease is what opens it and both begin together.
   */
  #onHello(): void {
    this.kept.forgetAll();
    if (this.#heardBefore) this.leases.forgetAll();
    this.#heardBefore = true;
  }

  #forgetAll(): void {
    this.kept.forgetAll();
    this.leases.forgetAll();
  }
}
