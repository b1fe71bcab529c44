/**
 * Permission to seal: an update decision for each (handle, type, provenance), logged, then a lease key that
 * opens only what is sealed under it. Leases are never kept or issued again: the id is random and the key derived.
 */
import { fromBase64url } from "@strongroom/core/bytes";
import { randomBytes } from "@strongroom/core/primitives";
import { decide } from "@strongroom/core/rules";
import { deriveLeaseKey } from "@strongroom/core/seal";
import type { DenialReason, LeaseItem, LeaseOutcome } from "@strongroom/core/wire";
import { LogUnit, type UnitReceipt } from "../log/writer.ts";
import type { Store } from "../storage/store.ts";
import {
  erasedMeanwhile,
  TRIES_MAX,
  withoutLog,
  type Alongside,
  type AuthorizeContext,
  type Caller,
} from "./authorize.ts";
import { noteSealed } from "./holdings.ts";
import { stampOf, type LiveRelationship } from "./live.ts";

/** How long a lease may be used, ms. A stolen live one seals and opens for at most this long. */
export const LEASE_MS = 10 * 60_000;
/** How many objects may be sealed under one lease. */
export const LEASE_OBJECTS_MAX = 10_000;
const LEASE_ID_BYTES = 12;

export interface LeaseContext extends AuthorizeContext {
  readonly store: Store;
}

export interface Leased {
  readonly decision: Buffer;
  readonly leases: LeaseOutcome[];
  readonly receipt: UnitReceipt | null;
}

interface Asked {
  readonly item: LeaseItem;
  readonly relationship: LiveRelationship | null;
  readonly reason: DenialReason | null;
  readonly stamp: number;
  readonly entry: number;
}

/**
 * @throws StrongroomError `vocabulary.unknown-type`, `vocabulary.unknown-provenance` for the whole request;
 *   `log.unavailable` when the outcomes could not be logged.
 */
export async function grantLeases(
  context: LeaseContext,
  caller: Caller,
  items: readonly LeaseItem[],
  alongside: Alongside = () => [],
): Promise<Leased> {
  for (let tries = 1; ; tries += 1) {
    const at = context.now();
    const { unit, decision, asked } = await decideAll(context, caller, items, at);
    const allowed = asked.filter(({ reason }) => reason === null);
    try {
      const sealed = allowed.map(({ item }) => ({ ...item, at }));
      const receipt = await noteSealed(context.store, sealed, (holdings) => {
        // Nothing is noted for who was erased while the rows were read.
        const erased = new Set(
          allowed.filter(({ relationship }) => relationship?.erased).map(({ item }) => item.handle),
        );
        unit.mutations.push(...holdings.filter(({ row }) => !erased.has(row.handle)), ...alongside(decision, asked));
        return unit.isEmpty ? Promise.resolve(null) : context.writer.append(unit);
      });
      return { decision, leases: asked.map((ask) => issue(ask, at)), receipt };
    } catch (error) {
      if (!erasedMeanwhile(error) || tries === TRIES_MAX) throw error;
    }
  }
}

/**
 * Leases for an earlier request once more, for its repetition only: new ones, decided as of now, which end when the
 * first ones would have, and without entries, because those of the first time are in the log.
 * @param at when the first ones were granted
 */
export async function grantLeasesAgain(
  context: LeaseContext,
  caller: Caller,
  items: readonly LeaseItem[],
  at: number,
): Promise<LeaseOutcome[]> {
  const { asked } = await decideAll(context, caller, items, context.now());
  return asked.map((ask) => issue(ask, at));
}

async function decideAll(
  context: LeaseContext,
  caller: Caller,
  items: readonly LeaseItem[],
  at: number,
): Promise<{ unit: LogUnit; decision: Buffer; asked: Asked[] }> {
  const { directory } = context;
  for (const { type, provenance } of items) {
    directory.vocabulary.require("type", type);
    directory.vocabulary.require("provenance", provenance);
  }
  const decision = randomBytes(16);
  const relationships = await directory.load(items.map(({ handle }) => handle));

  const unit = new LogUnit(decision, caller, at);
  return {
    unit,
    decision,
    asked: items.map((item) => decideLease(caller, unit, { item, relationship: relationships.get(item.handle), at })),
  };
}

interface Ask {
  readonly item: LeaseItem;
  readonly relationship: LiveRelationship | undefined;
  readonly at: number;
}

function decideLease(caller: Caller, unit: LogUnit, { item, relationship, at }: Ask): Asked {
  const refused = (reason: DenialReason): Asked => ({ item, relationship: null, reason, stamp: 0, entry: -1 });
  if (relationship === undefined) return refused("unknown-object");
  const foreign = relationship.controller !== caller.controller;
  const silent = withoutLog(relationship, foreign);
  if (silent !== null) return refused(silent);

  const stamp = stampOf(relationship);
  let reason: DenialReason | null = null;
  let rules: readonly string[] = [];
  if (foreign) reason = "unknown-object";
  else if (relationship.erased) reason = "relationship-erased";
  else if (relationship.subject.locked) reason = "locked";
  else if (relationship.rules === null) reason = "error";
  else {
    const action = { kind: "update", provenance: item.provenance } as const;
    try {
      const decided = decide(relationship.rules, { application: caller.application, type: item.type, action, at });
      rules = decided.rules;
      if (decided.outcome === "deny") reason = decided.reason;
      else if (relationship.epochs.get(relationship.currentEpoch) == null) reason = "epoch-erased";
    } catch {
      reason = "error";
    }
  }
  const { type, provenance } = item;
  const fields = {
    kind: "seal",
    controller: caller.controller,
    type,
    provenance,
    reason,
    rules,
    header: fromBase64url(item.handle),
  } as const;
  return { item, relationship, reason, stamp, entry: unit.note(relationship, fields, !foreign) };
}

function issue({ item, relationship, reason, stamp, entry }: Asked, at: number): LeaseOutcome {
  const logged = entry < 0 ? {} : { entry };
  if (reason !== null || relationship === null) return { outcome: "deny", reason: reason ?? "error", ...logged };
  if (stampOf(relationship) !== stamp) return { outcome: "deny", reason: "changed-meanwhile", ...logged };
  const epoch = relationship.currentEpoch;
  const epochKey = relationship.epochs.get(epoch);
  if (epochKey == null) return { outcome: "deny", reason: "error", ...logged };
  const leaseId = randomBytes(LEASE_ID_BYTES);
  const raw = deriveLeaseKey(epochKey, item.type, leaseId).export();
  const key = raw.toString("base64url");
  raw.fill(0);
  return {
    outcome: "allow",
    lease: leaseId.toString("base64url"),
    key,
    epoch,
    expiresAt: at + LEASE_MS,
    objectsMax: LEASE_OBJECTS_MAX,
    ...logged,
  };
}
