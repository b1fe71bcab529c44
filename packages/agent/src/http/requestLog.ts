/**
 * One structured line per request: its id, the route's pattern, method, status and time. Never an address, a query,
 * a header, a body or whoever asked; so a log can be kept and searched like any other file.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Metrics } from "./metrics.ts";

/** Routes that nobody registered are one line together: their paths are the asker's words. */
const UNKNOWN_ROUTE = "(none)";

export function logRequests(server: FastifyInstance, metrics: Metrics): void {
  server.addHook("onResponse", async (request, reply) => {
    const route = routeOf(request);
    const ms = reply.elapsedTime;
    metrics.observeRequest(route, route === UNKNOWN_ROUTE ? UNKNOWN_ROUTE : request.method, reply.statusCode, ms);
    request.log.info(
      { method: request.method, route, status: reply.statusCode, ms: Math.round(ms * 1000) / 1000 },
      "request",
    );
  });
}

export function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? UNKNOWN_ROUTE;
}
