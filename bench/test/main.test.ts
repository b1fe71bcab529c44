import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { figureLine, type Figure } from "../src/figure.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const fixtures = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

function bench(folder: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args, "--folder", fixtures(folder)], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

describe("npm run bench", () => {
  test("--json: one JSON line per figure on standard output, everything else on standard error", () => {
    const { status, stdout, stderr } = bench("good", "steady", "--json", "--rounds", "2");
    assert.equal(status, 0, stderr);
    assert.deepEqual(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
      [
        { name: "rate", ours: 300, peer: 100, ratio: 3, unit: "fields/s", note: "" },
        { name: "alone", ours: 2, peer: null, ratio: null, unit: "ms", note: "no peer" },
      ],
    );
    assert.match(stderr, /chatter of a library/);
    assert.match(stderr, /told to a person/);
  });

  test("without --json a reader sees names, units and how many times better", () => {
    const { status, stdout } = bench("good", "steady", "--quick");
    assert.equal(status, 0);
    assert.match(stdout, /^steady rate: 300 fields\/s, peer 100 fields\/s, 3\.00 times better$/m);
    assert.match(stdout, /^steady alone: 2\.00 ms$/m);
  });

  test("list tells what there is", () => {
    assert.match(bench("good", "list").stdout, /^steady +Two known numbers/);
  });

  test("no benchmarks at all is told, and is no failure", () => {
    assert.deepEqual(bench("none", "list"), { status: 0, stdout: "there are no benchmarks yet\n", stderr: "" });
    assert.match(bench("none", "smoke").stdout, /nothing was tried/);
  });

  test("a figure that is not a number fails the benchmark and prints no line", () => {
    const { status, stdout, stderr } = bench("bad", "nan", "--json");
    assert.deepEqual({ status, stdout }, { status: 1, stdout: "" });
    assert.match(stderr, /ours is NaN/);
  });

  test("smoke passes when each benchmark gives a figure", () => {
    const { status, stdout } = bench("good", "smoke");
    assert.equal(status, 0);
    assert.match(stdout, /^ok {5}steady: 2 figure\(s\)/);
  });

  test("smoke tries all of them, and fails for a crash, a nonsense figure and none at all", () => {
    const { status, stdout } = bench("bad", "smoke");
    assert.equal(status, 1);
    assert.deepEqual(
      stdout.match(/^FAILED \w+/gm),
      ["crash", "empty", "nan"].map((name) => `FAILED ${name}`),
    );
  });

  for (const [why, args] of [
    ["no name", []],
    ["two names", ["steady", "steady"]],
    ["an unknown name", ["speedy"]],
    ["an unknown flag", ["steady", "--fast"]],
    ["no rounds", ["steady", "--rounds", "0"]],
    ["rounds that are no number", ["steady", "--rounds", "many"]],
  ] as const) {
    test(`${why}: exit code 2 and the usage`, () => {
      const { status, stdout, stderr } = bench("good", ...args);
      assert.deepEqual({ status, stdout }, { status: 2, stdout: "" });
      assert.match(stderr, /usage: npm run bench/);
    });
  }
});

describe("a figure's line", () => {
  const figure: Figure = { name: "p50", ours: 2, peer: 8, ratio: 4, unit: "ms", note: "against Fastify" };

  test("is one line with exactly these fields", () => {
    assert.equal(
      figureLine("open-one", figure),
      '{"name":"p50","ours":2,"peer":8,"ratio":4,"unit":"ms","note":"against Fastify"}',
    );
  });

  test("nothing can be what was measured, where there is no peer", () => {
    assert.match(figureLine("revoke", { ...figure, ours: 0, peer: null, ratio: null }), /"ours":0,"peer":null/);
  });

  for (const [why, change] of [
    ["a rate of zero beside a peer", { ours: 0 }],
    ["less than nothing", { ours: -1, peer: null, ratio: null }],
    ["an infinite ratio", { ratio: Number.POSITIVE_INFINITY }],
    ["a negative peer", { peer: -1 }],
    ["a peer without a ratio", { ratio: null }],
    ["a ratio without a peer", { peer: null }],
    ["no unit", { unit: "" }],
    ["no name", { name: "" }],
  ] as const) {
    test(`${why} is refused`, () => assert.throws(() => figureLine("open-one", { ...figure, ...change }), RangeError));
  }
});
