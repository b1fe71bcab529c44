/** Leaves as the reader tells them apart (spec/log.md section 3). */
import { concat, type Bytes } from "../../bytes.ts";

export type LeafKind = "entry" | "tombstone" | "heads";

/** `null`: a log must not hold such a leaf. */
export function kindOfLeaf(leaf: Bytes): LeafKind | null {
  if (leaf.length === 33) {
    if (leaf[0] === 0) return "entry";
    return leaf[0] === 2 ? "heads" : null;
  }
  const keyKind = leaf[1] ?? 0;
  return leaf.length === 24 && leaf[0] === 1 && keyKind >= 1 && keyKind <= 4 ? "tombstone" : null;
}

export function leafOfEntry(commitment: Bytes): Bytes {
  return concat(Uint8Array.of(0), commitment);
}
