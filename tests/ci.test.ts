/** What `.ci/run` says at the end must be true: it is run here on its own, with an `npm` that plays each ending. */
import { after, describe, test } from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { ROOT } from "../tools/tree.ts";

const folder = mkdtempSync(join(tmpdir(), "strongroom-ci-"));
after(() => rmSync(folder, { recursive: true, force: true }));
for (const name of [".ci", "bin", "packages", "apps", "examples", "tests"]) mkdirSync(join(folder, name));
copyFileSync(join(ROOT, ".ci/run"), join(folder, ".ci/run"));
chmodSync(join(folder, ".ci/run"), 0o755);

const summary = (pass: number, fail: number, cancelled = 0, skipped = 0) =>
  `ℹ tests ${pass + fail + cancelled + skipped}\nℹ suites 0\nℹ pass ${pass}\nℹ fail ${fail}\nℹ cancelled ${cancelled}\n` +
  `ℹ skipped ${skipped}\nℹ todo 0\nℹ duration_ms 12.5\n`;

/** Runs .ci/run where `npm test` prints the text and ends with the code, and the named npm scripts fail. */
function ci(tests: { readonly prints: string; readonly code: number }, failing = "", locale = "C.UTF-8") {
  writeFileSync(join(folder, "printed"), tests.prints);
  const script = [
    "#!/usr/bin/env bash",
    'for word in "$@"; do case " $FAILING " in *" $word "*) exit 7;; esac; done',
    'if [ "$1" = test ]; then cat "$PRINTED"; exit "$CODE"; fi',
    'echo "ℹ pass 999 is not for you: $*"',
  ];
  writeFileSync(join(folder, "bin/npm"), script.join("\n"), { mode: 0o755 });
  const { status, stdout } = spawnSync("bash", [join(folder, ".ci/run")], {
    encoding: "utf8",
    env: {
      ...process.env,
      PATH: `${join(folder, "bin")}${delimiter}${process.env["PATH"]}`,
      PRINTED: join(folder, "printed"),
      CODE: String(tests.code),
      LC_ALL: locale,
      FAILING: failing,
    },
  });
  return { status, lines: stdout.trimEnd().split("\n") };
}

describe(".ci/run", () => {
  test("all well: exit code 0, and the counts of node:test at the end", () => {
    const { status, lines } = ci({ prints: summary(412, 0), code: 0 });
    assert.equal(lines.at(-1), "412 passed, 0 failed");
    assert.equal(status, 0);
  });

  test("steps come in this order, tests first after the install", () => {
    const { lines } = ci({ prints: summary(1, 0), code: 0 });
    const steps = lines.filter((line) => line.startsWith("== ")).map((line) => line.slice(3));
    assert.deepEqual(steps, ["install", "browser", "test", "lint", "typecheck", "docs", "bench", "end"]);
  });

  test("failed and cancelled tests count as failed, and the other steps still run", () => {
    const { status, lines } = ci({ prints: `${summary(10, 2, 3)}\n✖ failing tests:\n`, code: 1 });
    assert.equal(lines.at(-1), "10 passed, 5 failed");
    assert.ok(lines.includes("failed: test"));
    assert.ok(lines.includes("== bench"));
    assert.equal(status, 1);
  });

  test("skipped tests are told and count as neither", () => {
    const { status, lines } = ci({ prints: summary(10, 0, 0, 4), code: 0 });
    assert.ok(lines.includes("skipped tests: 4"));
    assert.deepEqual([status, lines.at(-1)], [0, "10 passed, 0 failed"]);
  });

  test("colours do not hide the counts", () => {
    const coloured = summary(7, 0).replace(/^ℹ.*$/gm, "\u001b[34m$&\u001b[39m");
    assert.equal(ci({ prints: coloured, code: 0 }).lines.at(-1), "7 passed, 0 failed");
  });

  for (const locale of ["C", "C.UTF-8"]) {
    test(`nor does the locale ${locale}`, () => {
      const { lines } = ci({ prints: summary(7, 0), code: 0 }, "", locale);
      assert.equal(lines.at(-1), "7 passed, 0 failed");
    });
  }

  for (const step of ["lint", "typecheck", "check:docs", "bench"]) {
    test(`a failed ${step} fails the run, with the tests' counts still true`, () => {
      const { status, lines } = ci({ prints: summary(3, 0), code: 0 }, step);
      assert.deepEqual([status, lines.at(-1)], [1, "3 passed, 0 failed"]);
    });
  }

  for (const [why, tests] of [
    ["no summary", { prints: "nothing\n", code: 0 }],
    ["no test in it", { prints: summary(0, 0), code: 0 }],
    ["a bad exit code after a good summary", { prints: summary(5, 0), code: 1 }],
    ["failures under a good exit code", { prints: summary(5, 1), code: 0 }],
  ] as const) {
    test(`a test run with ${why} fails`, () => assert.equal(ci(tests).status, 1));
  }

  test("a failed install ends it at once, and claims no passed test", () => {
    const { status, lines } = ci({ prints: summary(5, 0), code: 0 }, "ci");
    assert.deepEqual([status, lines.at(-1)], [7, "0 passed, 0 failed"]);
    assert.ok(!lines.includes("== test"));
  });
});
