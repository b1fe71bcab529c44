/** The threat model names a test for each promise: each must be there. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../tools/tree.ts";

const page = readFileSync(join(ROOT, "docs/threat-model.md"), "utf8");
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| ") && line.includes("`") && line.includes(".test.ts"));

test("the threat model names tests at all", () => {
  assert.ok(rows.length >= 25, `only ${rows.length} promises name a test`);
});

for (const row of rows) {
  const [, file, name] = /`([^`]+\.test\.ts)` "([^"]+)"/.exec(row) ?? [];
  test(`held: ${row.split("|")[1]?.trim() ?? row}`, () => {
    assert.ok(file !== undefined && name !== undefined, `no test is named in: ${row}`);
    assert.ok(existsSync(join(ROOT, file)), `${file} does not exist`);
    const titles = [
      ...readFileSync(join(ROOT, file), "utf8").matchAll(/\b(?:test|describe|it)\(\s*(["'`])(.+?)\1/g),
    ].map(([, , title]) => title);
    assert.ok(
      titles.some((title) => title!.includes(name)),
      `${file} has no test whose name holds "${name}"; it has:\n${titles.join("\n")}`,
    );
  });
}
