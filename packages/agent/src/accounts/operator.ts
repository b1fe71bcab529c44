/**
 * The operator's credential: a random token in a file that only the agent's user can read. Whoever can read the
 * file can read the database and the keys as well, so it gives them nothing new.
 */
import { closeSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { toBase64url, utf8 } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { equalBytes, sha256 } from "@strongroom/core/primitives";
import type { Effects } from "../effects.ts";

export const OPERATOR_FILE = "operator.token";
const TOKEN = /^sro\.[\w-]{43}$/;

export interface OperatorToken {
  /** In constant time. */
  matches(text: string): boolean;
}

/**
 * Reads the token's file, or makes it on first use.
 * @throws StrongroomError `agent.operator-file`
 */
export function openOperatorToken(file: string, effects: Effects): OperatorToken {
  create(file, effects);
  if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0) {
    throw new StrongroomError("agent.operator-file", `${file} can be read by others; run: chmod 600 ${file}`);
  }
  return operatorToken(readOperatorToken(file));
}

/** The token's text, for who calls the agent on the same machine. @throws StrongroomError `agent.operator-file` */
export function readOperatorToken(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw new StrongroomError("agent.operator-file", `${file} cannot be read`, { cause });
  }
  if (!TOKEN.test(text)) throw new StrongroomError("agent.operator-file", `${file} does not hold an operator token`);
  return text;
}

export function operatorToken(text: string): OperatorToken {
  const expected = sha256(utf8(text));
  return { matches: (given) => equalBytes(sha256(Buffer.from(given, "utf8")), expected) };
}

function create(file: string, effects: Effects): void {
  let handle: number;
  try {
    handle = openSync(file, "wx", 0o600);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") return;
    throw new StrongroomError("agent.operator-file", `${file} cannot be written`, { cause });
  }
  writeSync(handle, `sro.${toBase64url(effects.random(32))}\n`);
  fsyncSync(handle);
  closeSync(handle);
}
