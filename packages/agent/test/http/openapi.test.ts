import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { find } from "./documented.ts";
import { openSetting } from "./setting.ts";

/** Addresses as Fastify itself lists them. */
function registered(text: string): string[] {
  const routes: string[] = [];
  const path: string[] = [];
  for (const line of text.split("\n")) {
    const match = /^((?:[│ ] {3})*)(?:├── |└── )(\S*)(?: \(([A-Z, ]+)\))?/.exec(line);
    if (match === null) continue;
    const [, indent = "", part = "", methods] = match;
    path.length = indent.length / 4;
    path.push(part);
    for (const method of methods?.split(", ") ?? []) routes.push(`${method} ${path.join("")}`);
  }
  return routes;
}

describe("/openapi.json", () => {
  test("every registered address is in the document, and every one in the document is registered", async (t) => {
    const setting = await openSetting(t);
    const served = registered(setting.server.printRoutes()).map((route) =>
      route.replace(/:(\w+)/g, "{$1}").replace("*", "{*}"),
    );
    const documented = Object.entries(setting.documented.description.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    assert.ok(served.length > 20, served.join("\n"));
    assert.deepEqual([...new Set(served)].sort(), documented.sort());
  });

  test("the listing of addresses is read as it is printed", () => {
    const text =
      "└── /\n    ├── v1/\n    │   ├── token (POST)\n    │   └── me (GET)\n    │       └── /tokens (GET, POST)\n    │           └── /\n    │               └── :id (DELETE)\n    └── healthz (GET)\n";
    assert.deepEqual(registered(text), [
      "POST /v1/token",
      "GET /v1/me",
      "GET /v1/me/tokens",
      "POST /v1/me/tokens",
      "DELETE /v1/me/tokens/:id",
      "GET /healthz",
    ]);
  });

  test("it is OpenAPI 3.1, names each operation once and says what each asks for", async (t) => {
    const setting = await openSetting(t);
    const { body } = await setting.call("GET", "/openapi.json");
    assert.equal(body.openapi, "3.1.0");
    assert.deepEqual(body.servers, [{ url: setting.context.config.issuer }]);
    const operations = Object.values(body.paths).flatMap((methods) => Object.values(methods as object)) as {
      operationId: string;
      summary: string;
      security: unknown;
      responses: object;
    }[];
    assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
    for (const { operationId, summary, security, responses } of operations) {
      assert.ok(summary.length > 5 && Array.isArray(security), operationId);
      assert.ok(operationId === "describe" || Object.keys(responses).includes("4XX"), operationId);
    }
    const { description } = setting.documented;
    assert.deepEqual(find(description, "POST", "/v1/authorizations")?.security, [{ application: [], proof: [] }]);
    assert.deepEqual(find(description, "GET", "/v1/me")?.security, [{ subject: [] }]);
    assert.deepEqual(find(description, "POST", "/v1/subjects")?.security, [{ operator: [] }]);
    assert.deepEqual(Object.keys(find(description, "POST", "/v1/token")?.requestBody?.content ?? {}), [
      "application/x-www-form-urlencoded",
    ]);
  });

  test("an answer that is not as documented is noticed", async (t) => {
    const { documented } = await openSetting(t);
    const facts = { issuer: "x", locator: "AAAAAAAAAAA", logKey: "x", vocabulary: "1", version: "1" };
    documented.check("GET", "/v1/agent", 200, "application/json", facts);
    assert.throws(() => documented.check("GET", "/v1/agent", 200, "application/json", { ...facts, more: 1 }));
    assert.throws(() =>
      documented.check("GET", "/v1/agent", 200, "application/json", { ...facts, locator: "AAAAAAAAAAB" }),
    );
    assert.throws(() => documented.check("GET", "/v1/agent", 201, "application/json", facts));
    assert.throws(() => documented.check("GET", "/v1/agent", 200, "text/plain", facts));
    assert.throws(() =>
      documented.check("GET", "/v1/agent", 404, "application/problem+json", { code: "request.unknown-route" }),
    );
    assert.throws(() => documented.check("GET", "/v1/undocumented", 200, "application/json", {}));
  });
});
