/**
 * The tables, as numbered steps; `user_version` counts those that ran. A released step is never edited.
 * Columns of sealed values refuse anything else: a forgotten seal is an error, not a leak.
 */
import { ASSORTMENT } from "./assortment.ts";
import type { DatabaseSync } from "node:sqlite";

const sealed = (column: string) => `${column} TEXT CHECK (${column} GLOB 'sr1.*')`;

const STEPS: readonly ((database: DatabaseSync) => void)[] = [
  (database) => {
    database.exec(`
      CREATE TABLE products (
        number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, about TEXT NOT NULL, shelf TEXT NOT NULL,
        price_cents INTEGER NOT NULL CHECK (price_cents > 0)
      ) STRICT;
      CREATE TABLE customers (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, user_name TEXT NOT NULL UNIQUE,
        password_hash TEXT, person TEXT NOT NULL, created_at INTEGER NOT NULL,
        ${["surname", "given_name", "email", "street", "city", "postal_code", "country", "phone", "card_number", "card_expiry"].map(sealed).join(", ")}
      ) STRICT;
      CREATE TABLE orders (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        customer INTEGER NOT NULL REFERENCES customers (number), placed_at INTEGER NOT NULL, sent_at INTEGER,
        ${["street", "city", "postal_code", "country", "card_number"].map(sealed).join(", ")}
      ) STRICT;
      CREATE INDEX orders_by_customer ON orders (customer, number);
      CREATE INDEX orders_by_time ON orders (placed_at);
      CREATE INDEX orders_to_send ON orders (number) WHERE sent_at IS NULL;
      CREATE TABLE order_lines (
        order_number INTEGER NOT NULL REFERENCES orders (number) ON DELETE CASCADE,
        product INTEGER NOT NULL REFERENCES products (number),
        quantity INTEGER NOT NULL CHECK (quantity > 0), price_cents INTEGER NOT NULL,
        PRIMARY KEY (order_number, product)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE sessions (
        hash BLOB PRIMARY KEY, staff INTEGER NOT NULL, customer INTEGER REFERENCES customers (number) ON DELETE CASCADE,
        person TEXT, person_until INTEGER NOT NULL DEFAULT 0, notice TEXT, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX sessions_by_end ON sessions (expires_at);
      CREATE TABLE cart_lines (
        session BLOB NOT NULL REFERENCES sessions (hash) ON UPDATE CASCADE ON DELETE CASCADE,
        product INTEGER NOT NULL REFERENCES products (number), quantity INTEGER NOT NULL CHECK (quantity > 0),
        PRIMARY KEY (session, product)
      ) STRICT, WITHOUT ROWID;
    `);
    const insert = database.prepare("INSERT INTO products (name, about, shelf, price_cents) VALUES (?, ?, ?, ?)");
    for (const { name, about, shelf, priceCents } of ASSORTMENT) insert.run(name, about, shelf, priceCents);
  },
  (database) => {
    // A customer who was taken over from a file chooses a password with a welcome code.
    database.exec(`
      ALTER TABLE customers ADD COLUMN welcome_hash BLOB;
      ALTER TABLE customers ADD COLUMN welcome_until INTEGER NOT NULL DEFAULT 0;
    `);
  },
];

/** @throws Error where the file was written by a newer shop. */
export function migrate(database: DatabaseSync): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    const { user_version: done } = database.prepare("PRAGMA user_version").get() as { user_version: number };
    if (done > STEPS.length) throw new Error("the shop's database was written by a newer version of the shop");
    for (const step of STEPS.slice(done)) step(database);
    database.exec(`PRAGMA user_version = ${STEPS.length}`);
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}
