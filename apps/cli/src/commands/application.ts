/** `strongroom application`: programs of a controller, and the credentials that each signs in with. */
import { generateKeyPairSync } from "node:crypto";
import type { AgentFacts, ApplicationView, PublicJwk } from "@strongroom/core/wire";
import type { AgentClient } from "../client.ts";
import { declare, group, operatorOptions, type Cli } from "../command.ts";
import { asOperator, type OperatorOptions } from "../connect.ts";
import { listApplications, listControllers, pick } from "../names.ts";
import { newPrivateFile } from "../privateFile.ts";
import { table } from "../table.ts";
import { showTime } from "../times.ts";

interface ApplicationOptions extends OperatorOptions {
  readonly controller: string;
}

/** What a program needs to sign in: `agents: [agent], application` of the SDK's `connect`. */
export interface Credentials {
  readonly agent: { readonly issuer: string; readonly logKey: string };
  readonly controller: string;
  readonly application: { readonly id: string; readonly name: string; readonly privateKey: object };
}

export function applicationCommands(cli: Cli): void {
  const application = group(cli, "application", "programs of a controller, with credentials of their own");

  declare<ApplicationOptions & { out?: string }>(cli, application, {
    name: "add <name>",
    summary: "register a program, and print its credentials once",
    more:
      "The key pair is made here and the agent is sent the public half only: the private half is in what is printed, and nowhere else.\n" +
      "The credentials are what the SDK connects with: { agents: [agent], application }.",
    options: (command) =>
      operatorOptions(command)
        .requiredOption("--controller <id or name>", "whose program it is")
        .option(
          "--out <file>",
          "write the credentials to a new file that only you can read (mode 0600), and do not print them",
        ),
    examples: [
      'application add web --controller "Corner Shop" --out web-credentials.json',
      'application add warehouse --controller "Corner Shop" --json',
    ],
    work: ({ io, out, options, words: [name = ""] }) =>
      asOperator(io, out, options, async (client) => {
        const controller = pick(await listControllers(client), options.controller, "controller");
        const file = options.out === undefined ? null : newPrivateFile(io, options.out);
        let credentials: Credentials;
        try {
          credentials = await register(client, controller.id, name);
        } catch (error) {
          file?.drop();
          throw error;
        }
        const text = JSON.stringify(credentials, null, 2);
        if (file === null) {
          out.note("These credentials are shown this once. Keep them where only the program can read them.");
          out.result(credentials, text);
          return;
        }
        file.write(`${text}\n`);
        file.keep();
        const { id } = credentials.application;
        out.result(
          { controller: controller.id, application: { id, name }, out: file.path },
          `application ${name} is registered as ${id}; its credentials are in ${file.path}`,
        );
      }),
  });

  declare<ApplicationOptions>(cli, application, {
    name: "list",
    summary: "the programs of a controller, oldest first",
    options: (command) => operatorOptions(command).requiredOption("--controller <id or name>", "whose programs"),
    examples: ['application list --controller "Corner Shop"'],
    work: ({ io, out, options }) =>
      asOperator(io, out, options, async (client) => {
        const controller = pick(await listControllers(client), options.controller, "controller");
        const applications = await listApplications(client, controller.id);
        const rows = applications.map(({ id, name, keys, disabled, createdAt }) => [
          id,
          name,
          String(keys.length),
          disabled ? "disabled" : "",
          showTime(createdAt),
        ]);
        out.result(
          { applications },
          rows.length === 0 ? "no applications yet" : table(["id", "name", "keys", "state", "since"], rows),
        );
      }),
  });
}

async function register(client: AgentClient, controller: string, name: string): Promise<Credentials> {
  const pair = generateKeyPairSync("ed25519");
  const { kty, crv, x } = pair.publicKey.export({ format: "jwk" });
  const key = { kty, crv, x } as PublicJwk;
  const { id } = await client.post<ApplicationView>(`/v1/controllers/${controller}/applications`, { name, key });
  const { issuer, logKey }: AgentFacts = await client.facts();
  const { d } = pair.privateKey.export({ format: "jwk" });
  return { agent: { issuer, logKey }, controller, application: { id, name, privateKey: { kty, crv, x, d } } };
}
