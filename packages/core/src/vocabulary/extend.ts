/**
 * A deployment's own terms, read from its JSON file. Format: spec/vocabulary.md, section 5.
 *
 * The file is the operator's and still read as untrusted: size first, then form, then meaning, each mistake with the
 * JSON path where it is. An extension may only add: what a rule or a sealed object already names keeps its meaning.
 */
import { StrongroomError, type ErrorCode } from "../errors.ts";
import { nearestId } from "./nearest.ts";
import {
  ID_BYTES_MAX,
  isTermId,
  namesDroppedRoot,
  parentOf,
  VOCABULARY_KINDS,
  type Term,
  type VocabularyKind,
} from "./term.ts";
import { termLists, Vocabulary } from "./vocabulary.ts";

/** Terms that one document may add, over all kinds. */
export const ADDED_TERMS_MAX = 2000;
export const LABEL_BYTES_MAX = 120;
export const SENTENCE_BYTES_MAX = 400;
export const VERSION_BYTES_MAX = 32;

const LIST_OF: Readonly<Record<VocabularyKind, string>> = {
  type: "types",
  use: "uses",
  purpose: "purposes",
  provenance: "provenances",
};

const VERSION = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const DPV_CONCEPT = /^(?:dpv|pd):[A-Z][A-Za-z0-9]{0,63}$/;
/** Control characters and marks that turn the direction of text: a label stands on a page that asks for consent. */
const UNSHOWABLE = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u;

/**
 * A new vocabulary: the base's terms and those of the document; the base stays as it is. Versions are joined by `+`.
 * @param document what `JSON.parse` gave for the deployment's file
 * @throws StrongroomError with `details.path`: `vocabulary.bad-document` (a key or value of another form),
 * `vocabulary.bad-id`, `vocabulary.duplicate-id`, `vocabulary.unknown-parent`, `vocabulary.over-limit`.
 */
export function extendVocabulary(base: Vocabulary, document: unknown): Vocabulary {
  const fields = readObject(document, "$", ["version", ...Object.values(LIST_OF)]);
  const version = readVersion(fields.get("version"), "$.version");
  const lists = VOCABULARY_KINDS.map((kind) => ({ kind, path: `$.${LIST_OF[kind]}`, items: readList(fields, kind) }));

  const count = lists.reduce((sum, { items }) => sum + items.length, 0);
  if (count > ADDED_TERMS_MAX) {
    refuse("vocabulary.over-limit", "$", `adds ${count} terms; at most ${ADDED_TERMS_MAX} may be added`);
  }

  const terms = termLists(base);
  const extended = { ...terms };
  for (const { kind, path, items } of lists) {
    const added = items.map((item, index) => readTerm(kind, item, `${path}[${index}]`));
    refuseDuplicates(base, kind, added, path);
    refuseOrphans(base, kind, added, path);
    extended[kind] = [...terms[kind], ...added];
  }
  return new Vocabulary(`${base.version}+${version}`, extended);
}

function readList(fields: ReadonlyMap<string, unknown>, kind: VocabularyKind): readonly unknown[] {
  const list = fields.get(LIST_OF[kind]);
  if (list === undefined) return [];
  if (!Array.isArray(list)) refuse("vocabulary.bad-document", `$.${LIST_OF[kind]}`, "must be a list of terms");
  return list;
}

function readTerm(kind: VocabularyKind, item: unknown, path: string): Term {
  const known = ["id", "label", "sentence", "dpv", ...(kind === "type" ? ["specialCategory"] : [])];
  const fields = readObject(item, path, known);
  const id = readId(kind, fields.get("id"), `${path}.id`);
  const dpv = fields.get("dpv");
  const special = fields.get("specialCategory");
  if (dpv !== undefined && (typeof dpv !== "string" || !DPV_CONCEPT.test(dpv))) {
    refuse("vocabulary.bad-document", `${path}.dpv`, 'must be a DPV concept such as "pd:Location" or "dpv:Marketing"');
  }
  if (special !== undefined && special !== true) {
    // `false` below a marked term would have no effect, and its author would believe that it has.
    refuse("vocabulary.bad-document", `${path}.specialCategory`, "must be true, or be left out");
  }
  return Object.freeze({
    id,
    label: readText(fields.get("label"), `${path}.label`, LABEL_BYTES_MAX),
    sentence: readText(fields.get("sentence"), `${path}.sentence`, SENTENCE_BYTES_MAX),
    parent: parentOf(kind, id),
    ...(dpv !== undefined && { dpv }),
    ...(special === true && { specialCategory: true as const }),
  });
}

function readId(kind: VocabularyKind, value: unknown, path: string): string {
  if (typeof value !== "string") refuse("vocabulary.bad-id", path, "must be a text");
  if (Buffer.byteLength(value) > ID_BYTES_MAX) {
    refuse("vocabulary.over-limit", path, `is longer than ${ID_BYTES_MAX} bytes`);
  }
  if (!isTermId(value)) {
    refuse(
      "vocabulary.bad-id",
      path,
      'must be lower-case kebab segments joined by dots, such as "vehicle.plate-number"',
    );
  }
  if (namesDroppedRoot(kind, value)) {
    refuse("vocabulary.bad-id", path, `leaves out the root's name: write "${value.slice(value.indexOf(".") + 1)}"`);
  }
  return value;
}

function refuseDuplicates(base: Vocabulary, kind: VocabularyKind, added: readonly Term[], path: string): void {
  const seen = new Map<string, number>();
  for (const [index, { id }] of added.entries()) {
    const earlier = seen.get(id);
    const where = `${path}[${index}].id`;
    if (base.has(kind, id)) {
      refuse("vocabulary.duplicate-id", where, `"${id}" is there already; an extension may only add`);
    }
    if (earlier !== undefined)
      refuse("vocabulary.duplicate-id", where, `"${id}" stands at ${path}[${earlier}] already`);
    seen.set(id, index);
  }
}

function refuseOrphans(base: Vocabulary, kind: VocabularyKind, added: readonly Term[], path: string): void {
  const ids = new Set([...base.terms(kind), ...added].map((term) => term.id));
  for (const [index, { id, parent }] of added.entries()) {
    if (parent !== null && !ids.has(parent)) {
      const nearest = nearestId(parent, ids);
      const problem = `"${id}" hangs from "${parent}", which is not there; did you mean "${nearest}"?`;
      refuse("vocabulary.unknown-parent", `${path}[${index}].id`, problem, { given: parent, nearest });
    }
  }
}

function readVersion(value: unknown, path: string): string {
  if (typeof value !== "string" || !VERSION.test(value)) {
    refuse("vocabulary.bad-document", path, 'must be a text of letters, digits, ".", "_" and "-", such as "acme-3"');
  }
  if (value.length > VERSION_BYTES_MAX) {
    refuse("vocabulary.over-limit", path, `is longer than ${VERSION_BYTES_MAX} bytes`);
  }
  return value;
}

function readText(value: unknown, path: string, bytesMax: number): string {
  if (typeof value !== "string" || value.trim() === "") refuse("vocabulary.bad-document", path, "must be a text");
  if (Buffer.byteLength(value) > bytesMax) refuse("vocabulary.over-limit", path, `is longer than ${bytesMax} bytes`);
  if (!value.isWellFormed() || UNSHOWABLE.test(value)) {
    refuse(
      "vocabulary.bad-document",
      path,
      "has characters that cannot be shown (line breaks, control or direction marks)",
    );
  }
  return value;
}

/** A snapshot of an object's own fields, each read once; any other key is refused, so that a mistyped one is found. */
function readObject(value: unknown, path: string, known: readonly string[]): ReadonlyMap<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    refuse("vocabulary.bad-document", path, "must be an object");
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  for (const key of fields.keys()) {
    if (known.includes(key)) continue;
    const where = isTermId(key) ? `${path}.${key}` : path;
    refuse("vocabulary.bad-document", where, `has a key that is none of ${known.join(", ")}`);
  }
  return fields;
}

function refuse(code: ErrorCode, path: string, problem: string, facts: Readonly<Record<string, unknown>> = {}): never {
  throw new StrongroomError(code, `vocabulary extension: ${path} ${problem}`, { details: { path, ...facts } });
}
