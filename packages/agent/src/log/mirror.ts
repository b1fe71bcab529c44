/**
 * The public log as files, in the C2SP tlog-tiles layout: anybody can serve or check the folder, and a database that
 * was restored from an older backup finds out from it that it is behind. Files are complete before the checkpoint
 * that needs them is: it is written last, by rename.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { StrongroomError } from "@strongroom/core/errors";
import {
  bundlesOf,
  CHECKPOINT_PATH,
  decodeBundle,
  parseCheckpointText,
  parseNote,
  tilePath,
  tilesOf,
  type Tile,
} from "@strongroom/core/log";
import type { CheckpointRow } from "../storage/rows.ts";
import type { LogFiles } from "./files.ts";

export class LogMirror {
  readonly #folder: string;
  readonly #files: LogFiles;
  #size: number;

  constructor(folder: string, files: LogFiles) {
    this.#folder = folder;
    this.#files = files;
    mkdirSync(folder, { recursive: true });
    this.#size = this.note() === null ? 0 : parseCheckpointText(parseNote(this.note() as string).text).size;
  }

  /** The mirror's own checkpoint; null in an empty folder. */
  note(): string | null {
    const path = join(this.#folder, CHECKPOINT_PATH);
    return existsSync(path) ? readFileSync(path, "utf8") : null;
  }

  /** Positions that the mirror covers. */
  get size(): number {
    return this.#size;
  }

  /** The published leaves in order. @throws StrongroomError `log.damaged` when a file is missing or not whole. */
  *leaves(size: number): Iterable<{ leaf: Buffer; index: number }> {
    let index = 0;
    for (const bundle of bundlesOf(size)) {
      const path = join(this.#folder, tilePath(bundle));
      if (!existsSync(path)) throw new StrongroomError("log.damaged", `${path} is missing from the mirror of the log`);
      for (const leaf of readBundle(path, bundle.width)) {
        yield { leaf, index };
        index += 1;
      }
    }
  }

  async bringUpTo({ size, note }: CheckpointRow): Promise<void> {
    if (size > this.#size) {
      for (const tile of tilesOf(size, this.#size)) await this.#copy(tile);
      for (const bundle of bundlesOf(size, this.#size)) await this.#copy(bundle);
    }
    if (note !== this.note()) this.#write(CHECKPOINT_PATH, Buffer.from(note));
    this.#size = size;
  }

  async #copy(tile: Tile): Promise<void> {
    const bytes = await this.#files.tile(tile);
    if (bytes === null) throw new StrongroomError("log.damaged", `${tilePath(tile)} is not in the database`);
    this.#write(tilePath(tile), bytes);
  }

  #write(path: string, bytes: Buffer): void {
    const target = join(this.#folder, path);
    mkdirSync(dirname(target), { recursive: true });
    const file = openSync(`${target}.new`, "w", 0o644);
    writeSync(file, bytes);
    fsyncSync(file);
    closeSync(file);
    renameSync(`${target}.new`, target);
  }
}

function readBundle(path: string, width: number): Buffer[] {
  try {
    return decodeBundle(readFileSync(path), width);
  } catch (cause) {
    throw new StrongroomError("log.damaged", `${path} is not whole: take this file of the log from another mirror`, {
      cause,
    });
  }
}
