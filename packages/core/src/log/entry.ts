/**
 * Entries: what the subject reads about one thing that happened (spec/log.md section 4), and their commitments.
 * Encoding is on the path of every release: it writes into a buffer that is used again and again.
 */
import { asBuffer, fromUtf8, u16, utf8, type Bytes } from "../bytes.ts";
import { StrongroomError } from "../errors.ts";
import { sha256 } from "../primitives.ts";
import { COMMITMENT_BYTES, U48_MAX } from "./leaf.ts";

export const ENTRY_VERSION = 1;
export const SALT_BYTES = 16;
export const DECISION_BYTES = 16;
/** Rule ids kept in an entry; the rest of the rules that mattered is left out. */
export const ENTRY_RULES_MAX = 16;
export const ENTRY_TEXT_BYTES_MAX = 255;
export const ENTRY_DETAIL_BYTES_MAX = 4096;
const DIGEST_BYTES = 32;

/** Kinds of entries; the order is the format: append only. */
export const ENTRY_KINDS = [
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
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

const OUTCOMES = ["allow", "deny"] as const;
export type EntryOutcome = (typeof OUTCOMES)[number];

/** `null` everywhere means: does not apply. */
export interface Entry {
  readonly kind: EntryKind;
  /** Never null for `use` and `seal`. */
  readonly outcome: EntryOutcome | null;
  /** The subject's own, from 1, without gaps. */
  readonly counter: number;
  /** Commitment of the subject's entry before; `FIRST_PREVIOUS` when counter is 1. */
  readonly previous: Bytes;
  /** ms */
  readonly at: number;
  readonly decision: Bytes | null;
  readonly controller: string | null;
  readonly application: string | null;
  readonly type: string | null;
  readonly use: string | null;
  readonly purpose: string | null;
  readonly provenance: string | null;
  /** For a denial why; for the other kinds what happened. */
  readonly reason: string | null;
  /** Ids of the rules that mattered, at most `ENTRY_RULES_MAX`. */
  readonly rules: readonly string[];
  /** How many sealed objects it is about. */
  readonly objects: number;
  /** `objectsDigest` of their headers; null exactly when there are none. */
  readonly digest: Bytes | null;
  /** What the kind needs beyond this, such as the rule as it now stands, as JSON. */
  readonly detail: string | null;
}

/** `previous` of a subject's first entry. */
export const FIRST_PREVIOUS: Bytes = new Uint8Array(COMMITMENT_BYTES);

/** Longest encoding of an entry, bytes. */
export const ENTRY_BYTES_MAX =
  3 +
  6 +
  COMMITMENT_BYTES +
  6 +
  (1 + DECISION_BYTES) +
  (7 + ENTRY_RULES_MAX) * (1 + ENTRY_TEXT_BYTES_MAX) +
  1 +
  4 +
  (1 + DIGEST_BYTES) +
  2 +
  ENTRY_DETAIL_BYTES_MAX;

/**
 * Writes an entry's bytes and returns where they end. `into` must have ENTRY_BYTES_MAX bytes after `at`.
 * @throws StrongroomError `log.bad-entry` for a value outside its limits.
 */
export function writeEntry(entry: Entry, into: Buffer, at: number): number {
  checkEntry(entry);
  into[at] = ENTRY_VERSION;
  into[at + 1] = ENTRY_KINDS.indexOf(entry.kind) + 1;
  into[at + 2] = entry.outcome === null ? 0 : OUTCOMES.indexOf(entry.outcome) + 1;
  let end = into.writeUIntBE(entry.counter, at + 3, 6);
  into.set(entry.previous, end);
  end = into.writeUIntBE(entry.at, end + COMMITMENT_BYTES, 6);
  end = writeBytes(entry.decision, into, end);
  end = writeText(entry.controller, into, end);
  end = writeText(entry.application, into, end);
  end = writeText(entry.type, into, end);
  end = writeText(entry.use, into, end);
  end = writeText(entry.purpose, into, end);
  end = writeText(entry.provenance, into, end);
  end = writeText(entry.reason, into, end);
  into[end++] = entry.rules.length;
  for (const rule of entry.rules) end = writeText(rule, into, end);
  end = into.writeUInt32BE(entry.objects, end);
  end = writeBytes(entry.digest, into, end);
  const detail = entry.detail === null ? 0 : Buffer.byteLength(entry.detail);
  end = into.writeUInt16BE(detail, end);
  return detail === 0 ? end : end + into.write(entry.detail!, end);
}

const scratch = Buffer.alloc(ENTRY_BYTES_MAX);

/** An entry's bytes, in a buffer of their own. @throws StrongroomError `log.bad-entry` */
export function encodeEntry(entry: Entry): Buffer {
  return Buffer.from(scratch.subarray(0, writeEntry(entry, scratch, 0)));
}

/** SHA-256(salt ‖ entry). @param salt 16 secret random bytes, used once. */
export function commitmentOf(salt: Bytes, entryBytes: Bytes): Buffer {
  if (salt.length !== SALT_BYTES) throw new RangeError(`a salt has ${SALT_BYTES} bytes`);
  return sha256(Buffer.concat([salt, entryBytes]));
}

/** Digest of the headers of sealed objects, in the order of the request. */
export function objectsDigest(headers: readonly Bytes[]): Buffer {
  const parts: Bytes[] = [OBJECTS_DOMAIN];
  for (const header of headers) parts.push(u16(header.length), header);
  return sha256(Buffer.concat(parts));
}
const OBJECTS_DOMAIN = utf8("strongroom/log-objects/v1\0");

/**
 * Reads an entry, strictly: whatever it accepts encodes to the same bytes.
 * @throws StrongroomError `log.bad-entry`, `log.unknown-entry-version`
 */
export function decodeEntry(bytes: Bytes): Entry {
  const input = new Cursor(asBuffer(bytes));
  const version = input.take(1)[0];
  if (version !== ENTRY_VERSION) {
    throw new StrongroomError("log.unknown-entry-version", `entry of version ${version}; known is ${ENTRY_VERSION}`);
  }
  const kind = ENTRY_KINDS[input.take(1)[0]! - 1];
  const outcomeByte = input.take(1)[0]!;
  const outcome = outcomeByte === 0 ? null : OUTCOMES[outcomeByte - 1];
  if (kind === undefined || outcome === undefined) throw badEntry("unknown kind or outcome");
  const entry: Entry = {
    kind,
    outcome,
    counter: input.take(6).readUIntBE(0, 6),
    previous: Buffer.from(input.take(COMMITMENT_BYTES)),
    at: input.take(6).readUIntBE(0, 6),
    decision: input.optionalBytes(),
    controller: input.text(1),
    application: input.text(1),
    type: input.text(1),
    use: input.text(1),
    purpose: input.text(1),
    provenance: input.text(1),
    reason: input.text(1),
    rules: Array.from({ length: input.take(1)[0]! }, () => input.text(1) ?? ""),
    objects: input.take(4).readUInt32BE(),
    digest: input.optionalBytes(),
    detail: input.text(2),
  };
  input.end();
  checkEntry(entry);
  return entry;
}

/** The limits of section 4, the same for writing and reading. Texts are measured where they are written. */
function checkEntry(entry: Entry): void {
  if (!ENTRY_KINDS.includes(entry.kind)) throw badEntry("unknown kind of entry");
  if (entry.outcome !== null && !OUTCOMES.includes(entry.outcome)) throw badEntry("unknown outcome");
  if (!isU48(entry.counter) || entry.counter === 0) throw badEntry("a counter starts at 1");
  if (!isU48(entry.at)) throw badEntry("a time is in milliseconds since 1970");
  if (entry.previous.length !== COMMITMENT_BYTES) throw badEntry(`a commitment has ${COMMITMENT_BYTES} bytes`);
  if (isZero(entry.previous) !== (entry.counter === 1))
    throw badEntry("previous is zeros in the first entry, and only there");
  if (entry.outcome === null && (entry.kind === "use" || entry.kind === "seal"))
    throw badEntry("a decision has an outcome");
  if (entry.decision !== null && entry.decision.length !== DECISION_BYTES)
    throw badEntry(`a decision id has ${DECISION_BYTES} bytes`);
  if (entry.rules.length > ENTRY_RULES_MAX) throw badEntry(`at most ${ENTRY_RULES_MAX} rules`);
  if (entry.rules.includes("")) throw badEntry("a rule id is not empty");
  if (!(Number.isInteger(entry.objects) && entry.objects >= 0 && entry.objects <= 0xffffffff))
    throw badEntry("objects is a u32");
  if ((entry.digest !== null) !== entry.objects > 0) throw badEntry("a digest is there exactly when there are objects");
  if (entry.digest !== null && entry.digest.length !== DIGEST_BYTES)
    throw badEntry(`a digest has ${DIGEST_BYTES} bytes`);
  if (entry.detail !== null && !isDetail(entry.detail))
    throw badEntry(`detail is 1 to ${ENTRY_DETAIL_BYTES_MAX} bytes of text`);
}

function isU48(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= U48_MAX;
}

function isDetail(detail: string): boolean {
  return detail.length > 0 && detail.isWellFormed() && Buffer.byteLength(detail) <= ENTRY_DETAIL_BYTES_MAX;
}

function isZero(bytes: Bytes): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}

function writeBytes(bytes: Bytes | null, into: Buffer, at: number): number {
  into[at] = bytes === null ? 0 : bytes.length;
  if (bytes === null) return at + 1;
  into.set(bytes, at + 1);
  return at + 1 + bytes.length;
}

/** Ids are short ASCII nearly always: copying them by hand is three times as fast as a native call. */
function writeText(text: string | null, into: Buffer, at: number): number {
  const length = text === null ? 0 : text.length;
  if (text !== null && (length === 0 || length > ENTRY_TEXT_BYTES_MAX)) throw badText();
  for (let i = 0; i < length; i++) {
    const unit = text!.charCodeAt(i);
    if (unit > 0x7f) return writeUnicode(text!, into, at);
    into[at + 1 + i] = unit;
  }
  into[at] = length;
  return at + 1 + length;
}

function writeUnicode(text: string, into: Buffer, at: number): number {
  const length = Buffer.byteLength(text);
  if (!text.isWellFormed() || length > ENTRY_TEXT_BYTES_MAX) throw badText();
  into[at] = length;
  return at + 1 + into.write(text, at + 1);
}

function badText(): StrongroomError {
  return badEntry(`a text of an entry is 1 to ${ENTRY_TEXT_BYTES_MAX} bytes, or null`);
}

function badEntry(message: string): StrongroomError {
  return new StrongroomError("log.bad-entry", message);
}

/** Reads fields one after the other; what is cut or left over is refused. */
class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  take(count: number): Buffer {
    const from = this.#at;
    this.#at += count;
    if (this.#at > this.#bytes.length) throw badEntry("an entry is cut");
    return this.#bytes.subarray(from, this.#at);
  }

  optionalBytes(): Bytes | null {
    const length = this.take(1)[0]!;
    return length === 0 ? null : Buffer.from(this.take(length));
  }

  text(lengthBytes: 1 | 2): string | null {
    const bytes = this.take(this.take(lengthBytes).readUIntBE(0, lengthBytes));
    if (bytes.length === 0) return null;
    try {
      return fromUtf8(bytes);
    } catch {
      throw badEntry("a text of an entry is not UTF-8");
    }
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw badEntry("an entry has something after its end");
  }
}
