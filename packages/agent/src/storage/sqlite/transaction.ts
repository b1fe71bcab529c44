/** The open transaction of one write. Every call runs to its end before it returns, so calls never mix. */
import { StrongroomError } from "@strongroom/core/errors";
import type * as Rows from "../rows.ts";
import type { Mutation, WriteTx } from "../store.ts";
import { storageError, unavailable } from "./errors.ts";
import { applyMutation } from "./mutations.ts";
import { logEnd } from "./reads.ts";
import type { Statements } from "./statements.ts";

export class SqliteTx implements WriteTx {
  readonly #statements: Statements;
  readonly #file: string;
  /** Why nothing more may be written: the transaction is over, or broken. */
  #ended: StrongroomError | null = null;
  /** Whether something was destroyed that must not stay in the WAL. */
  erased = false;

  constructor(statements: Statements, file: string) {
    this.#statements = statements;
    this.#file = file;
  }

  async attempt(mutations: readonly Mutation[]): Promise<StrongroomError | null> {
    return this.#guarded(() => {
      if (mutations.length === 0) return null;
      this.#statements.run("SAVEPOINT unit");
      try {
        for (const mutation of mutations) applyMutation(this.#statements, mutation);
      } catch (cause) {
        const error = storageError(cause, this.#file);
        if (error.code !== "storage.conflict" && error.code !== "storage.stale") throw error;
        this.#statements.run("ROLLBACK TO unit");
        this.#statements.run("RELEASE unit");
        return error;
      }
      this.#statements.run("RELEASE unit");
      this.erased ||= mutations.some(destroys);
      return null;
    });
  }

  async appendChunks(chunks: readonly Rows.ChunkRow[]): Promise<void> {
    this.#guarded(() => {
      let end = logEnd(this.#statements);
      for (const chunk of chunks) {
        if (chunk.first !== end || chunk.count < 1) {
          throw new StrongroomError(
            "storage.stale",
            `the log ends at ${end}; a chunk from ${chunk.first} does not follow`,
          );
        }
        this.#statements.run(
          "INSERT INTO log_chunks (first, count, records) VALUES (?, ?, ?)",
          chunk.first,
          chunk.count,
          chunk.records,
        );
        end += chunk.count;
      }
    });
  }

  async putHeads(heads: readonly Rows.HeadRow[]): Promise<void> {
    this.#guarded(() => {
      const put = this.#statements.of(
        `INSERT INTO heads (blinded, subject, counter, commitment, position, value) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (blinded) DO UPDATE SET counter = excluded.counter, commitment = excluded.commitment,
                position = excluded.position, value = excluded.value WHERE subject = excluded.subject`,
      );
      // In the order of the table each page is touched once.
      for (const head of [...heads].sort((a, b) => a.blinded.compare(b.blinded))) {
        const { changes } = put.run(head.blinded, head.subject, head.counter, head.commitment, head.index, head.value);
        if (changes === 0) {
          throw new StrongroomError("storage.conflict", "two subjects have one place in the heads map");
        }
      }
    });
  }

  async putTiles(tiles: readonly Rows.TileRow[]): Promise<void> {
    this.#guarded(() => {
      for (const tile of tiles) {
        this.#statements.run(
          "INSERT OR REPLACE INTO log_tiles (level, tile, hashes) VALUES (?, ?, ?)",
          tile.level,
          tile.index,
          tile.hashes,
        );
      }
    });
  }

  async putCheckpoint(row: Rows.CheckpointRow): Promise<void> {
    this.#guarded(() => {
      if (this.#statements.get("SELECT size FROM checkpoints WHERE size > ?", row.size) !== undefined) {
        throw new StrongroomError("storage.stale", `a checkpoint larger than ${row.size} is stored already`);
      }
      this.#statements.run(
        "INSERT OR REPLACE INTO checkpoints (size, at, note) VALUES (?, ?, ?)",
        row.size,
        row.at,
        row.note,
      );
      this.#statements.run("DELETE FROM checkpoints WHERE size < ?", row.size);
    });
  }

  /** A change that is not in the contract of `WriteTx`: the store's own. */
  run<Result>(change: (statements: Statements) => Result): Result {
    return this.#guarded(() => change(this.#statements));
  }

  /** No more calls from here on. Returns what broke the transaction, where something did. */
  end(): StrongroomError | null {
    const broken = this.#ended;
    this.#ended = unavailable("the transaction is over: its work had settled");
    return broken;
  }

  /** An error that leaves here breaks the transaction: SQLite may have undone it already, and what follows must not go in alone. */
  #guarded<Result>(step: () => Result): Result {
    if (this.#ended !== null) throw this.#ended;
    try {
      return step();
    } catch (cause) {
      this.#ended = storageError(cause, this.#file);
      throw this.#ended;
    }
  }
}

function destroys(mutation: Mutation): boolean {
  switch (mutation.op) {
    case "subject.update":
      return mutation.set.root !== undefined || mutation.set.logKey !== undefined;
    case "relationship.update":
      return mutation.set.key !== undefined;
    case "epoch.key":
    case "subject.forget":
    case "relationship.forget":
      return true;
    default:
      return false;
  }
}
