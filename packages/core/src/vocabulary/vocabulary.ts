/**
 * A vocabulary: four trees of terms with a version. A rule that names a term covers everything below it.
 * Format: spec/vocabulary.md. A vocabulary never changes once made, and two with the same version hold the same terms.
 */
import { StrongroomError, type ErrorCode } from "../errors.ts";
import { nearestId } from "./nearest.ts";
import { PROVENANCES } from "./provenances.ts";
import { PURPOSES } from "./purposes.ts";
import { ID_BYTES_MAX, VOCABULARY_KINDS, type Term, type VocabularyKind } from "./term.ts";
import { buildTree, type Interval, type TermTree, type TreeNode } from "./tree.ts";
import { TYPES } from "./types.ts";
import { USES } from "./uses.ts";

/** Version of the built-in terms: the second number grows when terms are added, the first if ever one were changed. */
export const BUILTIN_VERSION = "1.0";

/** The terms of each kind, in any order; siblings keep theirs. */
export type TermLists = Readonly<Record<VocabularyKind, readonly Term[]>>;

export class Vocabulary {
  readonly version: string;
  readonly #trees: Readonly<Record<VocabularyKind, TermTree>>;

  /** Use `builtinVocabulary` or `extendVocabulary`: this constructor trusts its terms. */
  constructor(version: string, terms: TermLists) {
    this.version = version;
    this.#trees = {
      type: buildTree(terms.type),
      use: buildTree(terms.use),
      purpose: buildTree(terms.purpose),
      provenance: buildTree(terms.provenance),
    };
    Object.freeze(this);
  }

  /** Whether there is such a term. Takes anything, answers without work that grows with the text. */
  has(kind: VocabularyKind, id: string): boolean {
    return this.#trees[kind].nodes.has(id);
  }

  /** The term, or `undefined` where there is none. */
  term(kind: VocabularyKind, id: string): Term | undefined {
    return this.#trees[kind].nodes.get(id)?.term;
  }

  /**
   * The term, or an error that names the nearest known id. Everything below refuses unknown ids in the same way: an
   * unknown id in a denial must not read as "covers nothing".
   *
   * The error costs a search through the kind's ids (a millisecond or two, up to ten for a text made to be slow), so a
   * caller that checks a batch from the network stops at the first, or asks `has`.
   * @throws StrongroomError `vocabulary.unknown-type`, `-use`, `-purpose` or `-provenance`, with `details`
   * `{ given, nearest }`; both are `null` for what cannot be an id by its length or characters.
   */
  require(kind: VocabularyKind, id: string): Term {
    return this.#node(kind, id).term;
  }

  /** All terms of the kind; the place of each is its `number`. */
  terms(kind: VocabularyKind): readonly Term[] {
    return this.#trees[kind].terms;
  }

  /** The terms that have nothing above them. */
  roots(kind: VocabularyKind): readonly Term[] {
    return this.#trees[kind].roots;
  }

  /** The terms directly below. */
  children(kind: VocabularyKind, id: string): readonly Term[] {
    return this.#node(kind, id).children;
  }

  /** The term itself first, then what is above it, the root last. */
  ancestors(kind: VocabularyKind, id: string): readonly Term[] {
    return this.#node(kind, id).ancestors;
  }

  /** The term itself first, then all below it, in the order of their numbers. */
  descendants(kind: VocabularyKind, id: string): readonly Term[] {
    const [first, last] = this.#node(kind, id).interval;
    return this.#trees[kind].terms.slice(first, last + 1);
  }

  /** Whether a rule on `ancestor` reaches `id`: they are the same, or `id` hangs below. */
  covers(kind: VocabularyKind, ancestor: string, id: string): boolean {
    const [first, last] = this.#node(kind, ancestor).interval;
    const { number } = this.#node(kind, id);
    return first <= number && number <= last;
  }

  /** A number from 0 to the count of the kind's terms less one; fixed for this object, not for the next version. */
  number(kind: VocabularyKind, id: string): number {
    return this.#node(kind, id).number;
  }

  /** First and last `number` of the term and all below it: `covers(a, b)` is `first(a) <= number(b) <= last(a)`. */
  interval(kind: VocabularyKind, id: string): Interval {
    return this.#node(kind, id).interval;
  }

  /** Whether GDPR article 9 protects the data type: it or one above it is marked. */
  specialCategory(typeId: string): boolean {
    return this.#node("type", typeId).special;
  }

  /**
   * Whether a rule on the data type reaches any special category: `biometric` is not one, and covers fingerprints.
   * What asks a person for consent to a node wants this one.
   */
  coversSpecialCategory(typeId: string): boolean {
    return this.descendants("type", typeId).some((term) => this.specialCategory(term.id));
  }

  #node(kind: VocabularyKind, id: string): TreeNode {
    const { nodes, terms } = this.#trees[kind];
    return nodes.get(id) ?? refuseUnknown(kind, id, terms);
  }
}

const UNKNOWN = {
  type: ["vocabulary.unknown-type", "data type"],
  use: ["vocabulary.unknown-use", "use"],
  purpose: ["vocabulary.unknown-purpose", "purpose"],
  provenance: ["vocabulary.unknown-provenance", "provenance"],
} as const satisfies Record<VocabularyKind, readonly [ErrorCode, string]>;

/** What may be repeated in a message: letters, digits, separators. Anything else may be a value in the wrong place. */
const SHOWABLE = /^[A-Za-z0-9._:/-]+$/;

function refuseUnknown(kind: VocabularyKind, id: unknown, terms: readonly Term[]): never {
  const [code, noun] = UNKNOWN[kind];
  if (typeof id !== "string" || id.length > ID_BYTES_MAX || !SHOWABLE.test(id)) {
    const message = `not a known ${noun}, and not the form of one (at most ${ID_BYTES_MAX} bytes such as "a-b.c")`;
    throw new StrongroomError(code, message, { details: { given: null, nearest: null } });
  }
  const ids = terms.map((term) => term.id);
  const nearest = nearestId(id, ids);
  throw new StrongroomError(code, `unknown ${noun} "${id}"; did you mean "${nearest}"?`, {
    details: { given: id, nearest },
  });
}

let builtin: Vocabulary | undefined;

/** The vocabulary that comes with Strongroom: always the same frozen object. */
export function builtinVocabulary(): Vocabulary {
  return (builtin ??= new Vocabulary(BUILTIN_VERSION, {
    type: TYPES,
    use: USES,
    purpose: PURPOSES,
    provenance: PROVENANCES,
  }));
}

/** The terms of every kind, to make a larger vocabulary of them. */
export function termLists(vocabulary: Vocabulary): TermLists {
  const lists = VOCABULARY_KINDS.map((kind) => [kind, vocabulary.terms(kind)] as const);
  return Object.fromEntries(lists) as Record<VocabularyKind, readonly Term[]>;
}
