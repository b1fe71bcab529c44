import type { DatabaseSync, StatementSync } from "node:sqlite";

export interface Product {
  readonly number: number;
  readonly name: string;
  readonly about: string;
  readonly shelf: string;
  readonly priceCents: number;
}

export class Products {
  readonly #all: StatementSync;
  readonly #one: StatementSync;

  constructor(database: DatabaseSync) {
    const columns = "number, name, about, shelf, price_cents AS priceCents";
    this.#all = database.prepare(`SELECT ${columns} FROM products ORDER BY number`);
    this.#one = database.prepare(`SELECT ${columns} FROM products WHERE number = ?`);
  }

  all(): Product[] {
    return this.#all.all() as unknown as Product[];
  }

  get(number: number): Product | null {
    return (this.#one.get(number) as unknown as Product | undefined) ?? null;
  }
}
