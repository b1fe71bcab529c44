/** Placing an order: address and card are sealed as the order's own, so that a later move does not change an old parcel. */
import { isDenied, type Denied, type Failed } from "@strongroom/sdk";
import type { Customer } from "../database/customers.ts";
import type { Parts } from "../parts.ts";
import { order, PROVENANCES, USES } from "../records.ts";

export interface OrderRequest {
  readonly customer: Customer;
  /** Surrogate id, made with the form: the same form sent twice is one order. */
  readonly id: string;
  readonly address: {
    readonly street: string;
    readonly city: string;
    readonly postalCode: string;
    readonly country: string;
  };
  /** null: the card of the account. */
  readonly cardNumber: string | null;
  readonly lines: readonly { readonly product: number; readonly quantity: number }[];
  /** Session whose cart it was. */
  readonly cart?: Buffer;
}

export type OrderOutcome =
  | { readonly outcome: "placed"; readonly number: number }
  /** The card of the account cannot be had, or there is none (null). */
  | { readonly outcome: "no-card"; readonly why: Denied | Failed | null }
  /** The person's rules do not let the shop keep these. */
  | { readonly outcome: "refused"; readonly refused: readonly Denied[] }
  | { readonly outcome: "nothing-to-order" };

/** @throws StrongroomError where the person's agent is away: nothing is ordered then. */
export async function placeOrder(parts: Parts, request: OrderRequest): Promise<OrderOutcome> {
  const { store, strongroom, effects } = parts;
  const { customer, id, address, cardNumber } = request;
  const before = store.orders.byId(id);
  if (before !== null && before.customer === customer.number) return { outcome: "placed", number: before.number };
  const lines = request.lines.flatMap(({ product, quantity }) => {
    const found = store.products.get(product);
    return found === null ? [] : [{ product, quantity, priceCents: found.priceCents }];
  });
  if (lines.length === 0) return { outcome: "nothing-to-order" };

  const seal = (card: string) => {
    const place = { person: customer.person, row: id, provenance: PROVENANCES.form };
    return strongroom.seal(order, place, { ...address, cardNumber: card }, { refusals: "values" });
  };
  const sealed = cardNumber === null ? await withCardOfAccount(parts, customer, seal) : await seal(cardNumber);
  if ("outcome" in sealed) return sealed;
  const refused = Object.values(sealed).filter(isDenied);
  const { street, city, postalCode, country, cardNumber: card } = sealed;
  if (isDenied(street) || isDenied(city) || isDenied(postalCode) || isDenied(country) || isDenied(card))
    return { outcome: "refused", refused };

  const number = store.transaction(() => {
    const made = store.orders.add({
      id,
      customer: customer.number,
      placedAt: effects.now(),
      sealed: { street, city, postalCode, country, cardNumber: card },
      lines,
    });
    if (request.cart !== undefined) store.carts.clear(request.cart);
    return made;
  });
  return { outcome: "placed", number };
}

async function withCardOfAccount<Sealed>(
  { strongroom }: Parts,
  { sealed: { cardNumber } }: Customer,
  seal: (card: string) => Promise<Sealed>,
): Promise<Sealed | Extract<OrderOutcome, { outcome: "no-card" }>> {
  return await strongroom.use({ ...USES.charge, failures: "values" }, { cardNumber }, async ({ cardNumber: card }) =>
    typeof card === "string" ? await seal(card) : { outcome: "no-card" as const, why: card },
  );
}
