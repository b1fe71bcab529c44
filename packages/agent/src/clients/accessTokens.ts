/**
 * Access tokens of applications: JWTs (RFC 9068) under a secret of the agent's own, bound to the key of the
 * DPoP proofs that come with them (RFC 9449 section 6). They end with the process that gave them, so that a
 * proof which an earlier process has seen is bound to a token that is good no more.
 */
import { jwtVerify, SignJWT } from "jose";
import { StrongroomError } from "@strongroom/core/errors";
import type { KeyObject } from "@strongroom/core/primitives";
import type { AuthenticatedClient } from "./clientAuth.ts";
import type { ClientRegistry, LiveApplication } from "./registry.ts";

export const ACCESS_TOKEN_MS = 10 * 60_000;
export const ACCESS_TOKEN_CHARS_MAX = 1_024;
const TOKENS_IN_MEMORY_MAX = 16_384;
const TYPE = "at+jwt";

export interface AccessTokensOptions {
  readonly registry: ClientRegistry;
  readonly issuer: string;
  /** HS256 secret, 32 bytes. */
  readonly tokenKey: KeyObject;
  /** Random name of this process, in each of its tokens. */
  readonly process: string;
  readonly now: () => number;
}

export interface VerifiedToken {
  readonly application: LiveApplication;
  /** Thumbprint of the key that proofs must be signed with. */
  readonly jkt: string;
  readonly kid: string;
  readonly expiresAt: number;
}

export class AccessTokens {
  readonly #options: AccessTokensOptions;
  /** By `ath`; dropped altogether when full, for it only saves work. */
  readonly #verified = new Map<string, VerifiedToken>();

  constructor(options: AccessTokensOptions) {
    this.#options = options;
  }

  async issue({ application, kid }: AuthenticatedClient, jkt: string): Promise<string> {
    const { issuer, tokenKey, process, now } = this.#options;
    const issuedAt = Math.floor(now() / 1000);
    return await new SignJWT({ client_id: application.id, cnf: { jkt }, key: kid, process })
      .setProtectedHeader({ alg: "HS256", typ: TYPE })
      .setIssuer(issuer)
      .setAudience(issuer)
      .setSubject(application.id)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ACCESS_TOKEN_MS / 1000)
      .sign(tokenKey);
  }

  /**
   * @param ath base64url SHA-256 of the token
   * @throws StrongroomError `auth.token-invalid`, `client.disabled`
   */
  async verify(token: string, ath: string): Promise<VerifiedToken> {
    let verified = this.#verified.get(ath);
    if (verified === undefined) {
      verified = await this.#read(token);
      if (this.#verified.size >= TOKENS_IN_MEMORY_MAX) this.#verified.clear();
      this.#verified.set(ath, verified);
    }
    // At every request: what was true when the token was read may have ended.
    if (verified.expiresAt <= this.#options.now()) throw invalid("it has ended");
    if (verified.application.disabled) throw new StrongroomError("client.disabled", "the application is disabled");
    if (!verified.application.keys.has(verified.kid)) throw invalid("the key that it was given for was removed");
    return verified;
  }

  async #read(token: string): Promise<VerifiedToken> {
    const { issuer, tokenKey, process, now, registry } = this.#options;
    if (token.length > ACCESS_TOKEN_CHARS_MAX) throw invalid("it is not one of this agent");
    let claims: { sub?: string; exp?: number; cnf?: { jkt?: string }; key?: string; process?: string };
    try {
      const options = { algorithms: ["HS256"], issuer, audience: issuer, typ: TYPE, currentDate: new Date(now()) };
      claims = (await jwtVerify(token, tokenKey, options)).payload;
    } catch {
      throw invalid("it is not one of this agent, or has ended");
    }
    if (claims.process !== process) throw invalid("the agent was started anew");
    // The claims are our own: signed, so of the form that `issue` gave them.
    const application = await registry.application(claims.sub ?? "");
    if (application === null) throw invalid("its application is not registered");
    return { application, jkt: claims.cnf?.jkt ?? "", kid: claims.key ?? "", expiresAt: (claims.exp ?? 0) * 1000 };
  }
}

function invalid(what: string): StrongroomError {
  return new StrongroomError("auth.token-invalid", `the access token is refused: ${what}`);
}
