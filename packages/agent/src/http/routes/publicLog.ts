/** The public log, for anybody: checkpoint and tiles in the C2SP layout, proofs, and witnesses' cosignatures. */
import type { FastifyInstance } from "fastify";
import { StrongroomError } from "@strongroom/core/errors";
import { parseTilePath } from "@strongroom/core/log";
import { LogFiles } from "../../log/files.ts";
import { proveConsistency, proveInclusion } from "../../log/proofs.ts";
import { addCosignature } from "../../log/witness.ts";
import { endpoint } from "../endpoint.ts";
import { bytes, count, list, object, text } from "../schemas/schema.ts";
import type { Services } from "../services.ts";

/** Full tiles never change; partial ones and the checkpoint do. */
const FOR_EVER = "public, max-age=31536000, immutable";
const proof = object({ proof: list(bytes(32), 128) });

export function publicLogRoutes(server: FastifyInstance, services: Services): void {
  const { agent } = services;
  const files = new LogFiles(agent.store);

  endpoint(server, services, {
    method: "GET",
    path: "/log/checkpoint",
    who: "anyone",
    tag: "public log",
    id: "readCheckpoint",
    summary: "The newest checkpoint, a C2SP signed note",
    answer: { type: "string" },
    produces: "text/plain",
    handle: async (_request, reply) => {
      const { checkpoint } = agent.publisher;
      if (checkpoint === null) throw new StrongroomError("log.out-of-range", "there is no checkpoint yet");
      reply.type("text/plain; charset=utf-8");
      return checkpoint.note;
    },
  });

  endpoint(server, services, {
    method: "GET",
    path: "/log/tile/*",
    who: "anyone",
    tag: "public log",
    id: "readTile",
    summary: "A hash tile or an entry bundle, in the C2SP tlog-tiles layout",
    params: object({ "*": text(64) }),
    answer: { type: "string", format: "binary" },
    produces: "application/octet-stream",
    handle: async (request, reply) => {
      const tile = parseTilePath(`tile/${(request.params as { "*": string })["*"]}`);
      const hashes = await files.tile(tile);
      if (hashes === null) throw new StrongroomError("log.no-tile", "the log has no such tile (yet)");
      reply.header("cache-control", FOR_EVER);
      reply.type("application/octet-stream");
      return hashes;
    },
  });

  endpoint(server, services, {
    method: "GET",
    path: "/v1/log/inclusion",
    who: "anyone",
    tag: "public log",
    id: "proveInclusion",
    summary: "Proof that the leaf at a position is in the tree of a size",
    query: object({ index: count(), size: count() }),
    answer: proof,
    handle: (request) => {
      const { index, size } = request.query as { index: number; size: number };
      return proveInclusion(agent, index, size);
    },
  });

  endpoint(server, services, {
    method: "GET",
    path: "/v1/log/consistency",
    who: "anyone",
    tag: "public log",
    id: "proveConsistency",
    summary: "Proof that an older tree is a beginning of a newer one",
    query: object({ from: count(), to: count() }),
    answer: proof,
    handle: (request) => {
      const { from, to } = request.query as { from: number; to: number };
      return proveConsistency(agent, from, to);
    },
  });

  endpoint(server, services, {
    method: "POST",
    path: "/log/cosignatures",
    who: "anyone",
    tag: "public log",
    id: "addCosignature",
    summary: "A known witness's signature line over the newest checkpoint",
    body: object({ line: text(1_024) }),
    answer: null,
    handle: (request) => addCosignature(agent, (request.body as { line: string }).line),
  });
}
