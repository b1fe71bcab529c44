/** What an object is bound to outside itself: spec/sealed-object.md section 4. */
import { utf8, type Bytes } from "../bytes.ts";
import { StrongroomError } from "../errors.ts";
import { equalBytes, sha256 } from "../primitives.ts";
import { CONTEXT_TAG_BYTES, SALT_BYTES, type SealedHeader } from "./header.ts";

export const CONTEXT_BYTES_MAX = 4_096;

/** A place in a database. The row should be a surrogate id: the agent could test guesses of it. */
export interface Place {
  readonly table: string;
  readonly column: string;
  /** 7, 7n and "7" are the same row. */
  readonly row: string | number | bigint;
}

/**
 * The context of a place, such that no two places have the same bytes.
 * @throws StrongroomError `seal.bad-context` where a part is empty or too long, or the row is a number that
 *   is not a safe integer; `encoding.not-text`.
 */
export function sealContext(place: Place): Buffer {
  if (typeof place.row === "number" && !Number.isSafeInteger(place.row))
    throw badContext("a row number is not a safe integer");
  const parts: Buffer[] = [];
  for (const text of [place.table, place.column, String(place.row)]) {
    const bytes = utf8(text);
    if (bytes.length === 0 || bytes.length > CONTEXT_BYTES_MAX)
      throw badContext("a part of the place is empty or too long");
    parts.push(Buffer.from([bytes.length >>> 8, bytes.length & 0xff]), bytes);
  }
  const context = Buffer.concat(parts);
  checkContext(context);
  return context;
}

/** @throws StrongroomError `seal.bad-context`. */
export function checkContext(context: Bytes | undefined): void {
  if (context !== undefined && (context.length === 0 || context.length > CONTEXT_BYTES_MAX)) {
    throw badContext(`a context has 1 to ${CONTEXT_BYTES_MAX} bytes`);
  }
}

/** Tells a moved object from a damaged one; protects nothing. */
export function contextTagOf(salt: Bytes, context: Bytes): Buffer {
  const input = Buffer.allocUnsafe(SALT_BYTES + context.length);
  input.set(salt);
  input.set(context, SALT_BYTES);
  return sha256(input).subarray(0, CONTEXT_TAG_BYTES);
}

export function contextTagFits(header: SealedHeader, context: Bytes): boolean {
  return header.contextTag !== null && equalBytes(header.contextTag, contextTagOf(header.salt, context));
}

/** Additional data of the encryption. */
export function additionalData(header: SealedHeader, context: Bytes | undefined): Buffer {
  return context === undefined ? header.bytes : Buffer.concat([header.bytes, context]);
}

function badContext(message: string): StrongroomError {
  return new StrongroomError("seal.bad-context", message);
}
