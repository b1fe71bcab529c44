/**
 * Public keys of applications and of their DPoP proofs: Ed25519 or P-256 as JWK (RFC 7517, RFC 8037, RFC 7518).
 * A JWK is hostile until `readPublicJwk` has checked it; only its required members are ever kept.
 */
import { createPublicKey, type KeyObject } from "node:crypto";
import { fromBase64url, toBase64url, utf8 } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { sha256 } from "@strongroom/core/primitives";

export type SignatureAlgorithm = "EdDSA" | "ES256";

export interface ClientKey {
  /** RFC 7638 thumbprint, SHA-256, base64url. */
  readonly kid: string;
  /** The one algorithm that the key is good for. */
  readonly algorithm: SignatureAlgorithm;
  /** The required members in the thumbprint's order, as JSON. */
  readonly jwk: string;
  readonly key: KeyObject;
}

const COORDINATE_BYTES = 32;
/** Members that only private or symmetric keys have (RFC 7518 section 6, RFC 8037). */
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/**
 * @throws StrongroomError `client.private-key` when the JWK holds more than a public key,
 *   `client.bad-key` when it is not an Ed25519 or P-256 key, or its point is not on the curve.
 */
export function readPublicJwk(value: unknown): ClientKey {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw badKey("a key is a JSON object");
  const members = value as Record<string, unknown>;
  if (PRIVATE_MEMBERS.some((name) => Object.hasOwn(members, name))) {
    throw new StrongroomError(
      "client.private-key",
      "the key has private members; it was not stored, but treat it as known to others",
    );
  }
  if (members.kty === "OKP" && members.crv === "Ed25519") {
    return clientKey("EdDSA", { crv: "Ed25519", kty: "OKP", x: coordinate(members.x, "x") });
  }
  if (members.kty === "EC" && members.crv === "P-256") {
    return clientKey("ES256", {
      crv: "P-256",
      kty: "EC",
      x: coordinate(members.x, "x"),
      y: coordinate(members.y, "y"),
    });
  }
  throw badKey("kty and crv must be OKP and Ed25519, or EC and P-256");
}

/** @param required members in lexicographic order: their JSON is what RFC 7638 section 3.1 hashes. */
function clientKey(algorithm: SignatureAlgorithm, required: Record<string, string>): ClientKey {
  const jwk = JSON.stringify(required);
  let key: KeyObject;
  try {
    key = createPublicKey({ key: required, format: "jwk" });
  } catch {
    throw badKey("the coordinates are not those of a point on the curve");
  }
  return { kid: toBase64url(sha256(utf8(jwk))), algorithm, jwk, key };
}

function coordinate(value: unknown, name: string): string {
  try {
    if (typeof value === "string" && fromBase64url(value).length === COORDINATE_BYTES) return value;
  } catch {
    // Told below.
  }
  throw badKey(`${name} must be ${COORDINATE_BYTES} bytes in canonical base64url`);
}

function badKey(what: string): StrongroomError {
  return new StrongroomError("client.bad-key", what);
}
