/**
 * An entry as it is made and stored: salted, committed to, and encrypted under the subject's log key (spec/log.md sections 4 and 5).
 */
import { asBuffer, utf8, type Bytes } from "../bytes.ts";
import { StrongroomError } from "../errors.ts";
import { aesGcmOpen, aesGcmSeal, NONCE_BYTES, randomBytes, sha256, TAG_BYTES, type KeyObject } from "../primitives.ts";
import { commitmentOf, decodeEntry, ENTRY_BYTES_MAX, SALT_BYTES, writeEntry, type Entry } from "./entry.ts";

const VERSION = 1;
const DOMAIN = utf8("strongroom/log-entry/v1\0");
/** Longest sealed entry, bytes. */
export const SEALED_ENTRY_BYTES_MAX = 1 + NONCE_BYTES + SALT_BYTES + ENTRY_BYTES_MAX + TAG_BYTES;

/** Source of fresh random bytes; each byte is given out once. */
export type RandomSource = (count: number) => Bytes;

export interface SealedEntry {
  /** For the public leaf, and `previous` of the subject's next entry. */
  readonly commitment: Bytes;
  /** For the store. */
  readonly sealed: Bytes;
}

export interface OpenedEntry {
  readonly entry: Entry;
  readonly salt: Bytes;
  /** What the commitment was made of, after the salt. */
  readonly bytes: Bytes;
  readonly commitment: Bytes;
}

const plaintext = Buffer.alloc(SALT_BYTES + ENTRY_BYTES_MAX);

/**
 * Encodes, commits to and encrypts an entry. The salt and the nonce are drawn here, so that neither is used twice.
 * @throws StrongroomError `log.bad-entry`
 */
export function sealEntry(entry: Entry, logKey: KeyObject, random: RandomSource = randomBytes): SealedEntry {
  const drawn = random(SALT_BYTES + NONCE_BYTES);
  plaintext.set(drawn.subarray(0, SALT_BYTES));
  const whole = plaintext.subarray(0, writeEntry(entry, plaintext, SALT_BYTES));
  const nonce = drawn.subarray(SALT_BYTES);
  const body = aesGcmSeal(logKey, nonce, whole, additionalData(entry.counter));
  const sealed = Buffer.allocUnsafe(1 + NONCE_BYTES + body.length);
  sealed[0] = VERSION;
  sealed.set(nonce, 1);
  sealed.set(body, 1 + NONCE_BYTES);
  const commitment = sha256(whole);
  // The salt must not outlive the call: it is what hides a guessed entry.
  whole.fill(0);
  return { commitment, sealed };
}

/**
 * Opens a stored entry. @param counter the counter that the store says it has.
 * @throws StrongroomError `log.entry-unreadable`, `log.bad-entry`, `log.unknown-entry-version`
 */
export function openEntry(sealed: Bytes, counter: number, logKey: KeyObject): OpenedEntry {
  const body = asBuffer(sealed);
  if (
    body[0] !== VERSION ||
    body.length > SEALED_ENTRY_BYTES_MAX ||
    body.length < 1 + NONCE_BYTES + SALT_BYTES + TAG_BYTES
  ) {
    throw unreadable();
  }
  const nonce = body.subarray(1, 1 + NONCE_BYTES);
  const whole = aesGcmOpen(logKey, nonce, body.subarray(1 + NONCE_BYTES), additionalData(counter));
  if (whole === null) throw unreadable();
  const salt = whole.subarray(0, SALT_BYTES);
  const bytes = whole.subarray(SALT_BYTES);
  const entry = decodeEntry(bytes);
  if (entry.counter !== counter) throw unreadable();
  return { entry, salt, bytes, commitment: commitmentOf(salt, bytes) };
}

function additionalData(counter: number): Buffer {
  const data = Buffer.allocUnsafe(DOMAIN.length + 6);
  data.set(DOMAIN);
  data.writeUIntBE(counter, DOMAIN.length, 6);
  return data;
}

function unreadable(): StrongroomError {
  return new StrongroomError("log.entry-unreadable", "a sealed entry does not open under this log key and counter");
}
