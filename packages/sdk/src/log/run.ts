/**
 * Inclusion of a run of neighbouring leaves: the inclusion proofs (RFC 9162 section 2.1.3) of its first and its
 * last leaf hold every hash beside the run, and the leaves give the rest. So a promise over hundreds of entries
 * is checked with two proofs.
 */
import { equalBytes } from "@strongroom/core/primitives";
import type { Bytes } from "@strongroom/core/bytes";
import { nodeHash } from "@strongroom/core/log";

export interface LeafRun {
  /** Position of the first leaf. */
  readonly first: number;
  /** Leaf hashes, at least one. */
  readonly hashes: readonly Bytes[];
}

/**
 * Whether the run stands in the tree of this size and root. Anything that does not fit is `false`.
 * @param ofFirst inclusion proof of the first leaf, from the leaf upwards
 * @param ofLast that of the last leaf
 */
export function verifyRun(
  run: LeafRun,
  size: number,
  root: Bytes,
  ofFirst: readonly Bytes[],
  ofLast: readonly Bytes[],
): boolean {
  const end = run.first + run.hashes.length;
  if (run.hashes.length === 0 || run.first < 0 || end > size) return false;

  /** Hash over leaves `from` to `until`, which touch the run; `depth` steps below the root. Null: a hash is missing. */
  const hashOf = (from: number, until: number, depth: number): Bytes | null => {
    if (until - from === 1) return run.hashes[from - run.first] ?? null;
    const middle = from + splitOf(until - from);
    let left: Bytes | null | undefined;
    let right: Bytes | null | undefined;
    // What lies wholly beside the run is in the proof of the leaf on that side.
    if (middle <= run.first) left = ofFirst[ofFirst.length - 1 - depth];
    else left = hashOf(from, middle, depth + 1);
    if (middle >= end) right = ofLast[ofLast.length - 1 - depth];
    else right = hashOf(middle, until, depth + 1);
    return left == null || right == null ? null : nodeHash(left, right);
  };

  try {
    const hash = hashOf(0, size, 0);
    return hash !== null && equalBytes(hash, root);
  } catch (error) {
    // A proof whose parts are no hashes.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Largest power of two below `width`. */
function splitOf(width: number): number {
  let split = 1;
  while (split * 2 < width) split *= 2;
  return split;
}
