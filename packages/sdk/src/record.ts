/** Records: what a controller stores about a person, declared once, with the data type of every field. */
import { StrongroomError } from "@strongroom/core/errors";
import { builtinVocabulary, type Vocabulary } from "@strongroom/core/vocabulary";
import { Sealed } from "./sealed.ts";

/** A data type for a text, or the long form for bytes. */
export type FieldDeclaration = string | { readonly type: string; readonly bytes?: boolean };
export type FieldDeclarations = Readonly<Record<string, FieldDeclaration>>;

export type TypeOf<D> = D extends string ? D : D extends { readonly type: infer T extends string } ? T : never;
export type ValueOf<D> = D extends { readonly bytes: true } ? Uint8Array : string;
type Nothing = null | undefined;

/** Values to seal: any of the fields; null and undefined stay what they are. */
export type Values<F extends FieldDeclarations> = { readonly [Name in keyof F]?: ValueOf<F[Name]> | Nothing };
/** A row as it is stored: any of the fields, sealed. */
export type SealedFields<F extends FieldDeclarations> = {
  readonly [Name in keyof F]?: Sealed<TypeOf<F[Name]>, ValueOf<F[Name]>> | Nothing;
};
/** The sealed row that a given set of values or columns makes. */
export type SealedRow<F extends FieldDeclarations, Given> = {
  readonly [Name in keyof Given & keyof F]: Sealed<TypeOf<F[Name]>, ValueOf<F[Name]>> | Extract<Given[Name], Nothing>;
};
/** Texts of columns as a database gives them. Columns that are no fields are left alone. */
export type Columns<F extends FieldDeclarations> = { readonly [Name in keyof F]?: string | Nothing };

/** A row's id in its table: 7 and "7" are the same row. Use a surrogate id, not personal data. */
export type RowId = string | number | bigint;

/** One declared field. */
export interface Field {
  readonly record: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: boolean;
}

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
/** Names that would hide what every object or promise has. */
const TAKEN = new Set(["constructor", "toString", "toLocaleString", "toJSON", "valueOf", "hasOwnProperty", "then"]);

/** A declared record. Make it with `defineRecord`. */
export class RecordSchema<F extends FieldDeclarations = FieldDeclarations> {
  readonly name: string;
  /** The fields by name, in the order of the declaration. */
  readonly fields: ReadonlyMap<string, Field>;

  /** @internal */
  constructor(name: string, fields: ReadonlyMap<string, Field>) {
    this.name = name;
    this.fields = fields;
    Object.freeze(this);
  }

  /** @throws StrongroomError `sdk.record` for a field that was not declared. */
  field(name: string): Field {
    const field = this.fields.get(name);
    if (field === undefined) {
      const known = [...this.fields.keys()].join(", ");
      throw new StrongroomError("sdk.record", `record "${this.name}" has no such field; it has: ${known}`);
    }
    return field;
  }

  /** A sealed value read back from its column. The text is checked when it is opened. */
  sealed<Name extends keyof F & string>(
    field: Name,
    text: string,
    row: RowId,
  ): Sealed<TypeOf<F[Name]>, ValueOf<F[Name]>> {
    return new Sealed(columnText(this.field(field), text), this.field(field), rowText(row));
  }

  /**
   * A row read back from the database: every column that is a field becomes a sealed value, nulls stay.
   * @throws StrongroomError `sdk.record` for a column that holds something other than text.
   */
  sealedRow<const C extends Columns<F>>(row: RowId, columns: C): SealedRow<F, C> {
    const id = rowText(row);
    const out: Record<string, unknown> = {};
    for (const [name, field] of this.fields) {
      const text = (columns as Record<string, unknown>)[name];
      if (text === undefined) continue;
      out[name] = text === null ? null : new Sealed(columnText(field, text), field, id);
    }
    return out as SealedRow<F, C>;
  }
}

/**
 * Declares a record: `defineRecord("customer", { surname: "identity.surname" })`.
 * Name of the record and names of the fields are part of what binds a value to its place: renaming them later
 * makes the stored values unreadable.
 * @throws StrongroomError `vocabulary.unknown-type` (with the nearest known id), `sdk.record` for a bad name.
 */
export function defineRecord<const F extends FieldDeclarations>(
  name: string,
  declarations: F,
  options: { readonly vocabulary?: Vocabulary } = {},
): RecordSchema<F> {
  const vocabulary = options.vocabulary ?? builtinVocabulary();
  if (!NAME.test(name)) throw badName("record", name);
  const fields = new Map<string, Field>();
  for (const [fieldName, declaration] of Object.entries(declarations)) {
    if (!NAME.test(fieldName) || TAKEN.has(fieldName)) throw badName("field", fieldName);
    const { type, bytes = false } = typeof declaration === "string" ? { type: declaration } : declaration;
    vocabulary.require("type", type);
    fields.set(fieldName, Object.freeze({ record: name, name: fieldName, type, bytes }));
  }
  if (fields.size === 0) throw new StrongroomError("sdk.record", `record "${name}" declares no field`);
  return new RecordSchema<F>(name, fields);
}

function badName(what: string, name: string): StrongroomError {
  const shown = JSON.stringify(name.slice(0, 64));
  return new StrongroomError(
    "sdk.record",
    `${shown} cannot be the name of a ${what}: a letter, then at most 63 letters, digits, "_" or "-", and none of ${[...TAKEN].join(", ")}`,
  );
}

/** @internal The one text of a row id. @throws StrongroomError `sdk.record` */
export function rowText(row: RowId): string {
  if (typeof row === "string" && row !== "") return row;
  if (typeof row === "bigint" || Number.isSafeInteger(row)) return String(row);
  throw new StrongroomError("sdk.record", "a row id is a text that is not empty or an exact integer");
}

function columnText(field: Field, text: unknown): string {
  if (typeof text === "string") return text;
  throw new StrongroomError(
    "sdk.record",
    `column ${field.record}.${field.name} does not hold text: sealed values are texts, null where there is none`,
  );
}
