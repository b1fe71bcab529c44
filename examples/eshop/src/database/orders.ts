/** Orders: what was bought is in the clear, where it goes and who paid is sealed. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { customer, order } from "../records.ts";
import { columnsOf } from "./customers.ts";

export type SealedOrder = ReturnType<typeof readOrder>;
const readOrder = (
  id: string,
  columns: Record<"street" | "city" | "postalCode" | "country" | "cardNumber", string | null>,
) => order.sealedRow(id, columns);
const readName = (id: string, columns: Record<"surname" | "givenName", string | null>) =>
  customer.sealedRow(id, columns);

export interface OrderLine {
  readonly product: number;
  readonly name: string;
  readonly quantity: number;
  readonly priceCents: number;
}

export interface Order {
  readonly number: number;
  readonly id: string;
  readonly customer: number;
  readonly placedAt: number;
  readonly sentAt: number | null;
  readonly sealed: SealedOrder;
  readonly lines: readonly OrderLine[];
}

/** An order with the sealed name of who gets it. */
export interface Parcel extends Order {
  readonly name: ReturnType<typeof readName>;
}

export interface NewOrder {
  readonly id: string;
  readonly customer: number;
  readonly placedAt: number;
  readonly sealed: SealedOrder;
  readonly lines: readonly Pick<OrderLine, "product" | "quantity" | "priceCents">[];
}

type Row = Omit<Order, "sealed" | "lines"> & Parameters<typeof readOrder>[1];

const FIELDS = `orders.number, orders.id, orders.customer, orders.placed_at AS placedAt, orders.sent_at AS sentAt, ${columnsOf(order, "orders")}`;

export class Orders {
  readonly #add: StatementSync;
  readonly #addLine: StatementSync;
  readonly #lines: StatementSync;
  readonly #byId: StatementSync;
  readonly #ofCustomer: StatementSync;
  readonly #toSend: StatementSync;
  readonly #between: StatementSync;
  readonly #sold: StatementSync;
  readonly #send: StatementSync;

  constructor(database: DatabaseSync) {
    this.#add = database.prepare(
      `INSERT INTO orders (id, customer, placed_at, street, city, postal_code, country, card_number)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#addLine = database.prepare(
      "INSERT INTO order_lines (order_number, product, quantity, price_cents) VALUES (?, ?, ?, ?)",
    );
    this.#lines = database.prepare(
      `SELECT product, name, quantity, order_lines.price_cents AS priceCents
       FROM order_lines JOIN products ON products.number = product WHERE order_number = ? ORDER BY product`,
    );
    this.#byId = database.prepare("SELECT number, customer FROM orders WHERE id = ?");
    this.#ofCustomer = database.prepare(
      `SELECT ${FIELDS} FROM orders WHERE customer = ? AND number < ? ORDER BY number DESC LIMIT ?`,
    );
    this.#toSend = database.prepare(
      `SELECT ${FIELDS}, customers.id AS customerId, customers.surname, customers.given_name AS givenName
       FROM orders JOIN customers ON customers.number = orders.customer
       WHERE orders.sent_at IS NULL AND orders.number > ? ORDER BY orders.number LIMIT ?`,
    );
    this.#between = database.prepare(
      `SELECT ${FIELDS} FROM orders WHERE placed_at >= ? AND placed_at < ? AND number > ? ORDER BY number LIMIT ?`,
    );
    this.#sold = database.prepare(
      `SELECT name, SUM(quantity) AS quantity, SUM(quantity * order_lines.price_cents) AS cents
       FROM orders JOIN order_lines ON order_number = orders.number JOIN products ON products.number = product
       WHERE placed_at >= ? AND placed_at < ? GROUP BY product ORDER BY cents DESC, name`,
    );
    this.#send = database.prepare("UPDATE orders SET sent_at = ? WHERE number = ? AND sent_at IS NULL");
  }

  /** To be called in a transaction. @returns the order's number */
  add({ id, customer: buyer, placedAt, sealed, lines }: NewOrder): number {
    const { street, city, postalCode, country, cardNumber } = sealed;
    const texts = [street, city, postalCode, country, cardNumber].map((value) => value?.text ?? null);
    const number = Number(this.#add.run(id, buyer, placedAt, ...texts).lastInsertRowid);
    for (const { product, quantity, priceCents } of lines) this.#addLine.run(number, product, quantity, priceCents);
    return number;
  }

  byId(id: string): { number: number; customer: number } | null {
    return (this.#byId.get(id) as { number: number; customer: number } | undefined) ?? null;
  }

  /** A customer's orders before the given number, newest first. */
  ofCustomer(customerNumber: number, before: number, limit: number): Order[] {
    return this.#ofCustomer.all(customerNumber, before, limit).map((row) => this.#read(row));
  }

  /** What waits for its parcel, oldest first. */
  toSend(after: number, limit: number): Parcel[] {
    return this.#toSend.all(after, limit).map((raw) => {
      const { customerId, surname, givenName } = raw as Record<string, string>;
      return {
        ...this.#read(raw),
        name: readName(customerId!, { surname: surname ?? null, givenName: givenName ?? null }),
      };
    });
  }

  /** Orders placed from `from` until before `until`, after the given number. */
  between(from: number, until: number, after: number, limit: number): Order[] {
    return this.#between.all(from, until, after, limit).map((row) => this.#read(row));
  }

  sold(from: number, until: number): { name: string; quantity: number; cents: number }[] {
    return this.#sold.all(from, until) as { name: string; quantity: number; cents: number }[];
  }

  /** @returns false where it was sent before, or never ordered */
  markSent(number: number, at: number): boolean {
    return this.#send.run(at, number).changes === 1;
  }

  #read(raw: unknown): Order {
    const row = raw as Row;
    const { number, id, customer: buyer, placedAt, sentAt } = row;
    return {
      number,
      id,
      customer: buyer,
      placedAt,
      sentAt,
      sealed: readOrder(id, row),
      lines: this.#lines.all(number) as unknown as OrderLine[],
    };
  }
}
