/**
 * `npm run check:docs [-- page …]`: the table of errors is fresh, the links lead somewhere, the code runs.
 * Prints one line per page with code, then what is wrong; exit code 1 where anything is.
 */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runPage } from "./doc-blocks.ts";
import { brokenLinks } from "./doc-links.ts";
import { errorsPageIsFresh } from "./errors-doc.ts";
import { ROOT, workspaceFiles } from "./tree.ts";

const wanted = process.argv.slice(2);
const pages = workspaceFiles([".md"]).filter((page) => wanted.length === 0 || wanted.includes(page));
const problems: string[] = [];

if (!errorsPageIsFresh()) problems.push("docs/errors.md is stale: npm run errors-doc");
for (const page of pages) problems.push(...brokenLinks(ROOT, page));

let blocks = 0;
for (const page of pages) {
  const folder = join(ROOT, ".docs-run", page.replace(/[^a-z0-9]+/gi, "-"));
  const run = await runPage(page, readFileSync(join(ROOT, page), "utf8"), folder);
  blocks += run.ran;
  problems.push(...run.problems);
  if (run.ran > 0) console.log(`${page}: ${run.ran} block(s) run`);
  // What a failed page left behind stays, to be looked at.
  if (run.problems.length === 0) rmSync(folder, { recursive: true, force: true });
}

for (const problem of problems) console.error(problem);
console.log(`${pages.length} page(s), ${blocks} block(s) run, ${problems.length} problem(s)`);
if (pages.length === 0) console.error(`no such page: ${wanted.join(", ")}`);
process.exitCode = problems.length === 0 && pages.length > 0 ? 0 : 1;
