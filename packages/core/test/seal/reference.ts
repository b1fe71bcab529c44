/**
 * A second reading of spec/sealed-object.md, plain and slow, that shares nothing with src/seal but the page.
 * The vectors are made with it, so that the implementation is held against the page and not against itself.
 */
import { createCipheriv, createHash, createHmac } from "node:crypto";

export interface ReferenceFields {
  readonly version?: number;
  readonly flags?: number;
  readonly locator: Buffer;
  readonly relationship: Buffer;
  readonly epoch: number;
  readonly leaseId: Buffer;
  readonly salt: Buffer;
  readonly plaintextBytes?: number;
  readonly contextTag?: Buffer;
  readonly type: string;
}

export interface ReferenceObject {
  readonly header: Buffer;
  readonly leaseKey: Buffer;
  readonly objectKey: Buffer;
  /** Body of a text, or the whole stream. */
  readonly body: Buffer;
}

function hmac(key: Buffer, ...parts: Buffer[]): Buffer {
  return createHmac("sha256", key).update(Buffer.concat(parts)).digest();
}

function digest(...parts: Buffer[]): Buffer {
  return createHash("sha256").update(Buffer.concat(parts)).digest();
}

function gcm(key: Buffer, nonce: Buffer, plaintext: Buffer, additional: Buffer): Buffer {
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(additional);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function integer(value: number, bytes: number): Buffer {
  return Buffer.from(value.toString(16).padStart(bytes * 2, "0"), "hex");
}

const zero = Buffer.from([0]);

/** Section 1 and 2. Fields can be set to what no writer may write, for the bad vectors. */
export function referenceHeader(
  epochKey: Buffer,
  fields: ReferenceFields,
): { header: Buffer; leaseKey: Buffer; objectKey: Buffer } {
  const type = Buffer.from(fields.type, "utf8");
  const derivationBytes = Buffer.concat([
    integer(fields.version ?? 1, 1),
    integer(fields.flags ?? 0, 1),
    fields.locator,
    fields.relationship,
    integer(fields.epoch, 2),
    fields.leaseId,
    fields.salt,
    integer(fields.plaintextBytes ?? 0, 3),
    fields.contextTag ?? Buffer.alloc(0),
    integer(type.length, 1),
    type,
  ]);
  const leaseKey = hmac(epochKey, Buffer.from("strongroom/lease/v1"), zero, type, zero, fields.leaseId);
  const objectKey = hmac(leaseKey, Buffer.from("strongroom/object/v1"), zero, derivationBytes);
  const commitment = digest(Buffer.from("strongroom/commit/v1"), zero, objectKey).subarray(0, 24);
  return { header: Buffer.concat([derivationBytes, commitment]), leaseKey, objectKey };
}

/** Section 4. */
export function referenceContextTag(salt: Buffer, context: Buffer): Buffer {
  return digest(salt, context).subarray(0, 4);
}

/** Section 3. */
export function referenceText(
  epochKey: Buffer,
  fields: ReferenceFields,
  plaintext: Buffer,
  context?: Buffer,
): ReferenceObject & { text: string } {
  const made = referenceHeader(epochKey, {
    flags: context === undefined ? 0 : 1,
    plaintextBytes: plaintext.length,
    ...(context === undefined ? {} : { contextTag: referenceContextTag(fields.salt, context) }),
    ...fields,
  });
  const body = gcm(
    made.objectKey,
    Buffer.alloc(12),
    plaintext,
    Buffer.concat([made.header, context ?? Buffer.alloc(0)]),
  );
  return { ...made, body, text: `sr1.${made.header.toString("base64url")}.${body.toString("base64url")}` };
}

/** Section 7. `chunks` are given as they shall be cut; the page says how. */
export function referenceStream(
  epochKey: Buffer,
  fields: ReferenceFields,
  chunks: Buffer[],
  context?: Buffer,
): ReferenceObject {
  const made = referenceHeader(epochKey, {
    flags: context === undefined ? 2 : 3,
    ...(context === undefined ? {} : { contextTag: referenceContextTag(fields.salt, context) }),
    ...fields,
  });
  const additional = Buffer.concat([made.header, context ?? Buffer.alloc(0)]);
  const sealed = chunks.map((chunk, index) => {
    const last = index === chunks.length - 1 ? 1 : 0;
    return gcm(
      made.objectKey,
      Buffer.concat([Buffer.alloc(7), integer(index, 4), integer(last, 1)]),
      chunk,
      additional,
    );
  });
  return {
    ...made,
    body: Buffer.concat([Buffer.from("srs1"), integer(made.header.length, 2), made.header, ...sealed]),
  };
}

/** Section 7: pieces of 65,536 bytes, one empty piece for nothing. */
export function referenceChunks(plaintext: Buffer): Buffer[] {
  if (plaintext.length === 0) return [plaintext];
  const chunks: Buffer[] = [];
  for (let at = 0; at < plaintext.length; at += 65_536) chunks.push(plaintext.subarray(at, at + 65_536));
  return chunks;
}
