import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { compare, elapsedMs, interleave, median, percentile, perSecond, ratio } from "../src/compare.ts";

describe("median and percentile", () => {
  test("the middle one of an odd count, in any order", () => assert.equal(median([9, 1, 5]), 5));
  test("half way between the middle two of an even count", () => assert.equal(median([4, 1, 3, 2]), 2.5));
  test("one outlier does not move the median", () => assert.equal(median([10, 10, 10, 10, 9_000]), 10));
  test("numbers are ordered as numbers, not as texts", () => assert.equal(median([9, 10, 100]), 10));
  test("the ends are the least and the greatest", () => {
    assert.equal(percentile([3, 1, 2], 0), 1);
    assert.equal(percentile([3, 1, 2], 100), 3);
  });
  test("between two values it interpolates", () => assert.equal(percentile([0, 100], 99), 99));
  test("nothing has no median", () => assert.throws(() => median([]), RangeError));
  test("the values given stay in their order", () => {
    const values = [3, 1, 2];
    median(values);
    assert.deepEqual(values, [3, 1, 2]);
  });
});

describe("ratio says how many times better we are", () => {
  test("a rate: three times the peer's is 3", () => assert.equal(ratio(300, 100, "higher"), 3));
  test("a time: a third of the peer's is 3", () => assert.equal(ratio(10, 30, "lower"), 3));
  test("worse is below 1 both ways", () => {
    assert.equal(ratio(50, 100, "higher"), 0.5);
    assert.equal(ratio(60, 30, "lower"), 0.5);
  });
});

describe("interleave", () => {
  test("ours and peer take turns, after a warm-up round each that does not count", async () => {
    const order: string[] = [];
    const samples = await interleave({
      rounds: 2,
      ours: () => order.push("ours"),
      peer: async () => order.push("peer"),
    });
    assert.deepEqual(order, ["ours", "peer", "ours", "peer", "ours", "peer"]);
    assert.deepEqual(samples, { ours: [3, 5], peer: [4, 6] });
  });
  test("no rounds, or part of one, is refused", async () => {
    for (const rounds of [0, -1, 1.5, Number.NaN]) {
      await assert.rejects(interleave({ rounds, ours: () => 1, peer: () => 1 }), RangeError);
    }
  });
});

test("compare takes the medians of the rounds and the ratio of the medians", async () => {
  const ours = [99, 8, 10, 12].values();
  const peer = [1, 20, 900, 40].values();
  const figure = await compare({
    name: "p50",
    rounds: 3,
    ours: () => ours.next().value!,
    peer: () => peer.next().value!,
    unit: "ms",
    better: "lower",
  });
  assert.deepEqual(figure, { name: "p50", ours: 10, peer: 40, ratio: 4, unit: "ms", note: "" });
});

describe("clocks", () => {
  const clock = (...readings: number[]) => {
    const next = readings.values();
    return () => next.next().value!;
  };
  test("elapsed time waits for the work", async () => {
    let done = false;
    const work = async () => {
      await Promise.resolve();
      done = true;
    };
    assert.equal(await elapsedMs(work, clock(1_000, 1_250)), 250);
    assert.equal(done, true);
  });
  test("a rate is per second, the clock in milliseconds", async () => {
    assert.equal(await perSecond(500, () => undefined, clock(0, 250)), 2_000);
  });
});
