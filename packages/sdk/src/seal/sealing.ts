/** Sealing rows: locally while there are leases, with one question for all that are missing. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { StrongroomError } from "@strongroom/core/errors";
import { sealContext, sealUnderLease } from "@strongroom/core/seal";
import type { DenialReason } from "@strongroom/core/wire";
import type { PersonRef } from "../person.ts";
import { Denied } from "../outcome.ts";
import type { Field } from "../record.ts";
import { Sealed } from "../sealed.ts";
import { leasesEndTooSoon, STALLED_MAX, type Leases, type Want } from "./leases.ts";

/** One value on its way to be sealed. `leases` are those of the person's agent. */
export interface SealTask {
  readonly field: Field;
  readonly row: string;
  readonly person: PersonRef;
  readonly leases: Leases;
  readonly want: Want;
  readonly value: string | Uint8Array;
  readonly put: (outcome: Sealed | Denied) => void;
}

/** Values looked at ahead for the leases that they need. */
const AHEAD_MAX = 1_000;
/** Values sealed before others get a turn: some 20 ms. */
const TURN_VALUES = 1_000;

/**
 * Seals the values in their order.
 * @param refusals what to do with a value that the person's rules do not let in
 * @throws StrongroomError `sdk.lease-refused`, `seal.*`, `encoding.not-text`, and those of the channel
 */
export async function sealAll(tasks: readonly SealTask[], refusals: "throw" | "values"): Promise<void> {
  const refused = new Map<string, DenialReason>();
  let stalled = 0;
  for (let at = 0; at < tasks.length;) {
    const task = tasks[at]!;
    const lease = task.leases.take(task.want);
    if (lease !== undefined) {
      const { field, row, value } = task;
      const context = sealContext({ table: field.record, column: field.name, row });
      task.put(new Sealed(sealUnderLease(lease, value, { context }), field, row));
      at += 1;
      stalled = 0;
      if (at % TURN_VALUES === 0) await nextTurn();
      continue;
    }
    const reason = refused.get(task.want.key);
    if (reason === undefined) {
      if (stalled++ >= STALLED_MAX) throw leasesEndTooSoon(task.leases.issuer);
      // More than fit would push out those that are needed first.
      await fetchMissing(tasks.slice(at, at + Math.min(AHEAD_MAX, task.leases.max)), refused);
      continue;
    }
    if (refusals === "throw") throw leaseRefused(task.field, reason);
    task.put(new Denied(reason, task.field.name, task.field.type));
    at += 1;
  }
}

async function fetchMissing(tasks: readonly SealTask[], refused: Map<string, DenialReason>): Promise<void> {
  const wanted = new Map<string, SealTask>();
  for (const task of tasks)
    if (!refused.has(task.want.key) && !task.leases.has(task.want)) wanted.set(task.want.key, task);
  const reasons = await Promise.all([...wanted.values()].map(({ leases, want }) => leases.fetch(want)));
  for (const [at, key] of [...wanted.keys()].entries()) {
    const reason = reasons[at];
    if (reason != null) refused.set(key, reason);
  }
}

export function leaseRefused(field: Field, reason: DenialReason): StrongroomError {
  return new StrongroomError(
    "sdk.lease-refused",
    `the person's agent does not let ${field.record}.${field.name} (${field.type}) be stored: ${reason}`,
    {
      details: { record: field.record, field: field.name, type: field.type, reason },
    },
  );
}
