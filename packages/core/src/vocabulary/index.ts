/** The closed vocabularies: data types, uses, purposes and provenances. Format: spec/vocabulary.md. */
export {
  BUILTIN_ID_BYTES_MAX,
  ID_BYTES_MAX,
  isTermId,
  VOCABULARY_KINDS,
  type Term,
  type VocabularyKind,
} from "./term.ts";
export { builtinVocabulary, Vocabulary } from "./vocabulary.ts";
export { extendVocabulary } from "./extend.ts";
export type { Interval } from "./tree.ts";
