/**
 * Who is asking: a random secret in a cookie, kept as its hash. A session is stored only once there is something to
 * remember. The token in every form is made from the secret, so that no other site can make this one's forms.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type {} from "@fastify/cookie";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Session } from "../database/sessions.ts";
import type { Parts } from "../parts.ts";
import { PageError } from "./pageError.ts";

const SECRET_BYTES = 32;
const SECRET = /^[A-Za-z0-9_-]{43}$/;
const HOUR_MS = 3_600_000;
const VISITOR_MS = 30 * 24 * HOUR_MS;
const SIGNED_IN_MS = 8 * HOUR_MS;

/** One request's visitor. */
export interface Visit {
  readonly hash: Buffer;
  /** For the hidden field of every form. */
  readonly token: string;
  readonly session: Session | null;
}

declare module "fastify" {
  interface FastifyRequest {
    visit: Visit | null;
  }
}

export interface VisitOptions {
  readonly cookie: string;
  readonly path: string;
  /** Cookies go over TLS only. */
  readonly secure: boolean;
}

/** The sessions of one area: customers have one cookie, staff another, so that both may use one browser. */
export class Visits {
  readonly #parts: Parts;
  readonly #options: VisitOptions;
  readonly #name: string;

  constructor(parts: Parts, options: VisitOptions) {
    this.#parts = parts;
    this.#options = options;
    // The prefixes make browsers refuse the cookie from another host or over plain HTTP.
    const prefix = options.secure ? (options.path === "/" ? "__Host-" : "__Secure-") : "";
    this.#name = prefix + options.cookie;
  }

  /** Finds out who asks. A browser without a good cookie gets one. */
  arrive(request: FastifyRequest, reply: FastifyReply): Visit {
    const sent = request.cookies[this.#name];
    const known = sent !== undefined && SECRET.test(sent);
    const secret = known ? sent : this.#newSecret(reply);
    const visit = visitOf(secret);
    const { store, effects } = this.#parts;
    return (request.visit = { ...visit, session: known ? store.sessions.get(visit.hash, effects.now()) : null });
  }

  /** Makes sure that the visit has a session to remember something in. */
  remember(request: FastifyRequest): Session {
    const { hash, session } = request.visit!;
    if (session !== null) return session;
    const added = this.#add(hash, { staff: false, customer: null }, VISITOR_MS);
    request.visit = { ...request.visit!, session: added };
    return added;
  }

  /** A new secret after signing in, so that one planted before is worth nothing; the cart comes along. */
  signIn(request: FastifyRequest, reply: FastifyReply, who: { readonly customer: number } | "staff"): Session {
    const { store } = this.#parts;
    const before = request.visit!;
    const visit = visitOf(this.#newSecret(reply));
    const session = store.transaction(() => {
      const added = this.#add(
        visit.hash,
        who === "staff" ? { staff: true, customer: null } : { staff: false, ...who },
        SIGNED_IN_MS,
      );
      store.sessions.moveCart(before.hash, visit.hash);
      store.sessions.end(before.hash);
      return added;
    });
    request.visit = { ...visit, session };
    return session;
  }

  signOut(request: FastifyRequest, reply: FastifyReply): void {
    this.#parts.store.sessions.end(request.visit!.hash);
    request.visit = { ...visitOf(this.#newSecret(reply)), session: null };
  }

  #add(hash: Buffer, who: Pick<Session, "staff" | "customer">, lifeMs: number): Session {
    const { store, effects } = this.#parts;
    const now = effects.now();
    const added = { hash, ...who, createdAt: now, expiresAt: now + lifeMs };
    store.sessions.add(added);
    return { ...added, person: null, personUntil: 0, notice: null };
  }

  #newSecret(reply: FastifyReply): string {
    const secret = this.#parts.effects.random(SECRET_BYTES).toString("base64url");
    const { path, secure } = this.#options;
    void reply.setCookie(this.#name, secret, { path, secure, httpOnly: true, sameSite: "strict" });
    return secret;
  }
}

/**
 * Refuses a form that another site sent, or that is older than the visitor's session.
 * @param ownOrigin where the shop is, as browsers see it; null: where the request went
 * @throws PageError 403
 */
export function requireOwnForm(request: FastifyRequest, visit: Visit, ownOrigin: string | null): void {
  const { origin, host } = request.headers;
  const given = (request.body as { token?: unknown } | null)?.token;
  const fits = typeof given === "string" && sameText(given, visit.token);
  const ours = origin === undefined || origin === (ownOrigin ?? `${request.protocol}://${host}`);
  if (fits && ours) return;
  throw new PageError(
    403,
    "This form is too old",
    "It was made before you signed in or out, or your browser keeps no cookies. Open the page again and fill it in there.",
  );
}

function visitOf(secret: string): { hash: Buffer; token: string } {
  return { hash: sha256(secret), token: sha256(`token of a form ${secret}`).toString("base64url") };
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function sameText(a: string, b: string): boolean {
  return timingSafeEqual(sha256(a), sha256(b));
}
