/** The web server: what every answer has, whatever the page. */
import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import fastify, { type FastifyInstance, type FastifyReply } from "fastify";
import { alertBox } from "../pages/form.ts";
import { html } from "../pages/html.ts";
import { layout } from "../pages/layout.ts";
import { styleSource } from "../pages/style.ts";
import { isAway } from "../words.ts";
import { PageError } from "./pageError.ts";

/** The longest form is a newsletter. */
const BODY_BYTES_MAX = 32 * 1024;
const REQUEST_MS_MAX = 30_000;

export interface WebOptions {
  readonly site: { readonly name: string; readonly home: string };
  /** Browsers come by TLS: cookies and addresses are for it alone. */
  readonly secure: boolean;
  /** Addresses of proxies whose x-forwarded-for is believed. */
  readonly trustedProxies?: readonly string[];
  /** Told of what should not have happened. Messages of the shop's own errors hold no personal data. */
  readonly onError: (error: unknown) => void;
}

export function buildWeb({ site, secure, trustedProxies = [], onError }: WebOptions): FastifyInstance {
  const server = fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_MS_MAX,
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    exposeHeadRoutes: false,
    forceCloseConnections: true,
  });
  server.decorateRequest("visit", null);
  server.register(cookie);
  server.register(formbody, { bodyLimit: BODY_BYTES_MAX });
  server.removeContentTypeParser(["application/json", "text/plain"]);
  server.addHook("onRequest", async (_request, reply) => void reply.headers(headers(secure)));
  server.setNotFoundHandler(async (_request, reply) =>
    apology(reply, site, 404, "Not found", "There is no such page in this shop."),
  );
  server.setErrorHandler(async (error: Error & { statusCode?: number }, _request, reply) => {
    if (error instanceof PageError) return apology(reply, site, error.status, error.title, error.message);
    if (isAway(error))
      return apology(
        reply,
        site,
        503,
        "Your agent is away",
        "It cannot be reached just now, and this page needs it. Nothing was changed. Try again in a moment.",
      );
    if (error.statusCode === 413)
      return apology(reply, site, 413, "Too much text", "The form is larger than this shop takes.");
    if (error.statusCode !== undefined && error.statusCode < 500)
      return apology(
        reply,
        site,
        error.statusCode,
        "Not understood",
        "The request was not one that this shop's pages make.",
      );
    onError(error);
    return apology(
      reply,
      site,
      500,
      "Something went wrong",
      "It was our fault, and it was noted. Go back and try again.",
    );
  });
  return server;
}

function headers(secure: boolean): Record<string, string> {
  return {
    "cache-control": "no-store",
    "content-security-policy": `default-src 'none'; style-src ${styleSource}; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    // Not no-referrer: browsers would then leave the origin out of our own forms too.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    ...(secure ? { "strict-transport-security": "max-age=63072000" } : {}),
  };
}

function apology(reply: FastifyReply, site: WebOptions["site"], status: number, title: string, why: string): string {
  void reply.code(status).type("text/html; charset=utf-8");
  const body = html`${alertBox(why)}
    <p><a href="${site.home}">Back to the start</a></p>`;
  return layout({ title, path: "", site, links: [], signOut: null, notice: null, body });
}
