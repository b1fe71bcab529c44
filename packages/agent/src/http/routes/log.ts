/** The subject's log: pages, exports, and what a reader that trusts nobody needs. */
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { toBase64url } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import type { LogFilter } from "@strongroom/core/wire";
import type { LiveSubject } from "../../authorize/live.ts";
import { logAsCsv, logAsJson } from "../../log/export.ts";
import { proveOwnHead } from "../../log/proofs.ts";
import { everyLine, logPage, rawPage } from "../../log/query.ts";
import { exportSubject } from "../../subjects/export.ts";
import { bearerOf } from "../authentication.ts";
import { endpoint } from "../endpoint.ts";
import * as schemas from "../schemas/subject.ts";
import type { Services } from "../services.ts";

interface PageQuery extends LogFilter {
  readonly cursor?: string;
  readonly limit: number;
}

export function logRoutes(server: FastifyInstance, services: Services): void {
  const { agent } = services;

  endpoint(server, services, {
    method: "GET",
    path: "/v1/me/log",
    who: { subject: "read" },
    tag: "log",
    id: "readLog",
    summary: "Your log, newest first; from and until are both inclusive",
    query: schemas.logQuery,
    answer: schemas.logPage,
    handle: async (request) => {
      const { cursor, limit, ...filter } = request.query as PageQuery;
      requireKnown(services, filter);
      return logPage(agent, await subjectOf(services, request), filter, limit, cursor ?? null);
    },
  });

  endpoint(server, services, {
    method: "GET",
    path: "/v1/me/log/export",
    who: { subject: "read" },
    tag: "log",
    id: "exportLog",
    summary: "Everything in your log that passes the filter, as CSV or JSON",
    query: schemas.exportQuery,
    answer: { type: "string" },
    produces: "application/octet-stream",
    handle: async (request, reply) => {
      const { format, ...filter } = request.query as LogFilter & { format: "csv" | "json" };
      requireKnown(services, filter);
      const lines = everyLine(agent, await subjectOf(services, request), filter);
      reply.header("content-disposition", `attachment; filename="log.${format}"`);
      reply.type(format === "csv" ? "text/csv; charset=utf-8" : "application/json");
      return reply.send(Readable.from(format === "csv" ? logAsCsv(lines) : logAsJson(lines)));
    },
  });

  endpoint(server, services, {
    method: "GET",
    path: "/v1/me/log/raw",
    who: { subject: "read" },
    tag: "log",
    id: "readRawLog",
    summary: "Your entries as they are stored, for a reader that opens and checks them itself",
    query: schemas.rawQuery,
    answer: schemas.rawPage,
    handle: async (request) => {
      const { cursor, limit } = request.query as PageQuery;
      return rawPage(agent, await subjectOf(services, request), limit, cursor ?? null);
    },
  });

  endpoint(server, services, {
    method: "GET",
    path: "/v1/me/log/key",
    who: { subject: "all" },
    tag: "log",
    id: "readLogKey",
    summary: "The key that opens your own log entries",
    answer: schemas.logKey,
    handle: async (request) => {
      const { logKey } = await subjectOf(services, request);
      if (logKey === null) throw unknownSubject();
      const raw = logKey.export();
      const answer = { logKey: toBase64url(raw) };
      raw.fill(0);
      return answer;
    },
  });

  endpoint(server, services, {
    method: "GET",
    path: "/v1/me/log/head",
    who: { subject: "read" },
    tag: "log",
    id: "proveHead",
    summary: "Proof under the last checkpoint of which entry is your last",
    answer: schemas.headProof,
    handle: async (request) => proveOwnHead(agent, await subjectOf(services, request)),
  });

  endpoint(server, services, {
    method: "GET",
    path: "/v1/me/export",
    who: { subject: "all" },
    tag: "log",
    id: "exportSubject",
    summary: "Everything the agent holds about you, with a signed receipt",
    answer: { type: "string" },
    produces: "application/json",
    handle: async (request, reply) => {
      const { subject } = bearerOf(request);
      reply.header("content-disposition", 'attachment; filename="strongroom-export.json"');
      reply.type("application/json");
      return reply.send(Readable.from(await exportSubject(agent, subject)));
    },
  });
}

async function subjectOf({ agent }: Services, request: FastifyRequest): Promise<LiveSubject> {
  const subject = await agent.directory.subject(bearerOf(request).subject);
  if (subject === undefined) throw unknownSubject();
  return subject;
}

/** A filter that names what does not exist would find nothing and look like an answer. */
function requireKnown(
  { agent: { vocabulary } }: Services,
  { type, use, purpose, provenance, from, until }: LogFilter,
): void {
  if (type !== undefined) vocabulary.require("type", type);
  if (use !== undefined) vocabulary.require("use", use);
  if (purpose !== undefined) vocabulary.require("purpose", purpose);
  if (provenance !== undefined) vocabulary.require("provenance", provenance);
  if (from !== undefined && until !== undefined && until < from) {
    throw new StrongroomError("request.invalid", "query has until before from", { details: { path: "query/until" } });
  }
}

function unknownSubject(): StrongroomError {
  return new StrongroomError("subject.unknown", "no such subject, or erased");
}
