/** The shop's database: one SQLite file that several of the shop's programs may have open at once. */
import { DatabaseSync } from "node:sqlite";
import { Carts } from "./carts.ts";
import { Customers } from "./customers.ts";
import { migrate } from "./migrations.ts";
import { Orders } from "./orders.ts";
import { Products } from "./products.ts";
import { Sessions } from "./sessions.ts";

/** How long one program waits for another's write, ms. */
const BUSY_MS = 5_000;

export interface Store {
  readonly customers: Customers;
  readonly orders: Orders;
  readonly products: Products;
  readonly sessions: Sessions;
  readonly carts: Carts;
  /** All of the writes, or none. */
  transaction<Result>(work: () => Result): Result;
  close(): void;
}

/** @throws Error that names the file where it cannot be opened or is no database of the shop. */
export function openStore(file: string): Store {
  const database = open(file);
  return {
    customers: new Customers(database),
    orders: new Orders(database),
    products: new Products(database),
    sessions: new Sessions(database),
    carts: new Carts(database),
    transaction: (work) => {
      database.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        database.exec("COMMIT");
        return result;
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
    },
    close: () => database.close(),
  };
}

function open(file: string): DatabaseSync {
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(file, { timeout: BUSY_MS, enableForeignKeyConstraints: true });
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    migrate(database);
    return database;
  } catch (cause) {
    database?.close();
    throw new Error(`the shop's database ${file} cannot be opened: ${(cause as Error).message}`, { cause });
  }
}
