/** Opening a database: locked, private, known to be ours, brought to the newest schema. */
import { DatabaseSync } from "node:sqlite";
import { unavailable } from "./errors.ts";
import { checkFolder, createPrivately, makePrivate, realFile } from "./files.ts";
import { lock, type Lock } from "./lock.ts";
import { checkSchema, migrate } from "./migrations.ts";

export interface SqliteOptions {
  /** File of the database. It is created with mode 0600; its folder must exist. */
  readonly file: string;
  /** Page cache of the reading connection, KiB (default 32 MiB); the writer has 8 MiB. */
  readonly cacheKib?: number;
  /** How long to wait for another program's lock, ms (default 2,000). The event loop stands still meanwhile. */
  readonly busyMs?: number;
}

export interface Connections {
  readonly file: string;
  readonly writer: DatabaseSync;
  readonly reader: DatabaseSync;
  readonly busyMs: number;
  close(): void;
}

const READER_CACHE_KIB = 32_768;
const BUSY_MS = 2_000;

/** @throws StrongroomError or an error for `storageError`; nothing stays open then. */
export function connect(options: SqliteOptions): Connections {
  const busyMs = options.busyMs ?? BUSY_MS;
  const opened: { close(): void }[] = [];
  const close = (): void => {
    // The reader first: the last connection to close empties the WAL, and a reader cannot. The lock last.
    for (const one of opened.splice(0).reverse()) one.close();
  };
  try {
    const file = realFile(options.file);
    checkFolder(file);
    const held: Lock = lock(file);
    opened.push({ close: () => held.release() });
    createPrivately(file);
    makePrivate(file);

    const writer = new DatabaseSync(file, { timeout: busyMs, defensive: true });
    opened.push(writer);
    checkSchema(writer, file);
    prepareWriter(writer, file);
    migrate(writer, file);
    // After a crash the WAL may still hold a key that was destroyed.
    writer.exec("PRAGMA wal_checkpoint(TRUNCATE)");

    const reader = new DatabaseSync(file, { timeout: busyMs, readOnly: true, defensive: true });
    opened.push(reader);
    reader.exec(`${CAUTION} PRAGMA cache_size = -${options.cacheKib ?? READER_CACHE_KIB}`);
    return { file, writer, reader, busyMs, close };
  } catch (cause) {
    close();
    throw cause;
  }
}

/** The file's content is not trusted: no functions from its schema, and pages are checked as they are read. */
const CAUTION = "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;";

function prepareWriter(writer: DatabaseSync, file: string): void {
  const { journal_mode: mode } = writer.prepare("PRAGMA journal_mode = WAL").get() as { journal_mode: string };
  if (mode !== "wal") {
    throw unavailable(
      `the disk of ${file} cannot share memory between connections (a network drive?): use a local one`,
    );
  }
  // temp_store: what a savepoint undoes stays in memory instead of passing through a file in /tmp.
  writer.exec(
    `${CAUTION} PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;` +
      "PRAGMA foreign_keys = ON; PRAGMA cache_size = -8192; PRAGMA wal_autocheckpoint = 4000",
  );
}
