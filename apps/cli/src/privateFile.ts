/** A new file that only its owner can read, for what is shown once. */
import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { StrongroomError } from "@strongroom/core/errors";
import type { Io } from "./io.ts";

export interface PrivateFile {
  readonly path: string;
  write(part: string | Uint8Array): void;
  /** All was written. */
  keep(): void;
  /** What should have been written does not exist: neither does the file. */
  drop(): void;
}

/**
 * Made before the thing that goes into it, so that nothing is lost for want of a place.
 * @throws StrongroomError `cli.file` where a file of this name exists
 */
export function newPrivateFile(io: Io, name: string): PrivateFile {
  const path = resolve(io.cwd, name);
  let handle: number;
  try {
    handle = openSync(path, "wx", 0o600);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why =
      code === "EEXIST" ? "exists already, and is not overwritten" : `cannot be made (${code ?? "unknown reason"})`;
    throw new StrongroomError("cli.file", `${path} ${why}`, { cause });
  }
  return {
    path,
    write: (part) => {
      const bytes = typeof part === "string" ? Buffer.from(part, "utf8") : part;
      for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at);
    },
    keep: () => {
      fsyncSync(handle);
      closeSync(handle);
    },
    drop: () => {
      closeSync(handle);
      unlinkSync(path);
    },
  };
}
