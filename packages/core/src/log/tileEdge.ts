/**
 * Tiles while the tree grows, and node hashes out of stored tiles: the two directions between tree and files.
 */
import { asBuffer, type Bytes } from "../bytes.ts";
import { StrongroomError } from "../errors.ts";
import type { HashReader } from "./proof.ts";
import { TILE_BYTES, TILE_LEVELS, TILE_WIDTH, tilePath, type Tile } from "./tiles.ts";
import { Frontier, HASH_BYTES, nodeHash } from "./tree.ts";

/** Height of a tile: a hash at tile level L is a node at tree level 8·L. */
const TILE_HEIGHT = 8;

export interface HashTile {
  readonly tile: Tile & { readonly level: number };
  readonly bytes: Bytes;
}

/**
 * Gives the bytes of a hash tile, at least `width` hashes of it: where a partial tile was dropped because the full one exists, the full one.
 */
export type TileSource = (tile: Tile & { readonly level: number }) => Bytes;

/** A growing tree that hands out its tiles: the writer's state. No hash is computed twice for the tiles' sake. */
export class TileEdge {
  #frontier: Frontier;
  /** The tile being filled at each level; hashes in it are final. */
  #open: Buffer[] = Array.from({ length: TILE_LEVELS }, () => Buffer.alloc(0));
  #full: HashTile[] = [];
  #publishedSize: number;

  private constructor(frontier: Frontier) {
    this.#frontier = frontier;
    this.#publishedSize = frontier.size;
  }

  static empty(): TileEdge {
    return new TileEdge(new Frontier());
  }

  /**
   * The edge of a stored tree, from its rightmost tiles.
   * @throws StrongroomError `log.bad-tile` when a tile has not the length that it must have.
   */
  static restore(size: number, tiles: TileSource): TileEdge {
    const reader = new TileHashReader(size, tiles);
    const subtrees: Bytes[] = [];
    for (let level = TILE_HEIGHT * TILE_LEVELS - 1; level >= 0; level--) {
      const count = Math.floor(size / 2 ** level);
      if (count % 2 === 1) subtrees.push(reader.hash(level, count - 1));
    }
    const edge = new TileEdge(Frontier.of(size, subtrees));
    for (let level = 0; level < TILE_LEVELS; level++) {
      const count = Math.floor(size / TILE_WIDTH ** level);
      const width = count % TILE_WIDTH;
      if (width === 0) continue;
      const bytes = reader.tile(level, Math.floor(count / TILE_WIDTH));
      edge.#open[level] = roomFor(bytes);
    }
    return edge;
  }

  get size(): number {
    return this.#frontier.size;
  }

  root(): Bytes {
    return this.#frontier.root();
  }

  append(leafHash: Bytes): void {
    this.#frontier.append(leafHash, this.#onNode);
  }

  /** Tiles that are new or wider since the last call (or since `restore`): full ones first, then the partial ones of this size. */
  takeTiles(): HashTile[] {
    const taken = this.#full;
    this.#full = [];
    for (let level = 0, unit = 1; unit <= this.size; level++, unit *= TILE_WIDTH) {
      const count = Math.floor(this.size / unit);
      const width = count % TILE_WIDTH;
      if (width === 0 || count === Math.floor(this.#publishedSize / unit)) continue;
      const bytes = Buffer.from(this.#open[level]!.subarray(0, width * HASH_BYTES));
      taken.push({ tile: { level, index: Math.floor(count / TILE_WIDTH), width }, bytes });
    }
    this.#publishedSize = this.size;
    return taken;
  }

  /** A copy that grows by itself: append to it inside a transaction, keep it when the transaction holds. */
  clone(): TileEdge {
    const copy = new TileEdge(this.#frontier.clone());
    copy.#open = this.#open.map((bytes) => Buffer.from(bytes));
    copy.#full = this.#full.slice();
    copy.#publishedSize = this.#publishedSize;
    return copy;
  }

  readonly #onNode = (nodeLevel: number, nodeIndex: number, hash: Bytes): void => {
    if (nodeLevel % TILE_HEIGHT !== 0) return;
    const level = nodeLevel / TILE_HEIGHT;
    const place = nodeIndex % TILE_WIDTH;
    if (this.#open[level]!.length === 0) this.#open[level] = Buffer.alloc(TILE_BYTES);
    this.#open[level]!.set(hash, place * HASH_BYTES);
    if (place < TILE_WIDTH - 1) return;
    const tile = { level, index: Math.floor(nodeIndex / TILE_WIDTH), width: TILE_WIDTH };
    this.#full.push({ tile, bytes: Buffer.from(this.#open[level]!) });
  };
}

function roomFor(hashes: Bytes): Buffer {
  const room = Buffer.alloc(TILE_BYTES);
  room.set(hashes);
  return room;
}

/**
 * Node hashes of the tree of one size out of its tiles, for making proofs. Reads each tile once and keeps it: make one for
 * each proof or batch of proofs. It trusts the tiles; the one who checks the proof does not.
 */
export class TileHashReader implements HashReader {
  readonly #size: number;
  readonly #source: TileSource;
  readonly #tiles = new Map<string, Buffer>();

  constructor(size: number, source: TileSource) {
    this.#size = size;
    this.#source = source;
  }

  hash(level: number, index: number): Bytes {
    const tileLevel = Math.floor(level / TILE_HEIGHT);
    const width = 2 ** (level % TILE_HEIGHT);
    const first = index * width;
    const tile = this.tile(tileLevel, Math.floor(first / TILE_WIDTH));
    const from = (first % TILE_WIDTH) * HASH_BYTES;
    let hashes: Bytes[] = [];
    for (let at = from; at < from + width * HASH_BYTES; at += HASH_BYTES)
      hashes.push(tile.subarray(at, at + HASH_BYTES));
    while (hashes.length > 1) {
      const above: Bytes[] = [];
      for (let i = 0; i < hashes.length; i += 2) above.push(nodeHash(hashes[i]!, hashes[i + 1]!));
      hashes = above;
    }
    return hashes[0]!;
  }

  /** @throws StrongroomError `log.bad-tile` */
  tile(level: number, index: number): Buffer {
    const count = Math.floor(this.#size / TILE_WIDTH ** level);
    const width = Math.min(TILE_WIDTH, count - index * TILE_WIDTH);
    if (width < 1) throw new RangeError("the tree has no such tile");
    const tile = { level, index, width };
    const path = tilePath(tile);
    let bytes = this.#tiles.get(path);
    if (bytes === undefined) {
      const given = asBuffer(this.#source(tile));
      if (given.length < width * HASH_BYTES || given.length > TILE_BYTES || given.length % HASH_BYTES !== 0) {
        throw new StrongroomError("log.bad-tile", `${path} has ${given.length} bytes`);
      }
      bytes = given.subarray(0, width * HASH_BYTES);
      this.#tiles.set(path, bytes);
    }
    return bytes;
  }
}
