/** What outlives the process: the last checkpoint of each agent, and the promises not yet seen to be kept. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { StrongroomError } from "@strongroom/core/errors";
import type { RememberedPromise } from "./promises.ts";

/** One agent's part. */
export interface Remembered {
  /** Signed note of the last checkpoint; null: none seen. */
  readonly checkpoint: string | null;
  readonly promises: readonly RememberedPromise[];
}

interface MemoryFile {
  readonly version: 1;
  /** By agent locator. */
  readonly agents: Readonly<Record<string, Remembered>>;
}

const NOTHING: Remembered = { checkpoint: null, promises: [] };

/**
 * A small JSON file of one process, or nothing but memory. It holds no secret: positions, hashes and signatures.
 * Agents that are no longer pinned keep their part.
 */
export class LogMemory {
  readonly #file: string | null;
  readonly #agents: Record<string, Remembered>;

  /** @throws StrongroomError `sdk.log-memory` where the file is there and cannot be understood. */
  constructor(file: string | null) {
    this.#file = file;
    this.#agents = { ...(file === null ? {} : readMemory(file)) };
  }

  get(locator: string): Remembered {
    return this.#agents[locator] ?? NOTHING;
  }

  /** @throws StrongroomError `sdk.log-memory` where the file cannot be written. */
  put(locator: string, remembered: Remembered): void {
    this.#agents[locator] = remembered;
    if (this.#file === null) return;
    const content: MemoryFile = { version: 1, agents: this.#agents };
    try {
      // Replaced whole: a crash leaves the old file or the new one.
      writeFileSync(`${this.#file}.new`, JSON.stringify(content), { mode: 0o600 });
      renameSync(`${this.#file}.new`, this.#file);
    } catch (cause) {
      throw new StrongroomError("sdk.log-memory", `cannot write ${this.#file}`, { cause });
    }
  }
}

function readMemory(file: string): Readonly<Record<string, Remembered>> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    if ((cause as { code?: unknown }).code === "ENOENT") return {};
    throw new StrongroomError("sdk.log-memory", `cannot read ${file}`, { cause });
  }
  const content = parse(text);
  if (content?.version !== 1 || !isRecord(content.agents) || !Object.values(content.agents).every(isRemembered)) {
    throw new StrongroomError("sdk.log-memory", `${file} is not a file of remembered checkpoints`);
  }
  return content.agents;
}

function parse(text: string): Partial<MemoryFile> | null {
  try {
    return JSON.parse(text) as Partial<MemoryFile> | null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isRemembered(value: unknown): value is Remembered {
  if (!isRecord(value) || !Array.isArray(value["promises"])) return false;
  const texts = ["decision", "commitments", "signature"];
  const numbers = ["at", "first", "receivedAt"];
  return (
    (value["checkpoint"] === null || typeof value["checkpoint"] === "string") &&
    value["promises"].every(
      (promise: unknown) =>
        isRecord(promise) &&
        texts.every((name) => typeof promise[name] === "string") &&
        numbers.every((name) => typeof promise[name] === "number"),
    )
  );
}
