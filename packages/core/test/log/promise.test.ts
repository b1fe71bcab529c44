import assert from "node:assert/strict";
import { test } from "node:test";
import {
  parseSignerKey,
  parseVerifierKey,
  promiseBytes,
  signPromise,
  verifyPromise,
  type PromiseContent,
} from "../../src/log/index.ts";
import { toHex } from "../../src/bytes.ts";
import { hex, vectors } from "./vectors.ts";

const { promise, keys } = vectors;
const log = parseSignerKey(keys.log.signerKey);
const logKey = parseVerifierKey(keys.log.verifierKey);
const content: PromiseContent = {
  at: promise.at,
  decision: hex(promise.decision),
  entries: promise.entries.map(([index, commitment]) => ({ index, commitment: hex(commitment) })),
};

test("a promise is signed and verified as in the vectors", () => {
  assert.equal(toHex(promiseBytes(content, promise.origin)), promise.signedBytes);
  assert.equal(toHex(signPromise(content, log)), promise.signature);
  assert.ok(verifyPromise(content, hex(promise.signature), logKey));
});

test("nothing about it may change", () => {
  const signature = hex(promise.signature);
  const [first, ...rest] = content.entries;
  const changes: PromiseContent[] = [
    { ...content, at: content.at + 1 },
    { ...content, decision: Buffer.alloc(16) },
    { ...content, entries: rest },
    { ...content, entries: [{ ...first!, index: 4 }, ...rest] },
    { ...content, entries: [{ ...first!, commitment: rest[0]!.commitment }, ...rest] },
  ];
  for (const changed of changes) assert.equal(verifyPromise(changed, signature, logKey), false);
  assert.equal(verifyPromise(content, signature.subarray(1), logKey), false);
  assert.equal(verifyPromise(content, signature, parseVerifierKey(keys.witness.verifierKey)), false);
  assert.equal(verifyPromise(content, signature, parseVerifierKey(vectors.external.signed[0]!.verifierKey)), false);
});

test("a promise that nobody can make is refused", () => {
  const [first] = content.entries;
  const many = (count: number): PromiseContent => ({
    ...content,
    entries: Array.from({ length: count }, (_, index) => ({ index, commitment: first!.commitment })),
  });
  const bad: PromiseContent[] = [
    many(0),
    many(4097),
    { ...content, entries: [first!, first!] },
    { ...content, entries: content.entries.toReversed() },
    { ...content, entries: [{ index: -1, commitment: first!.commitment }] },
    { ...content, entries: [{ index: 2 ** 48, commitment: first!.commitment }] },
    { ...content, entries: [{ index: 0, commitment: Buffer.alloc(31) }] },
    { ...content, decision: Buffer.alloc(15) },
    { ...content, at: 0.5 },
  ];
  for (const one of bad) assert.throws(() => signPromise(one, log), { code: "log.bad-promise" });
  assert.ok(verifyPromise(many(4096), signPromise(many(4096), log), logKey));
});
