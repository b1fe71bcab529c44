/** `strongroom init`: a data folder with keys, database and log, once. */
import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { toBase64url } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { dataFolder, declare, passphraseFile, type Call, type Cli } from "../command.ts";
import { DataFolder, type Settings } from "../dataFolder.ts";
import { readSecret } from "../prompt.ts";
import { facts } from "../table.ts";

interface InitOptions {
  readonly data?: string;
  readonly keys?: string;
  readonly passphraseFile?: string;
  readonly askPassphrase?: boolean;
  readonly issuer?: string;
  readonly origin?: string;
  readonly vocabulary?: string;
}

export function initCommand(cli: Cli): void {
  declare<InitOptions>(cli, cli.program, {
    name: "init",
    summary: "make an agent's data folder with its keys",
    more:
      "Run again on the same folder it changes no key: it prints the same facts, and keeps settings that are named anew.\n" +
      "With a passphrase the KEK files are sealed with it, and every start asks for it; without it they open nothing.",
    options: (command) =>
      passphraseFile(dataFolder(command))
        .option("--ask-passphrase", "ask for a passphrase, twice")
        .option("--keys <folder>", "keep the keys in another folder, to back them up apart from the database")
        .option(
          "--issuer <url>",
          "base address as clients will see it, such as https://agent.example (default: where `up` listens)",
        )
        .option("--origin <name>", "name of the log in its checkpoints, for ever (default: a random one)")
        .option("--vocabulary <file>", "the deployment's vocabulary extension"),
    examples: [
      "init",
      "init --data /srv/strongroom --issuer https://agent.example --ask-passphrase",
      "init --passphrase-file passphrase.txt --json",
    ],
    work: init,
  });
}

async function init({ io, out, options }: Call<InitOptions>): Promise<void> {
  const folder = DataFolder.of(io, options.data);
  const fresh = !existsSync(folder.path);
  makePrivate(folder.path);
  const keys = options.keys === undefined ? undefined : resolve(io.cwd, options.keys);
  if (keys !== undefined && folder.holdsAgent && keys !== folder.keys) {
    throw new StrongroomError(
      "cli.usage",
      `this agent's keys are in ${folder.keys}: move them yourself and correct settings.json`,
    );
  }
  const named = {
    keys,
    issuer: options.issuer === undefined ? undefined : readIssuer(options.issuer),
    vocabulary: options.vocabulary === undefined ? undefined : resolve(io.cwd, options.vocabulary),
  };
  const known = folder.holdsAgent ? folder.settings() : {};
  let settings: Settings;
  const created = known.logKey === undefined;
  if (created) {
    settings = folder.keep({ ...named, ...(await create(folder, { io, out, options, words: [] }, named)) });
  } else {
    if (named.vocabulary !== undefined) (await import("../inside.ts")).readVocabulary(named.vocabulary);
    settings = folder.keep(named);
    out.note(`${folder.path} holds an agent already; its keys stay as they are.`);
  }
  const { logKey = "", locator = "", issuer = null } = settings;
  const text = [
    created ? `A new agent is in ${folder.path}.\n` : "",
    facts([
      ["verifier key", logKey],
      ["locator", locator],
      ["issuer", issuer ?? "follows from where `strongroom up` listens"],
      ["keys", folder.keys],
    ]),
    "\nGive the verifier key to controllers and auditors by another way than the agent itself: they pin it.",
    "Back up the keys apart from the database. Next: `strongroom up`, then `strongroom controller add`, `strongroom subject add`.",
  ];
  if (!fresh && created && isOpen(folder.path))
    out.note(`warning: others can look into ${folder.path}; run: chmod 700 ${folder.path}`);
  out.result(
    { created, data: folder.path, keys: folder.keys, logKey, locator, issuer },
    text.filter((line) => line !== ""),
  );
}

/** Makes keys, database and log by opening the agent once. */
async function create(
  folder: DataFolder,
  call: Call<InitOptions>,
  named: { keys?: string | undefined; vocabulary?: string | undefined },
): Promise<Settings> {
  const { io, out, options } = call;
  const wanted = options.passphraseFile !== undefined || options.askPassphrase === true;
  const passphrase = wanted
    ? await readSecret(io, out, {
        what: "passphrase",
        file: options.passphraseFile,
        option: "--passphrase-file",
        confirm: true,
      })
    : undefined;
  const { openInside, readVocabulary } = await import("../inside.ts");
  const { agent, close } = await openInside(io, out, {
    folder,
    kept: passphrase === undefined ? {} : { passphrase },
    agent: {
      keyFolder: named.keys ?? folder.keys,
      vocabulary: readVocabulary(named.vocabulary ?? folder.settings().vocabulary),
      ...(options.origin === undefined ? {} : { origin: options.origin }),
    },
  });
  const { signer, locator } = agent.context.identity;
  await close();
  return { logKey: signer.verifierKey, locator: toBase64url(locator) };
}

/** Without a slash at the end: it is compared as text. @throws StrongroomError `cli.usage` */
export function readIssuer(text: string): string {
  const url = URL.parse(text);
  const plain =
    url !== null &&
    (url.protocol === "https:" || url.protocol === "http:") &&
    url.search + url.hash + url.username + url.password === "";
  if (!plain)
    throw new StrongroomError("cli.usage", "--issuer is an http or https address without query, fragment or user");
  return text.replace(/\/+$/, "");
}

function makePrivate(folder: string): void {
  try {
    if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(folder, 0o700);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new StrongroomError(
      "agent.folder-unusable",
      `the folder ${folder} cannot be made (${code ?? "unknown reason"})`,
      { cause },
    );
  }
}

function isOpen(folder: string): boolean {
  return process.platform !== "win32" && (statSync(folder).mode & 0o077) !== 0;
}
