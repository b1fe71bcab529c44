/** Query parameters are texts; where the schema asks for a number, the text of one is taken for it. */
import type { FastifyInstance } from "fastify";

const INTEGER = /^(?:0|[1-9][0-9]{0,15})$/;

export function readNumbersInQueries(server: FastifyInstance): void {
  server.addHook("onRoute", (route) => {
    const schema = route.schema?.querystring as { properties?: Record<string, { type?: unknown }> } | undefined;
    const numbers = Object.entries(schema?.properties ?? {}).filter(([, { type }]) => type === "integer");
    if (numbers.length === 0) return;
    const before = route.preValidation === undefined ? [] : [route.preValidation].flat();
    route.preValidation = [
      async (request) => {
        const query = request.query as Record<string, unknown>;
        for (const [name] of numbers) {
          const value = query[name];
          if (typeof value === "string" && INTEGER.test(value)) query[name] = Number(value);
        }
      },
      ...before,
    ];
  });
}
