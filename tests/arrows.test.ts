/**
 * Who may import whom, as one table, and what each package may bring in from outside. A failing row is a design
 * decision: change the table only together with docs/architecture.md.
 */
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, posix } from "node:path";
import ts from "typescript";
import { ROOT, workspaceFiles } from "../tools/tree.ts";

interface Arrow {
  /** Folder that imports. */
  readonly from: string;
  /** Packages of this repository that it may import, besides its own files. */
  readonly may: readonly string[];
  /** Where given, the only files or folders of its own package that it may import, besides itself. */
  readonly own?: readonly string[];
}

const ARROWS: readonly Arrow[] = [
  { from: "packages/core/src", may: [] },
  { from: "packages/agent/src", may: ["core"] },
  { from: "packages/sdk/src", may: ["core"] },
  { from: "apps/cli/bin", may: [] },
  { from: "apps/cli/src", may: ["agent", "core", "sdk"] },
  { from: "examples/eshop/src", may: ["core", "sdk"] },
  { from: "examples/eshop/demo", may: ["agent", "core", "sdk"] },
  { from: "bench/src", may: ["agent", "core", "sdk", "example-eshop"] },
  // The reader of logs judges the writer, so it shares nothing with it but hashing and encoding.
  {
    from: "packages/core/src/log/reader",
    may: [],
    own: ["packages/core/src/bytes.ts", "packages/core/src/errors.ts", "packages/core/src/primitives.ts"],
  },
  // Tests go through the real counterpart: the SDK's against an agent, the shop's against both.
  { from: "packages/core/test", may: ["core"] },
  { from: "packages/agent/test", may: ["agent", "core", "sdk"] },
  { from: "packages/sdk/test", may: ["agent", "core", "sdk"] },
  { from: "apps/cli/test", may: ["agent", "cli", "core", "sdk"] },
  { from: "examples/eshop/test", may: ["agent", "core", "example-eshop", "sdk"] },
  { from: "bench/test", may: ["bench"] },
];

/** core does no I/O: of Node it uses what computes. */
const CORE_BUILTINS = ["node:buffer", "node:crypto", "node:stream", "node:stream/web", "node:util"];

/** The SDK is installed by strangers: a short list is a promise. */
const SDK_DEPENDENCIES_MAX = 3;

interface Import {
  readonly file: string;
  readonly specifier: string;
}

interface Manifest {
  readonly name: string;
  readonly folder: string;
  readonly scripts?: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
}

const FIELDS = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"] as const;

const manifests: Manifest[] = workspaceFiles(["package.json"])
  .filter((file) => !file.includes("/test/"))
  .map((file) => ({ ...JSON.parse(readFileSync(join(ROOT, file), "utf8")), folder: dirname(file) }));
const root = manifests.find((manifest) => manifest.folder === ".")!;
const packages = manifests.filter((manifest) => manifest !== root);

const imports: Import[] = workspaceFiles([".ts", ".js"])
  .filter((file) => packages.some(({ folder }) => file.startsWith(`${folder}/`)))
  .flatMap((file) => importsOf(readFileSync(join(ROOT, file), "utf8")).map((specifier) => ({ file, specifier })));

function importsOf(source: string): string[] {
  return ts.preProcessFile(source, true, false).importedFiles.map(({ fileName }) => fileName);
}

/** The row of the deepest folder that holds the file. */
function rowOf(file: string): Arrow | undefined {
  return ARROWS.filter(({ from }) => file.startsWith(`${from}/`)).sort((a, b) => b.from.length - a.from.length)[0];
}

function packageOf(file: string): Manifest {
  return packages.find(({ folder }) => file.startsWith(`${folder}/`))!;
}

/** `@scope/name` or `name` of a bare specifier. */
function moduleName(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

/** Why the import is against the table, or null. */
function objection({ file, specifier }: Import): string | null {
  const row = rowOf(file);
  if (row === undefined) return "its folder has no row in the table of arrows";
  if (specifier.startsWith(".")) {
    const target = posix.join(dirname(file), specifier);
    // Vectors and pages are made by programs in tools/; a test may hold them against what they would make now.
    if (target.startsWith("tools/") && row.from.endsWith("/test")) return null;
    if (!target.startsWith(`${packageOf(file).folder}/`)) return "a package is imported by its name, not by a path";
    const allowed = row.own === undefined || [row.from, ...row.own].some((path) => `${target}/`.startsWith(`${path}/`));
    return allowed ? null : `${row.from} may only import ${row.own?.join(", ")} of its own package`;
  }
  if (isBuiltin(specifier)) {
    if (!specifier.startsWith("node:")) return "built-in modules are imported with node:";
    const pure = row.from.startsWith("packages/core/src");
    return pure && !CORE_BUILTINS.includes(specifier) ? "core does no I/O" : null;
  }
  const name = moduleName(specifier);
  const { dependencies = {}, devDependencies = {} } = packageOf(file);
  const shipped = /\/(?:src|bin)(?:\/|$)/.test(row.from) && !row.from.startsWith("bench/");
  const own = packages.find((manifest) => manifest.name === name);
  if (own !== undefined) {
    if (!row.may.some((allowed) => own.name === `@strongroom/${allowed}`)) return `${row.from} may not import it`;
    return !shipped || name in dependencies ? null : "its package does not declare it";
  }
  const declared = shipped ? dependencies : { ...dependencies, ...devDependencies, ...root.devDependencies };
  return name in declared ? null : "its package does not declare it";
}

const objections = (list: readonly Import[]) =>
  list.flatMap((each) => {
    const why = objection(each);
    return why === null ? [] : [`${each.file} imports ${each.specifier}: ${why}`];
  });

describe("arrows", () => {
  test("every import follows the table", () => {
    assert.deepEqual(objections(imports), []);
  });

  test("the imports are really read", () => {
    assert.ok(
      imports.some(({ file, specifier }) => file === "packages/core/src/bytes.ts" && specifier === "./errors.ts"),
    );
    const source =
      'import a from "a";\nexport * from "b";\nimport type { C } from "c";\nawait import("d");\nimport "e";\ntype F = import("f").F;\n// import "g"\nuses.require("h");';
    assert.deepEqual(importsOf(source).sort(), ["a", "b", "c", "d", "e", "f"]);
  });

  for (const [file, specifier] of [
    ["packages/core/src/x.ts", "@strongroom/agent"],
    ["packages/core/src/x.ts", "node:fs"],
    ["packages/core/src/x.ts", "jose"],
    ["packages/core/src/log/reader/x.ts", "../tree.ts"],
    ["packages/core/src/log/reader/x.ts", "../reader-shared.ts"],
    ["packages/agent/src/x.ts", "@strongroom/sdk"],
    ["packages/agent/src/x.ts", "../../core/src/bytes.ts"],
    ["packages/agent/src/x.ts", "crypto"],
    ["packages/agent/src/x.ts", "fast-check"],
    ["packages/sdk/src/x.ts", "@strongroom/agent"],
    ["apps/cli/src/x.ts", "@strongroom/sdk"],
    ["examples/eshop/src/x.ts", "@strongroom/agent"],
    ["packages/agent/other/x.ts", "node:fs"],
    ["packages/core/src/seal/x.ts", "../../../../tools/tree.ts"],
  ] as const) {
    test(`${file} may not import ${specifier}`, () => assert.notEqual(objection({ file, specifier }), null));
  }

  for (const [file, specifier] of [
    ["packages/core/src/seal/x.ts", "node:crypto"],
    ["packages/core/src/log/reader/x.ts", "../../bytes.ts"],
    ["packages/core/src/log/reader/x.ts", "./y.ts"],
    ["packages/agent/src/http/x.ts", "@strongroom/core/seal"],
    ["packages/agent/test/http/x.test.ts", "fast-check"],
    ["examples/eshop/demo/main.ts", "@strongroom/agent"],
    ["packages/core/test/seal/x.test.ts", "../../../../tools/tree.ts"],
  ] as const) {
    test(`${file} may import ${specifier}`, () => assert.equal(objection({ file, specifier }), null));
  }
});

/** Sections of docs/dependencies.md: heading such as "`@strongroom/sdk`" or "`strongroom`, development" → names with a reason. */
function documented(): Map<string, string[]> {
  const page = readFileSync(join(ROOT, "docs/dependencies.md"), "utf8");
  const sections = page.split(/^## /m).slice(1);
  return new Map(
    sections.map((section) => {
      const heading = section.slice(0, section.indexOf("\n")).trim();
      const rows = [...section.matchAll(/^\| `([^`]+)` \| ([^|]*\w[^|]*) \|$/gm)];
      return [heading, rows.map(([, name = ""]) => name).sort()];
    }),
  );
}

function thirdParty(names: Record<string, string> | undefined): string[] {
  return Object.keys(names ?? {})
    .filter((name) => !packages.some((own) => own.name === name))
    .sort();
}

describe("dependencies", () => {
  test("docs/dependencies.md lists exactly what each package brings in, with a reason each", () => {
    const declared = manifests.flatMap((manifest) =>
      (["dependencies", "devDependencies", "optionalDependencies"] as const).map((field) => {
        const kind = { dependencies: "", devDependencies: ", development", optionalDependencies: ", optional" }[field];
        return [`\`${manifest.name}\`${kind}`, thirdParty(manifest[field])] as const;
      }),
    );
    const sorted = (entries: Iterable<readonly [string, string[]]>) =>
      Object.fromEntries([...entries].filter(([, names]) => names.length > 0).sort(([a], [b]) => (a < b ? -1 : 1)));
    assert.deepEqual(sorted(documented()), sorted(declared));
  });

  test(`the SDK has at most ${SDK_DEPENDENCIES_MAX} runtime dependencies`, () => {
    const sdk = packages.find(({ name }) => name === "@strongroom/sdk")!;
    assert.ok(Object.keys(sdk.dependencies ?? {}).length <= SDK_DEPENDENCIES_MAX);
    assert.deepEqual({ ...sdk.optionalDependencies, ...sdk.peerDependencies }, {});
  });

  test("versions are exact", () => {
    const loose = manifests.flatMap((manifest) =>
      FIELDS.flatMap((field) =>
        Object.entries(manifest[field] ?? {})
          .filter(([, version]) => !/^(?:npm:(?:@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
          .map(([name, version]) => `${manifest.name}: ${name} ${version}`),
      ),
    );
    assert.deepEqual(loose, []);
  });

  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, { hasInstallScript?: boolean; dev?: boolean; resolved?: string }>;
  };

  test("nothing that is needed at run time has an install script", () => {
    const scripted = Object.entries(lock.packages).filter(([, entry]) => entry.hasInstallScript && !entry.dev);
    assert.deepEqual(scripted, []);
    const own = packages.flatMap(({ name, scripts }) =>
      Object.keys(scripts ?? {})
        .filter((script) => /^(?:pre|post)?(?:install|prepare)$/.test(script))
        .map((script) => `${name} ${script}`),
    );
    assert.deepEqual(own, []);
  });

  test("the lock file names no download address, so that any registry can serve it", () => {
    const addresses = Object.entries(lock.packages).filter(([, { resolved }]) => /^\w+:/.test(resolved ?? ""));
    assert.deepEqual(addresses, []);
  });
});

test("no folder or file is a drawer for anything", () => {
  const drawers = /(?:^|\/)(?:utils?|commons?|helpers?|managers?|misc)(?:\/|\.[cm]?[jt]sx?$)/i;
  assert.deepEqual(
    workspaceFiles().filter((file) => drawers.test(file)),
    [],
  );
  assert.match("packages/core/src/utils/x.ts", drawers);
  assert.match("packages/core/src/helpers.ts", drawers);
});
