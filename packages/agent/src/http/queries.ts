/** Parameters of query and path are texts; where the schema asks for a number, the text of one is taken for it. */
import type { FastifyInstance } from "fastify";

const INTEGER = /^(?:0|[1-9][0-9]{0,15})$/;

export function readNumbersInAddresses(server: FastifyInstance): void {
  server.addHook("onRoute", (route) => {
    const [query, path] = [numbersOf(route.schema?.querystring), numbersOf(route.schema?.params)];
    if (query.length + path.length === 0) return;
    const before = route.preValidation === undefined ? [] : [route.preValidation].flat();
    route.preValidation = [
      async (request) => {
        readNumbers(request.query as Record<string, unknown>, query);
        readNumbers(request.params as Record<string, unknown>, path);
      },
      ...before,
    ];
  });
}

function numbersOf(schema: unknown): string[] {
  const { properties = {} } = (schema ?? {}) as { properties?: Record<string, { type?: unknown }> };
  return Object.keys(properties).filter((name) => properties[name]?.type === "integer");
}

function readNumbers(given: Record<string, unknown>, names: readonly string[]): void {
  for (const name of names) {
    const value = given[name];
    if (typeof value === "string" && INTEGER.test(value)) given[name] = Number(value);
  }
}
