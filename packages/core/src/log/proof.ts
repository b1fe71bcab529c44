/**
 * Inclusion and consistency proofs (RFC 9162 sections 2.1.3 and 2.1.4): made from stored node hashes, checked by a client.
 */
import { equalBytes } from "../primitives.ts";
import type { Bytes } from "../bytes.ts";
import { HASH_BYTES, isTreeSize, nodeHash } from "./tree.ts";

/**
 * Gives the hash of a full subtree: `level` is its height (0: leaf hashes), `index` its place at that height, from 0.
 * It is only asked for subtrees that lie within the tree.
 */
export interface HashReader {
  hash(level: number, index: number): Bytes;
}

/** Root of the first `size` leaves. */
export function rootAt(size: number, reader: HashReader): Bytes {
  checkRange(size >= 1, "a root is read for at least one leaf");
  return rangeHash(0, size, reader);
}

/** Proof that leaf `index` is in the tree of `size` leaves; hashes from the leaf upwards. */
export function inclusionProof(index: number, size: number, reader: HashReader): Bytes[] {
  checkRange(isTreeSize(size) && Number.isSafeInteger(index) && index >= 0 && index < size, "index must be below size");
  const proof: Bytes[] = [];
  let from = 0;
  let until = size;
  // Down from the root to the leaf, noting what lies on the other side.
  while (until - from > 1) {
    const middle = from + splitOf(until - from);
    if (index < middle) {
      proof.push(rangeHash(middle, until, reader));
      until = middle;
    } else {
      proof.push(rangeHash(from, middle, reader));
      from = middle;
    }
  }
  return proof.reverse();
}

/** Proof that the tree of `oldSize` leaves is a prefix of that of `newSize`. */
export function consistencyProof(oldSize: number, newSize: number, reader: HashReader): Bytes[] {
  checkRange(
    isTreeSize(newSize) && Number.isSafeInteger(oldSize) && oldSize >= 1 && oldSize <= newSize,
    "sizes must be 1 ≤ old ≤ new",
  );
  const proof: Bytes[] = [];
  let from = 0;
  let until = newSize;
  while (oldSize < until) {
    const middle = from + splitOf(until - from);
    if (oldSize <= middle) {
      proof.push(rangeHash(middle, until, reader));
      until = middle;
    } else {
      proof.push(rangeHash(from, middle, reader));
      from = middle;
    }
  }
  // When the old tree is a full subtree of the new one, the verifier has its root already.
  if (from > 0) proof.push(rangeHash(from, until, reader));
  return proof.reverse();
}

/** RFC 9162 section 2.1.3.2. Does not throw: anything out of range is `false`. */
export function verifyInclusion(
  leaf: Bytes,
  index: number,
  size: number,
  proof: readonly Bytes[],
  root: Bytes,
): boolean {
  if (!isTreeSize(size) || !isTreeSize(index) || index >= size) return false;
  if (leaf.length !== HASH_BYTES || !proof.every(isHash)) return false;
  let node = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      // A node at the right edge that is a left child has no sibling: it goes up unchanged.
      while (node % 2 === 0 && node !== 0) {
        node = Math.floor(node / 2);
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equalBytes(hash, root);
}

/** RFC 9162 section 2.1.4.2. Does not throw: anything out of range is `false`, and so is an old size of 0, which proves nothing. */
export function verifyConsistency(
  oldSize: number,
  newSize: number,
  proof: readonly Bytes[],
  oldRoot: Bytes,
  newRoot: Bytes,
): boolean {
  if (!isTreeSize(oldSize) || !isTreeSize(newSize) || oldSize < 1 || oldSize > newSize) return false;
  if (oldSize === newSize) return proof.length === 0 && equalBytes(oldRoot, newRoot);
  if (proof.length === 0 || !proof.every(isHash) || !isHash(oldRoot)) return false;
  let node = oldSize - 1;
  let last = newSize - 1;
  while (node % 2 === 1) {
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  // An old size that is a power of two is a full subtree: its root starts the path by itself.
  const path = node === 0 ? [oldRoot, ...proof] : proof;
  let oldHash = path[0]!;
  let newHash = path[0]!;
  for (const sibling of path.slice(1)) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      oldHash = nodeHash(sibling, oldHash);
      newHash = nodeHash(sibling, newHash);
      while (node % 2 === 0 && node !== 0) {
        node = Math.floor(node / 2);
        last = Math.floor(last / 2);
      }
    } else {
      newHash = nodeHash(newHash, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equalBytes(oldHash, oldRoot) && equalBytes(newHash, newRoot);
}

/** Hash over leaves `from` to `until`; `from` is a multiple of the smallest power of two that is not below the width. */
function rangeHash(from: number, until: number, reader: HashReader): Bytes {
  const width = until - from;
  const split = splitOf(width);
  if (width === 1 || split * 2 === width) return reader.hash(heightOf(width), from / width);
  return nodeHash(rangeHash(from, from + split, reader), rangeHash(from + split, until, reader));
}

/** Largest power of two below `width`; 1 for a width of 1. */
function splitOf(width: number): number {
  let split = 1;
  while (split * 2 < width) split *= 2;
  return split;
}

function heightOf(width: number): number {
  let height = 0;
  for (let rest = width; rest > 1; rest /= 2) height++;
  return height;
}

function isHash(hash: Bytes): boolean {
  return hash.length === HASH_BYTES;
}

function checkRange(holds: boolean, message: string): void {
  if (!holds) throw new RangeError(message);
}
