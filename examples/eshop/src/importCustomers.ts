/**
 * Taking over customers that the shop already has, from a CSV or JSON file: each is sealed under the person whom the
 * row connects to. A row that connects to nobody waits: it is reported by its number and stays in the file, because
 * without a person there is no key to seal it under, and in the clear the shop stores nothing.
 */
import { isDenied, PersonRef, StrongroomError } from "@strongroom/sdk";
import { withoutDenials, type Details } from "./customers/signUp.ts";
import * as fields from "./customers/fields.ts";
import { newWelcome } from "./customers/welcome.ts";
import { newId } from "./effects.ts";
import type { Mapping } from "./import/mapping.ts";
import { rowsOf, type ReadRow, type SourceRow } from "./import/rows.ts";
import type { Parts } from "./parts.ts";
import { customer, PROVENANCES } from "./records.ts";
import { readForm, type Field } from "./web/fields.ts";
import { inWords, isAway } from "./words.ts";

export { ImportError, readMapping, type Mapping } from "./import/mapping.ts";

/** Rows connected, sealed and stored together. */
const BATCH = 50;

/** How a row's person is found: a one-time code that they made for this shop, or the reference of one who is connected. */
export type Connection = { readonly code: string } | { readonly person: string };

export interface ImportOptions {
  readonly file: string;
  readonly mapping: Mapping;
  /** Finds a row's person where the mapping names no column for it; null: nobody yet. */
  readonly connectionOf?: (columns: SourceRow, row: number) => Connection | null | Promise<Connection | null>;
  /** Told of every row, in the order in which they are done. */
  readonly onRow?: (note: RowNote) => void;
}

export interface RowNote {
  /** From 1; a header line is none. */
  readonly row: number;
  readonly outcome: "taken" | "waiting" | "skipped";
  /** Why it was not taken, or what of it was left out. Names fields, never what is in them. */
  readonly reason: string | null;
  /** The new customer's user name, and the code with which they choose a password; it is in no other place. */
  readonly welcome?: { readonly userName: string; readonly code: string };
  /** Reference of a person whose code was used up although the row was skipped: keep it for the next try. */
  readonly person?: string;
}

export type ImportTotals = { readonly taken: number; readonly waiting: number; readonly skipped: number };

/** A row on its way in. */
interface Candidate {
  readonly row: number;
  readonly userName: string;
  readonly details: Details;
  readonly connection: Connection;
}

/** @throws ImportError where the file cannot be read on; rows before are stored, and taken as known the next time. */
export async function importCustomers(parts: Parts, options: ImportOptions): Promise<ImportTotals> {
  const totals = { taken: 0, waiting: 0, skipped: 0 };
  const note = (done: RowNote) => {
    totals[done.outcome] += 1;
    options.onRow?.(done);
  };
  let batch: Candidate[] = [];
  for await (const read of rowsOf(options.file, options.mapping)) {
    const candidate = await examine(parts, read, options);
    if ("outcome" in candidate) {
      note(candidate);
      continue;
    }
    const twice = batch.some(({ userName }) => userName === candidate.userName);
    if (twice) note({ row: candidate.row, outcome: "skipped", reason: "another row has the same user name" });
    else batch.push(candidate);
    if (batch.length === BATCH) {
      for (const done of await store(parts, batch)) note(done);
      batch = [];
    }
  }
  for (const done of await store(parts, batch)) note(done);
  return totals;
}

/** What can be said of a row before anybody is asked. */
async function examine(
  { store: { customers }, effects }: Parts,
  read: ReadRow,
  { mapping, connectionOf }: ImportOptions,
): Promise<Candidate | RowNote> {
  const { row } = read;
  const skipped = (reason: string): RowNote => ({ row, outcome: "skipped", reason });
  if ("problem" in read) return skipped(read.problem);
  const { columns } = read;
  const userName = mapping.userName
    .replace(/\{([^{}]+)\}/g, (_, column: string) => columns.get(column) ?? "")
    .toLowerCase();
  const wrongName = fields.userName.check(userName);
  if (wrongName !== null) return skipped(`user name: ${wrongName}`);
  if (customers.byUserName(userName) !== null) return skipped("a customer with this user name is there already");

  const values = Object.fromEntries(
    Object.entries(mapping.fields).map(([field, column]) => [field, columns.get(column) ?? ""]),
  );
  const form = readForm(IMPORTED, values, effects.now());
  const [wrong] = Object.entries(form.errors);
  if (wrong !== undefined) return skipped(`${wrong[0]}: ${wrong[1]}`);

  const connection = await connectionIn(columns, row, mapping, connectionOf);
  if (connection === null)
    return { row, outcome: "waiting", reason: "it connects to nobody yet: ask the customer for a Strongroom code" };
  const details = Object.fromEntries(
    Object.entries(form.values).map(([name, value]) => [name, value === "" ? null : value]),
  );
  return { row, userName, connection, details: details as unknown as Details };
}

async function connectionIn(
  columns: SourceRow,
  row: number,
  { connection }: Mapping,
  connectionOf: ImportOptions["connectionOf"],
): Promise<Connection | null> {
  if (connection === null) return (await connectionOf?.(columns, row)) ?? null;
  const text = (columns.get(connection.column) ?? "").trim();
  if (text === "") return (await connectionOf?.(columns, row)) ?? null;
  return connection.kind === "code" ? { code: text } : { person: text };
}

async function store(parts: Parts, batch: readonly Candidate[]): Promise<RowNote[]> {
  return await Promise.all(batch.map((candidate) => takeOver(parts, candidate)));
}

/** Connects, seals and stores one row. The SDK asks for the leases of concurrent calls together. */
async function takeOver(
  { store, strongroom, effects }: Parts,
  { row, userName, details, connection }: Candidate,
): Promise<RowNote> {
  let person: PersonRef | null = null;
  try {
    person =
      "person" in connection ? PersonRef.from(connection.person) : await strongroom.connectPerson(connection.code);
    const id = newId(effects);
    const sealed = await strongroom.seal(customer, { person, row: id, provenance: PROVENANCES.file }, details, {
      refusals: "values",
    });
    const refused = Object.values(sealed).filter(isDenied);
    const words = refused.map((each) => `${each.field} (${inWords(each)})`).join(", ");
    const spent = "code" in connection ? { person: person.text } : {};
    const { surname, givenName, email } = sealed;
    if (isDenied(surname) || isDenied(givenName) || isDenied(email)) {
      return { row, outcome: "skipped", reason: `the person's rules do not let the shop keep ${words}`, ...spent };
    }
    const welcome = newWelcome(effects);
    const added = {
      id,
      userName,
      passwordHash: null,
      person: person.text,
      createdAt: effects.now(),
      sealed: withoutDenials(sealed),
      welcome,
    };
    const number = store.customers.add(added);
    if (number === null)
      return { row, outcome: "skipped", reason: "a customer with this user name is there already", ...spent };
    const reason = refused.length === 0 ? null : `left out: ${words}`;
    return { row, outcome: "taken", reason, welcome: { userName, code: welcome.code } };
  } catch (error) {
    const spent = person !== null && "code" in connection ? { person: person.text } : {};
    return { row, outcome: "skipped", reason: failure(error), ...spent };
  }
}

function failure(error: unknown): string {
  if (!(error instanceof StrongroomError)) throw error;
  if (isAway(error)) return "the person's agent cannot be reached just now";
  switch (error.code) {
    case "connection.unknown":
      return "the Strongroom code was used before, is too old, or was made for another shop";
    case "sdk.person":
      return "what should connect the row is neither a code nor a reference";
    case "sdk.agent-not-pinned":
      return "the person's agent is not one that this shop knows";
    default:
      return `it could not be sealed (${error.code})`;
  }
}

/** A customer who bought before may lack what a new one has to give. */
const optional = <F extends Field>(field: F) => ({ ...field, optional: true }) as const;
const IMPORTED = {
  givenName: fields.contact.givenName,
  surname: fields.contact.surname,
  email: fields.contact.email,
  phone: fields.contact.phone,
  street: optional(fields.address.street),
  postalCode: optional(fields.address.postalCode),
  city: optional(fields.address.city),
  country: optional(fields.address.country),
  cardNumber: optional(fields.card.cardNumber),
  cardExpiry: optional(fields.card.cardExpiry),
} as const;
