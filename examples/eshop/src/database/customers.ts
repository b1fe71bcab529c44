/** Customers: sealed values go in and come out sealed; nothing here could open one. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { customer, type order } from "../records.ts";

const FIELDS = [...customer.fields.keys()] as (keyof SealedCustomer)[];
const column = (field: string) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
/** `given_name AS givenName, …`: a record's columns under the names of its fields. */
export const columnsOf = (record: typeof customer | typeof order, table: string) =>
  [...record.fields.keys()].map((field) => `${table}.${column(field)} AS ${field}`).join(", ");

/** A customer's sealed fields; null where nothing is stored. */
export type SealedCustomer = ReturnType<typeof readSealed>;
type CustomerColumns = Record<
  | "surname"
  | "givenName"
  | "email"
  | "street"
  | "city"
  | "postalCode"
  | "country"
  | "phone"
  | "cardNumber"
  | "cardExpiry",
  string | null
>;

export interface Customer {
  readonly number: number;
  /** Surrogate id: what the sealed values are bound to. */
  readonly id: string;
  readonly userName: string;
  readonly passwordHash: string | null;
  /** Reference to the person at their agent. */
  readonly person: string;
  readonly createdAt: number;
  readonly sealed: SealedCustomer;
}

export interface NewCustomer extends Omit<Customer, "number" | "sealed"> {
  readonly sealed: Readonly<Partial<SealedCustomer>>;
  /** Lets somebody who has the code choose a password, once and until then. */
  readonly welcome?: { readonly hash: Buffer; readonly until: number };
}

type Row = CustomerColumns & Omit<Customer, "sealed">;

const readSealed = (id: string, columns: CustomerColumns) => customer.sealedRow(id, columns);

export class Customers {
  readonly #byNumber: StatementSync;
  readonly #byUserName: StatementSync;
  readonly #page: StatementSync;
  readonly #add: StatementSync;
  readonly #takeWelcome: StatementSync;

  constructor(database: DatabaseSync) {
    const select = `SELECT number, id, user_name AS userName, password_hash AS passwordHash, person, created_at AS createdAt,
      ${columnsOf(customer, "customers")} FROM customers`;
    this.#byNumber = database.prepare(`${select} WHERE number = ?`);
    this.#byUserName = database.prepare(`${select} WHERE user_name = ?`);
    this.#page = database.prepare(`${select} WHERE number > ? ORDER BY number LIMIT ?`);
    this.#add = database.prepare(
      `INSERT INTO customers (id, user_name, password_hash, person, created_at, welcome_hash, welcome_until, ${FIELDS.map(column).join(", ")})
       VALUES (?, ?, ?, ?, ?, ?, ?, ${FIELDS.map(() => "?").join(", ")}) ON CONFLICT (user_name) DO NOTHING`,
    );
    this.#takeWelcome = database.prepare(
      `UPDATE customers SET password_hash = ?, welcome_hash = NULL
       WHERE user_name = ? AND welcome_hash = ? AND welcome_until > ?`,
    );
  }

  get(number: number): Customer | null {
    return readRow(this.#byNumber.get(number));
  }

  byUserName(userName: string): Customer | null {
    return readRow(this.#byUserName.get(userName));
  }

  /** Customers after the given number, oldest first. */
  page(after: number, limit: number): Customer[] {
    return this.#page.all(after, limit).map((row) => readRow(row)!);
  }

  /** @returns the customer's number, or null where the user name is taken */
  add({ id, userName, passwordHash, person, createdAt, sealed, welcome }: NewCustomer): number | null {
    const texts = FIELDS.map((field) => sealed[field]?.text ?? null);
    const given = [id, userName, passwordHash, person, createdAt, welcome?.hash ?? null, welcome?.until ?? 0];
    const { changes, lastInsertRowid } = this.#add.run(...given, ...texts);
    return changes === 0 ? null : Number(lastInsertRowid);
  }

  /** Uses up a welcome code. @returns whether it was the one of this customer, in time */
  takeWelcome(userName: string, hash: Buffer, passwordHash: string, now: number): boolean {
    return this.#takeWelcome.run(passwordHash, userName, hash, now).changes === 1;
  }
}

function readRow(raw: unknown): Customer | null {
  if (raw === undefined) return null;
  const row = raw as Row;
  const { number, id, userName, passwordHash, person, createdAt } = row;
  return { number, id, userName, passwordHash, person, createdAt, sealed: readSealed(id, row) };
}
