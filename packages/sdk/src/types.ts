/** Shapes of the client's calls. */
import type { Denied, Failed } from "./outcome.ts";
import type { PersonRef } from "./person.ts";
import type { FieldDeclarations, RowId, SealedRow, ValueOf, Values } from "./record.ts";

/** What data is used for. Ids of the vocabulary. */
export interface UsePurpose {
  readonly use: string;
  readonly purpose: string;
}

/**
 * `failures`: what becomes of a value that cannot be opened for another reason than a denial (damaged, moved,
 * agent away). "throw" (default): the call throws once everything is known. "values": a `Failed` stands in its field.
 */
export interface OpenOptions extends UsePurpose {
  readonly failures?: "throw" | "values";
}

type FailureOf<O extends OpenOptions> = O extends { readonly failures: "values" } ? Failed : never;
type Nothing = null | undefined;

type OpenedValue<S, Value, O extends OpenOptions> = S extends Nothing ? S : Value | Denied | FailureOf<O>;
/** An opened row: under each name a value or a denial. */
export type OpenedRow<F extends FieldDeclarations, Row, O extends OpenOptions> = {
  readonly [Name in keyof Row & keyof F]: OpenedValue<Row[Name], ValueOf<F[Name]>, O>;
};

/** Refuses names that are not fields of the record, at compile time. */
export type OnlyFields<F extends FieldDeclarations, Given> = {
  readonly [Name in Exclude<keyof Given, keyof F>]: never;
};

/** Where sealed values go, and where they came from. */
export interface SealPlace {
  readonly person: PersonRef | string;
  readonly row: RowId;
  /** How the controller came to the values: an id of the vocabulary, such as `subject.explicit`. */
  readonly provenance: string;
}

/** `refusals`: "throw" (default) throws `sdk.lease-refused`; "values" puts a `Denied` in the field. */
export interface SealOptions {
  readonly refusals?: "throw" | "values";
}

type RefusalOf<O extends SealOptions> = O extends { readonly refusals: "values" } ? Denied : never;
/** What sealing gives. */
export type SealResult<F extends FieldDeclarations, Given, O extends SealOptions> = {
  readonly [Name in keyof SealedRow<F, Given>]: SealedRow<F, Given>[Name] | RefusalOf<O>;
};

/** One row of `sealMany`. */
export interface SealJob<F extends FieldDeclarations, Given extends Values<F> = Values<F>> {
  readonly person: PersonRef | string;
  readonly row: RowId;
  readonly values: Given;
}
