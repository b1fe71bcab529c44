/**
 * Runs the code of a document. A fenced block whose first words are `ts run` or `sh run` is run and must end with
 * exit code 0; a `text output` block right after it must be what it printed, where `…` stands for anything.
 *
 * The blocks of a page run in order in one folder inside the repository, so that `@strongroom/*` resolves, one block
 * sees the files of those before it, and what a block left running in the background is there until the page ends.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fences, type Fence } from "./markdown.ts";
import { ROOT } from "./tree.ts";

const BLOCK_TIMEOUT_MS = 120_000;
const LANGUAGES = ["ts", "sh"];

export interface PageRun {
  /** How many blocks were run. */
  readonly ran: number;
  /** What is wrong, one entry each; empty when all is well. */
  readonly problems: string[];
}

/** Runs the blocks of one page in `folder`, which is made new. The first failed block ends the page: the next ones build on it. */
export async function runPage(
  page: string,
  text: string,
  folder: string,
  timeoutMs: number = BLOCK_TIMEOUT_MS,
): Promise<PageRun> {
  const all = fences(text);
  const groups: number[] = [];
  let ran = 0;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    for (const [index, block] of all.entries()) {
      const where = `${page}:${block.line}`;
      if (isOutput(block) && !isRun(all[index - 1])) {
        return { ran, problems: [`${where}: an output block belongs right after a block that is run`] };
      }
      if (!isRun(block)) continue;
      ran += 1;
      const { code, stdout, stderr } = await runBlock(block, folder, groups, timeoutMs);
      if (code !== 0) {
        const how = code === null ? `was ended after ${timeoutMs} ms` : `ended with exit code ${code}`;
        return { ran, problems: [`${where}: the block ${how}\n${stdout}${stderr}`] };
      }
      const next = all[index + 1];
      if (next !== undefined && isOutput(next) && !matches(next.body, stdout)) {
        return { ran, problems: [`${where}: the block did not print what line ${next.line} says, but:\n${stdout}`] };
      }
    }
    return { ran, problems: [] };
  } finally {
    for (const group of groups) endGroup(group);
  }
}

function isRun(block: Fence | undefined): boolean {
  return block !== undefined && LANGUAGES.includes(block.info[0]!) && block.info[1] === "run";
}

function isOutput(block: Fence): boolean {
  return block.info[0] === "text" && block.info[1] === "output";
}

/** `…` stands for anything inside its line, and on a line of its own for any lines. Space at line ends does not count. */
export function matches(expected: string, actual: string): boolean {
  const tidy = (text: string) => text.replace(/[ \t]+$/gm, "").trimEnd();
  const pattern = RegExp.escape(tidy(expected))
    .replace(/(?<=^|\\n)…(?=\\n|$)/g, "[^]*")
    .replaceAll("…", "[^\\n]*");
  return new RegExp(`^${pattern}$`).test(tidy(actual));
}

async function runBlock(block: Fence, folder: string, groups: number[], timeoutMs: number) {
  const [language] = block.info;
  const script = join(folder, `block-${block.line}.${language}`);
  writeFileSync(script, block.body);
  // Into files, not pipes: a pipe stays open as long as anything left in the background holds it.
  const files = ["stdout", "stderr"].map((name) => join(folder, `block-${block.line}.${name}`));
  const handles = files.map((file) => openSync(file, "w"));
  const [command, args] = language === "ts" ? [process.execPath, [script]] : ["bash", ["-euo", "pipefail", script]];
  const child = spawn(command, args, {
    cwd: folder,
    detached: true,
    stdio: ["ignore", ...handles],
    env: {
      ...process.env,
      PATH: `${join(ROOT, "node_modules/.bin")}${delimiter}${process.env["PATH"]}`,
      NO_COLOR: "1",
    },
  });
  const code = await new Promise<number | null>((done, fail) => {
    const timer = setTimeout(() => endGroup(child.pid!), timeoutMs);
    child.on("error", fail);
    child.on("exit", (exitCode) => {
      clearTimeout(timer);
      done(exitCode);
    });
  }).finally(() => handles.forEach((handle) => closeSync(handle)));
  groups.push(child.pid!);
  const [stdout = "", stderr = ""] = files.map((file) => readFileSync(file, "utf8"));
  return { code, stdout, stderr };
}

/** Ends a block's process group: the block itself and what it started. */
function endGroup(group: number): void {
  try {
    process.kill(-group, "SIGKILL");
  } catch (error) {
    // Nothing of it is left, the usual case.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
