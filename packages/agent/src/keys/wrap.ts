/**
 * Wrapping a key under its parent: AES-256-GCM with a random nonce; the key's role, id and state are
 * additional data, so that a wrap moved to another row, role or state does not open.
 */
import { utf8 } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { aesGcmOpen, aesGcmSeal, KEY_BYTES, NONCE_BYTES, secretKey, type KeyObject } from "@strongroom/core/primitives";
import type { Effects } from "../effects.ts";
import type { WrappedKey } from "../storage/rows.ts";

export type KeyRole = "subject-root" | "subject-log" | "relationship" | "epoch" | "agent";

/** A key in memory: the raw bytes live only inside the KeyObject. */
export interface LiveKey {
  readonly keyId: string;
  readonly key: KeyObject;
}

/** A new random key of its own id. */
export function newKey(effects: Effects): LiveKey {
  return { keyId: effects.random(16).toString("base64url"), key: newSecret(effects) };
}

export function newSecret(effects: Effects): KeyObject {
  const raw = effects.random(KEY_BYTES);
  const key = secretKey(raw);
  raw.fill(0);
  return key;
}

/** @param binding what the wrap is bound to besides role and id: the row's owner and its state. */
export function wrapKey(
  parent: KeyObject,
  live: LiveKey,
  role: KeyRole,
  binding: string,
  effects: Effects,
): WrappedKey {
  const nonce = effects.random(NONCE_BYTES);
  const raw = live.key.export();
  const sealed = aesGcmSeal(parent, nonce, raw, additionalData(live.keyId, role, binding));
  raw.fill(0);
  return { keyId: live.keyId, wrap: Buffer.concat([nonce, sealed]) };
}

/** @throws StrongroomError `keys.wrap-broken` when the wrap is not this key's under this parent: the row was changed. */
export function unwrapKey(parent: KeyObject, wrapped: WrappedKey, role: KeyRole, binding: string): LiveKey {
  const raw = aesGcmOpen(
    parent,
    wrapped.wrap.subarray(0, NONCE_BYTES),
    wrapped.wrap.subarray(NONCE_BYTES),
    additionalData(wrapped.keyId, role, binding),
  );
  if (raw === null) {
    throw new StrongroomError("keys.wrap-broken", `the stored ${role} key does not open under its parent`, {
      details: { role },
    });
  }
  const key = secretKey(raw);
  raw.fill(0);
  return { keyId: wrapped.keyId, key };
}

function additionalData(keyId: string, role: KeyRole, binding: string): Buffer {
  return utf8(`strongroom/wrap/v1\0${role}\0${keyId}\0${binding}`);
}
