/** The agent of a data folder, opened in this process: for `up`, and for commands where none is running. */
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import {
  buildServer,
  createAgent,
  Metrics,
  openOperatorToken,
  systemEffects,
  type Agent,
  type AgentOptions,
  type ServerOptions,
} from "@strongroom/agent";
import { StrongroomError } from "@strongroom/core/errors";
import { builtinVocabulary, extendVocabulary, type Vocabulary } from "@strongroom/core/vocabulary";
import { DEFAULT_HOST, DEFAULT_PORT, type DataFolder } from "./dataFolder.ts";
import type { Io } from "./io.ts";
import type { Output } from "./output.ts";
import { readSecret } from "./prompt.ts";
import { runningOn } from "./running.ts";
import type { Answer, Send } from "./transport.ts";
import { VERSION } from "./version.ts";

export type Server = ReturnType<typeof buildServer>;

export interface OpenedAgent {
  readonly agent: Agent;
  readonly server: Server;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly folder: DataFolder;
  /** File of the passphrase; undefined: asked for if the keys are sealed with one. */
  readonly passphraseFile?: string | undefined;
  /** Keeps the passphrase for the next opening by the same command. */
  readonly kept?: { passphrase?: string };
  readonly agent?: Partial<AgentOptions>;
  readonly server?: Partial<ServerOptions>;
}

/** A command that opens the folder itself asks as fast as it can. */
const UNLIMITED = { burst: 1_000_000, perSecond: 1_000_000 };
/** The entries of one command are covered soon, so that it can check them. */
const CHECKPOINT_MS = 200;
/** Commands on the same folder wait for one another this long. */
const OTHER_COMMAND_MS = 10_000;
const OTHER_COMMAND_POLL_MS = 50;

/**
 * @throws StrongroomError `storage.in-use` when an agent runs on the folder, and what an agent refuses to start with:
 *   `keys.*`, `log.*`, `storage.*`
 */
export async function openInside(io: Io, out: Output, options: OpenOptions): Promise<OpenedAgent> {
  const { folder } = options;
  const settings = folder.settings();
  const metrics = new Metrics();
  const agent = await whenFree(
    io,
    folder,
    await withPassphrase(io, out, options, {
      dataFolder: folder.path,
      keyFolder: folder.keys,
      issuer: settings.issuer ?? defaultIssuer(),
      vocabulary: readVocabulary(settings.vocabulary),
      checkpointMs: CHECKPOINT_MS,
      onCommit: metrics.observeCommit,
      ...options.agent,
    }),
  );
  // The database is ours, so whatever wrote run.json has ended.
  folder.endRun();
  try {
    const server = buildServer(agent.context, {
      operator: openOperatorToken(folder.operatorToken, systemEffects),
      metrics,
      version: VERSION,
      rates: { application: UNLIMITED, subject: UNLIMITED, address: UNLIMITED },
      ...options.server,
    });
    return { agent, server, close: () => closeAll(server, agent) };
  } catch (error) {
    await agent.close();
    throw error;
  }
}

/** Another command has the database open only for a moment; an agent has it for good. */
async function whenFree(io: Io, folder: DataFolder, open: () => Promise<Agent>): Promise<Agent> {
  for (const until = io.now() + OTHER_COMMAND_MS; ; await wait(OTHER_COMMAND_POLL_MS)) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof StrongroomError && error.code === "storage.in-use")) throw error;
      const run = runningOn(folder);
      const holder = run === null ? "another process" : `an agent (process ${run.pid}, ${run.address})`;
      if (run !== null || io.now() > until) {
        throw new StrongroomError("storage.in-use", `${holder} has ${folder.path} open`, { cause: error });
      }
    }
  }
}

/** Asks for the passphrase only where the keys turn out to be sealed with one. */
async function withPassphrase(
  io: Io,
  out: Output,
  { passphraseFile: file, kept = {} }: OpenOptions,
  options: AgentOptions,
): Promise<() => Promise<Agent>> {
  const ask = async (): Promise<void> => {
    kept.passphrase = await readSecret(io, out, { what: "passphrase", file, option: "--passphrase-file" });
  };
  const create = async (): Promise<Agent> => {
    // A long log behind the last checkpoint takes a while to be read.
    const progress = out.progress("opening the data folder");
    const { passphrase } = kept;
    return createAgent(passphrase === undefined ? options : { ...options, passphrase }).finally(() => progress.done());
  };
  if (file !== undefined && kept.passphrase === undefined) await ask();
  return async () => {
    try {
      return await create();
    } catch (error) {
      const sealed = error instanceof StrongroomError && error.code === "keys.passphrase-needed";
      if (!sealed || io.stdin.isTTY !== true) throw error;
      await ask();
      return create();
    }
  };
}

/** Asks the routes without a port. */
export function sendInside(server: Server): Send {
  return async ({ method, path, headers, body }): Promise<Answer> => {
    const response = await server.inject({
      method,
      url: path,
      headers: { ...headers },
      ...(body === undefined ? {} : { payload: body }),
      payloadAsStream: true,
    });
    return { status: response.statusCode, headers: response.headers, body: response.stream() };
  };
}

export function defaultIssuer(host = DEFAULT_HOST, port = DEFAULT_PORT, scheme = "http"): string {
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** @throws StrongroomError `vocabulary.*`, `cli.file` */
export function readVocabulary(file: string | undefined): Vocabulary {
  if (file === undefined) return builtinVocabulary();
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    const why =
      cause instanceof SyntaxError ? "is not JSON" : `cannot be read (${(cause as NodeJS.ErrnoException).code})`;
    throw new StrongroomError("cli.file", `the vocabulary extension ${file} ${why}`, { cause });
  }
  return extendVocabulary(builtinVocabulary(), document);
}

async function closeAll(server: Server, agent: Agent): Promise<void> {
  try {
    await server.close();
  } finally {
    await agent.close();
  }
}
