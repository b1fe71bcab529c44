/**
 * The schema, as numbered steps. A step that was released is never edited: add one.
 * `PRAGMA user_version` holds the number of the last step that ran.
 */
import type { DatabaseSync } from "node:sqlite";
import { StrongroomError } from "@strongroom/core/errors";
import { storageError, unavailable } from "./errors.ts";

/** Marks the file as ours ("SRdb"), so that the database of another program is not filled with our tables. */
export const APPLICATION_ID = 0x53526462;

export const MIGRATIONS: readonly string[] = [
  `
  PRAGMA application_id = ${APPLICATION_ID};

  -- Wrapped keys, in slots that never move (wraps.ts): rows are never deleted, and the wrap may never be indexed.
  CREATE TABLE wraps (slot INTEGER PRIMARY KEY, key_id TEXT NOT NULL, wrap BLOB NOT NULL) STRICT;
  CREATE INDEX wraps_id ON wraps (key_id);

  CREATE TABLE subjects (
    id TEXT PRIMARY KEY, login TEXT UNIQUE, password_hash TEXT, state TEXT NOT NULL,
    created_at INTEGER NOT NULL, erased_at INTEGER, kek_epoch INTEGER NOT NULL,
    root_slot INTEGER UNIQUE, log_slot INTEGER UNIQUE
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX subjects_kek ON subjects (kek_epoch) WHERE root_slot IS NOT NULL;

  -- In the order of the heads map. A batch rewrites many heads: the second index never changes, so one page each is written.
  CREATE TABLE heads (
    blinded BLOB PRIMARY KEY, subject TEXT NOT NULL UNIQUE, counter INTEGER NOT NULL, commitment BLOB NOT NULL,
    position INTEGER NOT NULL, value BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Not WITHOUT ROWID: rows of kilobytes in a key's own tree cost twice the reads.
  CREATE TABLE relationships (
    handle TEXT PRIMARY KEY, subject TEXT NOT NULL REFERENCES subjects (id), controller TEXT NOT NULL,
    key_slot INTEGER UNIQUE, generation INTEGER NOT NULL, created_at INTEGER NOT NULL, erased_at INTEGER,
    rulebook BLOB
  ) STRICT;
  CREATE UNIQUE INDEX relationships_living ON relationships (subject, controller) WHERE erased_at IS NULL;
  CREATE INDEX relationships_subject ON relationships (subject);

  CREATE TABLE epochs (
    handle TEXT NOT NULL REFERENCES relationships (handle), epoch INTEGER NOT NULL, key_slot INTEGER UNIQUE,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (handle, epoch)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE controllers (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, website TEXT, created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE applications (
    id TEXT PRIMARY KEY, controller TEXT NOT NULL REFERENCES controllers (id), name TEXT NOT NULL,
    created_at INTEGER NOT NULL, disabled INTEGER NOT NULL, UNIQUE (controller, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE application_keys (
    application TEXT NOT NULL REFERENCES applications (id), kid TEXT NOT NULL, jwk TEXT NOT NULL,
    created_at INTEGER NOT NULL, PRIMARY KEY (application, kid)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tokens (
    hash TEXT PRIMARY KEY, id TEXT NOT NULL, subject TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    scope TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX tokens_subject ON tokens (subject, id);
  CREATE INDEX tokens_expiry ON tokens (expires_at) WHERE expires_at IS NOT NULL;
  CREATE TABLE connections (
    hash TEXT PRIMARY KEY, handle TEXT NOT NULL, controller TEXT NOT NULL, expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX connections_handle ON connections (handle);
  CREATE INDEX connections_expiry ON connections (expires_at);
  CREATE TABLE consents (
    id TEXT PRIMARY KEY, handle TEXT NOT NULL, subject TEXT NOT NULL, controller TEXT NOT NULL,
    application TEXT NOT NULL, draft TEXT NOT NULL, state TEXT NOT NULL, created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, answered_at INTEGER
  ) STRICT;
  CREATE INDEX consents_subject ON consents (subject, created_at);
  CREATE INDEX consents_handle ON consents (handle, state);
  CREATE TABLE holdings (
    handle TEXT NOT NULL, type TEXT NOT NULL, since INTEGER NOT NULL, provenances TEXT NOT NULL,
    last_sealed_at INTEGER NOT NULL, last_used_at INTEGER, PRIMARY KEY (handle, type)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE idempotency (
    application TEXT NOT NULL, key TEXT NOT NULL, digest BLOB NOT NULL, decision TEXT NOT NULL,
    created_at INTEGER NOT NULL, PRIMARY KEY (application, key)
  ) STRICT;
  CREATE INDEX idempotency_age ON idempotency (created_at);

  CREATE TABLE log_chunks (
    first INTEGER PRIMARY KEY, count INTEGER NOT NULL, records BLOB NOT NULL
  ) STRICT;
  CREATE TABLE log_tiles (
    level INTEGER NOT NULL, tile INTEGER NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY (level, tile)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE checkpoints (
    size INTEGER PRIMARY KEY, at INTEGER NOT NULL, note TEXT NOT NULL
  ) STRICT;
  `,
];

/**
 * Looks at a database before anything is written to it. A new, empty one passes.
 * @throws StrongroomError `storage.newer-schema`, or `storage.unavailable` where it is another program's.
 */
export function checkSchema(database: DatabaseSync, file: string, steps: readonly string[] = MIGRATIONS): void {
  const owner = pragma(database, "application_id");
  const { tables } = database.prepare("SELECT count(*) AS tables FROM sqlite_schema").get() as { tables: number };
  if (owner !== APPLICATION_ID && (owner !== 0 || tables > 0)) {
    throw unavailable(`${file} is the database of another program: name another file`);
  }
  const version = pragma(database, "user_version");
  if (version > steps.length) {
    throw new StrongroomError(
      "storage.newer-schema",
      `${file} has schema ${version} and this Strongroom knows schemas up to ${steps.length}: start the newer version, or restore an older backup`,
    );
  }
}

/**
 * Brings a database to the newest schema, one transaction a step: after a failure it is as the last good step left it.
 * @throws StrongroomError `storage.unavailable`, naming the step.
 */
export function migrate(database: DatabaseSync, file: string, steps: readonly string[] = MIGRATIONS): void {
  while (pragma(database, "user_version") < steps.length) {
    let step = 0;
    try {
      database.exec("BEGIN IMMEDIATE");
      // Read again under the lock: another connection may have run the step meanwhile.
      step = pragma(database, "user_version") + 1;
      if (step <= steps.length) database.exec(`${steps[step - 1]}; PRAGMA user_version = ${step}`);
      database.exec("COMMIT");
    } catch (cause) {
      if (database.isTransaction) database.exec("ROLLBACK");
      if (step === 0) throw storageError(cause, file);
      throw unavailable(`step ${step} of ${file}'s schema failed: ${(cause as Error).message}`, cause);
    }
  }
}

function pragma(database: DatabaseSync, name: "user_version" | "application_id"): number {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0] as number;
}
