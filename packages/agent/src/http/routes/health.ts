/** For whoever keeps the agent running: alive, ready, and what to watch. */
import type { FastifyInstance } from "fastify";
import { endpoint } from "../endpoint.ts";
import { readinessOf, type Readiness } from "../readiness.ts";
import * as schemas from "../schemas/public.ts";
import type { Services } from "../services.ts";

export function healthRoutes(server: FastifyInstance, services: Services): void {
  const operations = { method: "GET", tag: "operations" } as const;
  const readiness = readinessOf(services.agent);

  endpoint<{ status: "ok" }>(server, services, {
    ...operations,
    path: "/healthz",
    who: "anyone",
    id: "alive",
    summary: "Whether the process answers",
    answer: schemas.alive,
    handle: async () => ({ status: "ok" }),
  });

  endpoint<Readiness>(server, services, {
    ...operations,
    path: "/readyz",
    who: "anyone",
    id: "ready",
    summary: "Whether requests can be answered: 503 with the reasons where not",
    answer: schemas.ready,
    alsoStatus: 503,
    async handle(_request, reply) {
      const answer = await readiness();
      if (!answer.ready) reply.code(503);
      return answer;
    },
  });

  endpoint<string>(server, services, {
    ...operations,
    path: "/metrics",
    who: "operator",
    id: "metrics",
    summary: "Figures for Prometheus: no ids, no names, no addresses",
    answer: { type: "string" },
    produces: "text/plain",
    async handle(_request, reply) {
      reply.type(services.metrics.registry.contentType);
      return services.metrics.registry.metrics();
    },
  });
}
