/**
 * Keys below an epoch key: spec/sealed-object.md section 2. The agent derives them to release an
 * object key; a sealing client derives object keys from its lease key.
 */
import type { Bytes } from "../bytes.ts";
import { equalBytes, hmacSha256, hmacSha256Once, KEY_BYTES, secretKey, sha256, type KeyObject } from "../primitives.ts";
import { COMMITMENT_BYTES, type SealedHeader } from "./header.ts";

const LEASE_LABEL = Buffer.from("strongroom/lease/v1\0");
const OBJECT_LABEL = Buffer.from("strongroom/object/v1\0");
const COMMIT_LABEL = Buffer.from("strongroom/commit/v1\0");

/** The key that a sealing client gets: for one type, one lease. `type` and `leaseId` as in a checked header. */
export function deriveLeaseKey(epochKey: KeyObject, type: string, leaseId: Bytes): KeyObject {
  const raw = hmacSha256(epochKey, leaseMessage(type, leaseId));
  const key = secretKey(raw);
  raw.fill(0);
  return key;
}

/** The 32 raw bytes that open exactly one object. The caller owns them and zeroes them. */
export function deriveObjectKey(leaseKey: KeyObject, header: SealedHeader): Buffer {
  return hmacSha256(leaseKey, objectMessage(header));
}

/**
 * `deriveLeaseKey`, then `deriveObjectKey`, without making a `KeyObject` of a lease key that is used once.
 * The epoch key must be the one of the header's relationship and epoch: any other gives a key that does not open it.
 */
export function deriveObjectKeyFromEpoch(epochKey: KeyObject, header: SealedHeader): Buffer {
  const leaseKey = hmacSha256(epochKey, leaseMessage(header.type, header.leaseId));
  const objectKey = hmacSha256Once(leaseKey, objectMessage(header));
  leaseKey.fill(0);
  return objectKey;
}

const commitInput = Buffer.alloc(COMMIT_LABEL.length + KEY_BYTES);

/** What the header says about its key without telling it: 24 bytes. */
export function commitmentOf(objectKey: Bytes): Buffer {
  if (objectKey.length !== KEY_BYTES) throw new RangeError(`an object key has ${KEY_BYTES} bytes`);
  commitInput.set(COMMIT_LABEL);
  commitInput.set(objectKey, COMMIT_LABEL.length);
  const digest = sha256(commitInput);
  commitInput.fill(0);
  return digest.subarray(0, COMMITMENT_BYTES);
}

/** Whether this is the key that the header was made with. */
export function commitmentFits(header: SealedHeader, objectKey: Bytes): boolean {
  return objectKey.length === KEY_BYTES && equalBytes(header.commitment, commitmentOf(objectKey));
}

function leaseMessage(type: string, leaseId: Bytes): Buffer {
  const message = Buffer.allocUnsafe(LEASE_LABEL.length + type.length + 1 + leaseId.length);
  message.set(LEASE_LABEL);
  message.write(type, LEASE_LABEL.length, "latin1");
  message[LEASE_LABEL.length + type.length] = 0;
  message.set(leaseId, LEASE_LABEL.length + type.length + 1);
  return message;
}

function objectMessage(header: SealedHeader): Buffer {
  const size = header.bytes.length - COMMITMENT_BYTES;
  const message = Buffer.allocUnsafe(OBJECT_LABEL.length + size);
  message.set(OBJECT_LABEL);
  header.bytes.copy(message, OBJECT_LABEL.length, 0, size);
  return message;
}
