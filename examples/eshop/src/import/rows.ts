/** A file of customers as a stream of rows, never held as a whole. */
import { createReadStream } from "node:fs";
import { csvRecords } from "./csv.ts";
import { jsonElements } from "./json.ts";
import { ImportError, type Mapping } from "./mapping.ts";

/** Column → text. */
export type SourceRow = ReadonlyMap<string, string>;

/** A row that could be read, or what is wrong with it. Rows count from 1; a header line is none. */
export type ReadRow =
  { readonly row: number; readonly columns: SourceRow } | { readonly row: number; readonly problem: string };

/** @throws ImportError where the file cannot be read on: it is not UTF-8, CSV or JSON, or ends too early */
export async function* rowsOf(file: string, mapping: Mapping): AsyncGenerator<ReadRow> {
  const texts = decoded(file);
  yield* mapping.format === "csv" ? csvRows(texts, mapping) : jsonRows(texts, mapping);
}

async function* csvRows(
  texts: AsyncIterable<string>,
  mapping: Extract<Mapping, { format: "csv" }>,
): AsyncGenerator<ReadRow> {
  let header: readonly string[] | null = null;
  let row = 0;
  for await (const record of csvRecords(texts, mapping.delimiter)) {
    if (header === null) {
      header = checkedHeader(record, mapping);
      continue;
    }
    row += 1;
    if (record.length !== header.length)
      yield { row, problem: `it has ${record.length} columns, the header has ${header.length}` };
    else yield { row, columns: new Map(header.map((name, at) => [name, record[at]!])) };
  }
  if (header === null) throw new ImportError("the file is empty: it has no header line");
}

function checkedHeader(header: readonly string[], mapping: Mapping): readonly string[] {
  if (new Set(header).size !== header.length) throw new ImportError("the header line names a column twice");
  const missing = mapping.columns.filter((column) => !header.includes(column));
  if (missing.length > 0)
    throw new ImportError(
      `the file has no column ${missing.map((name) => `"${name}"`).join(", ")}, which the mapping names`,
    );
  return header;
}

async function* jsonRows(
  texts: AsyncIterable<string>,
  mapping: Extract<Mapping, { format: "json" }>,
): AsyncGenerator<ReadRow> {
  let row = 0;
  for await (const text of jsonElements(texts, mapping.rows)) {
    row += 1;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new ImportError(`row ${row} is not JSON`);
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      yield { row, problem: "it is no object" };
      continue;
    }
    const nested = mapping.columns.find(
      (column) =>
        typeof (value as Record<string, unknown>)[column] === "object" &&
        (value as Record<string, unknown>)[column] !== null,
    );
    if (nested !== undefined) yield { row, problem: `column "${nested}" holds more than one value` };
    else
      yield {
        row,
        columns: new Map(mapping.columns.map((column) => [column, textOf((value as Record<string, unknown>)[column])])),
      };
  }
}

function textOf(value: unknown): string {
  return typeof value === "string"
    ? value
    : typeof value === "number" || typeof value === "boolean"
      ? String(value)
      : "";
}

/** The file's text. A byte order mark is left out. */
async function* decoded(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const chunk of createReadStream(file)) yield decoder.decode(chunk as Buffer, { stream: true });
    yield decoder.decode();
  } catch (cause) {
    if (cause instanceof ImportError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ERR_ENCODING_INVALID_ENCODED_DATA")
      throw new ImportError("the file is not UTF-8: save it as UTF-8 and try again");
    throw new ImportError(`the file cannot be read (${code ?? "unknown reason"})`, { cause });
  }
}
