/** Sealing rows: locally while there are leases, with one question for all that are missing. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { StrongroomError } from "@strongroom/core/errors";
import { sealContext, sealUnderLease } from "@strongroom/core/seal";
import type { DenialReason } from "@strongroom/core/wire";
import { Denied } from "../outcome.ts";
import type { Field, RecordSchema } from "../record.ts";
import { Sealed } from "../sealed.ts";
import { leasesEndTooSoon, STALLED_MAX, wantOf, type Leases, type Want } from "./leases.ts";

/** One row of checked values, and where what they become is put. */
export interface RowToSeal {
  /** Relationship handle of the person. */
  readonly handle: string;
  /** Those of the person's agent. */
  readonly leases: Leases;
  readonly row: string;
  /** Texts or bytes as the fields declare; null and undefined pass through. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly out: Record<string, unknown>;
}

export interface SealWork {
  readonly record: RecordSchema;
  readonly rows: readonly RowToSeal[];
  readonly provenance: string;
  /** What to do with a value that the person's rules do not let in. */
  readonly refusals: "throw" | "values";
}

/** Values looked at ahead for the leases that they need. */
const AHEAD_MAX = 1_000;
/** Values sealed before others get a turn: some 20 ms. */
const TURN_VALUES = 1_000;

/**
 * Seals the values in their order.
 * @throws StrongroomError `sdk.lease-refused`, `seal.*`, `encoding.not-text`, and those of the channel
 */
export async function sealAll(work: SealWork): Promise<void> {
  const refused = new Map<string, DenialReason>();
  let sealed = 0;
  for (const [at, { handle, leases, row, values, out }] of work.rows.entries()) {
    for (const name in values) {
      const value = values[name] as string | Uint8Array | null | undefined;
      out[name] = value;
      if (value === null || value === undefined) continue;

      const field = work.record.field(name);
      const want = wantOf(handle, field.type, work.provenance);
      let lease = leases.take(want);
      for (let fetches = 0; lease === undefined && !refused.has(want.key); lease = leases.take(want)) {
        if (fetches++ > STALLED_MAX) throw leasesEndTooSoon(leases.issuer);
        await fetchMissing(work, at, refused);
      }
      if (lease === undefined) {
        const reason = refused.get(want.key)!;
        if (work.refusals === "throw") throw leaseRefused(field, reason);
        out[name] = new Denied(reason, field.name, field.type);
        continue;
      }
      const context = sealContext({ table: field.record, column: field.name, row });
      out[name] = new Sealed(sealUnderLease(lease, value, { context }), field, row);
      if (++sealed % TURN_VALUES === 0) await nextTurn();
    }
  }
}

/** Fetches the leases that the row at `from` and some after it need and do not have. */
async function fetchMissing(work: SealWork, from: number, refused: Map<string, DenialReason>): Promise<void> {
  const wanted = new Map<string, { readonly want: Want; readonly leases: Leases }>();
  // More than are held would push out those that are needed first.
  let ahead = Math.min(AHEAD_MAX, work.rows[from]!.leases.max);
  for (let at = from; at < work.rows.length && ahead > 0; at++) {
    const { handle, leases, values } = work.rows[at]!;
    for (const name in values) {
      if (values[name] === null || values[name] === undefined) continue;
      ahead -= 1;
      const want = wantOf(handle, work.record.field(name).type, work.provenance);
      if (!refused.has(want.key) && !leases.has(want)) wanted.set(want.key, { want, leases });
    }
  }
  const keys = [...wanted.keys()];
  const reasons = await Promise.all([...wanted.values()].map(({ leases, want }) => leases.fetch(want)));
  for (const [n, reason] of reasons.entries()) if (reason !== null) refused.set(keys[n]!, reason);
}

export function leaseRefused(field: Field, reason: DenialReason): StrongroomError {
  return new StrongroomError(
    "sdk.lease-refused",
    `the person's agent does not let ${field.record}.${field.name} (${field.type}) be stored: ${reason}`,
    { details: { record: field.record, field: field.name, type: field.type, reason } },
  );
}
