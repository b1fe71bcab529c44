/**
 * Reads a signed checkpoint with pinned keys (C2SP signed-note, tlog-checkpoint, tlog-cosignature).
 */
import { createPublicKey } from "node:crypto";
import { concat, fromBase64, fromUtf8, toBase64url, utf8, type Bytes } from "../../bytes.ts";
import { StrongroomError } from "../../errors.ts";
import { ed25519Verify, sha256, type KeyObject } from "../../primitives.ts";

const NOTE_BYTES_MAX = 1_000_000;
const SIGNATURES_MAX = 100;
const LOG_KEY = 1;
const WITNESS_KEY = 4;
const SIGNATURE_LINE = /^\u2014 \S+ \S+$/;

/** A pinned key of type 1 (log) or 4 (witness). */
export interface PinnedKey {
  readonly name: string;
  readonly type: number;
  /** As in signature lines: 4 bytes, hexadecimal. */
  readonly id: string;
  readonly publicKey: KeyObject;
}

export interface ReadCheckpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Bytes;
  /** Known witnesses that cosigned, with the time each gave, in seconds. */
  readonly witnesses: readonly { readonly name: string; readonly at: number }[];
}

export interface RefusedCheckpoint {
  readonly code: "audit.bad-checkpoint" | "audit.bad-signature";
  readonly why: string;
}

/** @throws StrongroomError `note.bad-key`: the pinned text itself is wrong. */
export function pinnedKey(text: string): PinnedKey {
  const first = text.indexOf("+");
  const second = text.indexOf("+", first + 1);
  const name = text.slice(0, Math.max(first, 0));
  const id = text.slice(first + 1, Math.max(second, 0));
  try {
    const material = fromBase64(text.slice(second + 1));
    const type = material[0];
    const raw = material.subarray(1);
    const expected = sha256(concat(utf8(`${name}\n`), material)).toString("hex", 0, 4);
    if (name !== "" && raw.length === 32 && (type === LOG_KEY || type === WITNESS_KEY) && id === expected) {
      const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: toBase64url(raw) }, format: "jwk" });
      return { name, type, id, publicKey };
    }
  } catch {
    // Not base64, or not text: the same answer as for what is base64 but no key.
  }
  throw new StrongroomError("note.bad-key", "a pinned key is name+id+base64 of an Ed25519 log or witness key");
}

/** @param log pinned key of the log, whose name is its origin. */
export function readCheckpoint(
  note: Bytes | string,
  log: PinnedKey,
  witnesses: readonly PinnedKey[] = [],
): ReadCheckpoint | RefusedCheckpoint {
  const whole = textOf(note) ?? "";
  // Signature lines are the block after the last empty line.
  const split = whole.lastIndexOf("\n\n");
  const text = whole.slice(0, split + 1);
  const lines = whole.slice(split + 2, -1).split("\n");
  if (split < 0 || !whole.endsWith("\n") || !lines.every((line) => SIGNATURE_LINE.test(line))) {
    return { code: "audit.bad-checkpoint", why: "it is not a signed note" };
  }
  if (lines.length > SIGNATURES_MAX) return { code: "audit.bad-checkpoint", why: "it has too many signatures" };

  let signedByLog = false;
  const seen = new Map<string, number>();
  for (const line of lines) {
    const [, name, encoded] = line.split(" ") as [string, string, string];
    const bytes = decoded(encoded);
    if (bytes === null || bytes.length < 5)
      return { code: "audit.bad-checkpoint", why: "a signature line is malformed" };
    const key = [log, ...witnesses].find((known) => known.name === name && known.id === bytes.toString("hex", 0, 4));
    if (key === undefined) continue;
    if (!fits(key, text, bytes.subarray(4))) {
      return { code: "audit.bad-signature", why: `the signature by ${key.name} does not fit` };
    }
    if (key === log) signedByLog = true;
    else seen.set(key.name, Math.max(seen.get(key.name) ?? 0, timeOf(bytes.subarray(4))));
  }
  if (!signedByLog) return { code: "audit.bad-signature", why: "the log's key did not sign it" };

  const [origin, size, root] = text.split("\n");
  if (origin !== log.name) return { code: "audit.bad-signature", why: "it is of another log" };
  const rootBytes = decoded(root ?? "");
  const count = /^(?:0|[1-9]\d{0,14})$/.test(size ?? "") ? Number(size) : 2 ** 48;
  if (count >= 2 ** 48 || rootBytes?.length !== 32)
    return { code: "audit.bad-checkpoint", why: "size or root is malformed" };
  return { origin, size: count, root: rootBytes, witnesses: [...seen].map(([name, at]) => ({ name, at })) };
}

export function isRefused(checkpoint: ReadCheckpoint | RefusedCheckpoint): checkpoint is RefusedCheckpoint {
  return "code" in checkpoint;
}

/** A log signs the text; a witness the text below its name of the format and the time, which stands before the signature. */
function fits(key: PinnedKey, text: string, signature: Buffer): boolean {
  if (key.type === LOG_KEY) return ed25519Verify(key.publicKey, utf8(text), signature);
  if (signature.length !== 72) return false;
  return ed25519Verify(
    key.publicKey,
    utf8(`cosignature/v1\ntime ${signature.readBigUInt64BE(0)}\n${text}`),
    signature.subarray(8),
  );
}

function timeOf(signature: Buffer): number {
  return Number(signature.readBigUInt64BE(0));
}

function textOf(note: Bytes | string): string | null {
  if (note.length > NOTE_BYTES_MAX) return null;
  try {
    const bytes = typeof note === "string" ? utf8(note) : note;
    return bytes.some((byte) => byte < 0x20 && byte !== 0x0a) ? null : fromUtf8(bytes);
  } catch {
    return null;
  }
}

function decoded(base64: string): Buffer | null {
  try {
    return fromBase64(base64);
  } catch {
    return null;
  }
}
