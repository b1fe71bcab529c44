/**
 * Questions to one agent, joined: everything that is asked in one turn of the event loop goes out as few
 * requests, the same object once, and large questions in parts that travel at the same time.
 */
import type { StrongroomError } from "@strongroom/core/errors";
import type { KeyObject } from "@strongroom/core/primitives";
import type { DenialReason } from "@strongroom/core/wire";
import { Deadline } from "../agent/deadline.ts";
import type { Lanes } from "../agent/lanes.ts";

/** Who waits for keys: told once for each of its slots. */
export interface Waiting {
  /** Raw bytes stay the teller's, who wipes them. */
  accept(slot: number, key: Buffer | KeyObject): void;
  deny(slot: number, reason: DenialReason): void;
  fail(slot: number, error: StrongroomError): void;
  /** Relationship handle of what is asked for in the slot, base64url. */
  handleOf(slot: number): string;
}

/** What a request is for. One object per pair, so that it can stand as a key. */
export interface Purpose {
  readonly use: string;
  readonly purpose: string;
  /** The two as one text. */
  readonly key: string;
}

/** The objects of one use and purpose. The three last lists run in parallel: who waits, in which slot, for which object. */
export interface AskGroup {
  readonly purpose: Purpose;
  readonly headers: string[];
  readonly calls: Waiting[];
  readonly slots: number[];
  readonly asked: number[];
}

/** What goes out as one request. */
export class Part {
  readonly groups = new Map<string, AskGroup>();
  /** Of objects, each counted once. */
  count = 0;

  group(purpose: Purpose): AskGroup {
    let group = this.groups.get(purpose.key);
    if (group === undefined) {
      group = { purpose, headers: [], calls: [], slots: [], asked: [] };
      this.groups.set(purpose.key, group);
    }
    return group;
  }

  /** Adds an object; gives its place in the group. */
  add(group: AskGroup, header: string): number {
    this.count += 1;
    return group.headers.push(header) - 1;
  }

  fail(error: StrongroomError): void {
    for (const { calls, slots } of this.groups.values()) {
      for (let waiter = 0; waiter < calls.length; waiter++) calls[waiter]!.fail(slots[waiter]!, error);
    }
  }
}

export function waitFor(group: AskGroup, at: number, call: Waiting, slot: number): void {
  group.asked.push(at);
  group.calls.push(call);
  group.slots.push(slot);
}

export interface AskLimits {
  readonly windowMs: number;
  readonly objectsPerRequest: number;
  readonly deadlineMs: number;
}

/** Sends a part and fills its slots, or throws and fills none. Gives back what is to be asked once more, never in the last round. */
export type SendPart = (part: Part, deadline: Deadline, lastRound: boolean) => Promise<Part | null>;

export class Asks {
  readonly #send: SendPart;
  readonly #lanes: Lanes;
  readonly #limits: AskLimits;
  #part: Part | null = null;
  /** Where each object of this turn is asked: by use and purpose, then by header. */
  #turn = new Map<string, Map<string, { readonly group: AskGroup; readonly at: number }>>();
  #scheduled = false;

  constructor(send: SendPart, lanes: Lanes, limits: AskLimits) {
    this.#send = send;
    this.#lanes = lanes;
    this.#limits = limits;
  }

  add(purpose: Purpose, header: string, call: Waiting, slot: number): void {
    let places = this.#turn.get(purpose.key);
    if (places === undefined) this.#turn.set(purpose.key, (places = new Map()));
    let place = places.get(header);
    if (place === undefined) {
      const part = (this.#part ??= new Part());
      const group = part.group(purpose);
      place = { group, at: part.add(group, header) };
      places.set(header, place);
    }
    waitFor(place.group, place.at, call, slot);
    if (this.#part !== null && this.#part.count >= this.#limits.objectsPerRequest) this.#dispatch();
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // setImmediate comes after everything that the same turn of the event loop started.
    if (this.#limits.windowMs === 0) setImmediate(() => this.#endTurn());
    else setTimeout(() => this.#endTurn(), this.#limits.windowMs);
  }

  #endTurn(): void {
    this.#scheduled = false;
    this.#turn = new Map();
    this.#dispatch();
  }

  #dispatch(): void {
    const part = this.#part;
    this.#part = null;
    if (part !== null) void this.#run(part);
  }

  async #run(part: Part): Promise<void> {
    const deadline = new Deadline(this.#limits.deadlineMs);
    // What changed while it was decided is asked once more; the second answer stands.
    let next: Part | null = part;
    for (let round = 1; next !== null; round++) {
      const sent: Part = next;
      try {
        next = await this.#lanes.run(() => this.#send(sent, deadline, round === 2));
      } catch (error) {
        sent.fail(error as StrongroomError);
        next = null;
      }
    }
    deadline.clear();
  }
}
