/** Bodies: bounded, decoded once, and their digest kept for what is bound to exactly these bytes. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { fromUtf8 } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { sha256 } from "@strongroom/core/primitives";

declare module "fastify" {
  interface FastifyRequest {
    /** The body as it came, after any content-encoding that a proxy took off. */
    rawBody: Buffer;
  }
}

const EMPTY = Buffer.alloc(0);

export function takeBodies(server: FastifyInstance): void {
  server.decorateRequest("rawBody");
  server.addHook("onRequest", async (request) => {
    request.rawBody = EMPTY;
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("application/json", { parseAs: "buffer" }, async (request: FastifyRequest, body: Buffer) => {
    request.rawBody = body;
    // No body at all is what the schema decides about.
    return body.length === 0 ? undefined : readJson(body);
  });
  server.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "buffer" }, async (request: FastifyRequest, body: Buffer) => {
    request.rawBody = body;
    return readForm(body);
  });
}

/** SHA-256 of the body, 32 bytes. */
export function bodyDigest(request: FastifyRequest): Buffer {
  return sha256(request.rawBody);
}

/** @throws StrongroomError `request.malformed-json` without quoting what came */
function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(fromUtf8(body));
  } catch {
    throw new StrongroomError("request.malformed-json", "the body is not JSON in UTF-8");
  }
}

/** A parameter that comes twice could be read differently by whoever looks at it next (RFC 6749 section 3.2 forbids it). */
function readForm(body: Buffer): Record<string, string> {
  const form: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of new URLSearchParams(body.toString("latin1"))) {
    if (name in form) throw new StrongroomError("request.invalid", "body has a parameter twice", { details: { path: "body" } });
    form[name] = value;
  }
  return form;
}
