/** Holds answers against /openapi.json: an answer that the document does not describe fails the test that got it. */
import assert from "node:assert/strict";
import fastify from "fastify";
import { Validator } from "@seriousme/openapi-schema-validator";

type Check = ((value: unknown) => boolean) & { errors?: unknown };

interface Media {
  readonly schema: object;
}

interface Operation {
  readonly operationId: string;
  readonly security: readonly Record<string, string[]>[];
  readonly requestBody?: { readonly content: Record<string, Media> };
  readonly responses: Record<string, { readonly content?: Record<string, Media> }>;
}

export interface Description {
  readonly paths: Record<string, Record<string, Operation>>;
}

export interface Documented {
  readonly description: Description;
  /** Asserts that the operation documents such an answer. */
  check(method: string, path: string, status: number, contentType: string | undefined, body: unknown): void;
}

/** @throws AssertionError where the document is not valid OpenAPI */
export async function readDescription(text: string): Promise<Documented> {
  const validator = new Validator();
  const result = await validator.validate(JSON.parse(text));
  assert.ok(result.valid, JSON.stringify(result.errors));
  assert.equal(validator.version, "3.1");
  const description = validator.resolveRefs() as unknown as Description;
  const compile = await compiler();
  const checks = new Map<object, Check>();
  return {
    description,
    check(method, path, status, contentType, body) {
      const operation = find(description, method, path);
      if (operation === undefined) {
        assert.ok(
          status === 404 || status === 405 || status === 400,
          `${method} ${path} is not documented and answered ${status}`,
        );
        return;
      }
      const { responses } = operation;
      const response = responses[String(status)] ?? responses[`${Math.floor(status / 100)}XX`];
      assert.ok(response, `${method} ${path} does not document the status ${status}`);
      const types = Object.keys(response.content ?? {});
      if (types.length === 0) return assert.equal(body, "", `${method} ${path} documents no body for ${status}`);
      const type = contentType?.split(";", 1)[0] ?? "";
      assert.ok(types.includes(type), `${method} ${path} answers ${type}, documented is ${types.join()}`);
      const { schema } = response.content![type]!;
      let check = checks.get(schema);
      if (check === undefined) checks.set(schema, (check = compile(schema)));
      assert.ok(
        check(body),
        `${method} ${path} ${status}: ${JSON.stringify(check.errors)} in ${JSON.stringify(body).slice(0, 500)}`,
      );
    },
  };
}

/** Path of the document that the address belongs to. */
export function find({ paths }: Description, method: string, url: string): Operation | undefined {
  const path = url.split("?", 1)[0] ?? "";
  const matches = Object.keys(paths).filter((template) =>
    new RegExp(`^${template.replace("{*}", ".+").replace(/\{[^}]+\}/g, "[^/]+")}$`).test(path),
  );
  // A fixed path is more exact than one with a parameter.
  const exact = matches.sort((a, b) => a.split("{").length - b.split("{").length)[0];
  return exact === undefined ? undefined : paths[exact]![method.toLowerCase()];
}

/** The validator that Fastify brings along. */
async function compiler(): Promise<(schema: object) => Check> {
  const server = fastify({
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, strict: false } },
  });
  server.post("/", { schema: { body: { type: "object" } } }, async () => null);
  await server.ready();
  const compile = server.validatorCompiler!;
  return (schema) => compile({ schema, method: "POST", url: "/", httpPart: "body" }) as Check;
}
