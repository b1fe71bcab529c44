/** Keys as an application makes them, by jose and not by our own code. */
import { createHash } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type CryptoKey, type JWK } from "jose";

export type Algorithm = "ES256" | "EdDSA";

export interface KeyPair {
  readonly algorithm: Algorithm;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
  readonly kid: string;
}

export async function newKeyPair(algorithm: Algorithm = "ES256"): Promise<KeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return { algorithm, privateKey, jwk, kid: await calculateJwkThumbprint(jwk) };
}

export const hash = (data: string | Buffer): string => createHash("sha256").update(data).digest("base64url");
