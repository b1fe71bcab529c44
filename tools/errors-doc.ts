/**
 * `npm run errors-doc`: writes the tables of docs/errors.md from the one list of errors, packages/core/src/errors.ts.
 * Only what lies between the two markers is touched. `npm run check:docs` fails where the page is stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ERRORS, type ErrorFacts } from "@strongroom/core/errors";
import { ROOT } from "./tree.ts";

const PAGE = "docs/errors.md";
const BEGIN = "<!-- errors: begin (npm run errors-doc) -->";
const END = "<!-- errors: end -->";

/** The page with its tables made new. @throws Error where the markers are missing, doubled or the wrong way round. */
export function withTables(page: string, errors: Readonly<Record<string, ErrorFacts>>): string {
  const [before, rest, ...more] = page.split(BEGIN);
  const [stale, after, ...evenMore] = (rest ?? "").split(END);
  if (stale === undefined || after === undefined || more.length + evenMore.length > 0) {
    throw new Error(`${PAGE} needs exactly one "${BEGIN}" and after it one "${END}"`);
  }
  return `${before}${BEGIN}\n${tables(errors)}${END}${after}`;
}

/** One table per area (the word before the first dot), areas and codes in the order of the list. */
function tables(errors: Readonly<Record<string, ErrorFacts>>): string {
  const areas = Map.groupBy(Object.keys(errors), (code) => code.slice(0, code.indexOf(".")));
  return [...areas]
    .map(([area, codes]) => {
      const rows = codes.map((code) => {
        const { status, cause, fix } = errors[code]!;
        return `| \`${code}\` | ${status} | ${cell(cause)} | ${cell(fix)} |\n`;
      });
      return `\n## ${area}\n\n| code | status | cause | what to do |\n|---|---|---|---|\n${rows.join("")}`;
    })
    .join("")
    .concat("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replace(/\s+/g, " ");
}

/** True when the page on disk says what the list says. */
export function errorsPageIsFresh(): boolean {
  const page = readFileSync(join(ROOT, PAGE), "utf8");
  return withTables(page, ERRORS) === page;
}

if (import.meta.main) {
  const file = join(ROOT, PAGE);
  writeFileSync(file, withTables(readFileSync(file, "utf8"), ERRORS));
  console.log(`${PAGE}: ${Object.keys(ERRORS).length} codes`);
}
