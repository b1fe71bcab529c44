/**
 * The tree as files (C2SP tlog-tiles, height 8): names of tiles and bundles, which of them a tree has, and bundles of leaves.
 */
import { asBuffer, type Bytes } from "../bytes.ts";
import { StrongroomError } from "../errors.ts";
import { HASH_BYTES, isTreeSize, TREE_SIZE_MAX } from "./tree.ts";
import { LEAF_BYTES_MAX } from "./leaf.ts";

/** Hashes in a full tile, leaves in a full bundle. */
export const TILE_WIDTH = 256;
export const TILE_BYTES = TILE_WIDTH * HASH_BYTES;
/** Levels of tiles: 256 to the power of 6 is the largest tree. */
export const TILE_LEVELS = 6;
/** Where the checkpoint is, beside the folder `tile`. */
export const CHECKPOINT_PATH = "checkpoint";

/** One file. `width` is 256 for a full one; a partial one, at the right edge, has 1 to 255. */
export interface Tile {
  /** Tile level (hashes of subtrees of 256^level leaves), or the bundles of leaf data. */
  readonly level: number | "entries";
  readonly index: number;
  readonly width: number;
}

/** Path below the log's prefix: `tile/<level>/<index>`, and `.p/<width>` for a partial one. */
export function tilePath({ level, index, width }: Tile): string {
  const groups: string[] = [];
  for (let rest = index; groups.length === 0 || rest > 0; rest = Math.floor(rest / 1000)) {
    const digits = String(rest % 1000).padStart(3, "0");
    groups.unshift(groups.length === 0 ? digits : `x${digits}`);
  }
  return `tile/${level}/${groups.join("/")}${width === TILE_WIDTH ? "" : `.p/${width}`}`;
}

const TILE_PATH = /^tile\/(entries|0|[1-5]?[0-9]|6[0-3])\/((?:x[0-9]{3}\/)*)([0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/**
 * The tile of a path, for a server that is asked for one: anything that `tilePath` does not give is refused.
 * @throws StrongroomError `log.bad-tile`
 */
export function parseTilePath(path: string): Tile {
  const [, level, high, low, width] = TILE_PATH.exec(path) ?? [];
  if (path.length <= 64 && level !== undefined && high !== undefined && low !== undefined) {
    const index = Number(high.replace(/[x/]/g, "") + low);
    const tile: Tile = {
      level: level === "entries" ? level : Number(level),
      index,
      width: width === undefined ? TILE_WIDTH : Number(width),
    };
    // Writing it again refuses the spellings that the pattern lets through: x000/…, 00, .p/256.
    if (index <= TREE_SIZE_MAX && tilePath(tile) === path) return tile;
  }
  throw new StrongroomError("log.bad-tile", "not a path of a tile or entry bundle");
}

/**
 * Hash tiles of a tree, level by level. With `since`, only those that a mirror of the tree at that size does not have yet.
 */
export function* tilesOf(size: number, since = 0): Generator<Tile & { readonly level: number }> {
  checkSizes(size, since);
  for (let level = 0, unit = 1; unit <= size; level++, unit *= TILE_WIDTH) {
    yield* edgeFrom(level, Math.floor(size / unit), Math.floor(since / unit));
  }
}

/** Entry bundles of a tree; `since` as above. */
export function* bundlesOf(size: number, since = 0): Generator<Tile & { readonly level: "entries" }> {
  checkSizes(size, since);
  yield* edgeFrom("entries", size, since);
}

function* edgeFrom<Level extends Tile["level"]>(
  level: Level,
  count: number,
  since: number,
): Generator<Tile & { readonly level: Level }> {
  if (count === since) return;
  for (let index = Math.floor(since / TILE_WIDTH); index * TILE_WIDTH < count; index++) {
    yield { level, index, width: Math.min(TILE_WIDTH, count - index * TILE_WIDTH) };
  }
}

function checkSizes(size: number, since: number): void {
  if (!isTreeSize(size) || !isTreeSize(since) || since > size) throw new RangeError("sizes must be 0 ≤ since ≤ size");
}

/** The bundle of consecutive leaves: each with its length as a u16. */
export function encodeBundle(leaves: readonly Bytes[]): Buffer {
  if (leaves.length < 1 || leaves.length > TILE_WIDTH) throw new RangeError(`a bundle has 1 to ${TILE_WIDTH} leaves`);
  const bundle = Buffer.allocUnsafe(leaves.reduce((bytes, leaf) => bytes + 2 + leaf.length, 0));
  let at = 0;
  for (const leaf of leaves) {
    at = bundle.writeUInt16BE(leaf.length, at);
    bundle.set(leaf, at);
    at += leaf.length;
  }
  return bundle;
}

/**
 * The leaves of a bundle (views of its bytes, not copies). Their content is not checked: see `decodeLeaf`.
 * @param width how many leaves it must have.
 * @throws StrongroomError `log.bad-tile`
 */
export function decodeBundle(bundle: Bytes, width: number): Buffer[] {
  const bytes = asBuffer(bundle);
  const leaves: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    const start = at + 2;
    const until = start <= bytes.length ? start + bytes.readUInt16BE(at) : Infinity;
    if (until > bytes.length || until - start > LEAF_BYTES_MAX || leaves.length >= width) break;
    leaves.push(bytes.subarray(start, until));
    at = until;
  }
  if (at !== bytes.length || leaves.length !== width) {
    throw new StrongroomError("log.bad-tile", `an entry bundle does not hold ${width} leaves`);
  }
  return leaves;
}
