/** Which methods an address has: to tell a wrong method from a wrong address. Only asked when nothing fits. */
import type { FastifyInstance } from "fastify";

export function knownMethods(server: FastifyInstance): (url: string) => string[] {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];
  server.addHook("onRoute", ({ url, method }) => {
    const segments = url.split("/").map((segment) => {
      if (segment === "*") return ".+";
      return segment.startsWith(":") ? "[^/]+" : segment.replace(/[^\w-]/g, "\\$&");
    });
    routes.push({ pattern: new RegExp(`^${segments.join("/")}$`), methods: [method].flat() });
  });
  return (url) => {
    const path = url.split("?", 1)[0] ?? "";
    const methods = routes.filter(({ pattern }) => pattern.test(path)).flatMap((route) => route.methods);
    return [...new Set(methods)].sort();
  };
}
