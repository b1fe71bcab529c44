/**
 * The header of a sealed object: spec/sealed-object.md section 1.
 * Header bytes are hostile until `parseHeader` or `adoptHeader` has checked them.
 */
import type { Bytes } from "../bytes.ts";
import { StrongroomError } from "../errors.ts";
import type { SealingLease } from "./lease.ts";

export const PLAINTEXT_BYTES_MAX = 1_048_576;
export const TYPE_BYTES_MAX = 64;
export const EPOCH_MAX = 65_535;
export const LOCATOR_BYTES = 8;
export const RELATIONSHIP_BYTES = 16;
export const LEASE_ID_BYTES = 12;
export const SALT_BYTES = 16;
export const CONTEXT_TAG_BYTES = 4;
export const COMMITMENT_BYTES = 24;
export const HEADER_BYTES_MAX = 152;

const VERSION = 1;
const FLAG_CONTEXT = 0x01;
const FLAG_STREAM = 0x02;
const AT_LOCATOR = 2;
const AT_RELATIONSHIP = 10;
const AT_EPOCH = 26;
const AT_LEASE_ID = 28;
const AT_SALT = 40;
const AT_LENGTH = 56;
const AT_AFTER_LENGTH = 59;

/** Characters of a data type id in a header; the vocabulary decides which ids exist. */
const TYPE_ID = /^[a-z0-9.-]{1,64}$/;

/**
 * A checked header. Fields are views of `bytes`, cut when asked for: an agent reads a thousand
 * headers per request and most fields of each only once. Do not write into them.
 */
export class SealedHeader {
  readonly version = VERSION;
  /** The whole header. */
  readonly bytes: Buffer;
  /** Data type id; not known to be in any vocabulary. */
  readonly type: string;
  readonly #typeAt: number;

  /** Only for bytes that were checked: see `adoptHeader`. */
  constructor(checkedBytes: Buffer, typeAt: number, type: string) {
    this.bytes = checkedBytes;
    this.#typeAt = typeAt;
    this.type = type;
  }

  /** Whether the object is bound to a context. */
  get contextBound(): boolean {
    return (this.bytes[1]! & FLAG_CONTEXT) !== 0;
  }
  /** Whether the object is a stream. */
  get stream(): boolean {
    return (this.bytes[1]! & FLAG_STREAM) !== 0;
  }
  /** Agent locator, 8 opaque bytes. */
  get locator(): Buffer {
    return this.bytes.subarray(AT_LOCATOR, AT_RELATIONSHIP);
  }
  /** Relationship handle, 16 bytes. */
  get relationship(): Buffer {
    return this.bytes.subarray(AT_RELATIONSHIP, AT_EPOCH);
  }
  /** From 1. */
  get epoch(): number {
    return this.bytes.readUInt16BE(AT_EPOCH);
  }
  get leaseId(): Buffer {
    return this.bytes.subarray(AT_LEASE_ID, AT_SALT);
  }
  get salt(): Buffer {
    return this.bytes.subarray(AT_SALT, AT_LENGTH);
  }
  /** Length of the plaintext; 0 in a stream, whose length is not known when it begins. */
  get plaintextBytes(): number {
    return this.bytes.readUIntBE(AT_LENGTH, 3);
  }
  get contextTag(): Buffer | null {
    return this.contextBound ? this.bytes.subarray(AT_AFTER_LENGTH, this.#typeAt) : null;
  }
  get commitment(): Buffer {
    return this.bytes.subarray(this.bytes.length - COMMITMENT_BYTES);
  }
  /** All bytes before the commitment: what the object key is derived from. */
  get derivationBytes(): Buffer {
    return this.bytes.subarray(0, this.bytes.length - COMMITMENT_BYTES);
  }
}

/**
 * Checks a header and keeps a copy of it: later changes to `bytes` change nothing.
 * @throws StrongroomError `seal.unknown-version`, `seal.malformed-header` (`details.field` names the field).
 */
export function parseHeader(bytes: Bytes): SealedHeader {
  if (bytes.length > HEADER_BYTES_MAX) throw malformed("length", `a header has at most ${HEADER_BYTES_MAX} bytes`);
  return adoptHeader(Buffer.from(bytes));
}

/** As `parseHeader`, for a buffer that nobody else holds: it becomes the header's own. */
export function adoptHeader(bytes: Buffer): SealedHeader {
  if (bytes.length === 0) throw malformed("length", "the header is empty");
  if (bytes[0] !== VERSION) throw new StrongroomError("seal.unknown-version", "the header has an unknown version");
  if (bytes.length <= AT_AFTER_LENGTH) throw malformed("length", "the header ends early");

  const flags = bytes[1]!;
  if ((flags & ~(FLAG_CONTEXT | FLAG_STREAM)) !== 0) throw malformed("flags", "unknown flags are set");
  if (bytes[AT_EPOCH] === 0 && bytes[AT_EPOCH + 1] === 0) throw malformed("epoch", "epochs count from 1");

  const plaintextBytes = bytes.readUIntBE(AT_LENGTH, 3);
  if (plaintextBytes > PLAINTEXT_BYTES_MAX)
    throw malformed("plaintextBytes", `a text holds at most ${PLAINTEXT_BYTES_MAX} bytes`);
  if ((flags & FLAG_STREAM) !== 0 && plaintextBytes !== 0)
    throw malformed("plaintextBytes", "a stream states the length 0");

  const typeAt = AT_AFTER_LENGTH + ((flags & FLAG_CONTEXT) !== 0 ? CONTEXT_TAG_BYTES : 0);
  const typeBytes = bytes[typeAt] ?? 0;
  if (bytes.length !== typeAt + 1 + typeBytes + COMMITMENT_BYTES)
    throw malformed("length", "the header has too few or too many bytes");
  const type = bytes.toString("latin1", typeAt + 1, typeAt + 1 + typeBytes);
  if (!isTypeId(type))
    throw malformed("type", "the type id has characters outside a-z, 0-9, dot and hyphen, or not 1 to 64 of them");

  return new SealedHeader(bytes, typeAt, type);
}

/** Whether a text can stand as a type id in a header. */
export function isTypeId(text: string): boolean {
  return TYPE_ID.test(text);
}

export interface NewHeader {
  readonly stream: boolean;
  readonly salt: Bytes;
  /** 0 for a stream. */
  readonly plaintextBytes: number;
  readonly contextTag: Bytes | null;
}

/** Writes a header under a lease; the commitment's bytes are left zero until the object key is known. */
export function writeHeader(lease: SealingLease, fields: NewHeader): SealedHeader {
  const typeAt = AT_AFTER_LENGTH + (fields.contextTag === null ? 0 : CONTEXT_TAG_BYTES);
  const end = typeAt + 1 + lease.type.length + COMMITMENT_BYTES;
  const bytes = Buffer.allocUnsafe(end);
  bytes.set(lease.headerStart);
  bytes[1] = (fields.contextTag === null ? 0 : FLAG_CONTEXT) | (fields.stream ? FLAG_STREAM : 0);
  bytes.set(fields.salt, AT_SALT);
  bytes.writeUIntBE(fields.plaintextBytes, AT_LENGTH, 3);
  if (fields.contextTag !== null) bytes.set(fields.contextTag, AT_AFTER_LENGTH);
  bytes[typeAt] = lease.type.length;
  bytes.write(lease.type, typeAt + 1, "latin1");
  bytes.fill(0, end - COMMITMENT_BYTES);
  return new SealedHeader(bytes, typeAt, lease.type);
}

/** The first 40 bytes, which all headers of a lease share but for the flags. */
export function writeHeaderStart(lease: {
  locator: Bytes;
  relationship: Bytes;
  epoch: number;
  leaseId: Bytes;
}): Buffer {
  const start = Buffer.alloc(AT_SALT);
  start[0] = VERSION;
  start.set(lease.locator, AT_LOCATOR);
  start.set(lease.relationship, AT_RELATIONSHIP);
  start.writeUInt16BE(lease.epoch, AT_EPOCH);
  start.set(lease.leaseId, AT_LEASE_ID);
  return start;
}

function malformed(field: string, message: string): StrongroomError {
  return new StrongroomError("seal.malformed-header", message, { details: { field } });
}
