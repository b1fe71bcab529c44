/**
 * The built-in terms are written as tables, one term in one line, so that a tree can be read at a glance:
 * `id | label | sentence | DPV concept | special category`, the last two left out where there is none.
 */
import { BUILTIN_ID_BYTES_MAX, isTermId, parentOf, type Term, type VocabularyKind } from "./term.ts";

const SPECIAL = "special category";

/** Reads a built-in table. A malformed line is a mistake in this package, found when the module is first used. */
export function termRows(kind: VocabularyKind, table: string): readonly Term[] {
  return table
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => termRow(kind, line));
}

function termRow(kind: VocabularyKind, line: string): Term {
  const [id = "", label = "", sentence = "", dpv = "", special = "", ...more] = line
    .split("|")
    .map((cell) => cell.trim());
  const wellFormed = isTermId(id) && id.length <= BUILTIN_ID_BYTES_MAX && label !== "" && sentence !== "";
  if (!wellFormed || more.length > 0 || (special !== "" && special !== SPECIAL)) {
    throw new TypeError(`the built-in ${kind} table has a malformed line: ${line}`);
  }
  return Object.freeze({
    id,
    label,
    sentence,
    parent: parentOf(kind, id),
    ...(dpv !== "" && { dpv }),
    ...(special === SPECIAL && { specialCategory: true as const }),
  });
}
