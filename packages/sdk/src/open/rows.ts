/** From rows of sealed values to one list of values to open, and back to rows. */
import { StrongroomError } from "@strongroom/core/errors";
import { Failed } from "../outcome.ts";
import type { RecordSchema } from "../record.ts";
import { fieldOf, Sealed } from "../sealed.ts";
import type { Opened } from "./call.ts";

/**
 * Adds the sealed values of a row to `items`, in the order of its names.
 * @param record whose row it must be; null: any fields of any records
 * @throws StrongroomError `sdk.record`, `sdk.misplaced`: these are mistakes in the program, before anybody is asked
 */
export function collect(row: object, record: RecordSchema | null, items: Sealed[]): void {
  for (const name in row) {
    const value: unknown = (row as Record<string, unknown>)[name];
    const declared = record === null ? null : record.field(name);
    if (value === null || value === undefined) continue;
    if (!(value instanceof Sealed)) {
      throw new StrongroomError(
        "sdk.record",
        `"${name}" is not a sealed value: read columns back with record.sealedRow or record.sealed`,
      );
    }
    const field = fieldOf(value);
    if (field === null)
      throw new StrongroomError("sdk.misplaced", `"${name}" does not say which record, field and row it is from`);
    if (
      declared !== null &&
      (field.record !== declared.record || field.name !== declared.name || field.type !== declared.type)
    ) {
      throw new StrongroomError(
        "sdk.misplaced",
        `"${name}" of ${declared.record} (${declared.type}) was given a value of ${field.record}.${field.name} (${field.type})`,
      );
    }
    items.push(value);
  }
}

/** Takes what was opened, in the order in which it was collected. */
export class Outcomes {
  readonly #slots: readonly Opened[];
  #next = 0;

  constructor(slots: readonly Opened[]) {
    this.#slots = slots;
  }

  /** The row with what was opened in the place of what was sealed; nulls stay. */
  row(sealed: object): Record<string, Opened | null | undefined> {
    const out: Record<string, Opened | null | undefined> = {};
    for (const name in sealed) {
      const value: unknown = (sealed as Record<string, unknown>)[name];
      out[name] = value instanceof Sealed ? this.#slots[this.#next++] : (value as null | undefined);
    }
    return out;
  }
}

/** Throws the first failure, with how many there are. */
export function throwFailures(slots: readonly Opened[]): void {
  let first: Failed | null = null;
  let failures = 0;
  for (const slot of slots) {
    if (!(slot instanceof Failed)) continue;
    failures += 1;
    first ??= slot;
  }
  if (first === null) return;
  const { field, type } = first;
  const error: Error = first.error;
  // A mistake of ours has no code: it is passed on as it is.
  if (!(error instanceof StrongroomError)) throw error;
  throw new StrongroomError(
    error.code,
    `${field} (${type}): ${error.message}${failures > 1 ? `; ${failures} values failed` : ""}`,
    {
      cause: error,
      details: { ...error.details, field, type, failures },
    },
  );
}
