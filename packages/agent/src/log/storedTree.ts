/** The tree over the stored leaves, out of stored tiles: nothing here grows with the log but by its logarithm. */
import { asBuffer } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { leafHash, rootAt, TILE_WIDTH, TileEdge, TileHashReader, type HashReader } from "@strongroom/core/log";
import type { Store } from "../storage/store.ts";
import { scan } from "./scan.ts";

/** Runs a proof over the tree of one size, reading tiles as it asks for them. @throws StrongroomError `log.damaged` */
export async function withTiles<Result>(
  store: Store,
  size: number,
  prove: (reader: HashReader) => Result,
): Promise<Result> {
  const tiles = new Map<string, Buffer>();
  for (;;) {
    try {
      return prove(
        new TileHashReader(size, ({ level, index }) => {
          const hashes = tiles.get(`${level}/${index}`);
          if (hashes === undefined) throw new TileWanted(level, index);
          return hashes;
        }),
      );
    } catch (error) {
      if (!(error instanceof TileWanted)) throw error;
      tiles.set(`${error.level}/${error.index}`, await hashesOf(store, error));
    }
  }
}

/** The right edge of the tree of the last checkpoint, from which it grows. @throws StrongroomError `log.damaged` */
export async function restoreEdge(store: Store, size: number): Promise<TileEdge> {
  const needed = new Map<string, Buffer>();
  for (const tile of rightEdge(size)) needed.set(`${tile.level}/${tile.index}`, await hashesOf(store, tile));
  return TileEdge.restore(size, ({ level, index }) => {
    const hashes = needed.get(`${level}/${index}`);
    if (hashes === undefined) throw new StrongroomError("log.damaged", `tile ${level}/${index} was not read`);
    return hashes;
  });
}

/** Root over the first `size` stored leaves; leaves are read only where the last checkpoint does not cover them. */
export async function storedRoot(store: Store, size: number): Promise<Buffer> {
  const covered = (await store.checkpoint())?.size ?? 0;
  if (size <= covered) return asBuffer(await withTiles(store, size, (reader) => rootAt(size, reader)));
  const edge = covered === 0 ? TileEdge.empty() : await restoreEdge(store, covered);
  await scan(store, covered, size, (records) => {
    for (const { leaf } of records) edge.append(leafHash(leaf));
  });
  return asBuffer(edge.root());
}

async function hashesOf(
  store: Store,
  { level, index }: { readonly level: number; readonly index: number },
): Promise<Buffer> {
  const row = await store.tile(level, index);
  if (row === null) throw new StrongroomError("log.damaged", `tile ${level}/${index} is not in the database`);
  return row.hashes;
}

/** The last tile of each level. */
function rightEdge(size: number): { level: number; index: number }[] {
  const tiles: { level: number; index: number }[] = [];
  for (let level = 0, unit = 1; unit <= size; level += 1, unit *= TILE_WIDTH) {
    tiles.push({ level, index: Math.ceil(Math.floor(size / unit) / TILE_WIDTH) - 1 });
  }
  return tiles;
}

class TileWanted extends Error {
  readonly level: number;
  readonly index: number;

  constructor(level: number, index: number) {
    super("tile wanted");
    this.level = level;
    this.index = index;
  }
}
