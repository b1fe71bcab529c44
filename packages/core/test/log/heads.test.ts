import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  blindedSubject,
  bucketHash,
  bucketOf,
  headValue,
  HeadsTree,
  NO_HEAD,
  proveHead,
  verifyHead,
  type HeadPair,
  type HeadProof,
} from "../../src/log/index.ts";
import { toHex, u32 } from "../../src/bytes.ts";
import { secretKey, sha256 } from "../../src/primitives.ts";
import { hex, vectors, type WrittenHeadProof } from "./vectors.ts";

const { heads } = vectors;
const pairOf = ([index, value]: [string, string]): HeadPair => ({ index: hex(index), value: hex(value) });
const proofOf = ({ bucket, path }: WrittenHeadProof): HeadProof => ({
  bucket: bucket.map(pairOf),
  path: path.map(hex),
});

/** The vectors' map: 62 subjects, three of them in one bucket but one. */
const buckets = Map.groupBy(heads.pairs.map(pairOf), ({ index }) => bucketOf(index));
const tree = new HeadsTree();
const emptyRoot = tree.root();
for (const [bucket, pairs] of buckets) tree.setBucket(bucket, bucketHash(bucket, pairs));

test("empty buckets and the empty map hash as in the vectors", () => {
  for (const [bucket, hash] of Object.entries(heads.emptyBucketHashes))
    assert.equal(toHex(bucketHash(Number(bucket), [])), hash);
  assert.equal(toHex(emptyRoot), heads.emptyRoot);
});

describe("head proofs of the vectors", () => {
  test("the root", () => assert.equal(toHex(tree.root()), heads.root));

  for (const { logKey, index, bucket, counter, commitment, value, proof } of heads.cases) {
    const subject = blindedSubject(secretKey(hex(logKey)));
    const head = { counter, commitment: hex(commitment) };

    test(`counter ${counter} in a bucket of ${proof.bucket.length}: made and verified as written`, () => {
      assert.equal(toHex(subject.index), index);
      assert.equal(bucketOf(subject.index), bucket);
      if (value !== null) assert.equal(toHex(headValue(subject.blind, head)), value);
      const made = proveHead(tree, subject.index, buckets.get(bucket) ?? []);
      assert.deepEqual(made.path.map(toHex), proof.path);
      assert.deepEqual(
        made.bucket.map((pair) => [toHex(pair.index), toHex(pair.value)]),
        proof.bucket,
      );
      assert.ok(verifyHead(hex(heads.root), subject, head, proofOf(proof)));
    });

    test(`counter ${counter}: nothing about it may change`, () => {
      const good = proofOf(proof);
      const root = hex(heads.root);
      assert.equal(verifyHead(root, subject, { ...head, counter: counter + 1 }, good), false);
      assert.equal(verifyHead(root, subject, { ...head, counter: -1 }, good), false);
      assert.equal(verifyHead(root, subject, { ...head, commitment: sha256(u32(1)) }, good), false);
      assert.equal(verifyHead(root, subject, { ...head, commitment: hex("00") }, good), false);
      assert.equal(verifyHead(hex(heads.emptyRoot), subject, head, good), false);
      assert.equal(verifyHead(root, blindedSubject(secretKey(sha256(u32(9)))), head, good), false);
      for (const [i, hash] of good.path.entries()) {
        const changed = Buffer.from(hash);
        changed[31]! ^= 1;
        assert.equal(verifyHead(root, subject, head, { ...good, path: good.path.with(i, changed) }), false);
      }
      assert.equal(verifyHead(root, subject, head, { ...good, path: good.path.slice(1) }), false);
      assert.equal(verifyHead(root, subject, head, { ...good, path: [...good.path, root] }), false);
      assert.equal(verifyHead(root, subject, head, { ...good, path: good.path.with(0, Buffer.alloc(31)) }), false);
      for (const [i] of good.bucket.entries()) {
        assert.equal(verifyHead(root, subject, head, { ...good, bucket: good.bucket.toSpliced(i, 1) }), false);
        assert.equal(
          verifyHead(root, subject, head, { ...good, bucket: good.bucket.toSpliced(i, 0, good.bucket[i]!) }),
          false,
        );
        assert.equal(
          verifyHead(root, subject, head, {
            ...good,
            bucket: good.bucket.with(i, { index: hex("00"), value: hex("") }),
          }),
          false,
        );
      }
      if (good.bucket.length > 1)
        assert.equal(verifyHead(root, subject, head, { ...good, bucket: good.bucket.toReversed() }), false);
    });
  }

  test("who has entries is not shown as having none, nor the other way round", () => {
    for (const { logKey, counter, proof } of heads.cases) {
      const subject = blindedSubject(secretKey(hex(logKey)));
      const shown = counter === 0 ? { counter: 1, commitment: sha256(u32(1)) } : NO_HEAD;
      assert.equal(verifyHead(hex(heads.root), subject, shown, proofOf(proof)), false);
    }
  });
});

describe("a bucket's hash", () => {
  const [a, b] = [...buckets.values()].find((pairs) => pairs.length >= 2)!;
  const bucket = bucketOf(a!.index);

  test("is refused for pairs out of order, twice, or of another bucket", () => {
    for (const pairs of [
      [b!, a!],
      [a!, a!],
    ])
      assert.throws(() => bucketHash(bucket, pairs), { code: "log.bad-state" });
    assert.throws(() => bucketHash((bucket + 1) % 4096, [a!]), { code: "log.bad-state" });
    assert.throws(() => bucketHash(bucket, [{ index: a!.index, value: Buffer.alloc(31) }]), { code: "log.bad-state" });
  });

  test("tells buckets and their content apart", () => {
    const hashes = [
      bucketHash(0, []),
      bucketHash(1, []),
      bucketHash(bucket, [a!]),
      bucketHash(bucket, [b!]),
      bucketHash(bucket, [a!, b!]),
    ];
    assert.equal(new Set(hashes.map(toHex)).size, hashes.length);
  });
});

test("changes one by one, in any order, give the root of the map made at once", () => {
  const grown = new HeadsTree();
  for (const [bucket, pairs] of [...buckets].reverse()) {
    grown.setBucket(bucket, bucketHash(bucket, [pairs[0]!]));
    grown.root();
    grown.setBucket(bucket, bucketHash(bucket, pairs));
    grown.path(0);
  }
  assert.deepEqual(grown.root(), tree.root());
  for (const bucket of buckets.keys()) grown.setBucket(bucket, bucketHash(bucket, []));
  assert.deepEqual(grown.root(), emptyRoot);
  assert.throws(() => grown.setBucket(4096, Buffer.alloc(32)), RangeError);
  assert.throws(() => grown.setBucket(0, Buffer.alloc(31)), RangeError);
});
