/** Inclusion and consistency proofs, good and bad, of transparency-dev/merkle. Its files are not ours to ship. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { verifyConsistency, verifyInclusion } from "../../src/log/index.ts";

const folder = process.env["STRONGROOM_TEST_DATA"];
const NO_DATA = "skipped: no test data (STRONGROOM_TEST_DATA is not set)";
const bytes = (base64: string): Buffer => Buffer.from(base64, "base64");

function casesOf<Case>(kind: string): { name: string; content: Case }[] {
  const root = join(folder!, "crypto", "rfc6962-merkle", "testdata", kind);
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .map((name) => ({ name, content: JSON.parse(readFileSync(join(root, name), "utf8")) as Case }));
}

test("inclusion proofs", (t) => {
  if (!folder) return t.skip(NO_DATA);
  const cases = casesOf<{
    leafIdx: number;
    treeSize: number;
    root: string;
    leafHash: string;
    proof: string[] | null;
    wantErr: boolean;
  }>("inclusion");
  assert.ok(cases.length >= 47, `only ${cases.length} cases`);
  for (const { name, content: c } of cases) {
    const verified = verifyInclusion(
      bytes(c.leafHash),
      c.leafIdx,
      c.treeSize,
      (c.proof ?? []).map(bytes),
      bytes(c.root),
    );
    assert.equal(verified, !c.wantErr, name);
  }
});

test("consistency proofs", (t) => {
  if (!folder) return t.skip(NO_DATA);
  const cases = casesOf<{
    size1: number;
    size2: number;
    root1: string;
    root2: string;
    proof: string[] | null;
    wantErr: boolean;
  }>("consistency");
  assert.ok(cases.length >= 36, `only ${cases.length} cases`);
  for (const { name, content: c } of cases) {
    const verified = verifyConsistency(c.size1, c.size2, (c.proof ?? []).map(bytes), bytes(c.root1), bytes(c.root2));
    assert.equal(verified, !c.wantErr, name);
  }
});
