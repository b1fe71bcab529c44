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
import type { HoldingRow } from "../storage/rows.ts";
import type { Mutation, Store } from "../storage/store.ts";
import type { Alongside, AuthorizeContext, Caller } from "./authorize.ts";
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
  const at = context.now();
  const { unit, decision, asked } = await decideAll(context, caller, items, at);
  unit.mutations.push(...(await holdingsAfter(context.store, asked, at)), ...alongside(decision, asked));
  const receipt = unit.isEmpty ? null : await context.writer.append(unit);
  return { decision, leases: asked.map((ask) => issue(ask, at)), receipt };
}

/**
 * Leases for an earlier request once more, for its repetition only: new ones, decided as of now, which end when the
 * first ones would have, and without entries, because those of the first time are in the log.
 * @param at when the first ones were granted
 */
export async function grantLeasesAgain(context: LeaseContext, caller: Caller, items: readonly LeaseItem[], at: number): Promise<LeaseOutcome[]> {
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
  await directory.load([...new Set(items.map(({ handle }) => handle))]);

  const unit = new LogUnit(decision, caller, at);
  return { unit, decision, asked: items.map((item) => decideLease(context, caller, unit, item, at)) };
}

function decideLease(context: LeaseContext, caller: Caller, unit: LogUnit, item: LeaseItem, at: number): Asked {
  const relationship = context.directory.known(item.handle);
  if (relationship === undefined) return { item, relationship: null, reason: "unknown-object", stamp: 0, entry: -1 };
  const { subject } = relationship;
  if (subject.erased) return { item, relationship: null, reason: "subject-erased", stamp: 0, entry: -1 };
  const stamp = stampOf(relationship);
  const foreign = relationship.controller !== caller.controller;
  let reason: DenialReason | null = null;
  let rules: readonly string[] = [];
  if (foreign) reason = "unknown-object";
  else if (relationship.erased) reason = "relationship-erased";
  else if (subject.locked) reason = "locked";
  else if (relationship.rules === null) reason = "error";
  else {
    const action = { kind: "update", provenance: item.provenance } as const;
    try {
      const decided = decide(relationship.rules, { application: caller.application, type: item.type, action, at });
      rules = decided.rules;
      if (decided.outcome === "deny") reason = decided.reason as DenialReason;
      else if (relationship.epochs.get(relationship.currentEpoch) == null) reason = "epoch-erased";
    } catch {
      reason = "error";
    }
  }
  const entry = unit.note(relationship, {
    kind: "seal",
    controller: caller.controller,
    type: item.type,
    provenance: item.provenance,
    reason,
    rules,
    header: fromBase64url(item.handle),
  });
  return { item, relationship, reason, stamp, entry: foreign ? -1 : entry };
}

/** What the subject will see under "data held". */
async function holdingsAfter(store: Store, asked: readonly Asked[], at: number): Promise<Mutation[]> {
  const rows = new Map<string, HoldingRow>();
  const loaded = new Set<string>();
  for (const { item, reason } of asked) {
    if (reason !== null) continue;
    if (!loaded.has(item.handle)) {
      loaded.add(item.handle);
      for (const row of await store.holdingsOf(item.handle)) rows.set(`${row.handle} ${row.type}`, row);
    }
    const known = rows.get(`${item.handle} ${item.type}`);
    const provenances = new Set<string>(known === undefined ? [] : (JSON.parse(known.provenances) as string[]));
    provenances.add(item.provenance);
    rows.set(`${item.handle} ${item.type}`, {
      handle: item.handle,
      type: item.type,
      since: known?.since ?? at,
      provenances: JSON.stringify([...provenances].sort()),
      lastSealedAt: at,
      lastUsedAt: known?.lastUsedAt ?? null,
    });
  }
  const granted = new Set(asked.filter(({ reason }) => reason === null).map(({ item }) => `${item.handle} ${item.type}`));
  return [...rows].filter(([name]) => granted.has(name)).map(([, row]) => ({ op: "holding.put", row }));
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
