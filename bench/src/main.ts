/**
 * `npm run bench -- <name> [--json] [--rounds N] [--quick]`, `npm run bench -- list`, `npm run bench -- smoke`.
 *
 * With --json each figure is one line on standard output and nothing else is; all talk goes to standard error.
 * (npm prints two lines of its own first: `npm run --silent bench -- …` leaves them out.)
 * Exit codes: 0 done, 1 a benchmark failed, 2 not understood.
 */
import { Console } from "node:console";
import { spawn } from "node:child_process";
import { availableParallelism, cpus } from "node:os";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { figureLine, figureText, type Bench } from "./figure.ts";

const SMOKE_TIMEOUT_MS = 120_000;
const USAGE = `usage: npm run bench -- <name> [--json] [--rounds N] [--quick]
       npm run bench -- list      the benchmarks there are
       npm run bench -- smoke     one quick pass of each, to see that none crashes
  --json       one JSON line per figure on standard output
  --rounds N   rounds of each side after the warm-up (default 7, with --quick 1)
  --quick      tiny sizes: shows that it runs, the figures mean nothing
  --profile F  CPU profiles of the processes that the benchmark starts, into this folder
  --folder F   where the benchmarks are (default bench/src/benches)`;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: string[]): Promise<number> {
  let parsed;
  try {
    parsed = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        quick: { type: "boolean", default: false },
        rounds: { type: "string" },
        profile: { type: "string" },
        folder: { type: "string", default: fileURLToPath(new URL("benches", import.meta.url)) },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    return misuse((error as Error).message);
  }
  const { values, positionals } = parsed;
  const folder = resolve(values.folder);
  const names = benchNames(folder);
  const [name, ...more] = positionals;

  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (name === undefined || more.length > 0) return misuse("name one benchmark");
  if (name === "list") return list(folder, names);
  if (name === "smoke") return smoke(folder, names);
  if (!names.includes(name)) return misuse(`no benchmark "${name}"; there are: ${names.join(", ") || "none yet"}`);
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 7));
  if (!Number.isInteger(rounds) || rounds < 1) return misuse("--rounds takes a whole number from 1");
  const profile = values.profile === undefined ? null : resolve(values.profile);
  return run(folder, name, { rounds, quick: values.quick, json: values.json, profile });
}

async function run(
  folder: string,
  name: string,
  how: { rounds: number; quick: boolean; json: boolean; profile: string | null },
): Promise<number> {
  // Whatever a benchmark or a library prints must not end up between the figures.
  if (how.json) globalThis.console = new Console(process.stderr);
  const tell = (line: string) => void process.stderr.write(`${line}\n`);
  tell(`${name}: ${how.rounds} round(s)${how.quick ? ", quick: the figures mean nothing" : ""}; ${machine()}`);
  try {
    const bench = await load(folder, name);
    const { rounds, quick, profile } = how;
    const figures = await bench.figures({ rounds, quick, profile, tell });
    for await (const figure of figures) {
      const line = figureLine(name, figure);
      process.stdout.write(`${how.json ? line : figureText(name, figure)}\n`);
    }
    return 0;
  } catch (error) {
    tell(`${name} failed: ${(error as Error).stack ?? String(error)}`);
    return 1;
  }
}

async function list(folder: string, names: string[]): Promise<number> {
  if (names.length === 0) console.log("there are no benchmarks yet");
  for (const name of names) console.log(`${name.padEnd(16)}${(await load(folder, name)).about ?? ""}`);
  return 0;
}

/** Each benchmark in a process of its own: one that crashes or hangs does not hide the others. */
async function smoke(folder: string, names: string[]): Promise<number> {
  if (names.length === 0) console.log("there are no benchmarks yet: nothing was tried");
  let failed = 0;
  for (const name of names) {
    const start = performance.now();
    const { code, figures } = await quickPass(folder, name);
    const good = code === 0 && figures > 0;
    if (!good) failed += 1;
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(
      `${good ? "ok    " : "FAILED"} ${name}: ${figures} figure(s) in ${seconds} s${code === null ? ", timed out" : ""}`,
    );
  }
  return failed === 0 ? 0 : 1;
}

function quickPass(folder: string, name: string): Promise<{ code: number | null; figures: number }> {
  const self = fileURLToPath(import.meta.url);
  const child = spawn(process.execPath, [self, name, "--quick", "--json", "--folder", folder], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: SMOKE_TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) => done({ code, figures: output.split("\n").filter((line) => line !== "").length }));
  });
}

function benchNames(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith(".ts"))
      .map((file) => file.slice(0, -".ts".length))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function load(folder: string, name: string): Promise<Bench> {
  const module = (await import(pathToFileURL(resolve(folder, `${name}.ts`)).href)) as Partial<Bench>;
  if (typeof module.figures !== "function") throw new TypeError(`${name}.ts exports no function "figures"`);
  return module as Bench;
}

function machine(): string {
  return `Node ${process.versions.node}, ${availableParallelism()} cores, ${cpus()[0]?.model ?? "unknown processor"}`;
}

function misuse(why: string): number {
  console.error(`${why}\n${USAGE}`);
  return 2;
}
