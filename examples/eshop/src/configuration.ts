/** What the command line is given: files, checked one by one, with messages that name the file and what to do. */
import { readFileSync, statSync } from "node:fs";
import { Strongroom, type AgentPin } from "@strongroom/sdk";

/** Something is wrong with what was given; the message is for the terminal. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/**
 * Connects with credentials as `strongroom application add --out <file>` wrote them: the agent's pins and this
 * application's key. One file for each agent that the shop's customers may have.
 */
export async function connectWith(credentialFiles: readonly string[], logFile: string): Promise<Strongroom> {
  if (credentialFiles.length === 0) throw new ConfigurationError("name at least one --credentials file");
  return await Strongroom.connect({ agents: credentialFiles.map(readCredentials), log: { file: logFile } });
}

function readCredentials(file: string): AgentPin {
  if (process.platform !== "win32" && (statOf(file).mode & 0o077) !== 0) {
    throw new ConfigurationError(`${file} holds a private key and can be read by others; run: chmod 600 ${file}`);
  }
  const { agent, application } = readJson(file) as { agent?: Partial<AgentPin>; application?: AgentPin["application"] };
  if (typeof agent?.issuer !== "string" || typeof agent.logKey !== "string" || application === undefined) {
    throw new ConfigurationError(
      `${file} is not a file of credentials: strongroom application add --out <file> makes one`,
    );
  }
  const { issuer, logKey } = agent;
  return { issuer, logKey, application: { id: application.id, privateKey: application.privateKey } };
}

/** The first line of a file that only its owner can read. */
export function readPassword(file: string): string {
  if (process.platform !== "win32" && (statOf(file).mode & 0o077) !== 0) {
    throw new ConfigurationError(`${file} can be read by others; run: chmod 600 ${file}`);
  }
  return readText(file).split(/\r?\n/, 1)[0]!;
}

export function readJson(file: string): unknown {
  try {
    return JSON.parse(readText(file));
  } catch (error) {
    if (error instanceof SyntaxError) throw new ConfigurationError(`${file} is not JSON`);
    throw error;
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/^\ufeff/, "");
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function statOf(file: string): { readonly mode: number } {
  try {
    return statSync(file);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): ConfigurationError {
  return new ConfigurationError(`${file} cannot be read (${(cause as NodeJS.ErrnoException).code})`);
}
