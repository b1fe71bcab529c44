/**
 * One address of the API: who may use it, what goes in and what comes out. The same declaration checks requests,
 * documents them in /openapi.json and is what the tests hold answers against.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { authenticate, compareBody, type Who } from "./authentication.ts";
import { expectType, type FORM_TYPE, JSON_TYPE } from "./bodies.ts";
import type { Schema } from "./schemas/schema.ts";
import type { Services } from "./services.ts";

export interface Endpoint<Answer> {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With `:name` for parameters. */
  readonly path: string;
  readonly who: Who;
  /** Group in the document. */
  readonly tag: string;
  /** Name of the operation, for generated clients. */
  readonly id: string;
  readonly summary: string;
  readonly params?: Schema;
  readonly query?: Schema;
  readonly headers?: Schema;
  readonly body?: Schema;
  /** JSON, unless it says otherwise. */
  readonly consumes?: typeof FORM_TYPE;
  /** Success: 200 by default, 204 without an answer. */
  readonly status?: 200 | 201;
  readonly answer: Schema | null;
  readonly produces?: string;
  /** Another status that comes with the same answer. */
  readonly alsoStatus?: 503;
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => Promise<Answer>;
}

const SECURITY: Readonly<Record<string, readonly Record<string, string[]>[]>> = {
  anyone: [],
  client: [{ proof: [] }],
  application: [{ application: [], proof: [] }],
  operator: [{ operator: [] }],
  subject: [{ subject: [] }],
};

/** Codes that an address can answer with besides its success. */
const REFUSED = {
  description: "The request is refused; the code says why.",
  content: { "application/problem+json": { schema: { $ref: "Problem#" } } },
};
const FAILED = {
  description: "The agent cannot answer now.",
  content: { "application/problem+json": { schema: { $ref: "Problem#" } } },
};

export function endpoint<Answer>(server: FastifyInstance, services: Services, of: Endpoint<Answer>): void {
  const status = of.answer === null ? 204 : (of.status ?? 200);
  server.route({
    method: of.method,
    url: of.path,
    schema: {
      operationId: of.id,
      summary: of.summary,
      tags: [of.tag],
      security: SECURITY[typeof of.who === "string" ? of.who : "subject"] ?? [],
      ...(of.consumes === undefined ? {} : { consumes: [of.consumes] }),
      ...(of.params === undefined ? {} : { params: of.params }),
      ...(of.query === undefined ? {} : { querystring: of.query }),
      ...(of.headers === undefined ? {} : { headers: of.headers }),
      ...(of.body === undefined ? {} : { body: of.body }),
      response: {
        [status]: success(of.answer, of.produces),
        ...(of.alsoStatus === undefined ? {} : { [of.alsoStatus]: success(of.answer, of.produces) }),
        "4xx": REFUSED,
        "5xx": FAILED,
      },
    },
    onRequest: [authenticate(services, of.who), expectType(of.consumes ?? JSON_TYPE)],
    preValidation: compareBody,
    handler: async (request, reply) => {
      reply.code(status);
      const answer = await of.handle(request, reply);
      return of.answer === null ? undefined : answer;
    },
  });
}

function success(answer: Schema | null, produces: string = JSON_TYPE): object {
  if (answer === null) return { description: "Done.", type: "null" };
  return { description: "Done.", content: { [produces]: { schema: answer } } };
}
