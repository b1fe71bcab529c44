/** The files of a database: where they are, and that nobody else reads them. */
import { accessSync, chmodSync, closeSync, constants, existsSync, openSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { unavailable } from "./errors.ts";

/** The one name of the file, whatever links lead to it: the lock is made next to it. */
export function realFile(file: string): string {
  const path = resolve(file);
  if (existsSync(path)) return realpathSync(path);
  return join(realpathSync(dirname(path)), basename(path));
}

/** SQLite makes files next to the database, so the folder must be writable too. Says it before anything is touched. */
export function checkFolder(file: string): void {
  accessSync(dirname(file), constants.R_OK | constants.W_OK | constants.X_OK);
  if (existsSync(file) && !statSync(file).isFile()) throw unavailable(`${file} is not a file: name another one`);
}

/**
 * Creates a file of mode 0600 where there is none, before SQLite would with the process's umask. An existing file is
 * not opened: closing it again would drop every lock that this process holds on it (POSIX advisory locks).
 */
export function createPrivately(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (cause) {
    if ((cause as { code?: string }).code !== "EEXIST") throw cause;
  }
}

/** Takes every right of others away from the database and its WAL, as after a backup was copied back. */
export function makePrivate(file: string): void {
  for (const path of [file, `${file}-wal`, `${file}-shm`]) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found !== undefined && (found.mode & 0o077) !== 0) chmodSync(path, 0o600);
  }
}
