/** `strongroom doctor`: would the agent of this folder run well, and if not, why and what to do. */
import { dataFolder, declare, passphraseFile, type Call, type Cli } from "../command.ts";
import { DataFolder, DEFAULT_HOST, DEFAULT_PORT } from "../dataFolder.ts";
import { checkAgent } from "../doctor/agent.ts";
import { fail, type Diagnosis } from "../doctor/check.ts";
import {
  checkClock,
  checkDisk,
  checkFolder,
  checkKekAge,
  checkKeyFiles,
  checkNode,
  checkPort,
} from "../doctor/machine.ts";
import { EXIT, fixOf, type ExitCode } from "../exitCodes.ts";
import { runningOn } from "../running.ts";

interface DoctorOptions {
  readonly data?: string;
  readonly passphraseFile?: string;
  readonly host: string;
  readonly port: string;
  readonly kekEpochDays: string;
}

export function doctorCommand(cli: Cli): void {
  declare<DoctorOptions>(cli, cli.program, {
    name: "doctor",
    summary: "check the machine, the data folder and its agent",
    more:
      "Node, folder, disk, key files, database, log against its mirror, clock, port and KEK: each ok, warn or fail, with what\n" +
      "to do. Where no agent runs the folder is opened as `up` would. Exit code 4 where something fails; warnings do not.",
    options: (command) =>
      passphraseFile(dataFolder(command))
        .option("--host <address>", "where `up` would listen", DEFAULT_HOST)
        .option("--port <number>", "on which port", String(DEFAULT_PORT))
        .option("--kek-epoch-days <days>", "how old a KEK may be", "30"),
    examples: ["doctor", "doctor --data /srv/strongroom --json"],
    work: doctor,
  });
}

async function doctor({ io, out, options }: Call<DoctorOptions>): Promise<ExitCode> {
  const folder = DataFolder.of(io, options.data);
  const checks: Diagnosis[] = [checkNode(process.versions.node)];
  if (folder.holdsAgent) {
    const run = runningOn(folder);
    checks.push(
      checkFolder(folder),
      checkDisk(folder),
      checkKeyFiles(folder),
      checkKekAge(folder, io.now(), Number(options.kekEpochDays)),
    );
    checks.push(checkClock(folder, io.now()), await checkPort(run, options.host, Number(options.port)));
    checks.push(...(await checkAgent(io, out, folder, options)));
  } else {
    checks.push(
      fail("folder", `there is no agent in ${folder.path}`, fixOf("cli.no-agent-here")!, "cli.no-agent-here"),
    );
  }
  const failed = checks.filter(({ level }) => level === "fail").length;
  const warned = checks.filter(({ level }) => level === "warn").length;
  const text = checks.flatMap(({ name, level, what, fix, code }) => [
    `${level.padEnd(4)}  ${name.padEnd(8)}  ${what}${code === undefined ? "" : ` (${code})`}`,
    ...(fix === undefined ? [] : [`      what to do: ${fix}`]),
  ]);
  out.result({ ok: failed === 0, failed, warned, checks }, [...text, `${failed} failed, ${warned} warning(s)`]);
  return failed === 0 ? EXIT.ok : EXIT.findings;
}
