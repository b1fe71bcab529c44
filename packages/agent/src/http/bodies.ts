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

export const JSON_TYPE = "application/json";
export const FORM_TYPE = "application/x-www-form-urlencoded";

/** Refuses a body of another type before it is read. @throws StrongroomError `request.media-type` */
export function expectType(expected: typeof JSON_TYPE | typeof FORM_TYPE): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const given = request.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
    if (given !== undefined && given !== expected) {
      throw new StrongroomError("request.media-type", `the body must be ${expected}`);
    }
  };
}

export function takeBodies(server: FastifyInstance): void {
  server.decorateRequest("rawBody");
  server.addHook("onRequest", async (request) => {
    request.rawBody = EMPTY;
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(JSON_TYPE, { parseAs: "buffer" }, async (request: FastifyRequest, body: Buffer) => {
    request.rawBody = body;
    // No body at all is what the schema decides about.
    return body.length === 0 ? undefined : readJson(body);
  });
  server.addContentTypeParser(FORM_TYPE, { parseAs: "buffer" }, async (request: FastifyRequest, body: Buffer) => {
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
    if (name in form)
      throw new StrongroomError("request.invalid", "body has a parameter twice", { details: { path: "body" } });
    form[name] = value;
  }
  return form;
}
