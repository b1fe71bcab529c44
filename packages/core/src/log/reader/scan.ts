/**
 * Reads the whole log once, from the first leaf to the last, in bounded memory: every leaf, every hash tile,
 * and the root at the sizes that matter.
 */
import type { Bytes } from "../../bytes.ts";
import { equalBytes } from "../../primitives.ts";
import type { LogFiles } from "./files.ts";
import type { Findings } from "./findings.ts";
import { kindOfLeaf, leafOfEntry, type LeafKind } from "./leaf.ts";
import type { Promised } from "./promises.ts";
import { hashOfLeaf, mth, rootOfLevels, UNITS } from "./tree.ts";

/** Bundles that are fetched ahead. */
const AHEAD = 8;

export interface ScanResult {
  /** Root over what was read; null where neither leaves nor hashes could be had. */
  readonly root: Bytes | null;
  /** Root at the older size asked for; null if not asked for or not known. */
  readonly olderRoot: Bytes | null;
  readonly counts: Readonly<Record<LeafKind, number>>;
  readonly lastLeaf: LeafKind | null;
  /** Leaves seen. Fewer than the size when the audit gave up. */
  readonly leaves: number;
}

export interface ScanOptions {
  readonly size: number;
  readonly olderSize: number | null;
  readonly promised: ReadonlyMap<number, readonly Promised[]>;
  readonly onProgress: (leaves: number, size: number) => void;
}

interface Fetched {
  readonly leaves: Bytes[] | null;
  readonly hashes: Bytes[] | null;
}

export async function scanLog(files: LogFiles, findings: Findings, options: ScanOptions): Promise<ScanResult> {
  const { size, olderSize } = options;
  const bundles = Math.ceil(size / UNITS);
  const widthOf = (bundle: number): number => Math.min(UNITS, size - bundle * UNITS);
  const fetch = async (bundle: number): Promise<Fetched> => {
    const [leaves, hashes] = await Promise.all([
      files.leaves(bundle, widthOf(bundle)),
      files.hashes(0, bundle, widthOf(bundle)),
    ]);
    return { leaves, hashes };
  };
  const tree = new OpenTree(files, findings);
  const counts = { entry: 0, tombstone: 0, heads: 0 };
  const ahead: Promise<Fetched>[] = [];
  let lastLeaf: LeafKind | null = null;
  let olderRoot: Bytes | null = null;
  let seen = 0;
  for (let bundle = 0; bundle < bundles && !findings.full; bundle++) {
    for (let next = bundle + ahead.length; next < bundles && ahead.length < AHEAD; next++) ahead.push(fetch(next));
    const { leaves, hashes } = await ahead.shift()!;
    const start = bundle * UNITS;
    for (const [i, leaf] of (leaves ?? []).entries()) {
      lastLeaf = kindOfLeaf(leaf);
      if (lastLeaf === null)
        findings.add("audit.bad-leaf", `leaf ${start + i} is of no known kind`, { index: start + i });
      else counts[lastLeaf]++;
      for (const { commitment } of options.promised.get(start + i) ?? []) {
        if (!equalBytes(leaf, leafOfEntry(commitment))) {
          findings.add("audit.promise-broken", `leaf ${start + i} is not the entry that was promised`, {
            index: start + i,
          });
        }
      }
    }
    if (leaves === null) lastLeaf = null;
    const computed = leaves?.map(hashOfLeaf) ?? null;
    if (computed !== null && hashes !== null) {
      const wrong = computed.findIndex((hash, i) => !equalBytes(hash, hashes[i]!));
      if (wrong >= 0)
        findings.add("audit.bad-tile", `hash tile 0/${bundle} is not that of its leaves, from ${start + wrong} on`, {
          index: start + wrong,
        });
    }
    // Leaves decide; where they are missing, their hashes still carry the tree.
    const units = computed ?? hashes;
    if (olderSize !== null && olderSize > start && olderSize <= start + UNITS) {
      olderRoot = tree.rootWith(units?.slice(0, olderSize - start) ?? null);
    }
    await tree.append(units);
    seen += leaves?.length ?? 0;
    options.onProgress(Math.min(start + UNITS, size), size);
  }
  await Promise.all(ahead);
  const complete = !findings.full;
  if (complete) await tree.checkEdge();
  return { root: complete ? tree.rootWith([]) : null, olderRoot, counts, lastLeaf, leaves: seen };
}

/** The hashes of the right edge: at each level those of full subtrees that are not yet part of a larger one. */
class OpenTree {
  readonly #files: LogFiles;
  readonly #findings: Findings;
  #levels: Bytes[][] | null = [[]];
  /** Full tiles so far, by level. */
  readonly #tiles: number[] = [];

  constructor(files: LogFiles, findings: Findings) {
    this.#files = files;
    this.#findings = findings;
  }

  /** @param leafHashes of the next bundle; null when they could not be had: then no root is known any more. */
  async append(leafHashes: readonly Bytes[] | null): Promise<void> {
    if (leafHashes === null || this.#levels === null) {
      this.#levels = null;
      return;
    }
    this.#levels[0]!.push(...leafHashes);
    for (let level = 0; this.#levels[level]!.length === UNITS; level++) {
      const full = this.#levels[level]!;
      const tile = this.#tiles[level] ?? 0;
      // Level 0 was compared with its leaves already.
      if (level > 0) await this.#compare(level, tile, full);
      this.#tiles[level] = tile + 1;
      this.#levels[level] = [];
      this.#levels[level + 1] ??= [];
      this.#levels[level + 1]!.push(mth(full));
    }
  }

  /** The partial tiles above the leaves, once everything was appended. */
  async checkEdge(): Promise<void> {
    for (const [level, units] of (this.#levels ?? []).entries()) {
      if (level > 0 && units.length > 0) await this.#compare(level, this.#tiles[level] ?? 0, units);
    }
  }

  /** The root if these leaf hashes were the next and last. */
  rootWith(leafHashes: readonly Bytes[] | null): Bytes | null {
    if (this.#levels === null || leafHashes === null) return null;
    const [open = [], ...above] = this.#levels;
    return rootOfLevels([[...open, ...leafHashes], ...above]);
  }

  async #compare(level: number, tile: number, units: readonly Bytes[]): Promise<void> {
    const hashes = await this.#files.hashes(level, tile, units.length);
    if (hashes !== null && !hashes.every((hash, i) => equalBytes(hash, units[i]!))) {
      this.#findings.add("audit.bad-tile", `hash tile ${level}/${tile} is not that of the tiles below it`);
    }
  }
}
