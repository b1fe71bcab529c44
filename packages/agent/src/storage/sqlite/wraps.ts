/**
 * Wrapped keys in slots that never move. SQLite's `secure_delete` zeroes what is deleted, but not the copies that
 * stay behind in a page's free space when rows are moved to a neighbour page (about one replaced key in 2,000).
 * The table `wraps` is only ever appended to, by ascending slot, and a wrap is replaced by one of the same length,
 * which SQLite writes over the old bytes: its rows are never moved, so there are no copies.
 */
import type { WrappedKey } from "../rows.ts";
import type { Statements } from "./statements.ts";

/** Stores a key in a new slot; no slot for no key. */
export function addWrap(statements: Statements, key: WrappedKey | null): number | null {
  return key === null ? null : statements.insert("wraps", { key_id: key.keyId, wrap: key.wrap });
}

/** Overwrites the key of a slot, with zeros where there is no new one. Returns the slot to refer to, null for no key. */
export function replaceWrap(statements: Statements, slot: number | null, key: WrappedKey | null): number | null {
  if (slot === null) return addWrap(statements, key);
  if (key === null) {
    statements.run("UPDATE wraps SET wrap = zeroblob(length(wrap)) WHERE slot = ?", slot);
    return null;
  }
  statements.run("UPDATE wraps SET key_id = ?, wrap = ? WHERE slot = ?", key.keyId, key.wrap, slot);
  return slot;
}
