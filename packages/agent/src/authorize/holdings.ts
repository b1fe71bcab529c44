/**
 * What the subject will see under "data held": written with each granted lease. Leases for the same handle and type
 * may be granted at once, and each replaces the whole row: so rows that are being written are kept here meanwhile,
 * and who comes later builds on them and not on what is stored.
 */
import type { HoldingRow } from "../storage/rows.ts";
import type { Mutation, Store } from "../storage/store.ts";

export interface Sealed {
  readonly handle: string;
  readonly type: string;
  readonly provenance: string;
  readonly at: number;
}

type HoldingPut = Extract<Mutation, { readonly op: "holding.put" }>;

interface Writing {
  /** Requests that read or write the row now. */
  users: number;
  /** As the last of them will leave it; null before the first knows. */
  row: HoldingRow | null;
}

const writing = new WeakMap<Store, Map<string, Writing>>();

/** @param commit gets the rows as changes and must hand them to the writer before it waits for anything. */
export async function noteSealed<Result>(
  store: Store,
  sealed: readonly Sealed[],
  commit: (rows: HoldingPut[]) => Promise<Result>,
): Promise<Result> {
  if (sealed.length === 0) return commit([]);
  let rows = writing.get(store);
  if (rows === undefined) writing.set(store, (rows = new Map()));
  // First this, then the store: whoever commits in between leaves its row here.
  const names = new Set(sealed.map(nameOf));
  for (const name of names) enter(rows, name);
  try {
    const stored = await storedRows(store, sealed);
    for (const one of sealed) {
      const place = rows.get(nameOf(one)) as Writing;
      place.row = after(place.row ?? stored.get(nameOf(one)), one);
    }
    return await commit([...names].map((name) => ({ op: "holding.put", row: rows.get(name)?.row as HoldingRow })));
  } finally {
    for (const name of names) leave(rows, name);
  }
}

async function storedRows(store: Store, sealed: readonly Sealed[]): Promise<Map<string, HoldingRow>> {
  const stored = new Map<string, HoldingRow>();
  for (const handle of new Set(sealed.map(({ handle }) => handle))) {
    for (const row of await store.holdingsOf(handle)) stored.set(nameOf(row), row);
  }
  return stored;
}

function after(before: HoldingRow | undefined, { handle, type, provenance, at }: Sealed): HoldingRow {
  const provenances = new Set<string>(before === undefined ? [] : (JSON.parse(before.provenances) as string[]));
  provenances.add(provenance);
  return {
    handle,
    type,
    since: before?.since ?? at,
    provenances: JSON.stringify([...provenances].sort()),
    lastSealedAt: Math.max(before?.lastSealedAt ?? at, at),
    lastUsedAt: before?.lastUsedAt ?? null,
  };
}

function nameOf({ handle, type }: { readonly handle: string; readonly type: string }): string {
  return `${handle} ${type}`;
}

function enter(rows: Map<string, Writing>, name: string): void {
  const place = rows.get(name);
  if (place === undefined) rows.set(name, { users: 1, row: null });
  else place.users += 1;
}

function leave(rows: Map<string, Writing>, name: string): void {
  const place = rows.get(name) as Writing;
  place.users -= 1;
  if (place.users === 0) rows.delete(name);
}
