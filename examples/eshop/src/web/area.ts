/** An area of the site: its visitors, and what its pages have around them. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { layout, type Frame } from "../pages/layout.ts";
import type { Markup } from "../pages/html.ts";
import type { Parts } from "../parts.ts";
import { requireOwnForm, type Visit, type Visits } from "./visits.ts";

/** What depends on who looks. */
export type Surroundings = Pick<Frame, "site" | "links" | "signOut">;

export class Area {
  readonly visits: Visits;
  readonly #parts: Parts;
  readonly #ownOrigin: string | null;
  readonly #surroundings: (visit: Visit) => Surroundings;

  constructor(parts: Parts, visits: Visits, ownOrigin: string | null, surroundings: (visit: Visit) => Surroundings) {
    this.visits = visits;
    this.#parts = parts;
    this.#ownOrigin = ownOrigin;
    this.#surroundings = surroundings;
  }

  /** Every request of these routes knows its visit, and every form is this site's own. */
  guard(routes: FastifyInstance): void {
    routes.addHook("onRequest", async (request, reply) => void this.visits.arrive(request, reply));
    routes.addHook("preHandler", async (request) => {
      if (request.method === "POST") requireOwnForm(request, request.visit!, this.#ownOrigin);
    });
  }

  /** Draws a page. A waiting notice is shown on it, once. */
  show(
    request: FastifyRequest,
    reply: FastifyReply,
    page: { readonly title: string; readonly body: Markup; readonly status?: number },
  ): string {
    const visit = request.visit!;
    const notice = visit.session?.notice ?? null;
    if (notice !== null) this.#parts.store.sessions.setNotice(visit.hash, null);
    void reply.code(page.status ?? 200).type("text/html; charset=utf-8");
    const path = request.url.split("?", 1)[0]!;
    return layout({ ...this.#surroundings(visit), title: page.title, path, notice, body: page.body });
  }

  /** Leads to another page after a form was done, with a sentence for it. */
  async leadTo(
    request: FastifyRequest,
    reply: FastifyReply,
    to: string,
    notice: string | null = null,
  ): Promise<FastifyReply> {
    if (notice !== null) this.#parts.store.sessions.setNotice(this.visits.remember(request).hash, notice);
    return await reply.redirect(to, 303);
  }
}

/** A whole number out of a query string or form; null where it is none. */
export function wholeNumber(source: unknown, name: string, max = Number.MAX_SAFE_INTEGER): number | null {
  const text = (source as Record<string, unknown> | null | undefined)?.[name];
  if (typeof text !== "string" || !/^\d{1,16}$/.test(text)) return null;
  const value = Number(text);
  return value <= max ? value : null;
}
