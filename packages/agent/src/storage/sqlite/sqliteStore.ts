/**
 * The embedded driver: one SQLite file in WAL mode with full sync. One connection writes, another reads
 * what is committed. `secure_delete` zeroes what is removed; after a key was destroyed the WAL is emptied as well.
 */
import { resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Store, WriteTx } from "../store.ts";
import { connect, type Connections, type SqliteOptions } from "./connect.ts";
import { storageError, unavailable } from "./errors.ts";
import { SqliteReads } from "./reads.ts";
import { Statements } from "./statements.ts";
import { SqliteTx } from "./transaction.ts";

export type { SqliteOptions } from "./connect.ts";

/**
 * Opens the database of one agent and brings its schema up to date. Nobody else may have it open.
 * @throws StrongroomError `storage.in-use`, `storage.newer-schema`, `storage.unavailable`.
 */
export function openSqlite(options: SqliteOptions): Store {
  try {
    return new SqliteStore(connect(options));
  } catch (cause) {
    throw storageError(cause, resolve(options.file));
  }
}

class SqliteStore extends SqliteReads implements Store {
  readonly #connections: Connections;
  readonly #writer: DatabaseSync;
  readonly #statements: Statements;
  readonly #file: string;
  /** Tail of the queue of writes: each waits for the one before it. */
  #lastWrite: Promise<unknown> = Promise.resolve();
  /** Something was destroyed and is still in the WAL. */
  #walHoldsErased = false;
  #closed: Promise<void> | null = null;

  constructor(connections: Connections) {
    super(connections.reader, connections.file);
    this.#connections = connections;
    this.#writer = connections.writer;
    this.#statements = new Statements(connections.writer);
    this.#file = connections.file;
  }

  write<Result>(work: (tx: WriteTx) => Promise<Result>): Promise<Result> {
    return this.#enqueue(work);
  }

  async setCheckpointNote(size: number, note: string): Promise<void> {
    await this.#enqueue(async (tx) =>
      tx.run((statements) => statements.run("UPDATE checkpoints SET note = ? WHERE size = ?", note, size)),
    );
  }

  sweep(now: number, idempotencyBefore: number): Promise<number> {
    return this.#enqueue(async (tx) =>
      tx.run(
        (statements) =>
          statements.run("DELETE FROM tokens WHERE expires_at IS NOT NULL AND expires_at < ?", now) +
          statements.run("DELETE FROM connections WHERE expires_at < ?", now) +
          statements.run("DELETE FROM idempotency WHERE created_at < ?", idempotencyBefore),
      ),
    );
  }

  async ping(): Promise<void> {
    // An empty transaction would touch no disk: set the schema's number to what it is.
    await this.#enqueue(async (tx) =>
      tx.run((statements) => {
        const version = statements.get("PRAGMA user_version")?.user_version as number;
        this.#writer.exec(`PRAGMA user_version = ${version}`);
      }),
    );
  }

  close(): Promise<void> {
    this.#closed ??= this.#lastWrite.then(() => this.#connections.close());
    return this.#closed;
  }

  #enqueue<Result>(work: (tx: SqliteTx) => Promise<Result>): Promise<Result> {
    if (this.#closed !== null) return Promise.reject(unavailable(`the database ${this.#file} was closed`));
    const turn = this.#lastWrite.then(() => this.#transaction(work));
    this.#lastWrite = turn.catch(() => undefined);
    return turn;
  }

  async #transaction<Result>(work: (tx: SqliteTx) => Promise<Result>): Promise<Result> {
    const tx = new SqliteTx(this.#statements, this.#file);
    this.#execute("BEGIN IMMEDIATE");
    let result: Result;
    try {
      result = await work(tx);
      const broken = tx.end();
      if (broken !== null) throw broken;
      this.#execute("COMMIT");
    } catch (cause) {
      tx.end();
      // SQLite has undone it already after some errors, such as a full disk.
      if (this.#writer.isTransaction) this.#execute("ROLLBACK");
      throw cause;
    }
    this.#walHoldsErased ||= tx.erased;
    if (this.#walHoldsErased) this.#emptyWal();
    return result;
  }

  /**
   * The write is committed and stays so whatever happens here. Where another program reads just now (a backup),
   * the WAL cannot be emptied: it is tried again after the next write, without waiting.
   */
  #emptyWal(): void {
    try {
      this.#writer.exec("PRAGMA busy_timeout = 0");
      const { busy } = this.#writer.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get() as { busy: number };
      this.#walHoldsErased = busy !== 0;
    } catch {
      this.#walHoldsErased = true;
    } finally {
      this.#writer.exec(`PRAGMA busy_timeout = ${this.#connections.busyMs}`);
    }
  }

  #execute(sql: string): void {
    try {
      this.#writer.exec(sql);
    } catch (cause) {
      throw storageError(cause, this.#file);
    }
  }
}
