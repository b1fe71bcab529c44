/**
 * A subject's stored entry, opened and read (spec/log.md sections 4 and 5), apart from the code that writes it.
 */
import { asBuffer, concat, fromUtf8, toBase64url, u48, utf8, type Bytes } from "../../bytes.ts";
import { aesGcmOpen, sha256, type KeyObject } from "../../primitives.ts";

const KINDS = [
  "use",
  "seal",
  "rule",
  "consent",
  "lock",
  "unlock",
  "erasure",
  "export",
  "session",
  "account",
  "connection",
];
const SALT_BYTES = 16;

/** What an entry says; texts that do not apply are null. */
export interface ReadEntry {
  readonly kind: string;
  readonly outcome: "allow" | "deny" | null;
  readonly counter: number;
  readonly previous: Bytes;
  /** ms */
  readonly at: number;
  /** base64url */
  readonly decision: string | null;
  readonly controller: string | null;
  readonly application: string | null;
  readonly type: string | null;
  readonly use: string | null;
  readonly purpose: string | null;
  readonly provenance: string | null;
  readonly reason: string | null;
  readonly rules: readonly string[];
  readonly objects: number;
  readonly digest: string | null;
  readonly detail: string | null;
}

export interface Unsealed {
  readonly commitment: Bytes;
  readonly bytes: Bytes;
}

/** Decrypts a stored entry; null when it does not open under this key and counter. */
export function unseal(sealed: Bytes, counter: number, logKey: KeyObject): Unsealed | null {
  if (sealed[0] !== 1 || sealed.length < 1 + 12 + SALT_BYTES + 16 || !isU48(counter)) return null;
  const additional = concat(utf8("strongroom/log-entry/v1\0"), u48(counter));
  const plaintext = aesGcmOpen(logKey, sealed.subarray(1, 13), sealed.subarray(13), additional);
  if (plaintext === null) return null;
  return { commitment: sha256(plaintext), bytes: plaintext.subarray(SALT_BYTES) };
}

/** Reads an entry's bytes; null when they are not exactly one entry of version 1. */
export function readEntry(bytes: Bytes): ReadEntry | null {
  try {
    return parse(asBuffer(bytes));
  } catch {
    // Cut, or not UTF-8.
    return null;
  }
}

function parse(bytes: Buffer): ReadEntry | null {
  let at = 0;
  const number = (length: number): number => {
    const value = bytes.readUIntBE(at, length);
    at += length;
    return value;
  };
  const raw = (length: number): Buffer => {
    if (at + length > bytes.length) throw new RangeError("cut");
    at += length;
    return bytes.subarray(at - length, at);
  };
  const text = (lengthBytes: number): string | null => fromUtf8(raw(number(lengthBytes))) || null;
  const sized = (length: number): string | null => {
    const given = number(1);
    if (given !== 0 && given !== length) throw new RangeError("length");
    return given === 0 ? null : toBase64url(raw(length));
  };

  if (number(1) !== 1) return null;
  const kind = KINDS[number(1) - 1];
  const outcome = ([null, "allow", "deny"] as const)[number(1)];
  if (kind === undefined || outcome === undefined) return null;
  const entry: ReadEntry = {
    kind,
    outcome,
    counter: number(6),
    previous: raw(32),
    at: number(6),
    decision: sized(16),
    controller: text(1),
    application: text(1),
    type: text(1),
    use: text(1),
    purpose: text(1),
    provenance: text(1),
    reason: text(1),
    rules: Array.from({ length: number(1) }, () => text(1) ?? ""),
    objects: number(4),
    digest: sized(32),
    detail: text(2),
  };
  const decided = entry.outcome !== null || (kind !== "use" && kind !== "seal");
  const linked = entry.previous.every((byte) => byte === 0) === (entry.counter === 1);
  const listed = entry.rules.length <= 16 && !entry.rules.includes("");
  const digested = (entry.digest !== null) === entry.objects > 0;
  const detailed = utf8(entry.detail ?? "").length <= 4096;
  return at === bytes.length && entry.counter > 0 && decided && linked && listed && digested && detailed ? entry : null;
}

function isU48(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 2 ** 48;
}
