/** Where the files of a log are read from: a folder, an address, or an agent. What they hold is for the reader to judge. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { StrongroomError } from "@strongroom/core/errors";
import type { LogSource } from "@strongroom/core/log/reader";
import { AgentClient } from "./client.ts";
import { sendTo } from "./transport.ts";

/** The largest file is a checkpoint with very many signatures. */
const FILE_BYTES_MAX = 1_000_000;
const TRIES = 3;
const RETRY_MS = 300;

/** Counts what could not be read for want of an answer: that is no finding, and no proof of innocence either. */
export class CountingSource implements LogSource {
  failed: unknown = null;
  /** The checkpoint as it was read, to be remembered. */
  checkpoint: Buffer | null = null;
  readonly #read: (path: string) => Promise<Buffer | null>;

  constructor(read: (path: string) => Promise<Buffer | null>) {
    this.#read = read;
  }

  async read(path: string): Promise<Buffer | null> {
    for (let tries = 1; ; tries += 1) {
      try {
        const bytes = await this.#read(path);
        if (path === "checkpoint") this.checkpoint = bytes;
        return bytes;
      } catch (error) {
        if (tries === TRIES) {
          this.failed ??= error;
          throw error;
        }
        await wait(RETRY_MS * tries);
      }
    }
  }
}

export interface OpenedSource {
  readonly source: CountingSource;
  /** One text for the same place, however it was written. */
  readonly place: string;
  /** Asks the place itself for its key; null where it has none to tell. */
  askKey(): Promise<string | null>;
}

/** The log of an agent that the command is connected with. */
export function agentSource(client: AgentClient): CountingSource {
  return new CountingSource((path) => client.file(`/log/${path}`, FILE_BYTES_MAX));
}

/**
 * @param place address of an agent or of a copy of its log, or a folder with such a copy or a data folder
 * @throws StrongroomError `cli.unreachable`, `cli.file`
 */
export async function openSource(place: string, cwd: string): Promise<OpenedSource> {
  return /^https?:\/\//i.test(place) ? openAddress(place) : openFolder(resolve(cwd, place), place);
}

async function openAddress(place: string): Promise<OpenedSource> {
  const address = place.replace(/\/+$/, "");
  const client = new AgentClient(sendTo(address));
  // An agent has its log below /log; a copy of the log may be anywhere.
  const prefix = (await client.file("/log/checkpoint", FILE_BYTES_MAX)) === null ? "" : "/log";
  return {
    source: new CountingSource((path) => client.file(`${prefix}/${path}`, FILE_BYTES_MAX)),
    place: address,
    async askKey() {
      return client.facts().then(
        ({ logKey }) => logKey,
        () => null,
      );
    },
  };
}

function openFolder(folder: string, given: string): OpenedSource {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new StrongroomError("cli.file", `${given} is neither an address nor a folder`);
  const isDataFolder = !existsSync(join(folder, "checkpoint")) && existsSync(join(folder, "log", "checkpoint"));
  const root = isDataFolder ? join(folder, "log") : folder;
  return {
    source: new CountingSource(async (path) => readOrNull(join(root, path))),
    place: root,
    askKey: async () => null,
  };
}

function readOrNull(path: string): Buffer | null {
  try {
    const bytes = readFileSync(path);
    // Cut, it is whatever the reader makes of it: no file of a log is as long.
    return bytes.subarray(0, FILE_BYTES_MAX + 1);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}
