/** "Did you mean": the distance against a model written as its definition, and cases that people meet. */
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { builtinVocabulary, type VocabularyKind } from "@strongroom/core/vocabulary";
import { editDistance, MISSING_WORD_COST, nearestId, wordsOf } from "../../src/vocabulary/nearest.ts";

const editsOf = new Map<string, number>();

/** Optimal string alignment, from its recurrence; each pair is computed once, or long words would take for ever. */
function modelEdits(a: string, b: string): number {
  if (a === "" || b === "") return a.length + b.length;
  const pair = `${a}|${b}`;
  const before = editsOf.get(pair);
  if (before !== undefined) return before;
  const [restA, restB] = [a.slice(1), b.slice(1)];
  const same = a[0] === b[0] ? 0 : 1;
  const costs = [modelEdits(restA, restB) + same, modelEdits(restA, b) + 1, modelEdits(a, restB) + 1];
  if (a.length > 1 && b.length > 1 && a[0] === b[1] && a[1] === b[0]) {
    costs.push(modelEdits(a.slice(2), b.slice(2)) + 1);
  }
  editsOf.set(pair, Math.min(...costs));
  return Math.min(...costs);
}

/** The documented distance of two lists of words, from its recurrence. */
function modelDistance(given: readonly string[], known: readonly string[]): number {
  const [word, ...words] = given;
  const [other, ...others] = known;
  if (word === undefined) return known.length * MISSING_WORD_COST;
  if (other === undefined) return given.join("").length;
  return Math.min(
    modelDistance(words, others) + modelEdits(word, other),
    modelDistance(words, known) + word.length,
    modelDistance(given, others) + MISSING_WORD_COST,
  );
}

const words = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 4 });
const ids = fc.array(words, { minLength: 1, maxLength: 3 }).map((list) => list.join("."));

const nearestTo = (kind: VocabularyKind, given: string) =>
  nearestId(
    given,
    builtinVocabulary()
      .terms(kind)
      .map(({ id }) => id),
  );

describe("the edit distance", () => {
  test("is that of its definition", () => {
    const texts = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 5 });
    fc.assert(fc.property(texts, texts, (a, b) => assert.equal(editDistance(a, b), modelEdits(a, b))));
  });

  for (const [a, b, distance] of [
    ["", "", 0],
    ["", "abc", 3],
    ["email", "eamil", 1],
    ["ca", "abc", 3],
    ["health", "helth", 1],
  ] as const) {
    test(`of "${a}" and "${b}" is ${distance}`, () => assert.equal(editDistance(a, b), distance));
  }
});

describe("the nearest id", () => {
  test("is the first of least distance", () => {
    fc.assert(
      fc.property(ids, fc.array(ids, { maxLength: 6 }), (given, known) => {
        const distances = known.map((id) => modelDistance(wordsOf(given), wordsOf(id)));
        const expected = known[distances.indexOf(Math.min(...distances))] ?? null;
        assert.equal(nearestId(given, known), expected);
      }),
      { numRuns: 400 },
    );
  });

  test("of a known id is itself", () => {
    for (const { id } of builtinVocabulary().terms("type")) assert.equal(nearestTo("type", id), id);
  });

  test("of an id with one letter wrong in its last word begins like it", () => {
    for (const { id } of builtinVocabulary().terms("type")) {
      const wrong = `${id.slice(0, -1)}q`;
      const nearest = nearestTo("type", wrong)!;
      assert.ok(modelDistance(wordsOf(wrong), wordsOf(nearest)) <= 1, `${wrong} is taken for ${nearest}`);
    }
  });

  for (const [kind, given, expected] of [
    ["type", "identity.givenname", "identity.given-name"],
    ["type", "Identity.givenName", "identity.given-name"],
    ["type", "IDENTITY_GIVEN_NAME", "identity.given-name"],
    ["type", "identity/given-name", "identity.given-name"],
    ["type", "personal.identity.surname", "identity.surname"],
    ["type", "email", "home-contact.email"],
    ["type", "eamil", "home-contact.email"],
    ["type", "home.email", "home-contact.email"],
    ["type", "work-email", "work-contact.email"],
    ["type", "phone", "home-contact.phone"],
    ["type", "credit-card", "payment.card"],
    ["type", "sensitive.helth", "sensitive.health"],
    ["type", "heart-rate", "sensitive.health.vitals.heart-rate"],
    ["type", "blood-pressure", "sensitive.health.vitals.pressure"],
    ["use", "send-package", "deliver.package"],
    ["use", "compose-email", "communicate.email"],
    ["use", "analitics", "analytics"],
    ["purpose", "contract", "contractual"],
    ["purpose", "newsletter", "advert.newsletter"],
    ["provenance", "explicit", "subject.explicit"],
  ] as const) {
    test(`${kind} "${given}" is taken for "${expected}"`, () => assert.equal(nearestTo(kind, given), expected));
  }

  test("of nothing known is null", () => assert.equal(nearestId("a", []), null));
});
