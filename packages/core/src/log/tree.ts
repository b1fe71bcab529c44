/**
 * The log's Merkle tree while it grows (RFC 9162 section 2.1, SHA-256).
 * Positions are below 2^48: they are plain numbers, so halving is division and never a 32-bit shift.
 */
import { asBuffer, u48, type Bytes } from "../bytes.ts";
import { StrongroomError } from "../errors.ts";
import { sha256 } from "../primitives.ts";

export const HASH_BYTES = 32;
/** Largest number of leaves. */
export const TREE_SIZE_MAX = 2 ** 48 - 1;

/** Root of the tree without leaves. */
export const EMPTY_ROOT: Bytes = sha256(new Uint8Array(0));

export function isTreeSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= TREE_SIZE_MAX;
}

// One block is filled and hashed at a time and nothing awaits in between, so one buffer serves every call.
const leafBlock = Buffer.alloc(256);
const nodeBlock = Buffer.alloc(1 + 2 * HASH_BYTES);
nodeBlock[0] = 0x01;

/** Hash of a leaf's data: SHA-256(0x00 ‖ data). */
export function leafHash(data: Bytes): Buffer {
  const block = data.length < leafBlock.length ? leafBlock : Buffer.alloc(1 + data.length);
  block.set(data, 1);
  return sha256(block.subarray(0, 1 + data.length));
}

/** Hash of an inner node: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Bytes, right: Bytes): Buffer {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) {
    throw new RangeError(`a tree hash has ${HASH_BYTES} bytes`);
  }
  nodeBlock.set(left, 1);
  nodeBlock.set(right, 1 + HASH_BYTES);
  return sha256(nodeBlock);
}

/** Root over leaf hashes, all at once. */
export function rootOf(leafHashes: Iterable<Bytes>): Bytes {
  const frontier = new Frontier();
  for (const hash of leafHashes) frontier.append(hash);
  return frontier.root();
}

/** Is told of every full subtree at the moment that its last leaf arrives: its height, its place at that height, its hash. */
export type NodeListener = (level: number, index: number, hash: Bytes) => void;

/**
 * The right edge of a growing tree: the roots of its full subtrees, largest first, one for each set bit of the size.
 * Appending costs one node hash a leaf on average.
 */
export class Frontier {
  #size = 0;
  #subtrees: Bytes[] = [];

  get size(): number {
    return this.#size;
  }

  /** @param leaf hash of the leaf (`leafHash`), which is kept: do not change its bytes afterwards. */
  append(leaf: Bytes, onNode?: NodeListener): void {
    if (leaf.length !== HASH_BYTES) throw new RangeError(`a leaf hash has ${HASH_BYTES} bytes`);
    if (this.#size >= TREE_SIZE_MAX) throw new RangeError("the tree is full");
    let hash = leaf;
    let index = this.#size;
    let level = 0;
    onNode?.(0, index, hash);
    // Each odd index closes the subtree to its left: the two become one, a level up.
    for (; index % 2 === 1; level++) {
      hash = nodeHash(this.#subtrees.pop()!, hash);
      index = (index - 1) / 2;
      onNode?.(level + 1, index, hash);
    }
    this.#subtrees.push(hash);
    this.#size++;
  }

  /** Root of the tree as it is now; costs at most one hash for each level. */
  root(): Bytes {
    const last = this.#subtrees.length - 1;
    let root = this.#subtrees[last];
    if (root === undefined) return EMPTY_ROOT;
    for (let i = last - 1; i >= 0; i--) root = nodeHash(this.#subtrees[i]!, root);
    return root;
  }

  /** A copy that grows by itself: append to it inside a transaction, keep it when the transaction holds. */
  clone(): Frontier {
    const copy = new Frontier();
    copy.#size = this.#size;
    copy.#subtrees = this.#subtrees.slice();
    return copy;
  }

  /** u48 size ‖ subtree roots, largest first. */
  serialise(): Buffer {
    return Buffer.concat([u48(this.#size), ...this.#subtrees]);
  }

  /** @throws StrongroomError `log.bad-state` when the bytes are not those of `serialise`. */
  static deserialise(state: Bytes): Frontier {
    const bytes = asBuffer(state);
    const size = bytes.length < 6 ? -1 : bytes.readUIntBE(0, 6);
    if (size < 0 || bytes.length !== 6 + HASH_BYTES * setBits(size)) {
      throw new StrongroomError("log.bad-state", "a frontier has one hash for each set bit of its size");
    }
    const subtrees: Bytes[] = [];
    for (let at = 6; at < bytes.length; at += HASH_BYTES)
      subtrees.push(Buffer.from(bytes.subarray(at, at + HASH_BYTES)));
    return Frontier.of(size, subtrees);
  }

  /** From the roots of the full subtrees of a tree of this size, largest first. */
  static of(size: number, subtrees: readonly Bytes[]): Frontier {
    if (!isTreeSize(size) || subtrees.length !== setBits(size)) {
      throw new StrongroomError("log.bad-state", "a frontier has one hash for each set bit of its size");
    }
    const frontier = new Frontier();
    frontier.#size = size;
    frontier.#subtrees = subtrees.slice();
    return frontier;
  }
}

function setBits(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}
