/**
 * From a command to the agent that it is about. Every command asks the same routes: of the agent at --agent, else of
 * the one that runs on the data folder, else of the folder itself, opened in this process for the length of the command.
 */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { StrongroomError } from "@strongroom/core/errors";
import { AgentClient } from "./client.ts";
import { DataFolder, type Run } from "./dataFolder.ts";
import type { Io } from "./io.ts";
import type { Output } from "./output.ts";
import { runningOn } from "./running.ts";
import { sendTo } from "./transport.ts";

/** Options that say which agent. */
export interface Target {
  readonly data?: string;
  readonly agent?: string;
  readonly insecurePlainHttp?: boolean;
  readonly passphraseFile?: string;
}

export interface Connection {
  /** Asks as anyone. */
  readonly client: AgentClient;
  /** Address of the running agent; null: the folder was opened by this command. */
  readonly address: string | null;
  /** The data folder that was used; null with --agent. */
  readonly folder: DataFolder | null;
  close(): Promise<void>;
}

/** @throws StrongroomError `cli.*`, and what an agent refuses to start with */
export async function connect(io: Io, out: Output, target: Target): Promise<Connection> {
  if (target.agent !== undefined) {
    refuseInsecure(target.agent, target.insecurePlainHttp === true);
    const address = target.agent.replace(/\/+$/, "");
    return { client: new AgentClient(sendTo(address)), address, folder: null, close: async () => undefined };
  }
  const folder = DataFolder.of(io, target.data);
  folder.requireAgent();
  const run = runningOn(folder);
  if (run !== null) return connectRunning(folder, run);
  // Loaded only here: a command that talks to a running agent needs no server.
  const { openInside, sendInside } = await import("./inside.ts");
  const opened = await openInside(io, out, { folder, passphraseFile: target.passphraseFile });
  return { client: new AgentClient(sendInside(opened.server)), address: null, folder, close: () => opened.close() };
}

/** The agent that has the folder's database, by the address that it left there. */
async function connectRunning(folder: DataFolder, run: Run): Promise<Connection> {
  const client = new AgentClient(sendTo(run.address, run.cert));
  await requireSame(client, run);
  return { client, address: run.address, folder, close: async () => undefined };
}

/** Before any credential is sent: is it the agent that wrote the file, and not what took over its port? */
async function requireSame(client: AgentClient, run: Run): Promise<void> {
  const { logKey } = await client.facts();
  if (logKey !== run.logKey)
    throw new StrongroomError("cli.not-an-agent", `another agent than that of this folder answers at ${run.address}`);
}

/** Public facts may cross the network in the clear, credentials may not. @throws StrongroomError `cli.insecure-address` */
export function refuseInsecure(address: string, allowed: boolean): void {
  const url = URL.parse(address);
  if (url === null) throw new StrongroomError("cli.usage", "the address of an agent begins with https:// or http://");
  const local = url.hostname === "localhost" || url.hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(url.hostname);
  if (url.protocol === "http:" && !local && !allowed) {
    throw new StrongroomError("cli.insecure-address", `${url.origin} is plain http to another machine`);
  }
}

export interface OperatorOptions extends Target {
  readonly operatorTokenFile?: string;
}

/** Runs `work` with the agent asked as its operator, and closes whatever was opened for it. */
export async function asOperator<Result>(
  io: Io,
  out: Output,
  options: OperatorOptions,
  work: (client: AgentClient, connection: Connection) => Promise<Result>,
): Promise<Result> {
  const connection = await connect(io, out, options);
  try {
    return await work(connection.client.as(operatorToken(io, connection, options)), connection);
  } finally {
    await connection.close();
  }
}

function operatorToken(io: Io, { folder }: Connection, { operatorTokenFile }: OperatorOptions): string {
  const file = operatorTokenFile === undefined ? folder?.operatorToken : resolve(io.cwd, operatorTokenFile);
  if (file === undefined) {
    throw new StrongroomError(
      "cli.usage",
      "the operator of an agent elsewhere gives --operator-token-file: its file operator.token",
    );
  }
  try {
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw new StrongroomError("cli.file", `${file} cannot be read (${(cause as NodeJS.ErrnoException).code})`, {
      cause,
    });
  }
}

/** The agent asked as its operator where the command can be that; null where it cannot. */
export function asOperatorIfLocal({ client, folder }: Connection): AgentClient | null {
  if (folder === null || !existsSync(folder.operatorToken)) return null;
  try {
    return client.as(readFileSync(folder.operatorToken, "utf8").trim());
  } catch {
    // Another user's folder: the subject then names things by their ids.
    return null;
  }
}
