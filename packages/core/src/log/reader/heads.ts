/** The heads map as the reader computes it (spec/log.md section 7). */
import { asBuffer, concat, u16, u32, u48, utf8, type Bytes } from "../../bytes.ts";
import { equalBytes, hmacSha256, sha256, type KeyObject } from "../../primitives.ts";

export interface ShownHead {
  /** Counter and commitment of the entry that is said to be the last; 0 and zeros: there is none. */
  readonly counter: number;
  readonly commitment: Bytes;
  /** `[blinded index, value]`, the whole bucket. */
  readonly bucket: readonly (readonly [Bytes, Bytes])[];
  /** 12 hashes, lowest first. */
  readonly path: readonly Bytes[];
}

export interface SubjectPlace {
  readonly index: Bytes;
  readonly blind: Bytes;
}

export function placeOf(logKey: KeyObject): SubjectPlace {
  return {
    index: hmacSha256(logKey, utf8("strongroom/heads-index/v1")),
    blind: hmacSha256(logKey, utf8("strongroom/heads-blind/v1")),
  };
}

/** The root that a proof leads to for this subject; null when it is malformed. */
export function rootOfProof(place: SubjectPlace, { bucket, path }: ShownHead): Bytes | null {
  const number = asBuffer(place.index).readUInt16BE(0) >> 4;
  const sizes = [...bucket.flat(), ...path].every((hash) => hash.length === 32);
  if (!sizes || path.length !== 12) return null;
  const sorted = bucket.every(([index], i) => {
    const own = asBuffer(index).readUInt16BE(0) >> 4 === number;
    return own && (i === 0 || Buffer.compare(bucket[i - 1]![0], index) < 0);
  });
  if (!sorted) return null;
  const content = concat(utf8("strongroom/heads-bucket/v1\0"), u16(number), u32(bucket.length), ...bucket.flat());
  // The bits of the bucket's number, from the lowest, say on which side the path comes from.
  return path.reduce<Bytes>((below, beside, level) => {
    const pair = (number >> level) & 1 ? [beside, below] : [below, beside];
    return sha256(concat(utf8("strongroom/heads-node/v1\0"), ...pair));
  }, sha256(content));
}

/** The subject's value in the bucket; null when it is not there. */
export function valueIn({ bucket }: ShownHead, place: SubjectPlace): Bytes | null {
  return bucket.find(([index]) => equalBytes(index, place.index))?.[1] ?? null;
}

export function valueOf(place: SubjectPlace, counter: number, commitment: Bytes): Bytes {
  return sha256(concat(place.blind, u48(counter), commitment));
}
