/**
 * DPoP proofs (RFC 9449 section 4.3): every request of an application is signed by the key that its token is
 * bound to, for this method, this address and exactly these body bytes, and counts once.
 * A proof is hostile until the last check of `verify` has passed.
 */
import { compactVerify } from "jose";
import { fromBase64url, fromUtf8 } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { DPOP_BODY_CLAIM } from "@strongroom/core/wire";
import { OneTimeIds } from "./oneTimeIds.ts";
import { readPublicJwk, type ClientKey } from "./publicKey.ts";

export const PROOF_CHARS_MAX = 4_096;
export const PROOF_AGE_MS_MAX = 60_000;
export const PROOF_AHEAD_MS_MAX = 5_000;
/** About 150 bytes each. At more than 4,000 requests a second proofs have to be fresher than a minute. */
export const PROOFS_IN_MEMORY_MAX = 262_144;
const KEYS_IN_MEMORY_MAX = 4_096;
const JTI = /^[\x21-\x7e]{8,128}$/;

/** What the proof must be for. */
export interface ProofTarget {
  readonly method: string;
  /** The address as the client sees it: issuer and path, without query. */
  readonly url: string;
  /** base64url SHA-256 of the access token; null when asking for one. */
  readonly ath: string | null;
  /** Thumbprint of the key that the token is bound to; null when asking for a token. */
  readonly jkt: string | null;
}

export interface VerifiedProof {
  /** Thumbprint of the key that signed. */
  readonly jkt: string;
  /** base64url SHA-256 of the body that the proof was made for; undefined when it says nothing of a body. */
  readonly body: string | undefined;
}

export class ProofVerifier {
  readonly #now: () => number;
  readonly #used: OneTimeIds;
  /** By the header segment of proofs, which is the same text in all proofs of a client. Dropped when full. */
  readonly #keys = new Map<string, ClientKey>();

  constructor(now: () => number) {
    this.#now = now;
    this.#used = new OneTimeIds({
      lifeMs: PROOF_AGE_MS_MAX + 1_000,
      idsMax: PROOFS_IN_MEMORY_MAX,
      // Clients write whole seconds: one made in the second of the start counts as made after it. Where that
      // is one that an earlier process has seen, its token has ended with that process.
      startedAt: Math.floor(now() / 1000) * 1000,
    });
  }

  /** @throws StrongroomError `dpop.invalid`, `dpop.mismatch`, `dpop.stale`, `dpop.replayed` */
  async verify(proof: string, target: ProofTarget): Promise<VerifiedProof> {
    if (proof.length > PROOF_CHARS_MAX) throw invalid(`it has more than ${PROOF_CHARS_MAX} characters`);
    const headerSegment = proof.slice(0, proof.indexOf("."));
    const key = this.#keys.get(headerSegment) ?? readHeader(headerSegment);
    if (target.jkt !== null && key.kid !== target.jkt)
      throw mismatch("it is signed by another key than the access token is bound to");
    const claims = await verifySignature(proof, key);
    this.#remember(headerSegment, key);

    if (claims.htm !== target.method) throw mismatch(`htm is not ${target.method}`);
    if (claims.htu !== target.url) throw mismatch(`htu is not ${target.url}`);
    if (target.ath !== null && claims.ath !== target.ath) throw mismatch("ath is not the hash of the access token");
    const { iat, jti } = claims;
    if (typeof iat !== "number" || !Number.isFinite(iat)) throw invalid("iat is not a number");
    if (typeof jti !== "string" || !JTI.test(jti)) throw invalid("jti is not a text of 8 to 128 printable characters");
    const body = claims[DPOP_BODY_CLAIM];
    if (body !== undefined && typeof body !== "string") throw invalid(`${DPOP_BODY_CLAIM} is not a text`);
    this.#useUp(`${key.kid} ${jti}`, iat * 1000);
    return { jkt: key.kid, body };
  }

  #useUp(id: string, madeAt: number): void {
    const now = this.#now();
    if (madeAt > now + PROOF_AHEAD_MS_MAX) throw stale(now, "from the future");
    // A client that writes whole seconds makes itself up to one older.
    if (madeAt < now - PROOF_AGE_MS_MAX - 1_000) throw stale(now, `older than ${PROOF_AGE_MS_MAX / 1000} seconds`);
    const use = this.#used.use(id, madeAt, now);
    if (use === "too-old") throw stale(now, "from before the time that the agent remembers");
    if (use === "again") throw new StrongroomError("dpop.replayed", "the DPoP proof was used before");
  }

  #remember(headerSegment: string, key: ClientKey): void {
    if (this.#keys.has(headerSegment)) return;
    if (this.#keys.size >= KEYS_IN_MEMORY_MAX) this.#keys.clear();
    this.#keys.set(headerSegment, key);
  }
}

function readHeader(segment: string): ClientKey {
  let header: { typ?: unknown; alg?: unknown; jwk?: unknown };
  try {
    header = JSON.parse(fromUtf8(fromBase64url(segment))) as typeof header;
  } catch {
    throw invalid("it is not a JWT in compact form");
  }
  if (header?.typ !== "dpop+jwt") throw invalid("typ is not dpop+jwt");
  let key: ClientKey;
  try {
    key = readPublicJwk(header.jwk);
  } catch (cause) {
    throw invalid(`jwk in its header: ${cause instanceof StrongroomError ? cause.message : "unreadable"}`);
  }
  if (header.alg !== key.algorithm) throw invalid(`alg is not ${key.algorithm}, which its key signs with`);
  return key;
}

async function verifySignature(proof: string, key: ClientKey): Promise<Record<string, unknown>> {
  let claims: unknown;
  try {
    claims = JSON.parse(fromUtf8((await compactVerify(proof, key.key, { algorithms: [key.algorithm] })).payload));
  } catch {
    throw invalid("the signature does not fit");
  }
  if (typeof claims !== "object" || claims === null || Array.isArray(claims))
    throw invalid("its claims are not an object");
  return claims as Record<string, unknown>;
}

function invalid(what: string): StrongroomError {
  return new StrongroomError("dpop.invalid", `the DPoP proof is refused: ${what}`);
}

function mismatch(what: string): StrongroomError {
  return new StrongroomError("dpop.mismatch", `the DPoP proof is for something else: ${what}`);
}

function stale(now: number, what: string): StrongroomError {
  return new StrongroomError("dpop.stale", `the DPoP proof is ${what}`, {
    details: { now, ageMsMax: PROOF_AGE_MS_MAX, aheadMsMax: PROOF_AHEAD_MS_MAX },
  });
}
