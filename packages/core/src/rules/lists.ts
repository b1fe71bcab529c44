/**
 * The rules of one cell with one effect: their ranks in ascending order, which is the order of their ends, latest first.
 * A list of `count` ranks begins at offset `o` of the lists' array. A long one goes on with
 *   - a tree over blocks of `BLOCK` ranks: each node has the earliest beginning below it (binary heap layout, from 1);
 *   - of deny rules, all beginnings in ascending order.
 * A beginning is the place of the rule's `from` among all of the relationship, so that everything is a 32-bit integer.
 */
import type { Clock } from "./clock.ts";
import type { Named, Work } from "./work.ts";

const BLOCK = 8;
/** Lists up to this length are looked through. */
const SHORT = 2 * BLOCK;

/** Leaves of the tree of a long list: a power of two, one for each block. */
function leaves(count: number): number {
  const blocks = Math.ceil(count / BLOCK);
  return 1 << (32 - Math.clz32(blocks - 1));
}

/** The units of a list. */
export function packList(ranks: readonly number[], begins: Uint32Array, deny: boolean): number[] {
  if (ranks.length <= SHORT) return [...ranks];
  const size = leaves(ranks.length);
  const tree = new Array<number>(2 * size).fill(0xffff_ffff);
  for (const [i, rank] of ranks.entries()) {
    const leaf = size + Math.floor(i / BLOCK);
    tree[leaf] = Math.min(tree[leaf]!, begins[rank]!);
  }
  for (let node = size - 1; node > 0; node--) tree[node] = Math.min(tree[2 * node]!, tree[2 * node + 1]!);
  const beginnings = deny ? ranks.map((rank) => begins[rank]!).sort((a, b) => a - b) : [];
  return [...ranks, ...tree, ...beginnings];
}

/** How many units `packList` makes. */
export function listUnits(count: number, deny: boolean): number {
  return count <= SHORT ? count : count + 2 * leaves(count) + (deny ? count : 0);
}

/** Collects the first rules of a list that are valid now. */
export function collectList(
  lists: Uint32Array,
  o: number,
  count: number,
  clock: Clock,
  found: Named,
  work: Work,
): void {
  if (count <= SHORT) {
    collectRange(lists, o, o + count, clock, found, work);
    return;
  }
  const size = leaves(count);
  const tree = o + count;
  let block = nextBlock(lists, tree, size, 0, clock.begun, work);
  while (block >= 0) {
    const start = o + block * BLOCK;
    const end = Math.min(start + BLOCK, tree);
    if (!collectRange(lists, start, end, clock, found, work)) return;
    if (end === tree || lists[end]! >= clock.alive) return;
    block = nextBlock(lists, tree, size, block + 1, clock.begun, work);
  }
}

/** False where nothing that follows can be wanted. */
function collectRange(lists: Uint32Array, start: number, end: number, clock: Clock, found: Named, work: Work): boolean {
  const { alive, begun, begins } = clock;
  for (let i = start; i < end; i++) {
    work.steps++;
    const rank = lists[i]!;
    if (rank >= alive) return false;
    if (begins[rank]! < begun && !found.insert(rank)) return false;
  }
  return true;
}

/** The first block from `block` on that has a beginning before `begun`; -1 where there is none. */
function nextBlock(lists: Uint32Array, tree: number, size: number, block: number, begun: number, work: Work): number {
  let node = size + block;
  for (;;) {
    work.steps++;
    if (lists[tree + node]! < begun) {
      if (node >= size) return node - size;
      node *= 2;
    } else {
      while ((node & 1) === 1) node >>= 1;
      if (node === 0) return -1;
      node++;
    }
  }
}

/** The first beginning of a list of deny rules that is not before now, as a place in `froms`; Infinity: none. */
export function nextBeginning(lists: Uint32Array, o: number, count: number, clock: Clock, work: Work): number {
  const { begun, begins } = clock;
  if (count <= SHORT) {
    let next = Infinity;
    for (let i = o; i < o + count; i++) {
      work.steps++;
      const begin = begins[lists[i]!]!;
      if (begin >= begun && begin < next) next = begin;
    }
    return next;
  }
  const start = o + count + 2 * leaves(count);
  let low = start;
  let high = start + count;
  while (low < high) {
    work.steps++;
    const middle = (low + high) >>> 1;
    if (lists[middle]! < begun) low = middle + 1;
    else high = middle;
  }
  return low < start + count ? lists[low]! : Infinity;
}
