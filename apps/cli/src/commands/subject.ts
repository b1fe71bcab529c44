/** `strongroom subject`: people with keys, rules and a log at this agent. */
import type { ApiToken, ConnectionCode, Holding, SubjectView } from "@strongroom/core/wire";
import { Option } from "commander";
import { StrongroomError } from "@strongroom/core/errors";
import { declare, group, operatorOptions, subjectOptions, type Call, type Cli } from "../command.ts";
import { asOperator, type OperatorOptions } from "../connect.ts";
import { Directory, listSubjects } from "../names.ts";
import { newPrivateFile } from "../privateFile.ts";
import { readSecret, STANDARD_INPUT } from "../prompt.ts";
import { asSubject, type SubjectOptions } from "../signIn.ts";
import { table } from "../table.ts";
import { readTime, showTime } from "../times.ts";
import { eraseCommand } from "./erase.ts";

export function subjectCommands(cli: Cli): void {
  const subject = group(cli, "subject", "people with keys, rules and a log at this agent");

  declare<OperatorOptions & { passwordFile?: string }>(cli, subject, {
    name: "add <login>",
    summary: "make a subject with keys and a log of its own",
    options: (command) =>
      operatorOptions(command).option(
        "--password-file <file>",
        "its password; - is standard input (default: asked for, twice)",
      ),
    examples: ["subject add ann", "subject add ann --password-file ann.txt --json"],
    work: addSubject,
  });

  declare<OperatorOptions>(cli, subject, {
    name: "list",
    summary: "who has an account here; nothing of their data or rules",
    options: operatorOptions,
    examples: ["subject list", "subject list --json"],
    work: ({ io, out, options }) =>
      asOperator(io, out, options, async (client) => {
        const progress = out.progress("reading subjects");
        const subjects = await listSubjects(client, (count) => progress.update(`${count} so far`)).finally(() =>
          progress.done(),
        );
        const rows = subjects.map(({ id, login, state, createdAt }) => [id, login, state, showTime(createdAt)]);
        out.result(
          { subjects },
          rows.length === 0 ? "no subjects yet" : table(["id", "login", "state", "since"], rows),
        );
      }),
  });

  eraseCommand(cli, subject);

  declare<SubjectOptions & { out?: string }>(cli, subject, {
    name: "export",
    summary: "everything that the agent holds about a subject, with a signed receipt",
    more: "One JSON document: relationships, rules, holdings, consent requests, log. Values are not in it: controllers hold them, sealed.",
    options: (command) =>
      subjectOptions(command).option("--out <file>", "a new file that only you can read (default: standard output)"),
    examples: [
      "subject export --login ann --out ann.json",
      "subject export --login ann --password-file ann.txt --json",
    ],
    work: exportSubject,
  });

  declare<SubjectOptions & { controller: string }>(cli, subject, {
    name: "connect",
    summary: "a one-time code that lets a controller seal data for the subject",
    more: "Give it to the controller's sign-up page: one of its programs exchanges it for the relationship's handle.",
    options: (command) => subjectOptions(command).requiredOption("--controller <id or name>", "whom to connect with"),
    examples: ['subject connect --login ann --controller "Corner Shop"'],
    work: ({ io, out, options }) =>
      asSubject(io, out, options, async (client, connection) => {
        const controller = await new Directory(client, connection).controller(options.controller);
        const code = await client.post<ConnectionCode>("/v1/me/connections", { controller });
        out.result(code, `${code.code}\ngood once, until ${showTime(code.expiresAt)}`);
      }),
  });

  declare<SubjectOptions>(cli, subject, {
    name: "holdings",
    summary: "which controllers hold which types of a subject's data, and when each was last used",
    options: subjectOptions,
    examples: ["subject holdings --login ann", "subject holdings --login ann --json"],
    work: ({ io, out, options }) =>
      asSubject(io, out, options, async (client) => {
        const { holdings } = await client.get<{ holdings: Holding[] }>("/v1/me/holdings");
        const rows = holdings.map((held) => [
          held.controllerName,
          held.type,
          showTime(held.since),
          held.lastUsedAt === null ? "never" : showTime(held.lastUsedAt),
        ]);
        out.result(
          { holdings },
          rows.length === 0
            ? "no controller holds any of your data"
            : table(["controller", "type", "since", "last used"], rows),
        );
      }),
  });

  declare<SubjectOptions & { name: string; scope: "read" | "write"; expires?: string; out?: string }>(cli, subject, {
    name: "token",
    summary: "make an API token for a subject's own scripts, shown once",
    more: "Pass it to commands by --token-file or STRONGROOM_TOKEN. No token can erase, export or change the password.",
    options: (command) =>
      subjectOptions(command)
        .requiredOption("--name <text>", "to recognise it by")
        .addOption(
          new Option("--scope <scope>", "read: see rules, holdings and log; write: change them too")
            .choices(["read", "write"])
            .default("read"),
        )
        .option("--expires <date>", "last day or moment (default: no end)")
        .option("--out <file>", "write the token to a new file that only you can read, and do not print it"),
    examples: [
      "subject token --login ann --name backup-script --out token.txt",
      "subject token --login ann --name phone --scope write --expires 2026-12-31",
    ],
    work: makeToken,
  });
}

async function addSubject({
  io,
  out,
  options,
  words: [login = ""],
}: Call<OperatorOptions & { passwordFile?: string }>): Promise<void> {
  if (options.passwordFile === STANDARD_INPUT && options.passphraseFile === STANDARD_INPUT) {
    throw new StrongroomError("cli.usage", "only one secret can be read from standard input");
  }
  const password = await readSecret(io, out, {
    what: "password",
    file: options.passwordFile,
    option: "--password-file",
    confirm: true,
  });
  await asOperator(io, out, options, async (client) => {
    const added = await client.post<SubjectView>("/v1/subjects", { login, password });
    out.result(added, `subject ${added.login} is registered as ${added.id}`);
  });
}

async function exportSubject({ io, out, options }: Call<SubjectOptions & { out?: string }>): Promise<void> {
  const file = options.out === undefined ? null : newPrivateFile(io, options.out);
  try {
    await asSubject(io, out, options, async (client) => {
      const document = await client.stream("/v1/me/export");
      if (file === null) return out.raw(document);
      const progress = out.progress("exporting");
      let bytes = 0;
      for await (const part of document) {
        file.write(part as Uint8Array);
        bytes += (part as Uint8Array).length;
        progress.update(`${bytes} bytes`);
      }
      progress.done();
      file.keep();
      out.result({ out: file.path, bytes }, `${bytes} bytes are in ${file.path}`);
    });
  } catch (error) {
    file?.drop();
    throw error;
  }
}

async function makeToken({
  io,
  out,
  options,
}: Call<SubjectOptions & { name: string; scope: "read" | "write"; expires?: string; out?: string }>): Promise<void> {
  const { name, expires } = options;
  const draft = {
    name,
    scope: options.scope,
    expiresAt: expires === undefined ? null : readTime(expires, "--expires", true),
  };
  const file = options.out === undefined ? null : newPrivateFile(io, options.out);
  let made: ApiToken & { token: string };
  try {
    made = await asSubject(io, out, options, (client) =>
      client.post<ApiToken & { token: string }>("/v1/me/tokens", draft),
    );
  } catch (error) {
    file?.drop();
    throw error;
  }
  const { token, ...facts } = made;
  if (file === null) {
    out.note("This token is shown this once.");
    out.result(made, token);
    return;
  }
  file.write(`${token}\n`);
  file.keep();
  out.result({ ...facts, out: file.path }, `the token ${facts.id} is in ${file.path}`);
}
