/**
 * How an application signs in: a JWT that it signed itself (`private_key_jwt`, RFC 7523 section 3), good for
 * one token. The assertion is hostile until the last check of `verifyAssertion` has passed.
 */
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from "jose";
import { StrongroomError } from "@strongroom/core/errors";
import type { ClientRegistry, LiveApplication, StoredKey } from "./registry.ts";
import { OneTimeIds } from "./oneTimeIds.ts";

export const ASSERTION_CHARS_MAX = 4_096;
/** An assertion ends at most this long after now, and was made at most this long ago. */
export const ASSERTION_MS_MAX = 5 * 60_000;
/** How far a client's clock may be ahead. */
export const AHEAD_MS_MAX = 5_000;
const ASSERTIONS_IN_MEMORY_MAX = 65_536;
const JTI_CHARS_MAX = 256;

export interface ClientAuthOptions {
  readonly registry: ClientRegistry;
  /** The one audience, compared as text. */
  readonly issuer: string;
  readonly now: () => number;
}

export interface AuthenticatedClient {
  readonly application: LiveApplication;
  /** The key that signed; tokens end with it. */
  readonly kid: string;
}

export class ClientAuth {
  readonly #options: ClientAuthOptions;
  readonly #used: OneTimeIds;

  constructor(options: ClientAuthOptions) {
    this.#options = options;
    this.#used = new OneTimeIds({
      lifeMs: ASSERTION_MS_MAX,
      idsMax: ASSERTIONS_IN_MEMORY_MAX,
      // Clients write whole seconds: one made in the second of the start counts as made after it.
      startedAt: Math.floor(options.now() / 1000) * 1000,
    });
  }

  /**
   * @param clientId as the request names it beside the assertion, if it does
   * @throws StrongroomError `client.bad-assertion` naming the check that failed, `client.assertion-replayed`, `client.disabled`
   */
  async verifyAssertion(assertion: string, clientId: string | undefined): Promise<AuthenticatedClient> {
    const now = this.#options.now();
    if (assertion.length > ASSERTION_CHARS_MAX) throw refused(`it has more than ${ASSERTION_CHARS_MAX} characters`);
    const { id, header } = unverifiedNames(assertion);
    if (clientId !== undefined && clientId !== id) throw refused("iss is not the client_id of the request");
    const application = await this.#options.registry.application(id);
    if (application === null) throw refused("no application with the id that iss names is registered with this agent");
    const key = chooseKey(application, header);
    const claims = await verifySignatureAndNames(assertion, key, id, now);
    // As text and alone: an assertion that is good for another server too could be used by that server.
    const { aud } = claims;
    if (aud !== this.#options.issuer && !(Array.isArray(aud) && aud.length === 1 && aud[0] === this.#options.issuer)) {
      throw refused(`aud is not ${this.#options.issuer}`);
    }
    const issuedAt = timesFit(claims, now);
    this.#useUp(id, claims.jti, issuedAt, now);
    if (application.disabled) throw new StrongroomError("client.disabled", "the application is disabled");
    return { application, kid: key.kid };
  }

  #useUp(id: string, jti: string | undefined, issuedAt: number, now: number): void {
    if (typeof jti !== "string" || jti.length === 0 || jti.length > JTI_CHARS_MAX) {
      throw refused(`jti is not a text of 1 to ${JTI_CHARS_MAX} characters`);
    }
    const use = this.#used.use(`${id} ${jti}`, issuedAt, now);
    if (use === "again") throw new StrongroomError("client.assertion-replayed", "the assertion was used before");
    if (use === "too-old") {
      throw new StrongroomError(
        "client.assertion-replayed",
        "the assertion was made before the agent can tell whether it was used",
      );
    }
  }
}

/** What the assertion says of itself; nothing of it is believed before its signature was checked. */
function unverifiedNames(assertion: string): { id: string; header: { alg?: unknown; kid?: unknown } } {
  try {
    const { iss } = decodeJwt(assertion);
    if (typeof iss === "string") return { id: iss, header: decodeProtectedHeader(assertion) };
  } catch {
    // Told below.
  }
  throw refused("it is not a JWT with iss");
}

function chooseKey(application: LiveApplication, header: { alg?: unknown; kid?: unknown }): StoredKey {
  const [only] = application.keys.values();
  const key =
    typeof header.kid === "string" ? application.keys.get(header.kid) : application.keys.size === 1 ? only : undefined;
  if (key === undefined) throw refused("kid does not name a registered key of the application");
  if (header.alg !== key.algorithm)
    throw refused(`alg does not fit the registered key, which signs with ${key.algorithm}`);
  return key;
}

async function verifySignatureAndNames(
  assertion: string,
  key: StoredKey,
  id: string,
  now: number,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(assertion, key.key, {
      algorithms: [key.algorithm],
      issuer: id,
      subject: id,
      requiredClaims: ["aud", "exp", "iat", "jti"],
      currentDate: new Date(now),
      clockTolerance: AHEAD_MS_MAX / 1000,
    });
    return payload;
  } catch (cause) {
    if (cause instanceof errors.JWTExpired) throw refused("it has ended");
    if (cause instanceof errors.JWTClaimValidationFailed) throw refused(`${cause.claim} is missing or wrong`);
    if (cause instanceof errors.JWSSignatureVerificationFailed)
      throw refused("the signature is not by the registered key");
    throw refused("it is not a JWT in compact form");
  }
}

/** @returns when it was made, ms */
function timesFit({ exp, iat }: JWTPayload, now: number): number {
  const ends = (exp ?? 0) * 1000;
  const made = (iat ?? 0) * 1000;
  if (ends > now + ASSERTION_MS_MAX + AHEAD_MS_MAX)
    throw refused(`exp is more than ${ASSERTION_MS_MAX / 60_000} minutes ahead`);
  if (made > now + AHEAD_MS_MAX) throw refused("iat is in the future");
  if (made < now - ASSERTION_MS_MAX) throw refused(`iat is more than ${ASSERTION_MS_MAX / 60_000} minutes ago`);
  return made;
}

function refused(what: string): StrongroomError {
  return new StrongroomError("client.bad-assertion", `the client assertion is refused: ${what}`);
}
