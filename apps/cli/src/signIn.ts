/** Asking as a subject: by an API token, or by a session that lasts as long as the command. */
import { StrongroomError } from "@strongroom/core/errors";
import type { SessionResponse } from "@strongroom/core/wire";
import type { AgentClient } from "./client.ts";
import { connect, type Connection, type Target } from "./connect.ts";
import type { Io } from "./io.ts";
import type { Output } from "./output.ts";
import { askLine, readSecret, STANDARD_INPUT } from "./prompt.ts";

export interface SubjectOptions extends Target {
  readonly login?: string;
  readonly passwordFile?: string;
  readonly tokenFile?: string;
}

/** Runs `work` as the subject, and ends the session that it signed in for. */
export async function asSubject<Result>(
  io: Io,
  out: Output,
  options: SubjectOptions,
  work: (client: AgentClient, connection: Connection) => Promise<Result>,
): Promise<Result> {
  if (options.passwordFile === STANDARD_INPUT && options.passphraseFile === STANDARD_INPUT) {
    throw new StrongroomError("cli.usage", "only one secret can be read from standard input");
  }
  // Before anything is opened: what a person types may take long.
  const credentials = await readCredentials(io, out, options);
  const connection = await connect(io, out, options);
  try {
    if ("token" in credentials) return await work(connection.client.as(credentials.token), connection);
    const { token } = await connection.client.post<SessionResponse>("/v1/sessions", credentials);
    const client = connection.client.as(token);
    try {
      return await work(client, connection);
    } finally {
      // It may have ended already: an erased subject has none. Left alone it ends by itself.
      await client.delete("/v1/sessions").catch(() => undefined);
    }
  } finally {
    await connection.close();
  }
}

async function readCredentials(
  io: Io,
  out: Output,
  options: SubjectOptions,
): Promise<{ token: string } | { login: string; password: string }> {
  const { tokenFile, login, passwordFile } = options;
  if (tokenFile !== undefined)
    return { token: await readSecret(io, out, { what: "token", file: tokenFile, option: "--token-file" }) };
  const fromEnvironment = io.env["STRONGROOM_TOKEN"];
  if (login === undefined && passwordFile === undefined && fromEnvironment !== undefined && fromEnvironment !== "")
    return { token: fromEnvironment };
  return {
    login:
      login ??
      (await askLine(
        io,
        "login: ",
        "say who asks: --login with --password-file, or --token-file, or STRONGROOM_TOKEN",
      )),
    password: await readSecret(io, out, { what: "password", file: passwordFile, option: "--password-file" }),
  };
}
