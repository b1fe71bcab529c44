/** The public log's files made from the store: hash tiles and entry bundles, as `GET /log/…` and the mirror give them. */
import { encodeBundle, HASH_BYTES, TILE_WIDTH, type Tile } from "@strongroom/core/log";
import type { Store } from "../storage/store.ts";
import { scan } from "./scan.ts";

export class LogFiles {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The bytes of a tile or bundle; null where the log does not have it (yet). */
  async tile({ level, index, width }: Tile): Promise<Buffer | null> {
    if (level === "entries") return this.#bundle(index, width);
    const row = await this.#store.tile(level, index);
    return row === null || row.hashes.length < width * HASH_BYTES ? null : row.hashes.subarray(0, width * HASH_BYTES);
  }

  async #bundle(index: number, width: number): Promise<Buffer | null> {
    const first = index * TILE_WIDTH;
    const covered = (await this.#store.checkpoint())?.size ?? 0;
    if (first + width > covered) return null;
    const leaves: Buffer[] = [];
    await scan(this.#store, first, first + width, (records) => {
      for (const { leaf } of records) leaves.push(leaf);
    });
    return encodeBundle(leaves);
  }
}
