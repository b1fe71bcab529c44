import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_HEAD, openEntry, verifyChain, type ChainLink } from "../../src/log/index.ts";
import { secretKey } from "../../src/primitives.ts";
import { hex, vectors } from "./vectors.ts";

const { subject } = vectors.log;
const key = secretKey(hex(subject.logKey));
const links: ChainLink[] = subject.entries.map(({ counter, index, sealed }) => ({
  index,
  ...openEntry(hex(sealed), counter, key),
}));
const [one, two, three, four] = links as [ChainLink, ChainLink, ChainLink, ChainLink];

test("a whole chain ends at its head, and page by page as well", () => {
  const head = { counter: 4, commitment: hex(subject.head.commitment) };
  assert.deepEqual(verifyChain(links), { ok: true, head });
  assert.deepEqual(verifyChain([]), { ok: true, head: NO_HEAD });
  const first = verifyChain([one, two]);
  assert.ok(first.ok);
  assert.deepEqual(verifyChain([three, four], { ...first.head, index: two.index }), { ok: true, head });
});

test("a dropped, repeated, reordered or unlinked entry breaks it where it is", () => {
  assert.deepEqual(verifyChain([one, three, four]), { ok: false, at: 3, why: "counter" });
  assert.deepEqual(verifyChain([two, three, four]), { ok: false, at: 2, why: "counter" });
  assert.deepEqual(verifyChain([one, two, two]), { ok: false, at: 2, why: "counter" });
  assert.deepEqual(verifyChain([one, three, two]), { ok: false, at: 3, why: "counter" });
  assert.deepEqual(verifyChain([one, { ...two, commitment: one.commitment }, three]), {
    ok: false,
    at: 3,
    why: "previous",
  });
  assert.deepEqual(verifyChain([one, { ...two, index: one.index }]), { ok: false, at: 2, why: "position" });
  assert.deepEqual(verifyChain([three], { counter: 2, commitment: two.commitment, index: three.index }), {
    ok: false,
    at: 3,
    why: "position",
  });
});
