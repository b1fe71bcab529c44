/** The log as a file, made while it is read. */
import type { LogLine } from "@strongroom/core/wire";

const COLUMNS = [
  "counter",
  "index",
  "time",
  "kind",
  "controller",
  "controllerName",
  "application",
  "applicationName",
  "type",
  "action",
  "use",
  "purpose",
  "provenance",
  "outcome",
  "reason",
  "rules",
  "objects",
  "decision",
] as const;

/** RFC 4180 with a header line; times in ISO 8601 UTC. */
export async function* logAsCsv(lines: AsyncIterable<LogLine>): AsyncIterable<string> {
  yield `${COLUMNS.join(",")}\r\n`;
  for await (const line of lines) {
    const values = { ...line, time: new Date(line.at).toISOString(), rules: line.rules.join(" ") };
    yield `${COLUMNS.map((column) => csvCell(values[column])).join(",")}\r\n`;
  }
}

/** One JSON list, a line of the log per line of text. */
export async function* logAsJson(lines: AsyncIterable<LogLine>): AsyncIterable<string> {
  let separator = "[\n";
  for await (const line of lines) {
    yield `${separator}${JSON.stringify(line)}`;
    separator = ",\n";
  }
  yield separator === "[\n" ? "[]\n" : "\n]\n";
}

/** Controllers choose their names: a cell that a spreadsheet would run as a formula is defused by a quote. */
function csvCell(value: string | number | null): string {
  if (value === null) return "";
  const text = String(value);
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
