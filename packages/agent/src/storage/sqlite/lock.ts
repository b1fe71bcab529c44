/**
 * Exclusive use of a database by one agent. An agent keeps the heads of the log in memory, so a second writer would
 * fork it; SQLite's own locks end with each transaction. So a second, empty SQLite file next to the database,
 * `<file>.lock`, is held exclusively for the life of the store. The operating system drops the lock when the process
 * ends, however it ends: a file that is left behind locks nobody out.
 */
import { DatabaseSync } from "node:sqlite";
import { StrongroomError } from "@strongroom/core/errors";
import { createPrivately } from "./files.ts";
import { storageError } from "./errors.ts";

const BUSY = 5;

export interface Lock {
  release(): void;
}

/** @throws StrongroomError `storage.in-use` where another store has it, `storage.unavailable` where no lock can be made. */
export function lock(file: string): Lock {
  const path = `${file}.lock`;
  createPrivately(path);
  const held = new DatabaseSync(path, { timeout: 0, open: false });
  try {
    held.open();
    // Nothing is ever written; a journal file would stay behind after a crash.
    held.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (cause) {
    if (held.isOpen) held.close();
    if ((((cause as { errcode?: number }).errcode ?? 0) & 0xff) === BUSY) {
      throw new StrongroomError(
        "storage.in-use",
        `another agent uses the database ${file}: stop it, or name another file for this one`,
        { cause },
      );
    }
    throw storageError(cause, path);
  }
  return { release: () => held.close() };
}
