/**
 * Files of the key folder, mode 0600: there whole or not at all, and overwritten before they go. A crash at any point
 * leaves at most a file with another ending, which the next start clears away.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";

const UNFINISHED = ".new";
const DOOMED = ".destroyed";

/** Writes a file that is not there yet; it is durable when this returns. */
export function writePrivately(path: string, text: string): void {
  if (existsSync(path)) throw new Error(`${path} is there already`);
  const file = openSync(`${path}${UNFINISHED}`, "wx", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}${UNFINISHED}`, path);
  syncFolder(dirname(path));
}

/** Overwrites and removes a file. From its first step on the file has no longer the name by which it is read. */
export function destroyFile(path: string): void {
  renameSync(path, `${path}${DOOMED}`);
  syncFolder(dirname(path));
  overwriteAndRemove(`${path}${DOOMED}`);
  syncFolder(dirname(path));
}

/** Removes what a crash left of writing or destroying. Only its owner may call it, before it reads the folder. */
export function clearAwayLeftovers(folder: string): void {
  const leftovers = readdirSync(folder).filter((name) => name.endsWith(UNFINISHED) || name.endsWith(DOOMED));
  for (const name of leftovers) overwriteAndRemove(join(folder, name));
  if (leftovers.length > 0) syncFolder(folder);
}

function overwriteAndRemove(path: string): void {
  const length = statSync(path).size;
  const file = openSync(path, "r+");
  try {
    writeSync(file, Buffer.alloc(length), 0, length, 0);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  unlinkSync(path);
}

function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  fsyncSync(handle);
  closeSync(handle);
}
