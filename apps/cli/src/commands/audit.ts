/** `strongroom audit`: is this log what it says, and what it was? By a reader that shares nothing with the writer. */
import { StrongroomError } from "@strongroom/core/errors";
import { auditLog, type LogReport } from "@strongroom/core/log/reader";
import { parseVerifierKey } from "@strongroom/core/log";
import { declare, list, type Call, type Cli } from "../command.ts";
import { EXIT, type ExitCode } from "../exitCodes.ts";
import { findingLines, requireAnswers, trustLines, type Trust } from "../findings.ts";
import { openSource, type OpenedSource } from "../logSource.ts";
import { Remembered } from "../remembered.ts";
import { facts } from "../table.ts";
import { readDuration } from "../times.ts";

export interface PinOptions {
  readonly verifierKey?: string;
  readonly state?: string;
}

interface AuditOptions extends PinOptions {
  readonly witness?: readonly string[];
  readonly witnessesMin?: string;
  readonly maxAge?: string;
}

export function auditCommand(cli: Cli): void {
  declare<AuditOptions>(cli, cli.program, {
    name: "audit <place>",
    summary: "check a whole log from outside: the one at an address, or in a folder",
    more:
      "Reads every leaf, computes every hash and compares them with the signed checkpoint, and that with the checkpoint of\n" +
      "the last audit. Needs no account: anybody can do it. The verifier key is given, remembered from the last audit, or\n" +
      "(for an address) asked for the first time, which is said. Exit code 4 when something is wrong.",
    options: (command) =>
      command
        .option("--verifier-key <key>", "the log's key, as `strongroom init` printed it")
        .option(
          "--state <file>",
          "where audits remember checkpoints (default: strongroom/remembered.json in your state folder)",
        )
        .addOption(list("--witness <keys>", "verifier keys of witnesses that you know"))
        .option("--witnesses-min <number>", "how many of them must have cosigned", "0")
        .option("--max-age <time>", "how old the newest cosignature may be, such as 1h"),
    examples: [
      "audit https://agent.example --verifier-key agent.example+1c7de812+AbC...",
      "audit .strongroom/log --json",
      "audit https://mirror.example/strongroom --witness witness.example+5c1d+BQ... --witnesses-min 1 --max-age 1h",
    ],
    work: audit,
  });
}

async function audit({ io, out, options, words: [place = ""] }: Call<AuditOptions>): Promise<ExitCode> {
  const remembered = Remembered.of(io, options.state);
  const opened = await openSource(place, io.cwd);
  const { verifierKey, trust } = await findKey(opened, options, remembered);
  const before = remembered.log(verifierKey);
  const witnessesMin = Number(options.witnessesMin);
  if (!Number.isSafeInteger(witnessesMin)) throw new StrongroomError("cli.usage", "--witnesses-min is a whole number");

  const progress = out.progress("reading the log");
  const report = await auditLog(opened.source, {
    verifierKey,
    ...(before.checkpoint === undefined ? {} : { remembered: before.checkpoint }),
    ...(options.witness === undefined ? {} : { witnessKeys: options.witness }),
    witnessesMin,
    ...(options.maxAge === undefined
      ? {}
      : { freshness: { now: io.now(), cosignatureAgeMaxMs: readDuration(options.maxAge, "--max-age") } }),
    onProgress: (leaves, size) => progress.update(`${leaves} of ${size} leaves`),
  }).finally(() => progress.done());
  requireAnswers(opened.source, report.findings);

  if (report.ok) remember(remembered, verifierKey, opened);
  const wasSize = report.continues;
  const document = { ...shown(report), place: opened.place, verifierKey, trust, continues: wasSize };
  out.result(document, [...trustLines(trust, verifierKey), ...lines(report, before.checkpoint !== undefined)]);
  return report.ok ? EXIT.ok : EXIT.findings;
}

/**
 * The key that the log is held to: given, else remembered for this place or this origin, else what an address says of itself.
 * @throws StrongroomError `cli.no-verifier-key`, `note.bad-key`
 */
export async function findKey(
  { source, place, askKey }: OpenedSource,
  { verifierKey }: PinOptions,
  remembered: Remembered,
): Promise<{ verifierKey: string; trust: Trust }> {
  if (verifierKey !== undefined) {
    parseVerifierKey(verifierKey);
    return { verifierKey, trust: "given" };
  }
  const known = remembered.keyOf(place) ?? remembered.keyOfOrigin(await originOf(source));
  if (known !== null) return { verifierKey: known, trust: "remembered" };
  const told = await askKey();
  if (told === null) throw new StrongroomError("cli.no-verifier-key", `no verifier key is known for ${place}`);
  parseVerifierKey(told);
  return { verifierKey: told, trust: "first-use" };
}

/** First line of the checkpoint, only to find the pinned key by: it proves nothing. */
async function originOf(source: OpenedSource["source"]): Promise<string> {
  const note = await source.read("checkpoint").catch(() => null);
  return note?.toString("utf8").split("\n", 1)[0] ?? "";
}

function remember(remembered: Remembered, verifierKey: string, { source, place }: OpenedSource): void {
  const checkpoint = source.checkpoint?.toString("utf8");
  remembered.update(verifierKey, (log) => ({
    ...log,
    sources: [...new Set([...log.sources, place])],
    ...(checkpoint === undefined ? {} : { checkpoint }),
  }));
}

function shown({ ok, checkpoint, rootVerified, counts, findings, findingsTotal }: LogReport): object {
  return {
    ok,
    checkpoint: checkpoint === null ? null : { ...checkpoint, root: Buffer.from(checkpoint.root).toString("base64") },
    rootVerified,
    counts,
    findings,
    findingsTotal,
  };
}

function lines(
  { ok, checkpoint, counts, continues, findings, findingsTotal }: LogReport,
  seenBefore: boolean,
): string[] {
  const history =
    continues === null
      ? seenBefore
        ? "NOT shown to continue what was seen before"
        : "seen for the first time"
      : `continues the ${continues} leaves seen before`;
  return [
    ...(checkpoint === null
      ? []
      : [
          facts([
            ["log", checkpoint.origin],
            [
              "leaves",
              `${checkpoint.size} (${counts.entry} entries, ${counts.tombstone} erased keys, ${counts.heads} heads)`,
            ],
            ["history", history],
            [
              "witnesses",
              checkpoint.witnesses.length === 0
                ? "none that is known"
                : checkpoint.witnesses.map(({ name }) => name).join(", "),
            ],
          ]),
        ]),
    ...(ok ? ["clean"] : [`${findingsTotal} finding(s):`, ...findingLines(findings, findingsTotal)]),
  ];
}
