import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  consistencyProof,
  EMPTY_ROOT,
  Frontier,
  inclusionProof,
  leafHash,
  nodeHash,
  rootAt,
  rootOf,
  TREE_SIZE_MAX,
  verifyConsistency,
  verifyInclusion,
  type HashReader,
} from "../../src/log/index.ts";
import { toHex, u32, type Bytes } from "../../src/bytes.ts";
import { hex, vectors } from "./vectors.ts";

/** Every node of a tree in memory, level by level. */
function readerOver(leaves: readonly Bytes[]): HashReader {
  const levels: Bytes[][] = [[...leaves]];
  while (levels.at(-1)!.length > 1) {
    const below = levels.at(-1)!;
    levels.push(
      Array.from({ length: Math.floor(below.length / 2) }, (_, i) => nodeHash(below[2 * i]!, below[2 * i + 1]!)),
    );
  }
  return {
    hash: (level, index) => {
      const hash = levels[level]?.[index];
      assert.ok(hash !== undefined, `asked for node ${level}/${index}, which the tree does not have`);
      return hash;
    },
  };
}

const leaves = Array.from({ length: 70 }, (_, i) => leafHash(u32(i)));
const reader = readerOver(leaves);
const roots = leaves.map((_, i) => rootOf(leaves.slice(0, i + 1)));
const rootOfSize = (size: number): Bytes => roots[size - 1]!;

describe("vectors", () => {
  const own = vectors.tree.leaves.map((leaf) => leafHash(hex(leaf)));

  test("roots of the RFC 6962 leaves", () => {
    for (const [size, root] of vectors.tree.roots.entries()) assert.equal(toHex(rootOf(own.slice(0, size))), root);
  });

  test("proofs are made and verified as written", () => {
    for (const { index, size, proof } of vectors.tree.inclusion) {
      assert.deepEqual(inclusionProof(index, size, readerOver(own.slice(0, size))).map(toHex), proof);
      assert.ok(verifyInclusion(own[index]!, index, size, proof.map(hex), hex(vectors.tree.roots[size]!)));
    }
    for (const { from, to, proof } of vectors.tree.consistency) {
      assert.deepEqual(consistencyProof(from, to, readerOver(own.slice(0, to))).map(toHex), proof);
      assert.ok(
        verifyConsistency(from, to, proof.map(hex), hex(vectors.tree.roots[from]!), hex(vectors.tree.roots[to]!)),
      );
    }
  });
});

test("a leaf of any length hashes as its definition says", () => {
  for (const length of [0, 1, 254, 255, 256, 257, 5000]) {
    const data = Buffer.alloc(length, 7);
    assert.deepEqual(leafHash(data), createHash("sha256").update(Buffer.of(0x00)).update(data).digest());
  }
});

describe("every proof of a tree of up to 64 leaves", () => {
  test("inclusion verifies, and at no other place, size, leaf or root", () => {
    for (let size = 1; size <= 64; size++) {
      for (let index = 0; index < size; index++) {
        const proof = inclusionProof(index, size, reader);
        const leaf = leaves[index]!;
        const root = rootOfSize(size);
        assert.ok(verifyInclusion(leaf, index, size, proof, root));
        assert.equal(verifyInclusion(leaf, index + 1, size, proof, root), false);
        assert.equal(verifyInclusion(leaves[index + 1]!, index, size, proof, root), false);
        assert.equal(verifyInclusion(leaf, index, size, proof, rootOfSize(size + 1)), false);
        for (const [i] of proof.entries()) {
          assert.equal(verifyInclusion(leaf, index, size, flipped(proof, i), root), false);
          assert.equal(verifyInclusion(leaf, index, size, proof.toSpliced(i, 1), root), false);
          assert.equal(verifyInclusion(leaf, index, size, proof.toSpliced(i, 0, leaf), root), false);
        }
        assert.equal(verifyInclusion(leaf, index, size, [...proof, leaf], root), false);
      }
    }
  });

  test("consistency verifies, and with nothing changed about it", () => {
    for (let size = 1; size <= 64; size++) {
      for (let old = 1; old <= size; old++) {
        const proof = consistencyProof(old, size, reader);
        const [oldRoot, root] = [rootOfSize(old), rootOfSize(size)];
        assert.ok(verifyConsistency(old, size, proof, oldRoot, root));
        assert.equal(verifyConsistency(old, size, proof, rootOfSize(old + 1), root), false);
        assert.equal(verifyConsistency(old, size, proof, oldRoot, rootOfSize(size + 1)), false);
        for (const [i] of proof.entries()) {
          assert.equal(verifyConsistency(old, size, flipped(proof, i), oldRoot, root), false);
          assert.equal(verifyConsistency(old, size, proof.toSpliced(i, 1), oldRoot, root), false);
        }
        assert.equal(verifyConsistency(old, size, [...proof, oldRoot], oldRoot, root), false);
        assert.equal(verifyConsistency(0, size, proof, EMPTY_ROOT, root), false);
      }
    }
  });

  function flipped(proof: readonly Bytes[], i: number): Bytes[] {
    const hash = Buffer.from(proof[i]!);
    hash[i % 32]! ^= 1 << (i % 8);
    return proof.with(i, hash);
  }
});

test("a root read from stored nodes is that of the leaves", () => {
  for (let size = 1; size <= 64; size++) assert.deepEqual(rootAt(size, reader), rootOfSize(size));
});

describe("frontier", () => {
  test("gives at each size the root over all leaves, and goes on after being stored", () => {
    let frontier = new Frontier();
    assert.deepEqual(frontier.root(), EMPTY_ROOT);
    for (const [i, leaf] of leaves.entries()) {
      frontier.append(leaf);
      assert.equal(frontier.size, i + 1);
      assert.deepEqual(frontier.root(), rootOfSize(i + 1));
      frontier = Frontier.deserialise(frontier.serialise());
    }
  });

  test("agrees with the recursive definition of the RFC on random sizes", () => {
    const recursive = (hashes: readonly Bytes[]): Bytes => {
      if (hashes.length === 1) return hashes[0]!;
      const split = 2 ** (31 - Math.clz32(hashes.length - 1));
      return nodeHash(recursive(hashes.slice(0, split)), recursive(hashes.slice(split)));
    };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 0 }), (size, seed) => {
        const hashes = Array.from({ length: size }, (_, i) => leafHash(u32((seed + i) % 2 ** 32)));
        assert.deepEqual(rootOf(hashes), recursive(hashes));
      }),
      { numRuns: 30 },
    );
  });

  test("tells of each full subtree once, when it is full", () => {
    const told: string[] = [];
    const frontier = new Frontier();
    for (const leaf of leaves.slice(0, 64)) {
      frontier.append(leaf, (level, index, hash) => {
        told.push(`${level}/${index}`);
        assert.deepEqual(hash, reader.hash(level, index));
      });
    }
    assert.equal(told.length, 127);
    assert.equal(new Set(told).size, 127);
  });

  test("a copy grows by itself", () => {
    const frontier = new Frontier();
    for (const leaf of leaves.slice(0, 5)) frontier.append(leaf);
    const copy = frontier.clone();
    copy.append(leaves[5]!);
    assert.deepEqual(frontier.root(), rootOfSize(5));
    assert.deepEqual(copy.root(), rootOfSize(6));
  });

  test("refuses a state that does not fit together", () => {
    const frontier = new Frontier();
    for (const leaf of leaves.slice(0, 6)) frontier.append(leaf);
    const state = frontier.serialise();
    for (const bad of [
      state.subarray(0, -1),
      Buffer.concat([state, Buffer.alloc(1)]),
      Buffer.alloc(0),
      Buffer.alloc(5),
      Buffer.from("000000000007", "hex"),
    ]) {
      assert.throws(() => Frontier.deserialise(bad), { code: "log.bad-state" });
    }
  });
});

test("positions beyond 32 bits are exact", () => {
  // A tree of equal leaves: a full subtree's hash depends on its height only, so any size can be proven without building it.
  const leaf = leafHash(u32(0));
  const byLevel: Bytes[] = [leaf];
  for (let level = 1; level < 48; level++) byLevel.push(nodeHash(byLevel[level - 1]!, byLevel[level - 1]!));
  const equal: HashReader = { hash: (level) => byLevel[level]! };
  const big = 2 ** 40 + 2 ** 33 + 5;
  const root = rootAt(big, equal);
  for (const index of [0, 2 ** 32, 2 ** 40 - 1, 2 ** 40, big - 1]) {
    assert.ok(verifyInclusion(leaf, index, big, inclusionProof(index, big, equal), root));
  }
  for (const old of [1, 2 ** 32 + 1, 2 ** 40, big - 1, big]) {
    assert.ok(verifyConsistency(old, big, consistencyProof(old, big, equal), rootAt(old, equal), root));
  }
  const full = Frontier.of(TREE_SIZE_MAX, byLevel.slice(0, 48).reverse());
  assert.deepEqual(full.root(), rootAt(TREE_SIZE_MAX, equal));
  assert.throws(() => full.append(leaf), RangeError);
});

test("what is out of range is refused", () => {
  assert.throws(() => inclusionProof(3, 3, reader), RangeError);
  assert.throws(() => inclusionProof(-1, 3, reader), RangeError);
  assert.throws(() => consistencyProof(0, 3, reader), RangeError);
  assert.throws(() => consistencyProof(4, 3, reader), RangeError);
  for (const index of [-1, 0.5, NaN, 2 ** 53])
    assert.equal(verifyInclusion(leaves[0]!, index, 1, [], leaves[0]!), false);
  assert.equal(verifyInclusion(leaves[0]!, 0, 2, [Buffer.alloc(31)], leaves[0]!), false);
});
