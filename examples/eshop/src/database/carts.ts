import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Product } from "./products.ts";

export const QUANTITY_MAX = 20;

export interface CartLine {
  readonly product: Product;
  readonly quantity: number;
}

/** Carts hang on sessions, so that somebody may fill one before signing in. */
export class Carts {
  readonly #lines: StatementSync;
  readonly #count: StatementSync;
  readonly #put: StatementSync;
  readonly #take: StatementSync;
  readonly #clear: StatementSync;

  constructor(database: DatabaseSync) {
    this.#lines = database.prepare(
      `SELECT number, name, about, shelf, price_cents AS priceCents, quantity
       FROM cart_lines JOIN products ON number = product WHERE session = ? ORDER BY number`,
    );
    this.#count = database.prepare("SELECT coalesce(sum(quantity), 0) AS count FROM cart_lines WHERE session = ?");
    this.#put = database.prepare(
      `INSERT INTO cart_lines (session, product, quantity) VALUES (?, ?, ?)
       ON CONFLICT (session, product) DO UPDATE SET quantity = excluded.quantity`,
    );
    this.#take = database.prepare("DELETE FROM cart_lines WHERE session = ? AND product = ?");
    this.#clear = database.prepare("DELETE FROM cart_lines WHERE session = ?");
  }

  lines(session: Buffer): CartLine[] {
    return (this.#lines.all(session) as unknown as (Product & { quantity: number })[]).map(
      ({ quantity, ...product }) => ({ product, quantity }),
    );
  }

  count(session: Buffer): number {
    return (this.#count.get(session) as { count: number }).count;
  }

  /** Sets how many of a product are wanted; 0 takes it out. */
  set(session: Buffer, product: number, quantity: number): void {
    if (quantity === 0) this.#take.run(session, product);
    else this.#put.run(session, product, Math.min(quantity, QUANTITY_MAX));
  }

  clear(session: Buffer): void {
    this.#clear.run(session);
  }
}
