/** What the tests of sealed objects share: one lease with fixed keys, and the vectors. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { StrongroomError, type ErrorCode } from "../../src/errors.ts";
import { secretKey } from "../../src/primitives.ts";
import { deriveLeaseKey, sealContext, SealingLease } from "../../src/seal/index.ts";

export const epochKey = secretKey(Buffer.alloc(32, 1));
const leaseId = Buffer.alloc(12, 4);

export function leaseFor(type: string): SealingLease {
  return new SealingLease({
    locator: Buffer.alloc(8, 2),
    relationship: Buffer.alloc(16, 3),
    epoch: 1,
    leaseId,
    type,
    key: deriveLeaseKey(epochKey, type, leaseId),
  });
}

export const lease = leaseFor("identity.given-name");
export const context = sealContext({ table: "customer", column: "given_name", row: 7 });

/** Runs `act`, which must throw a StrongroomError, and returns it. */
export function refusal(act: () => unknown): StrongroomError {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof StrongroomError, `not a StrongroomError: ${String(error)}`);
    return error;
  }
  return assert.fail("nothing was refused");
}

/** Reads the whole, or returns what it was refused with. */
export async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer | ErrorCode> {
  const parts: Uint8Array[] = [];
  try {
    for await (const part of source) parts.push(part);
  } catch (error) {
    assert.ok(error instanceof StrongroomError, `not a StrongroomError: ${String(error)}`);
    return error.code;
  }
  return Buffer.concat(parts);
}

/** A source of pieces of the given sizes, over and over; size 0 is an empty piece. */
export async function* inPieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

export interface ObjectFields {
  readonly name: string;
  readonly epochKey: string;
  readonly locator: string;
  readonly relationship: string;
  readonly epoch: number;
  readonly leaseId: string;
  readonly salt: string;
  readonly type: string;
  readonly context: string | null;
  readonly objectKey: string;
  readonly header: string;
}

export interface TextVectors {
  readonly good: readonly (ObjectFields & {
    readonly plaintext: string;
    readonly leaseKey: string;
    readonly sealed: string;
  })[];
  readonly bad: readonly {
    readonly name: string;
    readonly error: ErrorCode;
    readonly sealed: string;
    readonly objectKey: string;
    readonly context: string | null;
    readonly expectedType: string | null;
    readonly expectedRelationship: string | null;
  }[];
  readonly places: readonly {
    readonly table: string;
    readonly column: string;
    readonly row: string;
    readonly context: string;
  }[];
}

export interface StreamVectors {
  readonly good: readonly (ObjectFields & {
    readonly plaintextBytes: number;
    readonly streamBytes: number;
    readonly streamSha256: string;
    readonly stream?: string;
  })[];
  readonly bad: readonly {
    readonly name: string;
    readonly error: ErrorCode;
    readonly from: string;
    readonly ranges: readonly (readonly [number, number])[];
    readonly append: string;
    readonly flip: number | null;
  }[];
}

export function vectorFile(name: string): string {
  return readFileSync(new URL(`../../../../spec/vectors/${name}`, import.meta.url), "utf8");
}

export const hex = (text: string): Buffer => Buffer.from(text, "hex");
export const hexOrUndefined = (text: string | null): Buffer | undefined => (text === null ? undefined : hex(text));

export function flipped(bytes: Uint8Array, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}
