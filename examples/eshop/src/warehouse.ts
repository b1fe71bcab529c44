/**
 * The warehouse's own program on the same database: labels and nothing else, with credentials of its own at the agent.
 * A person may allow the warehouse to open an address, and not the shop's web site.
 */
import { openStore } from "./database/open.ts";
import { systemEffects } from "./effects.ts";
import type { Parts } from "./parts.ts";
import { labelRoutes, requireStaff, staffSignInRoutes } from "./routes/staff.ts";
import { withLabels, type Labels } from "./staff/labels.ts";
import { Area } from "./web/area.ts";
import { serve, type Served, type SiteOptions } from "./web/serve.ts";
import { Visits } from "./web/visits.ts";

export interface Warehouse extends Served {
  withLabels<Result>(callback: (labels: Labels) => Result): Promise<Result>;
}

export async function createWarehouse(options: SiteOptions): Promise<Warehouse> {
  const parts: Parts = {
    store: openStore(options.databaseFile),
    strongroom: options.strongroom,
    effects: options.effects ?? systemEffects,
  };
  const served = await serve(
    parts,
    options,
    { name: "Tarn & Thicket warehouse", home: "/staff/labels" },
    (server, { secure, ownOrigin, staffPassword, site }) => {
      const visits = new Visits(parts, { cookie: "warehouse", path: "/staff", secure });
      const area = new Area(parts, visits, ownOrigin, ({ session, token }) => ({
        site,
        links: session?.staff === true ? [{ to: "/staff/labels", text: "Labels" }] : [],
        signOut: session?.staff === true ? { action: "/staff/sign-out", token, who: "warehouse" } : null,
      }));
      server.get("/", async (_request, reply) => await reply.redirect(site.home, 303));
      server.register(async (routes) => {
        area.guard(routes);
        staffSignInRoutes(routes, parts, area, staffPassword);
        routes.register(async (inside) => {
          requireStaff(inside);
          labelRoutes(inside, parts, area);
        });
      });
    },
  );
  return Object.assign(served, { withLabels: (callback) => withLabels(parts, callback) } satisfies Omit<
    Warehouse,
    keyof Served
  >);
}
