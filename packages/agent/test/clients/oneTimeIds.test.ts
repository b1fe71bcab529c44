import { describe, test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { OneTimeIds } from "../../src/clients/oneTimeIds.ts";

const START = 1_000_000;

describe("one-time ids", () => {
  test("an id counts once for as long as it could be used", () => {
    const ids = new OneTimeIds({ lifeMs: 60_000, idsMax: 100, startedAt: START });
    assert.equal(ids.use("a", START, START), "first");
    assert.equal(ids.use("a", START, START + 60_000), "again");
    assert.equal(ids.use("b", START, START + 60_000), "first");
    assert.equal(ids.use("c", START, START + 60_001), "too-old");
  });

  test("what belongs to a time before the start is refused", () => {
    const ids = new OneTimeIds({ lifeMs: 60_000, idsMax: 100, startedAt: START });
    assert.equal(ids.use("a", START - 1, START + 5), "too-old");
    assert.equal(ids.use("a", START, START + 5), "first");
  });

  test("memory is bounded: the oldest is forgotten and refused from then on", () => {
    const ids = new OneTimeIds({ lifeMs: 60_000, idsMax: 10, startedAt: START });
    for (let i = 0; i < 10; i += 1) assert.equal(ids.use(`old ${i}`, START, START + 50_000), "first");
    assert.equal(ids.use("new", START + 50_000, START + 50_000), "first");
    assert.equal(ids.size, 1);
    for (let i = 0; i < 11; i += 1) assert.equal(ids.use(`old ${i}`, START, START + 50_000), "too-old");
  });

  test("full within one moment: that moment is closed, and later ones go on", () => {
    const ids = new OneTimeIds({ lifeMs: 60_000, idsMax: 3, startedAt: START });
    for (const id of ["a", "b", "c"]) assert.equal(ids.use(id, START, START), "first");
    assert.equal(ids.use("d", START, START), "too-old");
    assert.equal(ids.use("a", START, START), "too-old");
    assert.equal(ids.use("d", START + 10_000, START + 10_000), "first");
  });

  test("what passed its time leaves memory", () => {
    const ids = new OneTimeIds({ lifeMs: 60_000, idsMax: 100_000, startedAt: START });
    for (let i = 0; i < 1_000; i += 1) ids.use(String(i), START + i * 1_000, START + i * 1_000);
    assert.ok(ids.size < 100, String(ids.size));
  });

  test("whatever comes in whatever order, no id passes twice and memory stays bounded", () => {
    const step = fc.record({
      id: fc.integer({ min: 0, max: 30 }),
      age: fc.integer({ min: -5_000, max: 70_000 }),
      passed: fc.integer({ min: 0, max: 20_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 20 }), (steps, idsMax) => {
        const ids = new OneTimeIds({ lifeMs: 60_000, idsMax, startedAt: START });
        const passed = new Set<string>();
        let now = START;
        for (const { id, age, passed: ms } of steps) {
          now += ms;
          // An id belongs to one time: that is what makes it one id.
          const at = Math.min(now + 5_000, START + id * 7_000 - age);
          const name = `${id} ${at}`;
          if (ids.use(name, at, now) === "first") {
            assert.ok(!passed.has(name));
            passed.add(name);
          }
          assert.ok(ids.size <= idsMax);
        }
      }),
    );
  });
});
