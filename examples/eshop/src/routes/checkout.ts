/** The checkout: address and card of this order, sealed as the order's own. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { withAddress } from "../customers/account.ts";
import { isId, newId } from "../effects.ts";
import { placeOrder, type OrderOutcome } from "../orders/placeOrder.ts";
import { CHECKOUT, checkoutPage, type CheckoutView } from "../pages/customer.ts";
import type { Parts } from "../parts.ts";
import { filledIn, readForm, withError, type Form } from "../web/fields.ts";
import type { Area } from "../web/area.ts";
import { inWords, isAway } from "../words.ts";
import { customerOf } from "./account.ts";

type CheckoutForm = Form<typeof CHECKOUT>;

export function checkoutRoutes(server: FastifyInstance, parts: Parts, area: Area): void {
  const { store, effects } = parts;

  const show = (request: FastifyRequest, reply: FastifyReply, status: number, view: Omit<CheckoutView, "token">) =>
    area.show(request, reply, {
      title: "Checkout",
      status,
      body: checkoutPage({ ...view, token: request.visit!.token }),
    });

  server.get("/checkout", async (request, reply) => {
    const customer = customerOf(parts, request);
    if (customer === null) return await area.leadTo(request, reply, "/sign-in");
    const lines = store.carts.lines(request.visit!.hash);
    if (lines.length === 0) return await area.leadTo(request, reply, "/cart");
    return await withAddress(parts, customer, (known) => {
      const opened = Object.fromEntries(Object.entries(known).filter(([, value]) => typeof value === "string"));
      return show(request, reply, 200, {
        form: filledIn(CHECKOUT, opened),
        known,
        lines,
        order: newId(effects),
        alert: null,
      });
    });
  });

  server.post("/checkout", async (request, reply) => {
    const customer = customerOf(parts, request);
    if (customer === null) return await area.leadTo(request, reply, "/sign-in");
    const { hash } = request.visit!;
    const lines = store.carts.lines(hash);
    const form = readForm(CHECKOUT, request.body, effects.now());
    const sent = (request.body as { order?: unknown }).order;
    const id = typeof sent === "string" && isId(sent) ? sent : newId(effects);
    const again = (status: number, shown: CheckoutForm, alert: string | null) =>
      show(request, reply, status, { form: shown, known: {}, lines, order: id, alert });
    if (!form.ok) return again(422, form, null);

    const { street, city, postalCode, country, cardNumber } = form.values;
    let outcome: OrderOutcome;
    try {
      outcome = await placeOrder(parts, {
        customer,
        id,
        address: { street, city, postalCode, country },
        cardNumber: cardNumber === "" ? null : cardNumber,
        lines: lines.map(({ product, quantity }) => ({ product: product.number, quantity })),
        cart: hash,
      });
    } catch (error) {
      if (!isAway(error)) throw error;
      return again(
        503,
        form,
        "Your agent cannot be reached just now, so nothing could be sealed and nothing was ordered. Your cart is kept. Try again in a moment.",
      );
    }
    switch (outcome.outcome) {
      case "placed":
        return await area.leadTo(
          request,
          reply,
          "/orders",
          `Thank you. Order ${outcome.number} is on its way to the warehouse.`,
        );
      case "nothing-to-order":
        return await area.leadTo(request, reply, "/cart");
      case "no-card": {
        const why = outcome.why === null ? "there is none" : `not available: ${inWords(outcome.why, "customer")}`;
        return again(403, withError(form, "cardNumber", `The card of your account: ${why}. Type a number here.`), null);
      }
      case "refused": {
        const why = outcome.refused
          .map((each) => `“${CHECKOUT[each.field as keyof typeof CHECKOUT].label}” (${inWords(each, "customer")})`)
          .join(", ");
        return again(403, form, `Your rules do not let this shop keep ${why}. Nothing was ordered.`);
      }
    }
  });
}
