/** A log as an agent would write it, in memory, with its files as a source for the reader. Seeded: no run differs. */
import {
  blindedSubject,
  bucketHash,
  bucketOf,
  bundlesOf,
  encodeBundle,
  encodeEntryLeaf,
  encodeHeadsLeaf,
  headValue,
  HeadsTree,
  leafHash,
  NO_HEAD,
  parseSignerKey,
  proveHead,
  sealEntry,
  signCheckpoint,
  TileEdge,
  tilePath,
  type Entry,
  type Head,
  type HeadPair,
} from "../../src/log/index.ts";
import { u32, type Bytes } from "../../src/bytes.ts";
import { secretKey, sha256, type KeyObject } from "../../src/primitives.ts";
import type { LogSource, ShownEntry, ShownHead } from "../../src/log/reader/index.ts";
import { vectors } from "./vectors.ts";

export const signer = parseSignerKey(vectors.keys.log.signerKey);
export const START = 1_753_000_000_000;

export interface WrittenSubject {
  readonly key: KeyObject;
  head: Head;
  readonly shown: ShownEntry[];
}

export class WrittenLog {
  readonly files = new Map<string, Bytes>();
  readonly leaves: Bytes[] = [];
  readonly subjects: WrittenSubject[];
  #edge = TileEdge.empty();
  readonly #heads = new HeadsTree();
  readonly #buckets = new Map<number, HeadPair[]>();
  #publishedSize = 0;
  #drawn = 0;
  readonly #seed: number;

  constructor(subjects: number, seed = 1) {
    this.#seed = seed;
    this.subjects = Array.from({ length: subjects }, (_, i) => ({
      key: secretKey(sha256(u32(seed * 1000 + i))),
      head: NO_HEAD,
      shown: [],
    }));
  }

  readonly random = (count: number): Bytes =>
    sha256(Buffer.concat([u32(this.#seed), u32(this.#drawn++)])).subarray(0, count);

  append(leaf: Bytes): number {
    this.#edge.append(leafHash(leaf));
    return this.leaves.push(leaf) - 1;
  }

  /** One more entry of a subject, right in the chain unless `change` says otherwise. */
  use(subject: WrittenSubject, change: Partial<Entry> = {}): number {
    const entry: Entry = {
      kind: "use",
      outcome: "allow",
      counter: subject.head.counter + 1,
      previous: subject.head.commitment,
      at: START + this.leaves.length,
      decision: sha256(u32(this.leaves.length)).subarray(0, 16),
      controller: "c_shop",
      application: "a_orders",
      type: "home-contact.street-address",
      use: "package.send",
      purpose: "contractual",
      provenance: null,
      reason: null,
      rules: ["r_1"],
      objects: 1,
      digest: sha256(u32(7)),
      detail: null,
      ...change,
    };
    const { sealed, commitment } = sealEntry(entry, subject.key, this.random);
    const index = this.append(encodeEntryLeaf(commitment));
    subject.head = { counter: entry.counter, commitment };
    subject.shown.push({ counter: entry.counter, index, sealed });
    return index;
  }

  /** Heads leaf, tiles, checkpoint. @returns the note. */
  publish(options: { heads?: boolean } = {}): string {
    if (options.heads !== false) this.append(encodeHeadsLeaf(this.headsRoot()));
    for (const { tile, bytes } of this.#edge.takeTiles()) this.files.set(tilePath(tile), bytes);
    for (const bundle of bundlesOf(this.size, this.#publishedSize)) {
      const start = bundle.index * 256;
      this.files.set(tilePath(bundle), encodeBundle(this.leaves.slice(start, start + bundle.width)));
    }
    this.#publishedSize = this.size;
    const note = signCheckpoint({ size: this.size, root: this.#edge.root() }, signer);
    this.files.set("checkpoint", Buffer.from(note));
    return note;
  }

  get size(): number {
    return this.leaves.length;
  }

  headsRoot(): Bytes {
    for (const { key, head } of this.subjects) {
      if (head.counter === 0) continue;
      const { index, blind } = blindedSubject(key);
      const bucket = bucketOf(index);
      const others = (this.#buckets.get(bucket) ?? []).filter((pair) => !Buffer.from(pair.index).equals(index));
      const pairs = [...others, { index, value: headValue(blind, head) }].sort((a, b) =>
        Buffer.compare(a.index, b.index),
      );
      this.#buckets.set(bucket, pairs);
      this.#heads.setBucket(bucket, bucketHash(bucket, pairs));
    }
    return this.#heads.root();
  }

  /** The subject's head proof under the last checkpoint, if nothing was appended since. */
  prove({ key, head }: WrittenSubject): ShownHead {
    const { index } = blindedSubject(key);
    const { bucket, path } = proveHead(this.#heads, index, this.#buckets.get(bucketOf(index)) ?? []);
    return { ...head, path, bucket: bucket.map((pair) => [pair.index, pair.value] as const) };
  }

  get source(): LogSource {
    return sourceOf(this.files);
  }
}

export function sourceOf(files: ReadonlyMap<string, Bytes>): LogSource {
  return { read: (path) => Promise.resolve(files.get(path) ?? null) };
}

/** `uses` entries over `subjects` in turn, with a checkpoint after each of the given sizes. */
export function writtenLog(
  subjects: number,
  uses: number,
  options: { seed?: number; checkpointAfter?: readonly number[] } = {},
): { log: WrittenLog; notes: string[] } {
  const log = new WrittenLog(subjects, options.seed);
  const notes: string[] = [];
  for (let i = 0; i < uses; i++) {
    log.use(log.subjects[i % subjects]!);
    if (options.checkpointAfter?.includes(i + 1)) notes.push(log.publish());
  }
  notes.push(log.publish());
  return { log, notes };
}
