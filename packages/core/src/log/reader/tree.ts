/**
 * The tree as RFC 9162 section 2.1 defines it, by recursion over whole lists: slow, short, and written
 * apart from the writer's tree, so that a mistake in one is seen by the other.
 */
import { concat, type Bytes } from "../../bytes.ts";
import { sha256 } from "../../primitives.ts";

export const UNITS = 256;

export function hashOfLeaf(leaf: Bytes): Bytes {
  return sha256(concat(Uint8Array.of(0), leaf));
}

/** MTH over the hashes of equal full subtrees; the last may be of a smaller tree. */
export function mth(hashes: readonly Bytes[]): Bytes {
  if (hashes.length === 0) return sha256(Uint8Array.of());
  if (hashes.length === 1) return hashes[0]!;
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  return sha256(concat(Uint8Array.of(1), mth(hashes.slice(0, k)), mth(hashes.slice(k))));
}

/**
 * Root of a tree given by its open units: `levels[L]` holds the hashes of the full subtrees of 256^L leaves that are
 * not part of a larger one. What is left over of lower levels is the last, smaller subtree of the level above.
 */
export function rootOfLevels(levels: readonly (readonly Bytes[])[]): Bytes {
  let smaller: Bytes[] = [];
  for (const units of levels) {
    const all = [...units, ...smaller];
    if (all.length > 0) smaller = [mth(all)];
  }
  return mth(smaller);
}

/** How many full subtrees of 256^level leaves a tree has. */
export function unitsAt(size: number, level: number): number {
  return Math.floor(size / UNITS ** level);
}

/** Lowest level that has no full subtree: levels below it have tiles. */
export function levelsOf(size: number): number {
  let levels = 0;
  while (unitsAt(size, levels) > 0) levels++;
  return levels;
}
