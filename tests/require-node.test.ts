import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const GUARD = new URL("../tools/require-node.cjs", import.meta.url);

function guard(...version: string[]) {
  return spawnSync(process.execPath, [fileURLToPath(GUARD), ...version], { encoding: "utf8" });
}

describe("the guard for an old Node", () => {
  for (const version of ["12.22.12", "18.20.4", "20.20.2", "22.22.0", "23.11.1", "not-a-version"]) {
    test(`refuses ${version} with one message that says which Node to install`, () => {
      const { status, stdout, stderr } = guard(version);
      assert.equal(status, 1);
      assert.equal(stdout, "");
      assert.match(stderr, new RegExp(`This is Node ${version.replaceAll(".", "\\.")} `));
      assert.match(stderr, /Install Node 24 LTS/);
    });
  }

  for (const version of ["24.0.0", "24.21.0", "26.1.0"]) {
    test(`accepts ${version} in silence`, () => {
      assert.deepEqual({ ...pick(guard(version)) }, { status: 0, stdout: "", stderr: "" });
    });
  }

  test("accepts the Node that runs the tests", () => {
    assert.equal(guard().status, 0);
  });

  test("keeps to syntax that Node 12 parses", () => {
    const source = readFileSync(GUARD, "utf8");
    assert.doesNotMatch(source, /=>|`|\?\?|\?\.|\b(?:let|const|class|import)\b\s/);
  });

  test("stands before every script that needs Node 24", () => {
    const { scripts } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    for (const name of ["test", "demo", "strongroom", "bench", "check:docs"]) {
      assert.match(scripts[name], /^node tools\/require-node\.cjs && node /, name);
    }
  });
});

function pick({ status, stdout, stderr }: { status: number | null; stdout: string; stderr: string }) {
  return { status, stdout, stderr };
}
