/**
 * `npm test [-- path …] [--flag …]`: runs every test file of the workspace, or those under the paths given,
 * by one run of node:test, whose own summary is the last thing printed. Flags go to node (`--test-name-pattern=…`).
 *
 * Each file has a process of its own, as many at a time as there are cores. (Sharing one process among the pure files
 * was measured: it saved 4 % of the work and cost the second core.)
 */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const FOLDERS = ["packages/*/test", "apps/*/test", "examples/*/test", "bench/test", "tests"];
const TEST_TIMEOUT_MS = 120_000;
/** Node's own limit cannot end a test that never yields, so the whole run has one: node:test then names what still ran. */
const RUN_TIMEOUT_MS = 900_000;

const flags = process.argv.slice(2).filter((argument) => argument.startsWith("-"));
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));

const all = FOLDERS.flatMap((folder) => globSync(`${folder}/**/*.test.ts`, { cwd: ROOT }))
  .map((file) => file.split(sep).join("/"))
  .sort();
const chosen = wanted.length === 0 ? all : all.filter((file) => wanted.some((path) => isUnder(file, path)));
if (chosen.length === 0) {
  console.error(`no test files under: ${wanted.join(", ") || "the workspace"}`);
  process.exit(1);
}

const child = spawn(
  process.execPath,
  [
    "--test",
    "--test-reporter=spec",
    `--test-concurrency=${availableParallelism()}`,
    `--test-timeout=${TEST_TIMEOUT_MS}`,
    ...flags,
    ...chosen,
  ],
  { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"], timeout: RUN_TIMEOUT_MS },
);
child.on("error", (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
child.on("exit", (code) => {
  process.exitCode = code ?? 1;
});

/** Paths may be absolute, relative to the root or to where npm was called, a folder or a file. */
function isUnder(file: string, path: string): boolean {
  const candidates = [resolve(ROOT, path), resolve(process.env["INIT_CWD"] ?? ROOT, path)];
  return candidates.some((candidate) => {
    const inside = relative(ROOT, candidate).split(sep).join("/");
    return inside === "" || file === inside || file.startsWith(`${inside}/`);
  });
}
