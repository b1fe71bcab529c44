/**
 * What a term of the vocabulary is, and the grammar of its id. Format: spec/vocabulary.md, sections 1 and 2.
 *
 * An id is the path without the root's name, so it alone tells where the term hangs: nothing else names a parent.
 */

/** The four closed vocabularies: what data is, how it is used, why, and where it came from. */
export type VocabularyKind = "type" | "use" | "purpose" | "provenance";

export const VOCABULARY_KINDS: readonly VocabularyKind[] = Object.freeze(["type", "use", "purpose", "provenance"]);

export interface Term {
  /** The path without the root's name, at most `ID_BYTES_MAX` bytes: `identity.given-name`. */
  readonly id: string;
  /** A few words for a person. */
  readonly label: string;
  /** One plain sentence for a person. */
  readonly sentence: string;
  /** Id of the term above, `null` for a root. */
  readonly parent: string | null;
  /** The W3C DPV 2.0 concept that is equal or the nearest wider one: `pd:` personal data, `dpv:` the main vocabulary. */
  readonly dpv?: string;
  /** Present on types that GDPR article 9 protects. What hangs below is protected too: ask `Vocabulary.specialCategory`. */
  readonly specialCategory?: true;
}

/** Longest id of any term, a deployment's own too. Ids are ASCII, so bytes are characters. */
export const ID_BYTES_MAX = 64;

/** Longest id of a built-in term: what a sealed object's header has room for within its promised overhead. */
export const BUILTIN_ID_BYTES_MAX = 34;

const ID = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*(?:\.[a-z][a-z0-9]*(?:-[a-z0-9]+)*)*$/;

/** The data types that have nothing above them. What is personal and not sensitive hangs under `personal`. */
const TYPE_ROOTS: ReadonlySet<string> = new Set(["personal", "sensitive", "nonpersonal"]);
const DROPPED_ROOT = "personal";

/** Whether a text is an id by its form: kebab-case segments joined by dots, no longer than `ID_BYTES_MAX`. */
export function isTermId(text: string): boolean {
  return text.length <= ID_BYTES_MAX && ID.test(text);
}

/** Ids leave out `personal`: `personal.identity` would be a second name for `identity`. */
export function namesDroppedRoot(kind: VocabularyKind, id: string): boolean {
  return kind === "type" && id.startsWith(`${DROPPED_ROOT}.`);
}

/** The id of the term above, `null` for a root. It does not say that there is such a term. */
export function parentOf(kind: VocabularyKind, id: string): string | null {
  const dot = id.lastIndexOf(".");
  if (dot > 0) return id.slice(0, dot);
  return kind === "type" && !TYPE_ROOTS.has(id) ? DROPPED_ROOT : null;
}
