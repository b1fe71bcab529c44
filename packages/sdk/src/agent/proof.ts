/** DPoP proofs (RFC 9449): one signature per request, by a key that lives as long as the client. */
import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { toBase64url, utf8, type Bytes } from "@strongroom/core/bytes";
import { randomBytes, sha256 } from "@strongroom/core/primitives";
import { DPOP_BODY_CLAIM } from "@strongroom/core/wire";

/**
 * Makes proofs. The key is P-256: an agent checks ES256 about twice as fast as Ed25519.
 * The compact form is put together here because `jose` goes through WebCrypto's thread hop, which takes
 * two and a half times as long and sits in the path of every request; verifying is left to `jose` at the agent.
 */
export class ProofKey {
  readonly #privateKey: KeyObject;
  readonly #header: string;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.#privateKey = privateKey;
    const { kty, crv, x, y } = publicKey.export({ format: "jwk" });
    this.#header = segment({ typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y } });
  }

  /**
   * A proof for exactly one request.
   * @param url without query and fragment
   * @param body the bytes that are sent; none is the empty string
   * @param tokenHash `ath`: base64url SHA-256 of the access token; null when asking for one
   */
  proof(method: string, url: string, body: Bytes, tokenHash: string | null, nowMs: number): string {
    const claims = segment({
      htm: method,
      htu: url,
      iat: Math.floor(nowMs / 1000),
      jti: toBase64url(randomBytes(16)),
      ...(tokenHash === null ? {} : { ath: tokenHash }),
      [DPOP_BODY_CLAIM]: digestText(body),
    });
    const input = `${this.#header}.${claims}`;
    const signature = sign("sha256", Buffer.from(input, "latin1"), {
      key: this.#privateKey,
      dsaEncoding: "ieee-p1363",
    });
    return `${input}.${toBase64url(signature)}`;
  }
}

/** base64url SHA-256, as `ath` and the body claim have it. */
export function digestText(bytes: Bytes): string {
  return toBase64url(sha256(bytes));
}

function segment(value: unknown): string {
  return toBase64url(utf8(JSON.stringify(value)));
}
