/** Which process serves a data folder now. */
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { DataFolder, Run } from "./dataFolder.ts";

const SQLITE_BUSY = 5;

/**
 * The agent that serves the folder; null where none does. A file that an agent left behind when it was killed does not
 * count: its process must live, and somebody must have the database. Otherwise whatever took its port would be sent
 * the operator's token.
 */
export function runningOn(folder: DataFolder): Run | null {
  const run = folder.run();
  if (run === null || !isAlive(run.pid)) return null;
  return isTaken(`${folder.database}.lock`) ? run : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and another user's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Whether another process has the storage driver's lock, a SQLite file that is held exclusively while it is open. */
function isTaken(path: string): boolean {
  if (!existsSync(path)) return false;
  const lock = new DatabaseSync(path, { timeout: 0, open: false });
  try {
    lock.open();
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE; ROLLBACK");
    return false;
  } catch (error) {
    if ((((error as { errcode?: number }).errcode ?? 0) & 0xff) === SQLITE_BUSY) return true;
    throw error;
  } finally {
    if (lock.isOpen) lock.close();
  }
}
