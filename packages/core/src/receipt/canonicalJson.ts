/**
 * JSON in one form only (RFC 8785), restricted to what receipts need: no fractions, no negative numbers.
 * What is signed is then the same bytes for whoever writes them.
 */
import { fromUtf8, utf8, type Bytes } from "../bytes.ts";
import { StrongroomError } from "../errors.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };

/** Receipts are flat; anything deeper is not one. */
const DEPTH_MAX = 8;

/** @throws StrongroomError `receipt.malformed` for a value that has no such form. */
export function encodeCanonical(value: Json): Buffer {
  return utf8(write(value, 0));
}

/** @throws StrongroomError `receipt.malformed` unless the bytes are exactly what encoding their value gives. */
export function decodeCanonical(bytes: Bytes): Json {
  let text: string;
  let value: Json;
  try {
    text = fromUtf8(bytes);
    value = JSON.parse(text) as Json;
  } catch {
    throw malformed("the statement is not JSON");
  }
  if (write(value, 0) !== text) throw malformed("the statement is not in its canonical form");
  return value;
}

function write(value: Json, depth: number): string {
  if (depth > DEPTH_MAX) throw malformed("the statement is nested too deeply");
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw malformed("a text holds a lone surrogate");
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value) || value < 0 || Object.is(value, -0))
      throw malformed("numbers are integers from 0");
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => write(item as Json, depth + 1)).join(",")}]`;
  if (typeof value !== "object") throw malformed("the statement holds what is not JSON");
  const object = value as { readonly [member: string]: Json };
  // Sorting by UTF-16 code units is what RFC 8785 asks, and what sort() does.
  const members = Object.keys(object).sort();
  return `{${members.map((name) => `${write(name, depth + 1)}:${write(object[name] as Json, depth + 1)}`).join(",")}}`;
}

function malformed(message: string): StrongroomError {
  return new StrongroomError("receipt.malformed", message);
}
