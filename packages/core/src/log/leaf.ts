/**
 * Leaves: all that the public sees of an entry, an erasure or the heads (spec/log.md section 3).
 */
import { asBuffer, type Bytes } from "../bytes.ts";
import { StrongroomError } from "../errors.ts";
import { HASH_BYTES } from "./tree.ts";

export const COMMITMENT_BYTES = 32;
export const KEY_ID_BYTES = 16;
/** No leaf is longer. */
export const LEAF_BYTES_MAX = 33;
/** Times and positions are u48. */
export const U48_MAX = 2 ** 48 - 1;

/** What the destroyed key of a tombstone was. The order is the format: append only. */
export const KEY_KINDS = ["root", "log", "relationship", "epoch"] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

export type Leaf = EntryLeaf | TombstoneLeaf | HeadsLeaf;

/** Somebody's entry, as nothing but its salted commitment. */
export interface EntryLeaf {
  readonly kind: "entry";
  readonly commitment: Bytes;
}

/** A key was destroyed: a restored older store learns from it what it must destroy again. */
export interface TombstoneLeaf {
  readonly kind: "tombstone";
  readonly keyKind: KeyKind;
  readonly keyId: Bytes;
  /** Time of the erasure, ms. */
  readonly at: number;
}

/** Root of the heads map over all entries before this leaf. */
export interface HeadsLeaf {
  readonly kind: "heads";
  readonly root: Bytes;
}

const ENTRY = 0x00;
const TOMBSTONE = 0x01;
const HEADS = 0x02;
const TOMBSTONE_BYTES = 2 + KEY_ID_BYTES + 6;

export function encodeEntryLeaf(commitment: Bytes): Buffer {
  return tagged(ENTRY, commitment, COMMITMENT_BYTES);
}

export function encodeHeadsLeaf(root: Bytes): Buffer {
  return tagged(HEADS, root, HASH_BYTES);
}

export function encodeTombstoneLeaf(tombstone: Omit<TombstoneLeaf, "kind">): Buffer {
  if (tombstone.keyId.length !== KEY_ID_BYTES) throw new RangeError(`a key id has ${KEY_ID_BYTES} bytes`);
  const keyKind = KEY_KINDS.indexOf(tombstone.keyKind) + 1;
  if (keyKind === 0) throw new RangeError("unknown kind of key");
  const leaf = Buffer.alloc(TOMBSTONE_BYTES);
  leaf[0] = TOMBSTONE;
  leaf[1] = keyKind;
  leaf.set(tombstone.keyId, 2);
  leaf.writeUIntBE(tombstone.at, 2 + KEY_ID_BYTES, 6);
  return leaf;
}

/** @throws StrongroomError `log.bad-leaf` for anything that is not one of the three, byte for byte. */
export function decodeLeaf(leaf: Bytes): Leaf {
  const bytes = asBuffer(leaf);
  const kind = bytes[0];
  if (kind === ENTRY && bytes.length === 1 + COMMITMENT_BYTES) return { kind: "entry", commitment: copy(bytes, 1) };
  if (kind === HEADS && bytes.length === 1 + HASH_BYTES) return { kind: "heads", root: copy(bytes, 1) };
  if (kind === TOMBSTONE && bytes.length === TOMBSTONE_BYTES) {
    const keyKind = KEY_KINDS[bytes[1]! - 1];
    if (keyKind !== undefined) {
      const keyId = copy(bytes, 2, 2 + KEY_ID_BYTES);
      return { kind: "tombstone", keyKind, keyId, at: bytes.readUIntBE(2 + KEY_ID_BYTES, 6) };
    }
  }
  throw new StrongroomError("log.bad-leaf", "unknown kind of leaf, or not the length of its kind");
}

function tagged(kind: number, hash: Bytes, length: number): Buffer {
  if (hash.length !== length) throw new RangeError(`a leaf of kind ${kind} holds ${length} bytes`);
  const leaf = Buffer.allocUnsafe(1 + length);
  leaf[0] = kind;
  leaf.set(hash, 1);
  return leaf;
}

/** A copy, so that a leaf does not keep the whole bundle in memory that it was cut from. */
function copy(bytes: Buffer, from: number, until = bytes.length): Buffer {
  return Buffer.from(bytes.subarray(from, until));
}
