/** The shop: its database, its pages, and the same things for a program that has no browser. */
import type { FastifyInstance } from "fastify";
import { withEmail } from "./customers/account.ts";
import { signUp, type Details, type SignUpOutcome } from "./customers/signUp.ts";
import type { Customer } from "./database/customers.ts";
import { openStore } from "./database/open.ts";
import { systemEffects, newId, type Effects } from "./effects.ts";
import { importCustomers, type ImportOptions, type ImportTotals } from "./importCustomers.ts";
import { withHistory, type History } from "./orders/history.ts";
import { placeOrder, type OrderOutcome, type OrderRequest } from "./orders/placeOrder.ts";
import type { Parts } from "./parts.ts";
import { accountRoutes } from "./routes/account.ts";
import { catalogueRoutes } from "./routes/catalogue.ts";
import { checkoutRoutes } from "./routes/checkout.ts";
import { signUpRoutes } from "./routes/signUp.ts";
import { labelRoutes, newsletterRoutes, reportRoutes, requireStaff, staffSignInRoutes } from "./routes/staff.ts";
import { withLabels, type Labels } from "./staff/labels.ts";
import { withNewsletter, type Letters } from "./staff/newsletter.ts";
import { monthlyReport, type Report } from "./staff/report.ts";
import { serve, type Served, type SiteOptions } from "./web/serve.ts";
import { Area } from "./web/area.ts";
import { Visits } from "./web/visits.ts";
import type { Shown } from "./words.ts";

/**
 * The shop's own surface, used by its pages. What `with…` gives its callback is plaintext for as long as the callback
 * runs. Everything throws a StrongroomError where a person's agent is away and nothing can be done without it.
 */
export interface Shop extends Served {
  /** @param code the connection code that the person made for this shop at their agent */
  signUp(given: {
    readonly code: string;
    readonly userName: string;
    readonly password: string;
    readonly details: Details;
  }): Promise<SignUpOutcome>;
  customer(userName: string): Customer | null;
  withEmail<Result>(customer: Customer, callback: (email: Shown) => Result): Promise<Result>;
  placeOrder(request: Omit<OrderRequest, "id" | "cart">): Promise<OrderOutcome>;
  withHistory<Result>(customer: Customer, callback: (history: History) => Result): Promise<Result>;
  withLabels<Result>(callback: (labels: Labels) => Result): Promise<Result>;
  /** A parcel left: its label is not printed again. False where it was not waiting. */
  markSent(order: number): boolean;
  withNewsletter<Result>(callback: (letters: Letters) => Result): Promise<Result>;
  /** @param month `2025-06`, UTC */
  monthlyReport(month: string): Promise<Report>;
  importCustomers(options: ImportOptions): Promise<ImportTotals>;
}

/** Opens the database, which is made and filled with products at first, and builds the pages. `listen()` opens the port. */
export async function createShop(options: SiteOptions): Promise<Shop> {
  const effects: Effects = options.effects ?? systemEffects;
  const store = openStore(options.databaseFile);
  const parts: Parts = { store, strongroom: options.strongroom, effects };
  const served = await serve(
    parts,
    options,
    { name: "Tarn & Thicket", home: "/" },
    (server, { secure, ownOrigin, staffPassword, site }) => {
      const visits = new Visits(parts, { cookie: "shop", path: "/", secure });
      const staffVisits = new Visits(parts, { cookie: "shop-staff", path: "/staff", secure });
      const shop = new Area(parts, visits, ownOrigin, ({ session, hash, token }) => {
        const userName = session?.customer == null ? null : (store.customers.get(session.customer)?.userName ?? null);
        const own = userName === null ? [SIGN_UP, SIGN_IN] : [ORDERS, ACCOUNT];
        return {
          site,
          links: [
            { to: "/", text: "Products" },
            { to: "/cart", text: `Cart (${store.carts.count(hash)})` },
            ...own,
            { to: "/staff/labels", text: "Staff" },
          ],
          signOut: userName === null ? null : { action: "/sign-out", token, who: userName },
        };
      });
      const staff = new Area(parts, staffVisits, ownOrigin, ({ session, token }) => ({
        site,
        links: session?.staff === true ? STAFF_LINKS : [{ to: "/", text: "Shop" }],
        signOut: session?.staff === true ? { action: "/staff/sign-out", token, who: "staff" } : null,
      }));
      server.register(async (routes) => shopRoutes(routes, parts, shop));
      server.register(async (routes) => staffRoutes(routes, parts, staff, staffPassword));
    },
  );
  return Object.assign(served, {
    signUp: async ({ code, ...given }) => await signUp(parts, await parts.strongroom.connectPerson(code), given),
    customer: (userName) => store.customers.byUserName(userName),
    withEmail: (customer, callback) => withEmail(parts, customer, callback),
    placeOrder: (request) => placeOrder(parts, { ...request, id: newId(effects) }),
    withHistory: (customer, callback) => withHistory(parts, customer.number, callback),
    withLabels: (callback) => withLabels(parts, callback),
    markSent: (order) => store.orders.markSent(order, effects.now()),
    withNewsletter: (callback) => withNewsletter(parts, callback),
    monthlyReport: (month) => monthlyReport(parts, month),
    importCustomers: (importing) => importCustomers(parts, importing),
  } satisfies Omit<Shop, keyof Served>);
}

const SIGN_UP = { to: "/sign-up", text: "Sign up" };
const SIGN_IN = { to: "/sign-in", text: "Sign in" };
const ORDERS = { to: "/orders", text: "Orders" };
const ACCOUNT = { to: "/account", text: "Account" };
const STAFF_LINKS = [
  { to: "/staff/labels", text: "Labels" },
  { to: "/staff/newsletter", text: "Newsletter" },
  { to: "/staff/report", text: "Report" },
  { to: "/", text: "Shop" },
];

function shopRoutes(routes: FastifyInstance, parts: Parts, area: Area): void {
  area.guard(routes);
  catalogueRoutes(routes, parts, area);
  signUpRoutes(routes, parts, area);
  accountRoutes(routes, parts, area);
  checkoutRoutes(routes, parts, area);
}

function staffRoutes(routes: FastifyInstance, parts: Parts, area: Area, password: string): void {
  area.guard(routes);
  staffSignInRoutes(routes, parts, area, password);
  routes.register(async (inside) => {
    requireStaff(inside);
    labelRoutes(inside, parts, area);
    newsletterRoutes(inside, parts, area);
    reportRoutes(inside, parts, area);
  });
}
