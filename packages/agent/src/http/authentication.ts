/**
 * Who asks. Applications prove it by an access token and a DPoP proof made for exactly this request; subjects and
 * the operator by a bearer token. Everything but the digest of the body is checked before the body is read.
 */
import type { FastifyRequest } from "fastify";
import { toBase64url, utf8 } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { sha256 } from "@strongroom/core/primitives";
import { DPOP_BODY_CLAIM } from "@strongroom/core/wire";
import type { Bearer } from "../accounts/sessions.ts";
import { reaches, type Scope } from "../accounts/subjectTokens.ts";
import type { Caller } from "../authorize/authorize.ts";
import type { VerifiedProof } from "../clients/dpop.ts";
import { bodyDigest } from "./bodies.ts";
import { addressBucket } from "./rateLimits.ts";
import type { Services } from "./services.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Set where an application asks. */
    caller: Caller | null;
    /** Set where an application asks: whether it still may, for an answer that goes on. */
    stillMay: (() => boolean) | null;
    /** Set where a subject asks. */
    bearer: Bearer | null;
    /** Set where a DPoP proof was verified; its body is compared once there is one. */
    proof: VerifiedProof | null;
  }
}

/** Who may use an address. `client` is an application that asks for its token; `all` is a subject's own session. */
export type Who = "anyone" | "client" | "application" | "operator" | { readonly subject: Scope };

type Hook = (request: FastifyRequest) => Promise<void>;

/** Checks that run before the body is read. */
export function authenticate(services: Services, who: Who): Hook {
  const { address } = services.limits;
  const identify = identifier(services, who);
  return async (request) => {
    const bucket = addressBucket(request.ip);
    if (who === "anyone" || who === "client") address.take(bucket);
    else address.check(bucket);
    try {
      await identify(request);
    } catch (error) {
      // Failures count for the address, so that nobody tries tokens or makes us check signatures without end.
      const failed = error instanceof StrongroomError && error.status === 401;
      if (failed && who !== "client") address.take(bucket);
      throw error;
    }
  };
}

function identifier(services: Services, who: Who): Hook {
  if (who === "anyone") return async () => undefined;
  if (who === "client") return (request) => verifyProof(services, request, null);
  if (who === "application") return (request) => identifyApplication(services, request);
  if (who === "operator") return async (request) => requireOperator(services, request);
  return (request) => identifySubject(services, request, who.subject);
}

/** The body is the one that the proof was made for. Runs as soon as the body is there. */
export async function compareBody(request: FastifyRequest): Promise<void> {
  const { proof } = request;
  if (proof === null || (request.rawBody.length === 0 && proof.body === undefined)) return;
  if (proof.body !== toBase64url(bodyDigest(request))) {
    throw new StrongroomError(
      "dpop.mismatch",
      `the DPoP proof is for something else: ${DPOP_BODY_CLAIM} is not the hash of the body`,
    );
  }
}

async function identifyApplication(services: Services, request: FastifyRequest): Promise<void> {
  const token = credential(request, "DPoP");
  const ath = toBase64url(sha256(utf8(token)));
  const { application, jkt, kid } = await services.accessTokens.verify(token, ath);
  await verifyProof(services, request, { ath, jkt });
  services.limits.application.take(application.id);
  request.caller = { application: application.id, controller: application.controller };
  request.stillMay = () => !application.disabled && application.keys.has(kid);
}

async function verifyProof(
  services: Services,
  request: FastifyRequest,
  bound: { ath: string; jkt: string } | null,
): Promise<void> {
  const text = request.headers.dpop;
  // Node joins repeated headers by a comma, which no compact JWT has.
  if (typeof text !== "string" || text === "")
    throw new StrongroomError("dpop.invalid", "the DPoP proof is refused: there is no dpop header");
  request.proof = await services.proofs.verify(text, {
    method: request.method,
    url: services.issuer + pathOf(request),
    ath: bound?.ath ?? null,
    jkt: bound?.jkt ?? null,
  });
}

async function identifySubject(services: Services, request: FastifyRequest, needed: Scope): Promise<void> {
  const bearer = await services.sessions.authenticate(credential(request, "Bearer"));
  services.limits.subject.take(bearer.subject);
  if (!reaches(bearer.scope, needed)) {
    const what = needed === "all" ? "a session: sign in" : "an API token of the scope write, or a session";
    throw new StrongroomError("auth.scope", `this needs ${what}`, { details: { needed, given: bearer.scope } });
  }
  request.bearer = bearer;
}

function requireOperator(services: Services, request: FastifyRequest): void {
  if (!services.operator.matches(credential(request, "Bearer"))) {
    throw new StrongroomError("auth.operator", "the operator token is wrong");
  }
}

/** The credential of the authorization header. @throws StrongroomError `auth.missing` */
function credential(request: FastifyRequest, scheme: "DPoP" | "Bearer"): string {
  const [given, token, ...more] = (request.headers.authorization ?? "").split(" ");
  if (given?.toLowerCase() !== scheme.toLowerCase() || token === undefined || token === "" || more.length > 0) {
    throw new StrongroomError("auth.missing", `the authorization header must be: ${scheme} and a token`);
  }
  return token;
}

/** Path as it was asked for, without query. */
export function pathOf(request: FastifyRequest): string {
  const { url = "/" } = request.raw;
  const query = url.indexOf("?");
  return query < 0 ? url : url.slice(0, query);
}

/** The application that asks, on addresses for applications. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null)
    throw new StrongroomError("agent.internal", "an address for applications ran without one");
  return request.caller;
}

/** The subject that asks, on addresses for subjects. */
export function bearerOf(request: FastifyRequest): Bearer {
  if (request.bearer === null) throw new StrongroomError("agent.internal", "an address for subjects ran without one");
  return request.bearer;
}
