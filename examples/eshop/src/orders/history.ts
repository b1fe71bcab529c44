/** A customer's own orders, with street and city opened for the length of a callback. */
import type { Order } from "../database/orders.ts";
import type { Shown } from "../words.ts";
import type { Parts } from "../parts.ts";
import { USES } from "../records.ts";

export const HISTORY_PAGE = 20;

export interface PastOrder extends Pick<Order, "number" | "placedAt" | "sentAt" | "lines"> {
  readonly street: Shown;
  readonly city: Shown;
}

export interface History {
  readonly orders: readonly PastOrder[];
  /** Number before which the next page begins; null at the end. */
  readonly next: number | null;
}

export async function withHistory<Result>(
  { store, strongroom }: Parts,
  customer: number,
  callback: (history: History) => Result,
  before = Number.MAX_SAFE_INTEGER,
): Promise<Result> {
  const found = store.orders.ofCustomer(customer, before, HISTORY_PAGE + 1);
  const page = found.slice(0, HISTORY_PAGE);
  const next = found.length > HISTORY_PAGE ? page.at(-1)!.number : null;
  const sealed = page.map(({ sealed: { street, city } }) => ({ street, city }));
  return await strongroom.use({ ...USES.order, failures: "values" }, sealed, (plain) => {
    const orders = page.map(({ number, placedAt, sentAt, lines }, at) => {
      const { street, city } = plain[at]!;
      return { number, placedAt, sentAt, lines, street, city };
    });
    return callback({ orders, next });
  });
}
