/** What the vectors of texts and of streams share: fixed fields, and how they are written down. */
import { createHash } from "node:crypto";
import type { ReferenceFields } from "../../packages/core/test/seal/reference.ts";

/** Fixed bytes that look random. */
export function fixed(name: string, bytes: number): Buffer {
  return createHash("sha256").update(`strongroom vectors: ${name}`).digest().subarray(0, bytes);
}

export const epochKey = fixed("epoch key", 32);

export function fields(name: string, over: Partial<ReferenceFields> = {}): ReferenceFields {
  return {
    locator: fixed("locator", 8),
    relationship: fixed("relationship", 16),
    epoch: 1,
    leaseId: fixed("lease", 12),
    salt: fixed(`salt of ${name}`, 16),
    type: "identity.given-name",
    ...over,
  };
}

/** Section 4 of the page. */
export function place(table: string, column: string, row: string): Buffer {
  const parts = [table, column, row].map((text) => Buffer.from(text, "utf8"));
  return Buffer.concat(parts.flatMap((part) => [Buffer.from([part.length >> 8, part.length & 255]), part]));
}

export const hex = (bytes: Buffer): string => bytes.toString("hex");
export const hexOrNull = (bytes: Buffer | undefined): string | null => (bytes === undefined ? null : hex(bytes));

export function describe(of: ReferenceFields): Record<string, unknown> {
  return {
    locator: hex(of.locator),
    relationship: hex(of.relationship),
    epoch: of.epoch,
    leaseId: hex(of.leaseId),
    salt: hex(of.salt),
    type: of.type,
  };
}

/** Where the bound objects live. */
export const home = place("customer", "surname", "7");
