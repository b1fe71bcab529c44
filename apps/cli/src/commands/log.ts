/** `strongroom log`: what was done with a subject's data, and whether that is all of it. */
import type { LogFilter, LogLine, LogPage } from "@strongroom/core/wire";
import { Option } from "commander";
import { StrongroomError } from "@strongroom/core/errors";
import { withQuery, type AgentClient } from "../client.ts";
import { declare, group, subjectOptions, type Call, type Cli } from "../command.ts";
import { Directory } from "../names.ts";
import { newPrivateFile } from "../privateFile.ts";
import { asSubject, type SubjectOptions } from "../signIn.ts";
import { table } from "../table.ts";
import { readTime, showTime } from "../times.ts";
import { verifyCommand } from "./logVerify.ts";

interface FilterOptions extends SubjectOptions {
  readonly controller?: string;
  readonly application?: string;
  readonly type?: string;
  readonly action?: "read" | "update";
  readonly kind?: string;
  readonly use?: string;
  readonly purpose?: string;
  readonly provenance?: string;
  readonly outcome?: "allow" | "deny";
  readonly from?: string;
  readonly until?: string;
}

interface ShowOptions extends FilterOptions {
  readonly limit: string;
}

const LIMIT_MAX = 1_000_000;
const PAGE_MAX = 200;

export function logCommands(cli: Cli): void {
  const log = group(cli, "log", "what was done with a subject's data");

  declare<ShowOptions>(cli, log, {
    name: "show",
    summary: "a subject's log, newest first",
    options: (command) => filterOptions(subjectOptions(command)).option("--limit <number>", "most lines to show", "50"),
    examples: [
      "log show --login ann",
      'log show --login ann --controller "Corner Shop" --outcome deny --from 2026-01-01 --until 2026-03-31',
      "log show --login ann --type home-contact --action read --limit 1000 --json",
    ],
    work: show,
  });

  declare<FilterOptions & { format: "csv" | "json"; out?: string }>(cli, log, {
    name: "export",
    summary: "everything in a subject's log that passes the filter, as CSV or JSON",
    options: (command) =>
      filterOptions(subjectOptions(command))
        .addOption(new Option("--format <format>", "form of the file").choices(["csv", "json"]).default("json"))
        .option("--out <file>", "a new file that only you can read (default: standard output)"),
    examples: ["log export --login ann --format csv --out log.csv", "log export --login ann --from 2026-01-01 --json"],
    work: exportLog,
  });

  verifyCommand(cli, log);
}

function filterOptions(command: Parameters<typeof subjectOptions>[0]): Parameters<typeof subjectOptions>[0] {
  return command
    .option("--controller <id or name>", "only what this controller asked")
    .option("--application <id or name>", "only what this program asked")
    .option("--type <id>", "only about this data type, or one below it")
    .addOption(new Option("--action <action>", "only reading, or only sealing").choices(["read", "update"]))
    .option("--kind <kind>", "only entries of this kind, such as use, seal, rule, session")
    .option("--use <id>", "only for this use, or one below it")
    .option("--purpose <id>", "only for this purpose, or one below it")
    .option("--provenance <id>", "only from this provenance, or one below it")
    .addOption(new Option("--outcome <outcome>", "only what was allowed, or denied").choices(["allow", "deny"]))
    .option("--from <date>", "from this day or moment on, inclusive")
    .option("--until <date>", "up to this day or moment, inclusive");
}

async function show({ io, out, options }: Call<ShowOptions>): Promise<void> {
  const limit = /^[1-9]\d{0,6}$/.test(options.limit) ? Number(options.limit) : NaN;
  if (!(limit <= LIMIT_MAX)) throw new StrongroomError("cli.usage", `--limit is a whole number from 1 to ${LIMIT_MAX}`);
  await asSubject(io, out, options, async (client, connection) => {
    const filter = await filterOf(options, new Directory(client, connection));
    const progress = out.progress("reading the log");
    const { lines, more } = await readLines(client, filter, limit, (count) =>
      progress.update(`${count} lines`),
    ).finally(() => progress.done());
    const text =
      lines.length === 0 ? "no entries" : table(["#", "time", "what", "who", "data", "why", "outcome"], lines.map(row));
    out.result({ lines, more }, more ? [text, `older entries follow: --limit ${limit} was reached`] : text);
  });
}

async function readLines(
  client: AgentClient,
  filter: LogFilter,
  limit: number,
  onPage: (lines: number) => void,
): Promise<{ lines: LogLine[]; more: boolean }> {
  const lines: LogLine[] = [];
  let cursor: string | null | undefined;
  do {
    const page: LogPage = await client.get("/v1/me/log", {
      ...filter,
      cursor: cursor ?? undefined,
      limit: Math.min(PAGE_MAX, limit - lines.length),
    });
    lines.push(...page.lines);
    onPage(lines.length);
    cursor = page.cursor;
  } while (cursor !== null && lines.length < limit);
  return { lines, more: cursor !== null };
}

async function exportLog({
  io,
  out,
  options,
}: Call<FilterOptions & { format: "csv" | "json"; out?: string; json?: boolean }>): Promise<void> {
  if (out.json && options.out === undefined && options.format === "csv")
    throw new StrongroomError("cli.usage", "--json goes with --format json, or with --out");
  const file = options.out === undefined ? null : newPrivateFile(io, options.out);
  try {
    await asSubject(io, out, options, async (client, connection) => {
      const filter = await filterOf(options, new Directory(client, connection));
      const document = await client.stream(withQuery("/v1/me/log/export", { ...filter, format: options.format }));
      if (file === null) return out.raw(document);
      for await (const part of document) file.write(part as Uint8Array);
      file.keep();
      out.result({ out: file.path }, `the log is in ${file.path}`);
    });
  } catch (error) {
    file?.drop();
    throw error;
  }
}

async function filterOf(options: FilterOptions, names: Directory): Promise<LogFilter> {
  const { controller, application, from, until, type, action, kind, use, purpose, provenance, outcome } = options;
  const controllerId = controller === undefined ? undefined : await names.controller(controller);
  if (application !== undefined && controllerId === undefined)
    throw new StrongroomError("cli.usage", "--application needs --controller");
  const given = {
    controller: controllerId,
    application: application === undefined ? undefined : await names.application(controllerId!, application),
    from: from === undefined ? undefined : readTime(from, "--from"),
    until: until === undefined ? undefined : readTime(until, "--until", true),
    type,
    action,
    kind,
    use,
    purpose,
    provenance,
    outcome,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function row(line: LogLine): string[] {
  const who = [line.controllerName ?? line.controller, line.applicationName ?? line.application]
    .filter((name) => name !== null)
    .join(" / ");
  const what = line.objects > 1 ? `${line.kind} (${line.objects})` : line.kind;
  const why = line.provenance ?? [line.use, line.purpose].filter((id) => id !== null).join(", ");
  const outcome = line.outcome === "deny" ? `deny: ${line.reason ?? ""}` : (line.outcome ?? line.reason ?? "");
  return [String(line.counter), showTime(line.at), what, who, line.type ?? "", why, outcome];
}
