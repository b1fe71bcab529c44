/**
 * What SQLite and the file system report, as errors of the project. Messages name the file and the fix for the
 * operator who reads the log; they hold no value of any row.
 */
import { dirname } from "node:path";
import { StrongroomError } from "@strongroom/core/errors";

/** Result codes: https://www.sqlite.org/rescode.html */
const PERM = 3;
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;
const CONSTRAINT_FOREIGNKEY = 787;
const CONSTRAINT_PRIMARYKEY = 1555;
const CONSTRAINT_UNIQUE = 2067;
const CONSTRAINT_ROWID = 2579;

/** @returns the error itself where it is one of ours; never throws. */
export function storageError(cause: unknown, file: string): StrongroomError {
  if (cause instanceof StrongroomError) return cause;
  const { errcode, code, message } = cause as { errcode?: number; code?: string; message?: string };
  if (errcode === CONSTRAINT_PRIMARYKEY || errcode === CONSTRAINT_UNIQUE || errcode === CONSTRAINT_ROWID) {
    return new StrongroomError("storage.conflict", "another record has the same name or id", { cause });
  }
  if (errcode === CONSTRAINT_FOREIGNKEY) {
    return new StrongroomError("storage.stale", "the record that this one belongs to does not exist", { cause });
  }
  const reason = (errcode === undefined ? undefined : bySqlite(errcode & 0xff, file)) ?? byNode(code, file);
  return unavailable(reason ?? `the database ${file} cannot be used: ${message ?? "unknown reason"}`, cause);
}

export function unavailable(message: string, cause?: unknown): StrongroomError {
  return new StrongroomError("storage.unavailable", message, { cause });
}

function bySqlite(primary: number, file: string): string | undefined {
  switch (primary) {
    case BUSY:
    case LOCKED:
      return `another program has the database ${file} locked: end it (a shell, a backup tool) and try again`;
    case PERM:
    case READONLY:
      return readOnly(file);
    case IOERR:
      return `reading or writing the database ${file} failed: check the disk`;
    case CORRUPT:
      return `the database ${file} is damaged: restore a backup, then run recover`;
    case FULL:
      return `the disk is full, the database ${file} cannot grow: free some space`;
    case CANTOPEN:
      return `the database ${file} cannot be opened: check that it is a file and that the agent's user may read and write it`;
    case NOTADB:
      return `${file} is not a database: move it away, or name another file`;
    default:
      return undefined;
  }
}

function byNode(code: string | undefined, file: string): string | undefined {
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return `the folder ${dirname(file)} does not exist: create it, or name another file`;
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return readOnly(file);
    case "ERR_OUT_OF_RANGE":
      // An integer that no agent wrote; SQLite's message would show it.
      return bySqlite(CORRUPT, file);
    case "ENOSPC":
    case "EDQUOT":
      return `the disk is full, the database ${file} cannot be created: free some space`;
    default:
      return undefined;
  }
}

function readOnly(file: string): string {
  return `the database ${file} cannot be written: let the agent's user write the file and its folder ${dirname(file)}`;
}
