/** Sign in and out, the account, and the customer's own orders. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { signIn, withEmail } from "../customers/account.ts";
import { takeWelcome } from "../customers/welcome.ts";
import type { Customer } from "../database/customers.ts";
import { withHistory } from "../orders/history.ts";
import { accountPage, ordersPage, SIGN_IN, signInPage, WELCOME, welcomePage } from "../pages/customer.ts";
import type { Parts } from "../parts.ts";
import { filledIn, readForm, type Form } from "../web/fields.ts";
import { Attempts } from "../web/attempts.ts";
import { wholeNumber, type Area } from "../web/area.ts";

const TRIES_MS = 15 * 60_000;
const TRIES_PER_NAME_MAX = 10;
const TRIES_PER_ADDRESS_MAX = 100;

export function accountRoutes(server: FastifyInstance, parts: Parts, area: Area): void {
  const byName = new Attempts(TRIES_PER_NAME_MAX, TRIES_MS, parts.effects.now);
  const byAddress = new Attempts(TRIES_PER_ADDRESS_MAX, TRIES_MS, parts.effects.now);

  server.get("/sign-in", async (request, reply) =>
    area.show(request, reply, { title: "Sign in", body: signInPage(filledIn(SIGN_IN), request.visit!.token, null) }),
  );

  server.post("/sign-in", async (request, reply) => {
    const form = readForm(SIGN_IN, request.body, parts.effects.now());
    const again = (status: number, shown: Form<typeof SIGN_IN>, alert: string | null) =>
      area.show(request, reply, { title: "Sign in", status, body: signInPage(shown, request.visit!.token, alert) });
    if (!form.ok) return again(422, form, null);
    const { userName, password } = form.values;
    const waitMs = Math.max(byAddress.take(request.ip), byName.take(userName));
    if (waitMs > 0) return again(429, form, tooMany(waitMs));
    const customer = await signIn(parts, userName, password);
    if (customer === null) return again(403, form, "User name or password is wrong.");
    byName.forget(userName);
    area.visits.signIn(request, reply, { customer: customer.number });
    return await area.leadTo(request, reply, "/account", "You are signed in.");
  });

  server.get("/welcome", async (request, reply) =>
    area.show(request, reply, {
      title: "Welcome",
      body: welcomePage(filledIn(WELCOME), request.visit!.token, null),
    }),
  );

  server.post("/welcome", async (request, reply) => {
    const form = readForm(WELCOME, request.body, parts.effects.now());
    const again = (status: number, alert: string | null) =>
      area.show(request, reply, { title: "Welcome", status, body: welcomePage(form, request.visit!.token, alert) });
    if (!form.ok) return again(422, null);
    const waitMs = Math.max(byAddress.take(request.ip), byName.take(form.values.userName));
    if (waitMs > 0) return again(429, tooMany(waitMs));
    const customer = await takeWelcome(parts, form.values);
    if (customer === null) return again(403, "User name or welcome code is wrong, or the code was used or is too old.");
    area.visits.signIn(request, reply, { customer: customer.number });
    return await area.leadTo(request, reply, "/account", "Your password is set, and you are signed in.");
  });

  server.post("/sign-out", async (request, reply) => {
    area.visits.signOut(request, reply);
    return await area.leadTo(request, reply, "/");
  });

  server.get("/account", async (request, reply) => {
    const customer = customerOf(parts, request);
    if (customer === null) return await area.leadTo(request, reply, "/sign-in");
    return await withEmail(parts, customer, (email) =>
      area.show(request, reply, { title: "Your account", body: accountPage(customer, email) }),
    );
  });

  server.get("/orders", async (request, reply) => {
    const customer = customerOf(parts, request);
    if (customer === null) return await area.leadTo(request, reply, "/sign-in");
    const before = wholeNumber(request.query, "before") ?? undefined;
    return await withHistory(
      parts,
      customer.number,
      (history) => area.show(request, reply, { title: "Your orders", body: ordersPage(history) }),
      before,
    );
  });
}

function tooMany(waitMs: number): string {
  return `Too many tries. Try again in ${Math.ceil(waitMs / 60_000)} minutes.`;
}

/** Who is signed in. */
export function customerOf({ store }: Parts, { visit }: FastifyRequest): Customer | null {
  const number = visit?.session?.customer;
  return number == null ? null : store.customers.get(number);
}
