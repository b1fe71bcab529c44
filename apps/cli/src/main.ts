/** The `strongroom` command: its nouns and verbs, and what becomes of whatever they throw. */
import { existsSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command, CommanderError } from "commander";
import { StrongroomError } from "@strongroom/core/errors";
import { helpExamples, type Cli } from "./command.ts";
import { applicationCommands } from "./commands/application.ts";
import { auditCommand } from "./commands/audit.ts";
import { authorizeCommand } from "./commands/authorize.ts";
import { consentCommands } from "./commands/consent.ts";
import { controllerCommands } from "./commands/controller.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { initCommand } from "./commands/init.ts";
import { keysCommands } from "./commands/keys.ts";
import { lockCommands } from "./commands/lock.ts";
import { logCommands } from "./commands/log.ts";
import { recoverCommand } from "./commands/recover.ts";
import { ruleCommands } from "./commands/rule.ts";
import { subjectCommands } from "./commands/subject.ts";
import { upCommand } from "./commands/up.ts";
import { EXIT, exitCodeOf, type ExitCode } from "./exitCodes.ts";
import { processIo, type Io } from "./io.ts";
import { Output, problemOf } from "./output.ts";
import { VERSION } from "./version.ts";

const COMMANDS = [
  initCommand,
  upCommand,
  doctorCommand,
  subjectCommands,
  controllerCommands,
  applicationCommands,
  ruleCommands,
  authorizeCommand,
  consentCommands,
  lockCommands,
  logCommands,
  auditCommand,
  keysCommands,
  recoverCommand,
];

/** @param argv the words after the command's name */
export async function main(argv: readonly string[], io: Io): Promise<ExitCode> {
  const json = beforeDashes(argv).includes("--json");
  try {
    refuseSecrets(argv);
    const cli = program(io, json);
    await cli.program.parseAsync([...argv], { from: "user" });
    return cli.exitCode;
  } catch (thrown) {
    return fail(thrown, new Output(io, json));
  }
}

/** From nothing to a shop that may ask. */
const EXAMPLES = [
  "init",
  "up",
  "subject add ann",
  'controller add "Corner Shop"',
  'application add web --controller "Corner Shop" --out web-credentials.json',
  "audit https://agent.example",
];

/** All commands; nothing runs yet. */
export function program(io: Io, json: boolean): Cli {
  const command = new Command("strongroom")
    .description("Personal data that can be used but not taken.")
    .version(VERSION, "--version")
    .helpCommand("help [command]", "what a command does, with examples")
    .addHelpText("after", `\nEach command has --help with examples, and --json.\n${helpExamples(EXAMPLES)}`)
    // Thrown instead of ending the process, and told in one form with everything else.
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      // The help of a noun without a verb.
      writeErr: (text) => void (json || io.stderr.write(text)),
      outputError: () => undefined,
    });
  const cli: Cli = { io, program: command, exitCode: EXIT.ok };
  for (const add of COMMANDS) add(cli);
  return cli;
}

const SECRET_FLAG = /^--?(password|passphrase|token|secret|operator-token|private-key|key|pin|pw)(=|$)/;

/** Said before anything is done with it, and without repeating it. */
function refuseSecrets(argv: readonly string[]): void {
  const flag = beforeDashes(argv).find((word) => SECRET_FLAG.test(word));
  if (flag === undefined) return;
  const name = flag.split("=", 1)[0];
  const message = `${name} does not exist: every program on this machine can read the arguments of another, and the shell keeps them in its history`;
  throw new StrongroomError("cli.secret-in-arguments", message);
}

function beforeDashes(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf("--");
  return end < 0 ? argv : argv.slice(0, end);
}

function fail(thrown: unknown, out: Output): ExitCode {
  if (thrown instanceof CommanderError) {
    if (thrown.exitCode === 0) return EXIT.ok;
    const detail =
      thrown.code === "commander.help"
        ? "the command is not complete: say what to do"
        : thrown.message.replace(/^error: /, "");
    out.problem(problemOf(new StrongroomError("cli.usage", detail)));
    return EXIT.usage;
  }
  const problem = problemOf(thrown);
  out.problem(problem);
  return problem.details?.["interrupted"] === true ? EXIT.interrupted : exitCodeOf(problem);
}

/** The whole process. */
export async function run(): Promise<void> {
  // Whoever reads has seen enough, such as `head`.
  process.stdout.on("error", (error: NodeJS.ErrnoException) =>
    process.exit(error.code === "EPIPE" ? EXIT.ok : EXIT.failed),
  );
  process.exitCode = await main(process.argv.slice(2), processIo);
}

const started = process.argv[1];
if (started !== undefined && existsSync(started) && realpathSync(started) === fileURLToPath(import.meta.url))
  await run();
