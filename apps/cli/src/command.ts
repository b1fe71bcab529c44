/** How every command is declared: common options, examples in its help, and one way of running. */
import { type Command, Option } from "commander";
import { EXIT, EXIT_CODES_TEXT, type ExitCode } from "./exitCodes.ts";
import type { Io } from "./io.ts";
import { Output } from "./output.ts";

/** What a command's work is given. */
export interface Call<Options> {
  readonly io: Io;
  readonly out: Output;
  readonly options: Options;
  /** Positional arguments in order. */
  readonly words: readonly string[];
}

/** Nothing is done; anything but a number means that all went well. */
export type Work<Options> = (call: Call<Options>) => Promise<ExitCode> | Promise<void>;

/** Told the exit code of the command that ran. */
export interface Cli {
  readonly io: Io;
  readonly program: Command;
  exitCode: ExitCode;
}

export interface Declaration<Options> {
  /** With its arguments: `erase [subject]`. */
  readonly name: string;
  readonly summary: string;
  /** What the summary does not say, shown by --help only. */
  readonly more?: string;
  readonly options?: (command: Command) => Command;
  /** Command lines, without `strongroom`. */
  readonly examples: readonly string[];
  readonly work: Work<Options>;
}

/** First example of each verb, for the help of its noun. */
const firstExamples = new WeakMap<Command, string[]>();

export function helpExamples(examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((line) => `  strongroom ${line}`).join("\n")}\n\n${EXIT_CODES_TEXT}`;
}

export function declare<Options>(cli: Cli, parent: Command, of: Declaration<Options>): void {
  const command = parent
    .command(of.name)
    .summary(of.summary)
    .description(of.more === undefined ? of.summary : `${of.summary}.\n\n${of.more}`);
  (of.options ?? ((same) => same))(command);
  command.option("--json", "one JSON document instead of text; a problem is one line of JSON on standard error");
  command.addHelpText("after", helpExamples(of.examples));
  firstExamples.get(parent)?.push(of.examples[0] ?? of.name);
  command.action(async (...given: unknown[]) => {
    // Commander passes the arguments, then the options, then the command.
    const options = command.opts<Options & { json?: boolean }>();
    const words = given.slice(0, -2).filter((word) => word !== undefined) as string[];
    const done = await of.work({ io: cli.io, out: new Output(cli.io, options.json === true), options, words });
    cli.exitCode = done ?? EXIT.ok;
  });
}

/** A noun with its verbs. */
export function group(cli: Cli, name: string, summary: string): Command {
  const command = cli.program.command(name).summary(summary).description(summary);
  const examples: string[] = [];
  firstExamples.set(command, examples);
  return command.addHelpText("after", () => helpExamples(examples));
}

/** May be repeated, and takes several at once, separated by commas. */
export function list(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text: string, before: string[] | undefined) => [
    ...(before ?? []),
    ...text
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== ""),
  ]);
}

export function dataFolder(command: Command): Command {
  return command.option("--data <folder>", "the agent's data folder (default: STRONGROOM_DATA, or ./.strongroom)");
}

export function passphraseFile(command: Command): Command {
  return command.option(
    "--passphrase-file <file>",
    "passphrase of the key files; - is standard input (default: asked for where needed)",
  );
}

function target(command: Command): Command {
  return passphraseFile(dataFolder(command))
    .option("--agent <url>", "an agent elsewhere, instead of the data folder's")
    .option("--insecure-plain-http", "allow --agent to be plain http to another machine");
}

/** For commands of the operator. */
export function operatorOptions(command: Command): Command {
  return target(command).option(
    "--operator-token-file <file>",
    "the operator's token (default: operator.token of the data folder)",
  );
}

/** For commands of a subject. */
export function subjectOptions(command: Command): Command {
  return target(command)
    .option("--login <name>", "sign in as this subject")
    .option("--password-file <file>", "its password; - is standard input (default: asked for)")
    .option("--token-file <file>", "an API token instead (default: STRONGROOM_TOKEN, if set and there is no --login)");
}
