/** Subsumption and numbering against a model that only looks at the ids. */
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { builtinVocabulary, VOCABULARY_KINDS, type Term, type VocabularyKind } from "@strongroom/core/vocabulary";
import { parentOf } from "../../src/vocabulary/term.ts";
import { buildTree } from "../../src/vocabulary/tree.ts";
import { Vocabulary } from "../../src/vocabulary/vocabulary.ts";

/** The definition: the same, or a path that begins with it; `personal` is the root that paths leave out. */
function modelCovers(kind: VocabularyKind, ancestor: string, id: string): boolean {
  if (ancestor === id || id.startsWith(`${ancestor}.`)) return true;
  const [root] = id.split(".");
  return kind === "type" && ancestor === "personal" && root !== "sensitive" && root !== "nonpersonal";
}

const term = (kind: VocabularyKind, id: string, special = false): Term => ({
  id,
  label: id,
  sentence: id,
  parent: parentOf(kind, id),
  ...(special && { specialCategory: true as const }),
});

/** A forest given by the parent of each node (an earlier one, or none), in any order, some types marked. */
const vocabularies = fc
  .record({
    parents: fc.array(fc.nat(), { maxLength: 40 }),
    marks: fc.infiniteStream(fc.boolean()),
    order: fc.infiniteStream(fc.nat()),
  })
  .map(({ parents, marks, order }) => {
    const ids: string[] = [];
    // Segments that begin alike: `a` must not cover `a-1` or `aa`.
    for (const [index, parent] of parents.entries()) {
      const above = ids[parent % (ids.length + 1)];
      const segment = index % 2 === 0 ? `a${"a".repeat(index)}` : `a-${index}`;
      ids.push(above === undefined ? segment : `${above}.${segment}`);
    }
    const shuffled = ids
      .map((id) => [order.next().value as number, id] as const)
      .sort(([a], [b]) => a - b)
      .map(([, id]) => id);
    const types = [term("type", "personal"), term("type", "sensitive"), term("type", "nonpersonal")];
    return new Vocabulary("test", {
      type: [...shuffled.map((id) => term("type", id, marks.next().value && id.length % 3 === 0)), ...types],
      use: shuffled.map((id) => term("use", id)),
      purpose: [],
      provenance: [],
    });
  });

function checkKind(vocabulary: Vocabulary, kind: VocabularyKind): void {
  const terms = vocabulary.terms(kind);
  const ids = terms.map(({ id }) => id);
  assert.deepEqual(
    ids.map((id) => vocabulary.number(kind, id)),
    [...ids.keys()],
    "numbers are dense and name places in terms()",
  );
  for (const a of ids) {
    const [first, last] = vocabulary.interval(kind, a);
    for (const [number, b] of ids.entries()) {
      const expected = modelCovers(kind, a, b);
      assert.equal(vocabulary.covers(kind, a, b), expected, `${a} covers ${b}`);
      assert.equal(first <= number && number <= last, expected, `interval of ${a} and ${b}`);
    }
    const idsOf = (list: readonly Term[]) => list.map(({ id }) => id);
    const ancestors = idsOf(vocabulary.ancestors(kind, a));
    assert.equal(ancestors[0], a);
    assert.deepEqual(ancestors.toSorted(), ids.filter((b) => modelCovers(kind, b, a)).toSorted());
    for (const [child, parent] of pairs(ancestors)) assert.equal(vocabulary.require(kind, child).parent, parent);
    assert.deepEqual(
      idsOf(vocabulary.descendants(kind, a)),
      ids.filter((b) => modelCovers(kind, a, b)),
    );
    assert.deepEqual(
      idsOf(vocabulary.children(kind, a)),
      ids.filter((b) => parentOf(kind, b) === a),
    );
  }
  assert.deepEqual(
    vocabulary.roots(kind),
    terms.filter(({ parent }) => parent === null),
  );
}

function pairs<T>(list: readonly T[]): (readonly [T, T])[] {
  return list.slice(1).map((item, index) => [list[index]!, item] as const);
}

describe("a tree", () => {
  test("of any shape covers, counts and lists as the ids say", () => {
    fc.assert(
      fc.property(vocabularies, (vocabulary) => {
        for (const kind of VOCABULARY_KINDS) checkKind(vocabulary, kind);
      }),
      { numRuns: 150 },
    );
  });

  for (const kind of VOCABULARY_KINDS) {
    test(`of the built-in ${kind} terms does too`, () => checkKind(builtinVocabulary(), kind));
  }

  test("passes a special category down, never up or sideways", () => {
    fc.assert(
      fc.property(vocabularies, (vocabulary) => {
        const ids = vocabulary.terms("type").map(({ id }) => id);
        const marked = vocabulary.terms("type").filter(({ specialCategory }) => specialCategory);
        for (const id of ids) {
          const special = marked.some((above) => modelCovers("type", above.id, id));
          assert.equal(vocabulary.specialCategory(id), special, id);
          const covers = special || marked.some((below) => modelCovers("type", id, below.id));
          assert.equal(vocabulary.coversSpecialCategory(id), covers, id);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("of terms that are repeated, or hang from nothing, is refused", () => {
    const a = term("use", "a");
    assert.throws(() => buildTree([a, a]), TypeError);
    assert.throws(() => buildTree([a, term("use", "b.c")]), TypeError);
    assert.throws(
      () =>
        buildTree([
          { ...a, parent: "b" },
          { ...a, id: "b", parent: "a" },
        ]),
      TypeError,
    );
    assert.equal(buildTree([]).terms.length, 0);
  });

  test("cannot be changed through what it returns", () => {
    const vocabulary = builtinVocabulary();
    for (const list of [
      vocabulary.terms("use"),
      vocabulary.roots("use"),
      vocabulary.children("use", "communicate"),
      vocabulary.ancestors("use", "communicate.email"),
      vocabulary.interval("use", "communicate"),
    ]) {
      assert.ok(Object.isFrozen(list));
    }
  });
});
