/**
 * One process for many pure test files: the runner (tools/test.ts) names them in PURE_TESTS as a JSON list.
 * A file that does not load is a failed test of its own, so that it cannot hide the others.
 */
import { test } from "node:test";

const files = JSON.parse(process.env["PURE_TESTS"] ?? "[]") as string[];
if (files.length === 0) throw new Error("PURE_TESTS names no files; start this by npm test");

for (const file of files) {
  try {
    await import(new URL(`../${file}`, import.meta.url).href);
  } catch (error) {
    void test(`${file} loads`, () => {
      throw error;
    });
  }
}
