/** What anybody may read: who the agent is. */
import type { FastifyInstance } from "fastify";
import { toBase64url } from "@strongroom/core/bytes";
import type { AgentFacts } from "@strongroom/core/wire";
import { endpoint } from "../endpoint.ts";
import * as schemas from "../schemas/public.ts";
import type { Services } from "../services.ts";

export function publicRoutes(server: FastifyInstance, services: Services): void {
  const { identity, vocabulary } = services.agent;
  const facts: AgentFacts = {
    issuer: services.issuer,
    locator: toBase64url(identity.locator),
    logKey: identity.signer.verifierKey,
    vocabulary: vocabulary.version,
    version: services.version,
  };
  endpoint<AgentFacts>(server, services, {
    method: "GET",
    path: "/v1/agent",
    who: "anyone",
    tag: "public",
    id: "getAgent",
    summary: "Who this agent is: compare it with what you pinned",
    answer: schemas.agentFacts,
    handle: async () => facts,
  });
}
