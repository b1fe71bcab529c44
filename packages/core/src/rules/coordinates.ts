/**
 * A vocabulary as small integers, which is what compiled rules hold. A term is its number in the vocabulary's walk;
 * it covers the numbers up to the last one below it. Made once per vocabulary, shared by all its indexes.
 */
import type { Vocabulary, VocabularyKind } from "../vocabulary/index.ts";

export interface Place {
  readonly number: number;
  /** Numbers of the term itself and of all above it, itself first. */
  readonly chain: Uint16Array;
}

export interface Axis {
  readonly places: ReadonlyMap<string, Place>;
  /** By number: the last number that the term covers. */
  readonly last: Uint16Array;
}

export type Coordinates = Readonly<Record<VocabularyKind, Axis>>;

/** A vocabulary never changes once made, so its coordinates may be kept for as long as it lives. */
const made = new WeakMap<Vocabulary, Coordinates>();

export function coordinatesOf(vocabulary: Vocabulary): Coordinates {
  let coordinates = made.get(vocabulary);
  if (coordinates === undefined) {
    const [type, use] = [axisOf(vocabulary, "type"), axisOf(vocabulary, "use")];
    const [purpose, provenance] = [axisOf(vocabulary, "purpose"), axisOf(vocabulary, "provenance")];
    made.set(vocabulary, (coordinates = Object.freeze({ type, use, purpose, provenance })));
  }
  return coordinates;
}

/** Numbers are packed into 16 bits. */
const TERMS_MAX = 65_536;

function axisOf(vocabulary: Vocabulary, kind: VocabularyKind): Axis {
  const terms = vocabulary.terms(kind);
  if (terms.length > TERMS_MAX) throw new RangeError(`more than ${TERMS_MAX} terms of one kind`);
  const places = new Map<string, Place>();
  const last = new Uint16Array(terms.length);
  for (const { id } of terms) {
    const number = vocabulary.number(kind, id);
    const chain = Uint16Array.from(vocabulary.ancestors(kind, id), (above) => vocabulary.number(kind, above.id));
    places.set(id, Object.freeze({ number, chain }));
    last[number] = vocabulary.interval(kind, id)[1];
  }
  return Object.freeze({ places, last });
}
