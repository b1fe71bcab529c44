/**
 * Which column of a file is which field: a small JSON document that the shop writes for each file.
 *
 *   { "format": "json", "rows": "Customer", "userName": "customer-{CustomerId}",
 *     "connection": { "code": "StrongroomCode" }, "fields": { "surname": "LastName", … } }
 */
import { customer } from "../records.ts";

/** The file or its mapping cannot be used. Messages name columns and rows, never what is in them. */
export class ImportError extends Error {
  override readonly name = "ImportError";
}

export type CustomerField = Extract<keyof ReturnType<typeof customer.sealedRow>, string> & FieldName;
type FieldName =
  | "surname"
  | "givenName"
  | "email"
  | "street"
  | "city"
  | "postalCode"
  | "country"
  | "phone"
  | "cardNumber"
  | "cardExpiry";

interface Common {
  /** User name with columns in braces. It is in the clear: build it of a customer number, not of a name. */
  readonly userName: string;
  /** Column of a one-time connection code, or of a person's reference; null: none, or the program finds it. */
  readonly connection: { readonly kind: "code" | "person"; readonly column: string } | null;
  /** Field → column. */
  readonly fields: Readonly<Partial<Record<FieldName, string>>>;
  /** Every column that is read. */
  readonly columns: readonly string[];
}
export type Mapping =
  | (Common & { readonly format: "csv"; readonly delimiter: string })
  | (Common & { readonly format: "json"; readonly rows: string | null });

/** @throws ImportError that names the key. */
export function readMapping(document: unknown): Mapping {
  const { format, rows, delimiter, userName, connection, fields, ...others } = objectAt(document, "the mapping");
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new ImportError(`the mapping has an unknown key "${unknown}"`);
  if (typeof userName !== "string" || userName === "")
    throw new ImportError('"userName" is a text such as "customer-{CustomerId}"');
  const named = readFields(fields);
  const connecting = connection === undefined ? null : readConnection(connection);
  const inUserName = [...userName.matchAll(/\{([^{}]+)\}/g)].map(([, column]) => column!);
  if (inUserName.length === 0)
    throw new ImportError('"userName" names no column in braces, so that every row would have the same');
  const columns = [
    ...new Set([...Object.values(named), ...inUserName, ...(connecting === null ? [] : [connecting.column])]),
  ];
  const common = { userName, connection: connecting, fields: named, columns };
  if (format === "csv") {
    if (rows !== undefined) throw new ImportError('"rows" is for JSON');
    if (
      delimiter !== undefined &&
      (typeof delimiter !== "string" || delimiter.length !== 1 || /["\r\n]/.test(delimiter))
    ) {
      throw new ImportError('"delimiter" is one character, such as ";"');
    }
    return { ...common, format, delimiter: delimiter ?? "," };
  }
  if (format !== "json") throw new ImportError('"format" is "csv" or "json"');
  if (delimiter !== undefined) throw new ImportError('"delimiter" is for CSV');
  if (rows !== undefined && typeof rows !== "string")
    throw new ImportError('"rows" is the name of the array that holds the rows');
  return { ...common, format, rows: rows ?? null };
}

function readFields(value: unknown): Partial<Record<FieldName, string>> {
  const fields = objectAt(value, '"fields"');
  for (const [field, column] of Object.entries(fields)) {
    if (!customer.fields.has(field))
      throw new ImportError(`a customer has no field "${field}"; it has: ${[...customer.fields.keys()].join(", ")}`);
    if (typeof column !== "string" || column === "") throw new ImportError(`"fields.${field}" is the name of a column`);
  }
  for (const needed of ["surname", "givenName", "email"]) {
    if (!Object.hasOwn(fields, needed))
      throw new ImportError(`"fields.${needed}" is missing: the shop cannot do without it`);
  }
  return fields;
}

function readConnection(value: unknown): Common["connection"] {
  const [entry, ...more] = Object.entries(objectAt(value, '"connection"'));
  const [kind, column] = entry ?? [];
  if (more.length > 0 || (kind !== "code" && kind !== "person") || typeof column !== "string") {
    throw new ImportError('"connection" is { "code": column } or { "person": column }');
  }
  return { kind, column };
}

function objectAt(value: unknown, where: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ImportError(`${where} is an object`);
}
