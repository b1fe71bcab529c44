/**
 * The public log as files, in the C2SP tlog-tiles layout: anybody can serve or check the folder, and a database that
 * was restored from an older backup finds out from it that it is behind. Files are complete before the checkpoint
 * that needs them is: it is written last, by rename.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StrongroomError } from "@strongroom/core/errors";
import {
  bundlesOf,
  CHECKPOINT_PATH,
  decodeBundle,
  TILE_WIDTH,
  parseCheckpointText,
  parseNote,
  tilePath,
  tilesOf,
  type Tile,
} from "@strongroom/core/log";
import type { CheckpointRow } from "../storage/rows.ts";
import type { LogFiles } from "./files.ts";

export interface MirrorOptions {
  readonly folder: string;
  /**
   * File that remembers the last checkpoint, beside the KEKs: who puts back the whole data folder, this one included,
   * is found out by it.
   */
  readonly memory: string;
  readonly files: LogFiles;
}

export class LogMirror {
  readonly #folder: string;
  readonly #memory: string;
  readonly #files: LogFiles;
  #size: number;
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ folder, memory, files }: MirrorOptions) {
    this.#folder = folder;
    this.#memory = memory;
    this.#files = files;
    mkdirSync(folder, { recursive: true });
    this.#size = sizeOf(this.note());
  }

  /** The mirror's own checkpoint; null in an empty folder. */
  note(): string | null {
    return readNote(join(this.#folder, CHECKPOINT_PATH));
  }

  /** Every checkpoint that says how far the log was published: the mirror's and the remembered one. */
  notes(): string[] {
    return [this.note(), readNote(this.#memory)].filter((note) => note !== null);
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

  /** Writes what the folder lacks, without holding anybody up: one call after the other, each file off this thread. */
  bringUpTo(checkpoint: CheckpointRow): Promise<void> {
    const turn = this.#turn.then(() => this.#bringUpTo(checkpoint));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #bringUpTo({ size, note }: CheckpointRow): Promise<void> {
    if (size < this.#size) return;
    const wanted: Tile[] = [...tilesOf(size, this.#size), ...bundlesOf(size, this.#size)];
    for (const tile of wanted) await this.#copy(tile);
    if (note !== this.note()) {
      await write(join(this.#folder, CHECKPOINT_PATH), Buffer.from(note));
      await write(this.#memory, Buffer.from(note));
    }
    this.#size = size;
    // A full tile has what its partial ones had: they would be a file for every checkpoint.
    for (const tile of wanted) {
      if (tile.width === TILE_WIDTH)
        await rm(join(this.#folder, `${tilePath(tile)}.p`), { recursive: true, force: true });
    }
  }

  async #copy(tile: Tile): Promise<void> {
    const bytes = await this.#files.tile(tile);
    if (bytes === null) throw new StrongroomError("log.damaged", `${tilePath(tile)} is not in the database`);
    await write(join(this.#folder, tilePath(tile)), bytes);
  }
}

/** Whole or not at all: written beside, synced, and put in place. */
async function write(target: string, bytes: Buffer): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const file = await open(`${target}.new`, "w", 0o644);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${target}.new`, target);
}

function readNote(path: string): string | null {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}

function sizeOf(note: string | null): number {
  return note === null ? 0 : parseCheckpointText(parseNote(note).text).size;
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
