/** Statements of one connection, prepared once each. The number of different texts is small and fixed by the code. */
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";

export type Value = SQLInputValue;
/** A row as SQLite returns it: column names as in the schema. */
export type Raw = Record<string, SQLOutputValue>;

export class Statements {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Runs a change; how many rows it touched. */
  run(sql: string, ...values: Value[]): number {
    return Number(this.of(sql).run(...values).changes);
  }

  get(sql: string, ...values: Value[]): Raw | undefined {
    return this.of(sql).get(...values);
  }

  all(sql: string, ...values: Value[]): Raw[] {
    return this.of(sql).all(...values);
  }

  /** Inserts a row by column names, so that a later column does not break it. Returns its rowid where it has one. */
  insert(table: string, row: Readonly<Record<string, Value>>): number {
    const names = Object.keys(row);
    const sql = `INSERT INTO ${table} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`;
    return Number(this.of(sql).run(...Object.values(row)).lastInsertRowid);
  }

  of(sql: string): StatementSync {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }
}
