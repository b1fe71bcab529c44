/**
 * The data folder of an agent: what is where, what it was made with, and which process serves it now.
 *
 *   agent.db, log/        database and public mirror of the log
 *   keys/                 KEKs and identity, or wherever `init --keys` put them
 *   operator.token        the operator's credential
 *   settings.json         what every process that opens the folder must agree on
 *   run.json              address of the agent that runs on it, while one does
 */
import { existsSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { StrongroomError } from "@strongroom/core/errors";
import type { Io } from "./io.ts";
import { readJsonFile, writeJsonFile } from "./jsonFile.ts";

/** Written by `init` and `up`; none of it is secret. */
export interface Settings {
  /** Base address as clients see it, where it was named; else it follows from where the agent listens. */
  readonly issuer?: string;
  /** File of the deployment's vocabulary extension. Rules that name its terms mean nothing without it. */
  readonly vocabulary?: string;
  /** Folder of the keys where it is another than `keys`. */
  readonly keys?: string;
  /** The log's verifier key and the locator, to show without opening anything. */
  readonly logKey?: string;
  readonly locator?: string;
}

/** The agent that serves the folder. */
export interface Run {
  readonly address: string;
  readonly pid: number;
  readonly logKey: string;
  /** Certificate file where it answers by TLS. */
  readonly cert?: string;
}

export const DEFAULT_HOST = "127.0.0.1";
export const DEFAULT_PORT = 8470;

export class DataFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  static of(io: Io, option: string | undefined): DataFolder {
    return new DataFolder(resolve(io.cwd, option ?? (io.env["STRONGROOM_DATA"] || ".strongroom")));
  }

  get database(): string {
    return join(this.path, "agent.db");
  }
  get mirror(): string {
    return join(this.path, "log");
  }
  get operatorToken(): string {
    return join(this.path, "operator.token");
  }
  get keys(): string {
    return this.settings().keys ?? join(this.path, "keys");
  }

  /** Whether `init` has been here. */
  get holdsAgent(): boolean {
    return existsSync(join(this.keys, "identity.json"));
  }

  /** @throws StrongroomError `cli.no-agent-here` */
  requireAgent(): void {
    if (!this.holdsAgent) throw new StrongroomError("cli.no-agent-here", `there is no agent in ${this.path}`);
  }

  /** @throws StrongroomError `cli.bad-settings` */
  settings(): Settings {
    const path = join(this.path, "settings.json");
    const fields = readJsonFile(path) ?? {};
    const known = ["issuer", "vocabulary", "keys", "logKey", "locator"];
    for (const [name, value] of Object.entries(fields)) {
      if (!known.includes(name) || typeof value !== "string") {
        throw new StrongroomError(
          "cli.bad-settings",
          `${path}: ${known.includes(name) ? `${name} is not a text` : "it has a setting that this version does not know"}`,
        );
      }
    }
    return fields;
  }

  /** Adds to the settings; what is undefined stays as it was. */
  keep(more: { readonly [Name in keyof Settings]?: string | undefined }): Settings {
    const before = this.settings();
    const given = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined));
    const after: Settings = { ...before, ...given };
    if (JSON.stringify(before) !== JSON.stringify(after)) writeJsonFile(join(this.path, "settings.json"), after);
    return after;
  }

  /** What `up` left there. Whether it still holds is for whoever holds the database's lock to say. */
  run(): Run | null {
    const fields = readJsonFile(this.#runFile);
    if (fields === null) return null;
    const { address, pid, logKey, cert } = fields;
    if (typeof address !== "string" || !Number.isSafeInteger(pid) || typeof logKey !== "string") {
      throw new StrongroomError(
        "cli.bad-settings",
        `${this.#runFile} does not hold what \`strongroom up\` writes there`,
      );
    }
    return { address, pid: pid as number, logKey, ...(typeof cert === "string" ? { cert } : {}) };
  }

  startRun(run: Run): void {
    writeJsonFile(this.#runFile, run);
  }

  /** Takes the file away: the agent has ended, or ended long ago without doing so itself. */
  endRun(): void {
    rmSync(this.#runFile, { force: true });
  }

  get #runFile(): string {
    return join(this.path, "run.json");
  }
}
