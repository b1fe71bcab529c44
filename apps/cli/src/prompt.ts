/** Asking on a terminal, and secrets from files. Nothing secret is ever taken from the arguments. */
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { StrongroomError } from "@strongroom/core/errors";
import type { Io } from "./io.ts";
import type { Output } from "./output.ts";

const SECRET_BYTES_MAX = 4_096;
/** A file option with this value means standard input. */
export const STANDARD_INPUT = "-";

export interface SecretOptions {
  /** What is asked for, such as "password". */
  readonly what: string;
  /** File that holds it; `-` is standard input; undefined: ask. */
  readonly file: string | undefined;
  /** Name of the file's option, for the message where there is no terminal. */
  readonly option: string;
  /** Asks twice. */
  readonly confirm?: boolean;
}

/**
 * A secret, without its final line break.
 * @throws StrongroomError `cli.no-terminal`, `cli.cancelled`, `cli.file`, `cli.usage`
 */
export async function readSecret(
  io: Io,
  out: Output,
  { what, file, option, confirm = false }: SecretOptions,
): Promise<string> {
  if (file !== undefined) return oneLine(await readSecretFile(io, out, file, what), what);
  requireTerminal(io, `a ${what} is needed: give ${option} <file>, or ${option} - to read standard input`);
  const secret = await ask(io, `${what}: `, true);
  if (confirm && (await ask(io, `${what} again: `, true)) !== secret) {
    throw new StrongroomError("cli.cancelled", `the two ${what}s are not the same; nothing was done`);
  }
  return oneLine(secret, what);
}

/** @throws StrongroomError `cli.cancelled` when the answer is not yes, `cli.no-terminal` */
export async function confirm(io: Io, question: string, yes: boolean): Promise<void> {
  if (yes) return;
  requireTerminal(io, "this needs a confirmation: add --yes if it is what you want");
  const answer = await ask(io, `${question} [y/N] `, false);
  if (!/^\s*y(es)?\s*$/i.test(answer)) throw new StrongroomError("cli.cancelled", "nothing was done");
}

export async function askLine(io: Io, question: string, otherwise: string): Promise<string> {
  requireTerminal(io, otherwise);
  return (await ask(io, question, false)).trim();
}

function requireTerminal(io: Io, otherwise: string): void {
  if (io.stdin.isTTY !== true || io.stderr.isTTY !== true) throw new StrongroomError("cli.no-terminal", otherwise);
}

async function readSecretFile(io: Io, out: Output, file: string, what: string): Promise<string> {
  if (file === STANDARD_INPUT) return readStandardInput(io);
  const path = resolve(io.cwd, file);
  try {
    const { mode, size } = statSync(path);
    if (size > SECRET_BYTES_MAX) throw new StrongroomError("cli.file", `${file} is too long to be a ${what}`);
    if ((mode & 0o077) !== 0 && process.platform !== "win32")
      out.note(`warning: ${file} can be read by others; run: chmod 600 ${file}`);
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof StrongroomError) throw cause;
    throw new StrongroomError(
      "cli.file",
      `${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? "unknown reason"})`,
      { cause },
    );
  }
}

async function readStandardInput({ stdin }: Io): Promise<string> {
  let text = "";
  stdin.setEncoding("utf8");
  for await (const part of stdin) {
    text += part as string;
    if (text.length > SECRET_BYTES_MAX)
      throw new StrongroomError("cli.file", "standard input is too long to be a secret");
  }
  return text;
}

function oneLine(text: string, what: string): string {
  const line = text.replace(/\r?\n$/, "");
  if (line === "") throw new StrongroomError("cli.usage", `the ${what} is empty`);
  if (/[\r\n]/.test(line)) throw new StrongroomError("cli.usage", `the ${what} has more than one line`);
  return line;
}

/** Node's own line editor; for a secret what it would echo goes nowhere. */
function ask({ stdin, stderr }: Io, question: string, secret: boolean): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  stderr.write(question);
  return new Promise((answered, failed) => {
    const lines = createInterface({ input: stdin, output: secret ? nowhere : stderr, terminal: true, historySize: 0 });
    lines.once("line", (line) => {
      answered(line);
      lines.close();
    });
    lines.once("SIGINT", () => lines.close());
    // Also after an answer, where it changes nothing any more; else it is Ctrl-C or the end of the input.
    lines.once("close", () => {
      if (secret) stderr.write("\n");
      failed(new StrongroomError("cli.cancelled", "nothing was done", { details: { interrupted: true } }));
    });
  });
}
