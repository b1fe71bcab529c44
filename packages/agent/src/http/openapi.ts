/** `/openapi.json`: OpenAPI 3.1, made of the same schemas that check the requests. */
import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";

export function describeApi(
  server: FastifyInstance,
  about: { readonly issuer: string; readonly version: string },
): void {
  server.register(swagger, {
    convertConstToEnum: false,
    stripBasePath: false,
    refResolver: {
      buildLocalReference: (schema, _uri, _fragment, i) =>
        typeof schema.$id === "string" ? schema.$id : `schema-${i}`,
    },
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Strongroom agent",
        description:
          "Personal data that can be used but not taken. Times are milliseconds since 1970 UTC; ids and keys are canonical base64url.",
        version: about.version,
        license: { name: "Apache-2.0", identifier: "Apache-2.0" } as { name: string },
      },
      servers: [{ url: about.issuer }],
      tags: [
        { name: "public", description: "What anybody may read" },
        { name: "application", description: "Programs of a controller" },
        { name: "subject", description: "A person, signed in or by an API token" },
        { name: "rules", description: "A subject's rules, and the lock over all of them" },
        { name: "consent", description: "Rules that a controller asks for" },
        { name: "connections", description: "How a controller learns a subject's handle" },
        { name: "holdings", description: "Which controllers hold what of a subject" },
        { name: "erasure", description: "Destroying keys, with a receipt" },
        { name: "log", description: "A subject's own log" },
        { name: "public log", description: "The log as anybody may check it" },
        { name: "events", description: "What applications are told at once" },
        { name: "keys", description: "Key epochs and erasure, for the operator" },
        { name: "operator", description: "Who runs the agent" },
        { name: "operations", description: "Health and figures" },
      ],
      components: {
        securitySchemes: {
          application: {
            type: "apiKey",
            in: "header",
            name: "authorization",
            description: "DPoP and the access token of POST /v1/token (RFC 9449), bound to the key of the proof.",
          },
          proof: {
            type: "apiKey",
            in: "header",
            name: "dpop",
            description: "DPoP proof (RFC 9449) with the claim strongroom_body: base64url SHA-256 of the body's bytes.",
          },
          subject: { type: "http", scheme: "bearer", description: "Session of POST /v1/sessions, or an API token." },
          operator: {
            type: "http",
            scheme: "bearer",
            description: "Content of the file operator.token in the agent's data folder.",
          },
        },
      },
    },
  });
}

/** Serves the document; made once, when it is first asked for. */
export function serveDescription(server: FastifyInstance): void {
  let document: string | null = null;
  server.get(
    "/openapi.json",
    {
      schema: {
        operationId: "describe",
        summary: "This document",
        tags: ["public"],
        security: [],
        response: {
          200: {
            description: "Done.",
            content: { "application/json": { schema: { type: "object", additionalProperties: true } } },
          },
        },
      },
    },
    async (_request, reply) => {
      reply.type("application/json");
      return (document ??= JSON.stringify(server.swagger()));
    },
  );
}
