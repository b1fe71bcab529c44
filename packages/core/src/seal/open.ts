/** Opening a sealed text with its object key: spec/sealed-object.md section 5. */
import type { Bytes } from "../bytes.ts";
import { StrongroomError } from "../errors.ts";
import { aesGcmOpen, equalBytes, secretKey, type KeyObject } from "../primitives.ts";
import { additionalData, checkContext, contextTagFits } from "./context.ts";
import type { SealedHeader } from "./header.ts";
import { commitmentFits } from "./keys.ts";
import { TEXT_NONCE } from "./seal.ts";
import { parseSealed, SealedText } from "./text.ts";

export interface OpenOptions {
  /** The context that the object was sealed with; leave it out where it was sealed without. */
  readonly context?: Bytes | undefined;
  /** The data type that the caller declared for this value; exactly this one. */
  readonly expectedType?: string | undefined;
  /** The relationship handle that the value must belong to. */
  readonly expectedRelationship?: Bytes | undefined;
}

/**
 * Opens one sealed object, or says what is wrong with it. The object is hostile; the key is what an
 * agent released for exactly this header and stays the caller's (it is not zeroed here).
 * @throws StrongroomError those of `parseSealed`, and in this order `seal.bad-context`, `seal.wrong-type`,
 *   `seal.wrong-relationship`, `seal.context-missing`, `seal.context-unexpected`, `seal.wrong-context`,
 *   `seal.wrong-key`, `seal.tampered`. None holds plaintext.
 */
export function openSealed(
  sealed: string | SealedText,
  objectKey: Bytes | KeyObject,
  options: OpenOptions = {},
): Buffer {
  const { header, body } = sealed instanceof SealedText ? sealed : parseSealed(sealed);
  checkExpectations(header, options);
  const key = checkKey(header, objectKey);
  const plaintext = aesGcmOpen(key, TEXT_NONCE, body, additionalData(header, options.context));
  if (plaintext === null) throw new StrongroomError("seal.tampered", "the content of the sealed object was changed");
  return plaintext;
}

/** The checks that need no key: of type, relationship and context. */
export function checkExpectations(
  header: SealedHeader,
  { context, expectedType, expectedRelationship }: OpenOptions,
): void {
  checkContext(context);
  if (expectedType !== undefined && expectedType !== header.type) {
    throw new StrongroomError("seal.wrong-type", "the object was sealed as another type", {
      details: { expectedType, type: header.type },
    });
  }
  if (expectedRelationship !== undefined && !equalBytes(expectedRelationship, header.relationship)) {
    throw new StrongroomError("seal.wrong-relationship", "the object belongs to another relationship");
  }
  if (header.contextBound && context === undefined) {
    throw new StrongroomError("seal.context-missing", "the object is bound to a context and none was given");
  }
  if (!header.contextBound && context !== undefined) {
    throw new StrongroomError("seal.context-unexpected", "the object was sealed without a context and one was given");
  }
  if (context !== undefined && !contextTagFits(header, context)) {
    throw new StrongroomError("seal.wrong-context", "the object was sealed for another context");
  }
}

/** The key as AES-GCM takes it, once the header's commitment says that it is the right one. */
export function checkKey(header: SealedHeader, objectKey: Bytes | KeyObject): KeyObject {
  const raw = objectKey instanceof Uint8Array ? objectKey : objectKey.export();
  try {
    if (!commitmentFits(header, raw))
      throw new StrongroomError("seal.wrong-key", "the key does not belong to this header");
    return objectKey instanceof Uint8Array ? secretKey(raw) : objectKey;
  } finally {
    if (raw !== objectKey) raw.fill(0);
  }
}
