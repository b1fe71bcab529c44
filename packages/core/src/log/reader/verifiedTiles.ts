/**
 * Single leaves out of a log too large to read for them, each verified against the signed root:
 * the tiles of the right edge give the root, and every full tile's own root stands in a tile above it.
 */
import { equalBytes } from "../../primitives.ts";
import type { Bytes } from "../../bytes.ts";
import type { LogFiles } from "./files.ts";
import type { Findings } from "./findings.ts";
import { hashOfLeaf, levelsOf, mth, rootOfLevels, UNITS, unitsAt } from "./tree.ts";

/** Verified tiles and bundles that are kept. */
const KEPT_MAX = 64;

export class VerifiedTiles {
  readonly #files: LogFiles;
  readonly #findings: Findings;
  readonly #size: number;
  /** The open units of each level, verified by the root. */
  readonly #edge: readonly (readonly Bytes[])[];
  readonly #kept = new Map<string, Promise<Bytes[] | null>>();

  private constructor(files: LogFiles, findings: Findings, size: number, edge: readonly (readonly Bytes[])[]) {
    this.#files = files;
    this.#findings = findings;
    this.#size = size;
    this.#edge = edge;
  }

  /** @returns null, with findings, when the right edge is not there or does not give the root. */
  static async open(files: LogFiles, size: number, root: Bytes, findings: Findings): Promise<VerifiedTiles | null> {
    const edge: Bytes[][] = [];
    for (let level = 0; level < levelsOf(size); level++) {
      const units = unitsAt(size, level);
      const hashes = units % UNITS === 0 ? [] : await files.hashes(level, Math.floor(units / UNITS), units % UNITS);
      if (hashes === null) return null;
      edge.push(hashes);
    }
    if (!equalBytes(rootOfLevels(edge), root)) {
      findings.add("audit.root-mismatch", "the tiles of the right edge do not give the signed root");
      return null;
    }
    return new VerifiedTiles(files, findings, size, edge);
  }

  /** The leaf at a position below the size; null, with a finding, when it cannot be had or verified. */
  async leaf(index: number): Promise<Bytes | null> {
    const bundle = Math.floor(index / UNITS);
    const leaves = await this.#keep(`entries/${bundle}`, () => this.#verifiedLeaves(bundle));
    return leaves?.[index % UNITS] ?? null;
  }

  async #verifiedLeaves(bundle: number): Promise<Bytes[] | null> {
    const leaves = await this.#files.leaves(bundle, Math.min(UNITS, this.#size - bundle * UNITS));
    if (leaves === null) return null;
    const hashes = leaves.map(hashOfLeaf);
    if (!(await this.#isUnit(0, bundle, hashes))) {
      this.#findings.add("audit.bad-tile", `entry bundle ${bundle} is not what the root commits to`);
      return null;
    }
    return leaves;
  }

  async #verifiedHashes(level: number, tile: number): Promise<Bytes[] | null> {
    const hashes = await this.#files.hashes(level, tile, UNITS);
    if (hashes === null || (await this.#isUnit(level, tile, hashes))) return hashes;
    this.#findings.add("audit.bad-tile", `hash tile ${level}/${tile} is not what the root commits to`);
    return null;
  }

  /** Are these the hashes of that tile, as the edge or the tile above says? */
  async #isUnit(level: number, tile: number, hashes: readonly Bytes[]): Promise<boolean> {
    const isEdge = tile === Math.floor(unitsAt(this.#size, level) / UNITS);
    if (isEdge) return hashes.every((hash, i) => equalBytes(hash, this.#edge[level]![i]!));
    const above = await this.#hash(level + 1, tile);
    return above !== null && equalBytes(mth(hashes), above);
  }

  async #hash(level: number, unit: number): Promise<Bytes | null> {
    const tile = Math.floor(unit / UNITS);
    if (tile === Math.floor(unitsAt(this.#size, level) / UNITS)) return this.#edge[level]![unit % UNITS] ?? null;
    const hashes = await this.#keep(`${level}/${tile}`, () => this.#verifiedHashes(level, tile));
    return hashes?.[unit % UNITS] ?? null;
  }

  /** Keeps failures too: what is wrong with a tile is found once, not for each leaf in it. */
  #keep(name: string, read: () => Promise<Bytes[] | null>): Promise<Bytes[] | null> {
    let kept = this.#kept.get(name);
    if (kept === undefined) {
      kept = read();
      this.#kept.set(name, kept);
      const [oldest] = this.#kept.keys();
      if (this.#kept.size > KEPT_MAX) this.#kept.delete(oldest!);
    }
    return kept;
  }
}
