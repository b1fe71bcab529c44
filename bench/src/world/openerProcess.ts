/**
 * One program of the controller, in a process of its own: it opens one person's field again and again, by a key that it
 * keeps where the person's rule allows it, and other people's fields meanwhile, each of which asks the agent.
 */
import { createPrivateKey, type JsonWebKey } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { isDenied, Strongroom } from "@strongroom/sdk";
import { monotonicMs, startOf } from "./child.ts";
import { customer, type StoredField } from "./customer.ts";
import { PURPOSE, USE } from "./rules.ts";

export interface OpenerStart {
  readonly issuer: string;
  readonly logKey: string;
  readonly application: string;
  readonly privateKey: JsonWebKey;
  /** The field that it opens all the time. */
  readonly target: StoredField;
  /** Fields of other people, opened together; none for no load. */
  readonly others: readonly StoredField[];
}

/** What it has seen since it was asked before. */
export interface OpenerState {
  /** How often the target was opened. */
  readonly opened: number;
  /** When it was opened last, ms of the machine's monotonic clock; null: never. */
  readonly lastOpenedAt: number | null;
  readonly denied: number;
  /** Other people's fields opened. */
  readonly others: number;
}

const QUESTION = { use: USE, purpose: PURPOSE };

const start = await startOf<OpenerStart>();
const client = await Strongroom.connect({
  agents: [{ issuer: start.issuer, logKey: start.logKey }],
  application: { id: start.application, privateKey: createPrivateKey({ key: start.privateKey, format: "jwk" }) },
});
let running = true;
let state = { opened: 0, lastOpenedAt: null as number | null, denied: 0, others: 0 };

process.on("message", () => {
  process.send?.({ state });
  state = { opened: 0, lastOpenedAt: null, denied: 0, others: 0 };
});
process.on("disconnect", () => {
  running = false;
});
process.send?.({ ready: null });
await Promise.all([openTarget(), openOthers()]);
await client.close();

async function openTarget(): Promise<void> {
  const { row, sealed } = start.target;
  while (running) {
    const { street } = await client.open(customer, customer.sealedRow(row, { street: sealed }), QUESTION);
    if (isDenied(street)) state.denied += 1;
    else {
      state.opened += 1;
      state.lastOpenedAt = monotonicMs();
    }
    // A kept key needs nobody: without this nothing else would run.
    await nextTurn();
  }
}

async function openOthers(): Promise<void> {
  while (running && start.others.length > 0) {
    const rows = start.others.map(({ row, sealed }) => customer.sealedRow(row, { street: sealed }));
    state.others += (await client.openMany(customer, rows, QUESTION)).length;
  }
}
