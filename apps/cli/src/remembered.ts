/**
 * What audits remember between runs, in one file of the user's: for each log its pinned verifier key, the checkpoint
 * seen last, and the last entry of each subject. A log that later shows another history is caught by it.
 */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { StrongroomError } from "@strongroom/core/errors";
import type { Io } from "./io.ts";
import { readJsonFile, writeJsonFile } from "./jsonFile.ts";

export interface RememberedHead {
  readonly counter: number;
  /** base64url */
  readonly commitment: string;
}

export interface RememberedLog {
  /** The checkpoint note seen last. */
  readonly checkpoint?: string;
  /** Where it was read, so that the same address is held to the same key. */
  readonly sources: readonly string[];
  /** By subject id. */
  readonly heads: Readonly<Record<string, RememberedHead>>;
}

const FORMAT = "strongroom-remembered/1";

export class Remembered {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** `--state`, else `strongroom/remembered.json` in the user's state folder (XDG Base Directory Specification). */
  static of({ env, cwd }: Io, option: string | undefined): Remembered {
    if (option !== undefined) return new Remembered(resolve(cwd, option));
    const folder = env["XDG_STATE_HOME"] || join(env["HOME"] || homedir(), ".local", "state");
    return new Remembered(join(folder, "strongroom", "remembered.json"));
  }

  /** The pinned key of a source; null where it was never seen. */
  keyOf(source: string): string | null {
    const found = Object.entries(this.#logs()).find(([, log]) => log.sources.includes(source));
    return found?.[0] ?? null;
  }

  /** The pinned key of a log by its origin, which a checkpoint names; null where none or several are known. */
  keyOfOrigin(origin: string): string | null {
    const keys = Object.keys(this.#logs()).filter((key) => key.startsWith(`${origin}+`));
    return keys.length === 1 ? keys[0]! : null;
  }

  log(verifierKey: string): RememberedLog {
    return this.#logs()[verifierKey] ?? { sources: [], heads: {} };
  }

  /** Read again before it is written: another audit may have ended meanwhile. */
  update(verifierKey: string, change: (log: RememberedLog) => RememberedLog): void {
    const logs = this.#logs();
    writeJsonFile(this.path, {
      format: FORMAT,
      logs: { ...logs, [verifierKey]: change(logs[verifierKey] ?? { sources: [], heads: {} }) },
    });
  }

  /** @throws StrongroomError `cli.bad-settings`: what was remembered is not dropped in silence */
  #logs(): Readonly<Record<string, RememberedLog>> {
    const file = readJsonFile(this.path);
    if (file === null) return {};
    const { format, logs } = file;
    const known = format === FORMAT && typeof logs === "object" && logs !== null && Object.values(logs).every(isLog);
    if (!known) throw new StrongroomError("cli.bad-settings", `${this.path} does not hold what audits remember`);
    return logs as Record<string, RememberedLog>;
  }
}

function isLog(value: unknown): boolean {
  const { sources, heads, checkpoint } = (value ?? {}) as Partial<RememberedLog>;
  const texts = Array.isArray(sources) && sources.every((source) => typeof source === "string");
  return (
    texts && typeof heads === "object" && heads !== null && (checkpoint === undefined || typeof checkpoint === "string")
  );
}
