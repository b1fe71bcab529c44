/** A subject's own account: sessions, API tokens, password. */
import type { FastifyInstance } from "fastify";
import { StrongroomError } from "@strongroom/core/errors";
import type { ApiToken, ApiTokenDraft, SessionRequest, SessionResponse, SubjectSummary } from "@strongroom/core/wire";
import type { SessionView } from "../../accounts/sessions.ts";
import { bearerOf } from "../authentication.ts";
import { endpoint } from "../endpoint.ts";
import { addressBucket } from "../rateLimits.ts";
import * as schemas from "../schemas/accounts.ts";
import type { Services } from "../services.ts";

export function accountRoutes(server: FastifyInstance, services: Services): void {
  const { sessions, agent } = services;
  const reading = { who: { subject: "read" }, tag: "subject" } as const;
  const session = { who: { subject: "all" }, tag: "subject" } as const;

  endpoint<SessionResponse>(server, services, {
    method: "POST",
    path: "/v1/sessions",
    who: "anyone",
    tag: "subject",
    id: "signIn",
    summary: "Signs in; the same answer for a wrong login and a wrong password",
    body: schemas.sessionRequest,
    status: 201,
    answer: schemas.sessionResponse,
    handle(request) {
      const { login, password } = request.body as SessionRequest;
      return sessions.begin(login, password, addressBucket(request.ip));
    },
  });

  endpoint(server, services, {
    ...session,
    method: "DELETE",
    path: "/v1/sessions",
    id: "signOut",
    summary: "Ends the session that asks",
    answer: null,
    handle: (request) => sessions.end(bearerOf(request).subject, "session", bearerOf(request).id),
  });

  endpoint<SubjectSummary>(server, services, {
    ...reading,
    method: "GET",
    path: "/v1/me",
    id: "getMe",
    summary: "Who is signed in, and what waits for an answer",
    answer: schemas.me,
    async handle(request) {
      const { subject: id } = bearerOf(request);
      const row = await agent.store.subject(id);
      if (row === null || row.login === null) throw new StrongroomError("account.unknown", "there is no such subject");
      const now = agent.effects.now();
      const consents = await agent.store.consentsOf(id);
      const pendingConsentRequests = consents.filter(
        ({ state, expiresAt }) => state === "pending" && expiresAt > now,
      ).length;
      return { id, login: row.login, createdAt: row.createdAt, locked: row.state === "locked", pendingConsentRequests };
    },
  });

  endpoint<{ sessions: SessionView[] }>(server, services, {
    ...reading,
    method: "GET",
    path: "/v1/me/sessions",
    id: "listSessions",
    summary: "Where the subject is signed in, oldest first",
    answer: schemas.sessions,
    handle: async (request) => ({ sessions: await sessions.sessionsOf(bearerOf(request)) }),
  });

  endpoint(server, services, {
    ...session,
    method: "DELETE",
    path: "/v1/me/sessions/:id",
    id: "endSession",
    summary: "Ends one of the subject's sessions",
    params: schemas.byId,
    answer: null,
    handle: (request) => sessions.end(bearerOf(request).subject, "session", idOf(request.params)),
  });

  endpoint<{ tokens: ApiToken[] }>(server, services, {
    ...reading,
    method: "GET",
    path: "/v1/me/tokens",
    id: "listApiTokens",
    summary: "The subject's API tokens, oldest first",
    answer: schemas.apiTokens,
    handle: async (request) => ({ tokens: await sessions.apiTokensOf(bearerOf(request).subject) }),
  });

  endpoint<ApiToken & { token: string }>(server, services, {
    ...session,
    method: "POST",
    path: "/v1/me/tokens",
    id: "makeApiToken",
    summary: "Makes an API token for the subject's own scripts",
    body: schemas.apiTokenDraft,
    status: 201,
    answer: schemas.apiTokenMade,
    handle: (request) => sessions.makeApiToken(bearerOf(request).subject, request.body as ApiTokenDraft),
  });

  endpoint(server, services, {
    ...session,
    method: "DELETE",
    path: "/v1/me/tokens/:id",
    id: "endApiToken",
    summary: "Ends one of the subject's API tokens",
    params: schemas.byId,
    answer: null,
    handle: (request) => sessions.end(bearerOf(request).subject, "api", idOf(request.params)),
  });

  endpoint(server, services, {
    ...session,
    method: "POST",
    path: "/v1/me/password",
    id: "changePassword",
    summary: "Changes the password and ends all other sessions",
    body: schemas.passwordChange,
    answer: null,
    handle(request) {
      const { current, next } = request.body as { current: string; next: string };
      return sessions.changePassword(bearerOf(request), current, next, addressBucket(request.ip));
    },
  });
}

function idOf(params: unknown): string {
  return (params as { id: string }).id;
}
