/** What anybody may read from an agent. */

/** `GET /v1/agent`. A client pins `issuer` and `logKey` in its configuration and compares. */
export interface AgentFacts {
  /** Base address, also the audience of client assertions. */
  readonly issuer: string;
  /** 8 bytes, in every sealed object of this agent: first 8 bytes of SHA-256 of the issuer's log verifier key text. */
  readonly locator: string;
  /** C2SP verifier key of the log: `origin+hash+base64`. */
  readonly logKey: string;
  readonly vocabulary: string;
  readonly version: string;
}

/** `GET /v1/log/inclusion?index=&size=` and `GET /v1/log/consistency?from=&to=`: hashes from leaf to root. */
export interface ProofResponse {
  readonly proof: readonly string[];
}

/** `POST /v1/token` (RFC 6749 client credentials with RFC 7523 assertion and DPoP, RFC 9449). */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: "DPoP";
  /** Seconds. */
  readonly expires_in: number;
}

/** Claim of our DPoP proofs: base64url SHA-256 of the request body. */
export const DPOP_BODY_CLAIM = "strongroom_body";
