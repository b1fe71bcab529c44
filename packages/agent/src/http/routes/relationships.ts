/** What controllers hold of the subject, how a controller gets its handle, consent requests, and erasure. */
import type { FastifyInstance } from "fastify";
import type { ConsentRequestDraft } from "@strongroom/core/wire";
import { answer, consentStatus, listConsents, requestConsent, withdrawConsent } from "../../consent/consentService.ts";
import { beginEpoch, eraseEpoch, eraseRelationship, eraseSubject } from "../../erase/erasure.ts";
import { makeConnectionCode, takeConnectionCode } from "../../relationships/connections.ts";
import { listRelationships } from "../../relationships/relationships.ts";
import { listHoldings } from "../../subjects/holdings.ts";
import { bearerOf, callerOf } from "../authentication.ts";
import { endpoint } from "../endpoint.ts";
import { count, id, object, text } from "../schemas/schema.ts";
import * as schemas from "../schemas/subject.ts";
import type { Services } from "../services.ts";

export function relationshipRoutes(server: FastifyInstance, services: Services): void {
  const { agent } = services;
  const byHandle = object({ handle: id() });

  endpoint(server, services, {
    method: "GET",
    path: "/v1/me/holdings",
    who: { subject: "read" },
    tag: "holdings",
    id: "listHoldings",
    summary: "Which controllers hold which types of your data, since when, and when each was last used",
    answer: schemas.holdings,
    handle: async (request) => ({ holdings: await listHoldings(agent, bearerOf(request).subject) }),
  });

  endpoint(server, services, {
    method: "GET",
    path: "/v1/me/relationships",
    who: { subject: "read" },
    tag: "holdings",
    id: "listRelationships",
    summary: "Your relationships with controllers and their key epochs",
    answer: schemas.relationships,
    handle: async (request) => ({ relationships: await listRelationships(agent, bearerOf(request).subject) }),
  });

  endpoint(server, services, {
    method: "POST",
    path: "/v1/me/connections",
    who: { subject: "write" },
    tag: "connections",
    id: "makeConnectionCode",
    summary: "A one-time code to hand to a controller at sign-up",
    body: schemas.connectionDraft,
    status: 201,
    answer: schemas.connectionCode,
    handle: (request) =>
      makeConnectionCode(agent, bearerOf(request).subject, (request.body as { controller: string }).controller),
  });

  endpoint(server, services, {
    method: "POST",
    path: "/v1/connections",
    who: "application",
    tag: "connections",
    id: "takeConnectionCode",
    summary: "Exchanges a connection code for the handle",
    body: object({ code: text(64) }),
    answer: object({ handle: id() }),
    handle: (request) => takeConnectionCode(agent, callerOf(request), (request.body as { code: string }).code),
  });

  endpoint(server, services, {
    method: "POST",
    path: "/v1/consent-requests",
    who: "application",
    tag: "consent",
    id: "requestConsent",
    summary: "Asks a subject for a rule",
    body: schemas.consentDraft,
    status: 201,
    answer: schemas.consentStatus,
    handle: (request) => requestConsent(agent, callerOf(request), request.body as ConsentRequestDraft),
  });

  endpoint(server, services, {
    method: "GET",
    path: "/v1/consent-requests/:request",
    who: "application",
    tag: "consent",
    id: "consentStatus",
    summary: "What became of a consent request",
    params: object({ request: id() }),
    answer: schemas.consentStatus,
    handle: (request) => consentStatus(agent, callerOf(request), (request.params as { request: string }).request),
  });

  endpoint(server, services, {
    method: "DELETE",
    path: "/v1/consent-requests/:request",
    who: "application",
    tag: "consent",
    id: "withdrawConsent",
    summary: "Takes a pending consent request back",
    params: object({ request: id() }),
    answer: null,
    handle: (request) => withdrawConsent(agent, callerOf(request), (request.params as { request: string }).request),
  });

  endpoint(server, services, {
    method: "GET",
    path: "/v1/me/consent-requests",
    who: { subject: "read" },
    tag: "consent",
    id: "listConsentRequests",
    summary: "What controllers ask of you",
    answer: schemas.consentViews,
    handle: async (request) => ({ requests: await listConsents(agent, bearerOf(request).subject) }),
  });

  endpoint(server, services, {
    method: "POST",
    path: "/v1/me/consent-requests/:request/answer",
    who: { subject: "write" },
    tag: "consent",
    id: "answerConsentRequest",
    summary: "Grants all, part or none of what was asked",
    params: object({ request: id() }),
    body: schemas.consentAnswer,
    answer: schemas.consentView,
    handle: (request) =>
      answer(agent, bearerOf(request).subject, (request.params as { request: string }).request, request.body),
  });

  endpoint(server, services, {
    method: "POST",
    path: "/v1/me/relationships/:handle/epochs",
    who: { subject: "all" },
    tag: "erasure",
    id: "beginEpoch",
    summary: "Begins a new key epoch: what is sealed from now on can be erased apart",
    params: byHandle,
    status: 201,
    answer: schemas.newEpoch,
    handle: (request) => beginEpoch(agent, bearerOf(request).subject, (request.params as { handle: string }).handle),
  });

  endpoint(server, services, {
    method: "DELETE",
    path: "/v1/me/relationships/:handle/epochs/:epoch",
    who: { subject: "all" },
    tag: "erasure",
    id: "eraseEpoch",
    summary: "Erases what was sealed in one epoch, for good",
    params: object({ handle: id(), epoch: count(65_535) }),
    answer: schemas.erasure,
    handle: (request) => {
      const { handle, epoch } = request.params as { handle: string; epoch: number };
      return eraseEpoch(agent, bearerOf(request).subject, handle, epoch);
    },
  });

  endpoint(server, services, {
    method: "DELETE",
    path: "/v1/me/relationships/:handle",
    who: { subject: "all" },
    tag: "erasure",
    id: "eraseRelationship",
    summary: "Erases everything that one controller holds of you, for good",
    params: byHandle,
    answer: schemas.erasure,
    handle: (request) =>
      eraseRelationship(agent, bearerOf(request).subject, (request.params as { handle: string }).handle),
  });

  endpoint(server, services, {
    method: "DELETE",
    path: "/v1/me",
    who: { subject: "all" },
    tag: "erasure",
    id: "eraseSubject",
    summary: "Erases your account, everything sealed, and the content of your log, for good",
    answer: schemas.erasure,
    handle: (request) => eraseSubject(agent, bearerOf(request).subject),
  });
}
