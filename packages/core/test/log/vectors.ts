/** Vectors of spec/log.md, made by a second implementation. */
import { readFileSync } from "node:fs";
import type { Entry } from "../../src/log/index.ts";

type Hex = string;
export interface WrittenEntry extends Omit<Entry, "previous" | "decision" | "digest"> {
  readonly previous: Hex;
  readonly decision: Hex | null;
  readonly digest: Hex | null;
}

export interface LogVectors {
  tree: {
    leaves: Hex[];
    roots: Hex[];
    inclusion: { index: number; size: number; proof: Hex[] }[];
    consistency: { from: number; to: number; proof: Hex[] }[];
  };
  bigTree: {
    size: number;
    roots: Record<string, Hex>;
    tileCounts: number[];
    tiles: { path: string; sha256: Hex }[];
    inclusion: { index: number; proof: Hex[] }[];
    consistency: { from: number; proof: Hex[] }[];
  };
  tilePaths: { good: [number | "entries", number, number, string][]; bad: string[] };
  leaves: { good: { hex: Hex; leaf: Record<string, unknown>; leafHash: Hex }[]; bad: { name: string; hex: Hex }[] };
  bundle: { width: number; hex: Hex; leaves: Hex[]; bad: { name: string; width: number; hex: Hex }[] };
  objectsDigest: { headers: Hex[]; digest: Hex };
  entries: {
    good: { entry: WrittenEntry; salt: Hex; bytes: Hex; commitment: Hex }[];
    bad: { name: string; hex: Hex; code: string }[];
  };
  sealedEntries: {
    logKey: Hex;
    good: { counter: number; nonce: Hex; salt: Hex; bytes: Hex; sealed: Hex }[];
    bad: { name: string; counter: number; sealed: Hex }[];
  };
  heads: {
    emptyRoot: Hex;
    emptyBucketHashes: Record<string, Hex>;
    pairs: [Hex, Hex][];
    root: Hex;
    cases: {
      logKey: Hex;
      index: Hex;
      bucket: number;
      counter: number;
      commitment: Hex;
      value: Hex | null;
      proof: WrittenHeadProof;
    }[];
  };
  external: {
    signed: { signerKey: string; verifierKey: string; text: string; line: string }[];
    notes: { source: string; verifierKeys: string[]; note: string }[];
    checkpoints: { logKey: string; witnessKeys: string[]; origin: string; size: number; root: Hex; note: string }[];
  };
  keys: { log: { signerKey: string; verifierKey: string }; witness: { signerKey: string; verifierKey: string } };
  promise: { origin: string; at: number; decision: Hex; entries: [number, Hex][]; signedBytes: Hex; signature: Hex };
  log: {
    files: Record<string, string>;
    remembered: string;
    subject: {
      logKey: Hex;
      entries: { counter: number; index: number; sealed: Hex }[];
      head: { counter: number; commitment: Hex } & WrittenHeadProof;
    };
  };
}

export interface WrittenHeadProof {
  bucket: [Hex, Hex][];
  path: Hex[];
}

const file = new URL("../../../../spec/vectors/log.json", import.meta.url);
export const vectors = JSON.parse(readFileSync(file, "utf8")) as LogVectors;

export const hex = (text: Hex): Buffer => Buffer.from(text, "hex");

export function entryOf(written: WrittenEntry): Entry {
  return {
    ...written,
    previous: hex(written.previous),
    decision: written.decision === null ? null : hex(written.decision),
    digest: written.digest === null ? null : hex(written.digest),
  };
}
