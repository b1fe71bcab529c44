/**
 * The HTTP server: `buildServer` wires it without opening a port, so that tests ask it directly.
 * What every request goes through, in order: headers that all answers have, who asks (authentication.ts), the body
 * (bodies.ts), the schema of its address (endpoint.ts), the handler, and one line in the log (requestLog.ts).
 */
import fastify, { LogController, type FastifyInstance, type FastifyServerOptions } from "fastify";
import { StrongroomError } from "@strongroom/core/errors";
import { BODY_BYTES_MAX } from "@strongroom/core/wire";
import type { AgentContext } from "../context.ts";
import { takeBodies } from "./bodies.ts";
import { describeApi, serveDescription } from "./openapi.ts";
import { readNumbersInAddresses } from "./queries.ts";
import { refuse, refuseUnreadable } from "./refuse.ts";
import { logRequests } from "./requestLog.ts";
import { accountRoutes } from "./routes/account.ts";
import { applicationKeyRoutes } from "./routes/applicationKeys.ts";
import { authorizationRoutes } from "./routes/authorizations.ts";
import { eventRoutes } from "./routes/events.ts";
import { healthRoutes } from "./routes/health.ts";
import { keyRoutes } from "./routes/keys.ts";
import { logRoutes } from "./routes/log.ts";
import { operatorRoutes } from "./routes/operator.ts";
import { publicRoutes } from "./routes/public.ts";
import { publicLogRoutes } from "./routes/publicLog.ts";
import { relationshipRoutes } from "./routes/relationships.ts";
import { ruleRoutes } from "./routes/rules.ts";
import { tokenRoutes } from "./routes/token.ts";
import { knownMethods } from "./knownMethods.ts";
import { problem } from "./schemas/problem.ts";
import { openServer, type TlsFiles } from "./transport.ts";
import { openServices, type ServiceOptions, type Services } from "./services.ts";

export interface ServerOptions extends ServiceOptions {
  /** Answers by TLS; without it a proxy must. */
  readonly tls?: TlsFiles;
  /** Addresses (or CIDR ranges) of proxies whose x-forwarded-for is believed. */
  readonly trustedProxies?: readonly string[];
  /** Pino's options, or false for silence. */
  readonly logger?: Exclude<FastifyServerOptions["logger"], true>;
}

export function buildServer(agent: AgentContext, options: ServerOptions): FastifyInstance {
  const services = openServices(agent, options);
  const server = newServer(agent, options);
  answerEverythingAlike(server, agent);
  takeBodies(server);
  logRequests(server, services.metrics);
  server.decorateRequest("caller", null);
  server.decorateRequest("stillMay", null);
  server.decorateRequest("bearer", null);
  server.decorateRequest("proof", null);
  server.addSchema(problem);
  // Plain JSON.stringify: for a thousand outcomes it is as fast as a compiled serializer, and cannot drop a field.
  server.setSerializerCompiler(() => JSON.stringify);
  readNumbersInAddresses(server);
  describeApi(server, services);
  server.register(async (routes) => addRoutes(routes, services));
  watchLog(services);
  return server;
}

function addRoutes(server: FastifyInstance, services: Services): void {
  publicRoutes(server, services);
  tokenRoutes(server, services);
  applicationKeyRoutes(server, services);
  authorizationRoutes(server, services);
  accountRoutes(server, services);
  operatorRoutes(server, services);
  ruleRoutes(server, services);
  relationshipRoutes(server, services);
  logRoutes(server, services);
  eventRoutes(server, services);
  publicLogRoutes(server, services);
  keyRoutes(server, services);
  healthRoutes(server, services);
  serveDescription(server);
}

function newServer(agent: AgentContext, { tls, trustedProxies = [], logger = false }: ServerOptions): FastifyInstance {
  return fastify({
    serverFactory: (handler) => openServer(tls, handler),
    bodyLimit: BODY_BYTES_MAX,
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    exposeHeadRoutes: false,
    logger: logger === false ? false : { ...logger, serializers: {}, base: null },
    // Our own line per request says what may be said.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "requestId" }),
    genReqId: () => agent.effects.random(9).toString("base64url"),
    ajv: {
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: true,
        allErrors: false,
        strictTypes: false,
        allowUnionTypes: true,
      },
    },
    routerOptions: { maxParamLength: 100 },
    // These come before any hook.
    frameworkErrors: (thrown, request, reply) =>
      void refuse(thrown, request, reply.headers(commonHeaders(agent.effects.now()))),
    clientErrorHandler: (_error, socket) => refuseUnreadable(socket),
  });
}

/** Headers of every answer, and one form for every refusal. */
function answerEverythingAlike(server: FastifyInstance, agent: AgentContext): void {
  const methods = knownMethods(server);
  server.addHook("onRequest", async (_request, reply) => {
    reply.headers(commonHeaders(agent.effects.now()));
  });
  server.setNotFoundHandler(async (request, reply) => {
    const allowed = methods(request.url);
    if (allowed.length === 0) throw new StrongroomError("request.unknown-route", "there is nothing at this address");
    reply.header("allow", allowed.join(", "));
    throw new StrongroomError("request.wrong-method", `this address has ${allowed.join(", ")}`, {
      details: { allowed },
    });
  });
  server.setErrorHandler(refuse);
}

function commonHeaders(now: number): Record<string, string> {
  return {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    // Clients set their clocks by it.
    date: httpDate(now),
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=63072000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  };
}

let lastDate = { second: -1, text: "" };

/** IMF-fixdate (RFC 9110 section 5.6.7); the same text for a second. */
function httpDate(now: number): string {
  const second = Math.floor(now / 1000);
  if (lastDate.second !== second) lastDate = { second, text: new Date(now).toUTCString() };
  return lastDate.text;
}

function watchLog({ metrics, agent }: Services): void {
  metrics.watch("strongroom_log_size", "Records in the log.", () => agent.writer.size);
  metrics.watch(
    "strongroom_log_covered_size",
    "Records that the last checkpoint covers.",
    () => agent.publisher.checkpoint?.size ?? 0,
  );
}
