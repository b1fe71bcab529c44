/**
 * Byte strings: strict text encodings and fixed-width integers.
 * Decoders refuse what is not canonical: two different texts never decode to the same bytes.
 */
import { StrongroomError } from "./errors.ts";

export type Bytes = Uint8Array;

/** Base64url without padding (RFC 4648 section 5). */
export function toBase64url(bytes: Bytes): string {
  return asBuffer(bytes).toString("base64url");
}

const BASE64URL = /^[A-Za-z0-9_-]*$/;
/** Characters that may end a text of 2 or 3 characters past a multiple of 4: those whose spare bits are zero. */
const LAST_OF_2 = "AQgw";
const LAST_OF_3 = "AEIMQUYcgkosw048";

/**
 * Decodes canonical base64url without padding.
 * @throws StrongroomError `encoding.not-canonical` on any other alphabet, padding, length, or non-zero spare bits.
 */
export function fromBase64url(text: string): Buffer {
  const bytes = Buffer.from(text, "base64url");
  // Node's decoder skips or folds what it does not know: the alphabet and the spare bits are checked beside it.
  const over = text.length % 4;
  const last = text.length === 0 ? "" : text[text.length - 1]!;
  const canonical =
    over !== 1 && BASE64URL.test(text) && (over === 0 || (over === 2 ? LAST_OF_2 : LAST_OF_3).includes(last));
  if (!canonical) throw new StrongroomError("encoding.not-canonical", "not canonical base64url without padding");
  return bytes;
}

/** Standard base64 with padding (C2SP notes use it), strictly canonical. */
export function fromBase64(text: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) {
    throw new StrongroomError("encoding.not-canonical", "not canonical base64");
  }
  return bytes;
}

export function toBase64(bytes: Bytes): string {
  return asBuffer(bytes).toString("base64");
}

export function toHex(bytes: Bytes): string {
  return asBuffer(bytes).toString("hex");
}

export function fromHex(text: string): Buffer {
  const bytes = Buffer.from(text, "hex");
  if (bytes.toString("hex") !== text) {
    throw new StrongroomError("encoding.not-canonical", "not canonical lower-case hexadecimal");
  }
  return bytes;
}

/** UTF-8 bytes of a text. A lone surrogate cannot be encoded and is refused: it would not come back. */
export function utf8(text: string): Buffer {
  if (!text.isWellFormed()) throw new StrongroomError("encoding.not-text", "text holds a lone surrogate");
  return Buffer.from(text, "utf8");
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @throws StrongroomError `encoding.not-text` where the bytes are not UTF-8. */
export function fromUtf8(bytes: Bytes): string {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    throw new StrongroomError("encoding.not-text", "bytes are not UTF-8");
  }
}

export function concat(...parts: Bytes[]): Buffer {
  return Buffer.concat(parts);
}

export function u16(value: number): Buffer {
  const out = Buffer.allocUnsafe(2);
  out.writeUInt16BE(value);
  return out;
}

export function u32(value: number): Buffer {
  const out = Buffer.allocUnsafe(4);
  out.writeUInt32BE(value);
  return out;
}

/** Milliseconds since 1970 and log positions fit in 48 bits. */
export function u48(value: number): Buffer {
  const out = Buffer.allocUnsafe(6);
  out.writeUIntBE(value, 0, 6);
  return out;
}

export function u64(value: bigint | number): Buffer {
  const out = Buffer.allocUnsafe(8);
  out.writeBigUInt64BE(BigInt(value));
  return out;
}

/** A Buffer over the same memory (no copy). */
export function asBuffer(bytes: Bytes): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
