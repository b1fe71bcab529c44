/** Sealing a value under a lease: spec/sealed-object.md sections 2, 3 and 8. Local: no agent is asked. */
import { utf8, type Bytes } from "../bytes.ts";
import { StrongroomError } from "../errors.ts";
import { aesGcmSeal, NONCE_BYTES, randomBytes, secretKey, type KeyObject } from "../primitives.ts";
import { additionalData, checkContext, contextTagOf } from "./context.ts";
import { PLAINTEXT_BYTES_MAX, SALT_BYTES, writeHeader, type SealedHeader } from "./header.ts";
import { commitmentOf, deriveObjectKey } from "./keys.ts";
import type { SealingLease } from "./lease.ts";
import { encodeSealed } from "./text.ts";

export interface SealOptions {
  /** What the object is bound to (`sealContext`); it opens only with the same bytes. */
  readonly context?: Bytes | undefined;
  /** Cryptographic randomness; anything that repeats breaks the encryption. For tests with fixed vectors. */
  readonly random?: ((count: number) => Bytes) | undefined;
}

/** An object key encrypts one message only, so its nonce can be constant. */
export const TEXT_NONCE = Buffer.alloc(NONCE_BYTES);

/**
 * Seals up to 1 MiB into a text that fits in a database column. A string is sealed as UTF-8.
 * The caller watches the lease's end and its number of objects.
 * @throws StrongroomError `seal.too-large`, `seal.bad-context`, `encoding.not-text`.
 */
export function sealUnderLease(lease: SealingLease, plaintext: Bytes | string, options: SealOptions = {}): string {
  // A UTF-16 unit makes at least one byte: refuse a huge string before encoding it.
  if (plaintext.length > PLAINTEXT_BYTES_MAX) throw tooLarge();
  if (typeof plaintext === "string") {
    const bytes = utf8(plaintext);
    try {
      return sealUnderLease(lease, bytes, options);
    } finally {
      bytes.fill(0);
    }
  }
  const { header, key } = beginObject(lease, { stream: false, plaintextBytes: plaintext.length }, options);
  return encodeSealed(header, aesGcmSeal(key, TEXT_NONCE, plaintext, additionalData(header, options.context)));
}

/** A new object's header, complete with its commitment, and its key. */
export function beginObject(
  lease: SealingLease,
  form: { readonly stream: boolean; readonly plaintextBytes: number },
  { context, random = randomBytes }: SealOptions,
): { header: SealedHeader; key: KeyObject } {
  checkContext(context);
  const salt = random(SALT_BYTES);
  if (salt.length !== SALT_BYTES) throw new RangeError(`random gave another number of bytes than ${SALT_BYTES}`);
  const contextTag = context === undefined ? null : contextTagOf(salt, context);
  const header = writeHeader(lease, { ...form, salt, contextTag });
  const rawKey = deriveObjectKey(lease.key, header);
  header.commitment.set(commitmentOf(rawKey));
  const key = secretKey(rawKey);
  rawKey.fill(0);
  return { header, key };
}

function tooLarge(): StrongroomError {
  return new StrongroomError(
    "seal.too-large",
    `a text holds at most ${PLAINTEXT_BYTES_MAX} bytes; seal larger values with sealStream`,
    {
      details: { plaintextBytesMax: PLAINTEXT_BYTES_MAX },
    },
  );
}
