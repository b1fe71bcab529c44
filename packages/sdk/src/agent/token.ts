/** Access tokens: `private_key_jwt` (RFC 7523) against the pinned issuer, bound to our proof key (RFC 9449). */
import { createPublicKey } from "node:crypto";
import { calculateJwkThumbprint, SignJWT } from "jose";
import { toBase64url, utf8 } from "@strongroom/core/bytes";
import { randomBytes } from "@strongroom/core/primitives";
import { badAnswer, readObject } from "./answer.ts";
import type { AgentClock } from "./agentClock.ts";
import { Deadline } from "./deadline.ts";
import type { Pin } from "./pin.ts";
import { digestText } from "./proof.ts";

const ASSERTION_SECONDS = 60;
/** A token is replaced once this part of its life has gone, while the old one still serves. */
const REFRESH_AT = 0.8;
const TOKEN_CHARS_MAX = 8_192;
const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

export interface AccessToken {
  readonly text: string;
  /** `ath` of its proofs. */
  readonly hash: string;
  readonly refreshAt: number;
  readonly expiresAt: number;
}

/** Posts a form to `/v1/token` and gives back the parsed JSON. The form is made anew for every attempt. */
export type PostForm = (form: () => Promise<Buffer>, deadline: Deadline) => Promise<unknown>;

export class TokenSource {
  readonly #pin: Pin;
  readonly #clock: AgentClock;
  readonly #deadlineMs: number;
  readonly #post: PostForm;
  #token: AccessToken | null = null;
  #renewing: Promise<AccessToken> | null = null;
  #kid: string | null = null;

  constructor(pin: Pin, clock: AgentClock, deadlineMs: number, post: PostForm) {
    this.#pin = pin;
    this.#clock = clock;
    this.#deadlineMs = deadlineMs;
    this.#post = post;
  }

  /** A token that is valid now. One request serves all who wait for it. */
  async get(deadline: Deadline): Promise<AccessToken> {
    const now = this.#clock.now();
    const token = this.#token;
    if (token === null || now >= token.expiresAt) return await deadline.within(this.#renew(), this.#pin.issuer);
    // Ahead of time, and unwatched: where it fails, the first call after the end tells.
    if (now >= token.refreshAt) this.#renew().catch(() => undefined);
    return token;
  }

  /** The agent no longer takes it (it was restarted, or the application's key was changed). */
  drop(token: AccessToken): void {
    if (this.#token === token) this.#token = null;
  }

  #renew(): Promise<AccessToken> {
    this.#renewing ??= this.#request().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #request(): Promise<AccessToken> {
    const deadline = new Deadline(this.#deadlineMs);
    try {
      const answer = await this.#post(() => this.#form(), deadline);
      this.#token = readToken(answer, this.#clock.now(), this.#pin.issuer);
      return this.#token;
    } finally {
      deadline.clear();
    }
  }

  async #form(): Promise<Buffer> {
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: this.#pin.application.id,
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: await this.#assertion(),
    });
    return utf8(form.toString());
  }

  async #assertion(): Promise<string> {
    const { id, privateKey } = this.#pin.application;
    // Agents name an application's keys by their thumbprints (RFC 7638).
    this.#kid ??= await calculateJwkThumbprint(createPublicKey(privateKey).export({ format: "jwk" }));
    const issuedAt = Math.floor(this.#clock.now() / 1000);
    return await new SignJWT()
      .setProtectedHeader({ alg: privateKey.asymmetricKeyType === "ec" ? "ES256" : "EdDSA", kid: this.#kid })
      .setIssuer(id)
      .setSubject(id)
      .setAudience(this.#pin.issuer)
      .setJti(toBase64url(randomBytes(16)))
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ASSERTION_SECONDS)
      .sign(privateKey);
  }
}

function readToken(answer: unknown, now: number, issuer: string): AccessToken {
  const { access_token: text, token_type: type, expires_in: seconds } = readObject(answer, issuer);
  // The characters of a token (RFC 6750 section 2.1): it is put into a header.
  const token = typeof text === "string" && text.length <= TOKEN_CHARS_MAX && /^[A-Za-z0-9._~+/-]+=*$/.test(text);
  if (
    !token ||
    typeof type !== "string" ||
    type.toLowerCase() !== "dpop" ||
    typeof seconds !== "number" ||
    !(seconds > 0)
  ) {
    throw badAnswer(issuer, "to a token request is not a DPoP token");
  }
  const lifeMs = seconds * 1000;
  return { text, hash: digestText(utf8(text)), refreshAt: now + lifeMs * REFRESH_AT, expiresAt: now + lifeMs };
}
