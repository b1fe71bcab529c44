/** What no file may hold, whoever wrote it. Each check is also tried on a sample that it must find. */
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ERRORS } from "@strongroom/core/errors";
import { brokenLinks } from "../tools/doc-links.ts";
import { errorsPageIsFresh } from "../tools/errors-doc.ts";
import { ROOT, workspaceFiles } from "../tools/tree.ts";

const LINES_MAX = 400;
const CODE = [".ts", ".js", ".cjs", ".mjs"];
const TEXTS = [...CODE, ".json", ".md", ".css", ".html", ".svg", ".sql", ".yml", ".yaml", "/run"];
const SELF = "tests/tidy.test.ts";

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const code = workspaceFiles(CODE).filter((file) => file !== SELF);
const texts = workspaceFiles(TEXTS).filter((file) => file !== SELF && file !== "package-lock.json");

/** Places where the pattern is found, as `file:line`. */
function found(files: readonly string[], pattern: RegExp): string[] {
  return files.flatMap((file) =>
    read(file)
      .split("\n")
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}`] : [])),
  );
}

/** A pattern, samples of what it must find, and of what it must leave alone. */
const FORBIDDEN: readonly {
  readonly what: string;
  readonly files: readonly string[];
  readonly pattern: RegExp;
  readonly finds: readonly string[];
  readonly leaves: readonly string[];
}[] = [
  {
    what: "tests that are left out or alone",
    files: code,
    pattern: /\b(?:test|describe|it|suite)\.(?:skip|only|todo)\b|\b(?:skip|only|todo): (?:true|["'`])|\bt\.todo\(/,
    finds: ['test.skip("x")', "describe.only(", 'it.todo("later")', 'test("x", { skip: true }', "t.todo()"],
    leaves: ['t.skip("skipped: no test data (STRONGROOM_TEST_DATA is not set)")', "values.skip(3)", "{ skip: 3 }"],
  },
  {
    what: "skips that do not say so",
    files: code,
    pattern: /\bt\.skip\((?:\)|["'`](?!skipped: ))/,
    finds: ["t.skip()", 't.skip("flaky")'],
    leaves: ['t.skip("skipped: no test data")', "t.skip(NO_TEST_DATA)"],
  },
  {
    what: "checkers silenced by a comment",
    files: code,
    pattern: /@ts-(?:ignore|nocheck|expect-error)|eslint-(?:disable|enable)|prettier-ignore|biome-ignore/,
    finds: ["// @ts-ignore", "/* eslint-disable */", "// @ts-nocheck", "// prettier-ignore"],
    leaves: ["eslint checks this"],
  },
  {
    what: "marks of a merge that was not finished",
    files: texts,
    pattern: /^(?:<{7}|>{7}|\|{7})(?: |$)|^={7}$/,
    finds: ["<<<<<<< HEAD", "=======", ">>>>>>> branch"],
    leaves: ["========", "a <<<<<<< b"],
  },
  {
    what: "work put off",
    files: code,
    pattern: /\b(?:TODO|FIXME|XXX|HACK)\b/,
    finds: ["// TODO: later", "FIXME"],
    leaves: ["todo list"],
  },
  {
    // Examples in documents may show such paths; code takes them from its environment.
    what: "paths of one machine",
    files: texts.filter((file) => !file.endsWith(".md")),
    pattern: /(?:^|[\s"'`(=])(?:file:\/\/)?\/(?:home|Users|root|tmp|mnt)\/[\w.-]/,
    finds: ['"/home/ann/data"', "cd /tmp/x", "`/Users/ann/x`", '"file:///root/x"'],
    leaves: ["https://example.org/home/ann", "tmpdir()", '"/v1/home/x"', '"/home"'],
  },
];

describe("no file holds", () => {
  for (const { what, files, pattern, finds, leaves } of FORBIDDEN) {
    test(what, () => {
      assert.deepEqual(found(files, pattern), []);
      for (const sample of finds) assert.match(sample, pattern);
      for (const sample of leaves) assert.doesNotMatch(sample, pattern);
    });
  }

  test("the path of this checkout", () => {
    const here = dirname(ROOT);
    if (dirname(here) === here) return; // a checkout right under the root has no telling path
    assert.deepEqual(
      texts.filter((file) => read(file).includes(`${here}/`)),
      [],
    );
  });

  test(`more than ${LINES_MAX} lines of code`, () => {
    const long = [...code, SELF].filter((file) => read(file).trimEnd().split("\n").length > LINES_MAX);
    assert.deepEqual(long, []);
  });

  test("is read at all: the walk finds the workspace", () => {
    for (const file of ["packages/core/src/errors.ts", "tools/require-node.cjs"]) assert.ok(code.includes(file), file);
    for (const file of ["docs/errors.md", ".ci/run"]) assert.ok(texts.includes(file), file);
    assert.ok(!texts.some((file) => file.includes("node_modules")));
  });
});

describe("documents", () => {
  for (const page of workspaceFiles([".md"])) {
    test(`${page}: links lead somewhere`, () => assert.deepEqual(brokenLinks(ROOT, page), []));
  }
});

describe("docs/errors.md", () => {
  const rows = [
    ...read("docs/errors.md").matchAll(/^\| `([a-z0-9.-]+)` \| (\d+) \| ([^|]*\S[^|]*) \| ([^|]*\S[^|]*) \|$/gm),
  ];

  test("has exactly one row with status, cause and fix for each code, and none for others", () => {
    const rowsByCode = rows.map(([, errorCode, status]) => `${errorCode} ${status}`).sort();
    const expected = Object.entries(ERRORS)
      .map(([errorCode, facts]) => `${errorCode} ${facts.status}`)
      .sort();
    assert.deepEqual(rowsByCode, expected, "npm run errors-doc makes the page new");
  });

  test("is word for word what the list of errors gives", () => {
    assert.ok(errorsPageIsFresh(), "npm run errors-doc makes the page new");
  });

  test("codes are <area>.<what>, statuses are errors, causes and fixes are sentences", () => {
    for (const [errorCode, { status, cause, fix }] of Object.entries(ERRORS)) {
      assert.match(errorCode, /^[a-z]+(?:-[a-z0-9]+)*\.[a-z0-9]+(?:-[a-z0-9]+)*$/);
      assert.ok(status >= 400 && status <= 599, errorCode);
      for (const sentence of [cause, fix]) assert.match(sentence, /^[\p{Lu}`"].*[.!?)"]$/u, errorCode);
    }
  });
});
