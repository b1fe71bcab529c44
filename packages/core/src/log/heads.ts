/**
 * The heads map (spec/log.md section 7): under each checkpoint, which entry is the last of every subject,
 * readable only by who has the subject's log key. It is what finds an entry that was left out at the end.
 */
import { asBuffer, u48, utf8, type Bytes } from "../bytes.ts";
import { StrongroomError } from "../errors.ts";
import { equalBytes, hmacSha256, sha256, type KeyObject } from "../primitives.ts";
import { NO_HEAD, type Head } from "./chain.ts";
import { COMMITMENT_BYTES, U48_MAX } from "./leaf.ts";
import { HASH_BYTES } from "./tree.ts";

export const HEADS_BUCKETS = 4096;
const HEADS_HEIGHT = 12;
const PAIR_BYTES = 2 * HASH_BYTES;
const INDEX_DOMAIN = utf8("strongroom/heads-index/v1");
const BLIND_DOMAIN = utf8("strongroom/heads-blind/v1");
const BUCKET_DOMAIN = utf8("strongroom/heads-bucket/v1\0");
const NODE_DOMAIN = utf8("strongroom/heads-node/v1\0");

/** Where a subject stands in the map. Both are derived from the log key; keep them with it. */
export interface BlindedSubject {
  readonly index: Bytes;
  readonly blind: Bytes;
}

export interface HeadPair {
  /** Blinded subject index, 32 bytes. */
  readonly index: Bytes;
  readonly value: Bytes;
}

export interface HeadProof {
  /** Every pair of the bucket, ascending by index. */
  readonly bucket: readonly HeadPair[];
  /** The 12 hashes beside the path, lowest first. */
  readonly path: readonly Bytes[];
}

export function blindedSubject(logKey: KeyObject): BlindedSubject {
  return { index: hmacSha256(logKey, INDEX_DOMAIN), blind: hmacSha256(logKey, BLIND_DOMAIN) };
}

/** What the map holds for a subject: SHA-256(blind ‖ counter ‖ commitment). */
export function headValue(blind: Bytes, head: Head): Buffer {
  return sha256(Buffer.concat([blind, u48(head.counter), head.commitment]));
}

/** The first 12 bits of a blinded index. */
export function bucketOf(index: Bytes): number {
  return (index[0]! << 4) | (index[1]! >> 4);
}

/** @throws StrongroomError `log.bad-state` unless the pairs belong to the bucket, in ascending order, each index once. */
export function bucketHash(bucket: number, pairs: readonly HeadPair[]): Buffer {
  if (!isBucket(bucket, pairs))
    throw new StrongroomError("log.bad-state", `the pairs of bucket ${bucket} are not sorted, or not its own`);
  const start = BUCKET_DOMAIN.length;
  const block = Buffer.allocUnsafe(start + 6 + pairs.length * PAIR_BYTES);
  block.set(BUCKET_DOMAIN);
  block.writeUInt16BE(bucket, start);
  block.writeUInt32BE(pairs.length, start + 2);
  pairs.forEach(({ index, value }, i) => {
    block.set(index, start + 6 + i * PAIR_BYTES);
    block.set(value, start + 6 + i * PAIR_BYTES + HASH_BYTES);
  });
  return sha256(block);
}

const nodeBlock = Buffer.alloc(NODE_DOMAIN.length + 2 * HASH_BYTES);
nodeBlock.set(NODE_DOMAIN);

function headsNodeHash(left: Bytes, right: Bytes): Buffer {
  nodeBlock.set(left, NODE_DOMAIN.length);
  nodeBlock.set(right, NODE_DOMAIN.length + HASH_BYTES);
  return sha256(nodeBlock);
}

/**
 * The tree over the bucket hashes, in one flat array (256 KiB): node 1 is the root, node n has 2n and 2n+1 below it.
 * Setting buckets only marks; the next root or proof hashes what lies above them, once each.
 */
export class HeadsTree {
  readonly #nodes = Buffer.alloc(2 * HEADS_BUCKETS * HASH_BYTES);
  readonly #stale = new Set<number>();

  /** The map without subjects, or a copy. */
  constructor(from: HeadsTree | null = null) {
    if (from === null) {
      for (let bucket = 0; bucket < HEADS_BUCKETS; bucket++) this.setBucket(bucket, bucketHash(bucket, []));
    } else {
      from.#settle();
      this.#nodes.set(from.#nodes);
    }
  }

  /** A copy that grows by itself: set buckets in it inside a transaction, keep it when the transaction holds. */
  clone(): HeadsTree {
    return new HeadsTree(this);
  }

  /** @param hash from `bucketHash`. */
  setBucket(bucket: number, hash: Bytes): void {
    if (!(Number.isInteger(bucket) && bucket >= 0 && bucket < HEADS_BUCKETS) || hash.length !== HASH_BYTES) {
      throw new RangeError(`a bucket is 0 to ${HEADS_BUCKETS - 1}, its hash ${HASH_BYTES} bytes`);
    }
    this.#nodes.set(hash, (HEADS_BUCKETS + bucket) * HASH_BYTES);
    this.#stale.add((HEADS_BUCKETS + bucket) >> 1);
  }

  root(): Buffer {
    this.#settle();
    return Buffer.from(this.#node(1));
  }

  /** The 12 hashes beside the path from a bucket to the root, lowest first. */
  path(bucket: number): Buffer[] {
    this.#settle();
    const path: Buffer[] = [];
    for (let node = HEADS_BUCKETS + bucket; node > 1; node >>= 1) path.push(Buffer.from(this.#node(node ^ 1)));
    return path;
  }

  #settle(): void {
    // A set yields what is added while it is walked, so each level is followed by the one above it.
    for (const node of this.#stale) {
      this.#nodes.set(headsNodeHash(this.#node(2 * node), this.#node(2 * node + 1)), node * HASH_BYTES);
      if (node > 1) this.#stale.add(node >> 1);
    }
    this.#stale.clear();
  }

  #node(node: number): Buffer {
    return this.#nodes.subarray(node * HASH_BYTES, (node + 1) * HASH_BYTES);
  }
}

/** @param pairs of the subject's bucket, as they were when the tree's hash of it was set. */
export function proveHead(tree: HeadsTree, index: Bytes, pairs: readonly HeadPair[]): HeadProof {
  return { bucket: pairs, path: tree.path(bucketOf(index)) };
}

/**
 * Does the proof show, under this heads root, that `head` is the subject's last entry (`NO_HEAD`: that it has none)?
 * Does not throw for any head or proof, however malformed.
 * @param root from the heads leaf that is the last leaf of a checkpoint.
 */
export function verifyHead(root: Bytes, subject: BlindedSubject, head: Head, proof: HeadProof): boolean {
  if (!isHead(head)) return false;
  const bucket = bucketOf(subject.index);
  if (proof.path.length !== HEADS_HEIGHT || !proof.path.every((hash) => hash.length === HASH_BYTES)) return false;
  if (!isBucket(bucket, proof.bucket)) return false;
  let hash = bucketHash(bucket, proof.bucket);
  let node = bucket;
  for (const sibling of proof.path) {
    hash = node % 2 === 1 ? headsNodeHash(sibling, hash) : headsNodeHash(hash, sibling);
    node >>= 1;
  }
  if (!equalBytes(hash, root)) return false;
  const pair = proof.bucket.find(({ index }) => equalBytes(index, subject.index));
  if (head.counter === 0) return pair === undefined && equalBytes(head.commitment, NO_HEAD.commitment);
  return pair !== undefined && equalBytes(pair.value, headValue(subject.blind, head));
}

function isHead({ counter, commitment }: Head): boolean {
  return Number.isInteger(counter) && counter >= 0 && counter <= U48_MAX && commitment.length === COMMITMENT_BYTES;
}

/** Whole pairs of this bucket, strictly ascending by index. */
function isBucket(bucket: number, pairs: readonly HeadPair[]): boolean {
  return pairs.every(({ index, value }, i) => {
    if (index.length !== HASH_BYTES || value.length !== HASH_BYTES || bucketOf(index) !== bucket) return false;
    return i === 0 || asBuffer(pairs[i - 1]!.index).compare(index) < 0;
  });
}
