/** Unknown ids are refused everywhere, with the nearest known one, and nothing foreign is repeated in the message. */
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { StrongroomError, type ErrorCode } from "@strongroom/core/errors";
import { builtinVocabulary, ID_BYTES_MAX, type VocabularyKind } from "@strongroom/core/vocabulary";

const vocabulary = builtinVocabulary();

function refusal(action: () => unknown): StrongroomError {
  try {
    action();
  } catch (error) {
    if (error instanceof StrongroomError) return error;
    throw error;
  }
  assert.fail("was not refused");
}

describe("an unknown id", () => {
  for (const [kind, given, code, message] of [
    ["type", "home-contact.emial", "vocabulary.unknown-type", /^unknown data type .* "home-contact\.email"\?$/],
    ["use", "comunicate.email", "vocabulary.unknown-use", /^unknown use .* "communicate\.email"\?$/],
    ["purpose", "advrt", "vocabulary.unknown-purpose", /^unknown purpose .* "advert"\?$/],
    ["provenance", "subject.explict", "vocabulary.unknown-provenance", /^unknown provenance .* "subject\.explicit"\?$/],
  ] as const satisfies readonly (readonly [VocabularyKind, string, ErrorCode, RegExp])[]) {
    test(`of a ${kind} is refused with ${code} and the nearest known one`, () => {
      const error = refusal(() => vocabulary.require(kind, given));
      assert.equal(error.code, code);
      assert.equal(error.status, 400);
      assert.match(error.message, message);
      assert.deepEqual(Object.keys(error.details), ["given", "nearest"]);
      assert.equal(error.details["given"], given);
      assert.ok(vocabulary.has(kind, error.details["nearest"] as string));
    });
  }

  test("is told without an error by has and term", () => {
    assert.equal(vocabulary.has("type", "surname"), false);
    assert.equal(vocabulary.term("type", "surname"), undefined);
    assert.equal(vocabulary.term("type", "identity.surname")?.label, "Surname");
    assert.equal(vocabulary.require("type", "identity.surname"), vocabulary.term("type", "identity.surname"));
  });

  test("is refused by every other question: it must not read as covering nothing", () => {
    const actions: readonly (() => unknown)[] = [
      () => vocabulary.covers("type", "identty", "identity.surname"),
      () => vocabulary.covers("type", "identity", "identity.surnam"),
      () => vocabulary.ancestors("type", "identty"),
      () => vocabulary.descendants("type", "identty"),
      () => vocabulary.children("type", "identty"),
      () => vocabulary.number("type", "identty"),
      () => vocabulary.interval("type", "identty"),
      () => vocabulary.specialCategory("identty"),
      () => vocabulary.coversSpecialCategory("identty"),
    ];
    for (const action of actions) assert.equal(refusal(action).code, "vocabulary.unknown-type");
  });

  test("of one kind is unknown to the others", () => {
    assert.equal(vocabulary.has("use", "identity"), false);
    assert.equal(refusal(() => vocabulary.require("purpose", "communicate")).code, "vocabulary.unknown-purpose");
  });

  test("that is a name of JavaScript's own objects is unknown", () => {
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      assert.equal(vocabulary.has("type", name), false);
      assert.equal(refusal(() => vocabulary.require("type", name)).code, "vocabulary.unknown-type");
    }
  });
});

describe("what cannot be an id", () => {
  const limit = "a".repeat(ID_BYTES_MAX);
  for (const [what, given] of [
    ["empty", ""],
    ["one byte too long", `${limit}a`],
    ["ten megabytes", "a".repeat(10_000_000)],
    ["an e-mail address", "ann@example.org"],
    ["a name with a space", "Ann Smith"],
    ["a line break", "identity\nsurname"],
    ["letters that are not ASCII", "identité"],
    ["a lone surrogate", "\ud800"],
    ["nothing", undefined],
    ["a number", 7],
    ["an object that says it is an id", { toString: () => "identity" }],
    ["a list of an id", ["identity"]],
  ] as const) {
    test(`${what}: is refused without a search, and not repeated`, () => {
      const error = refusal(() => vocabulary.require("type", given as string));
      assert.equal(error.code, "vocabulary.unknown-type");
      assert.deepEqual(error.details, { given: null, nearest: null });
      assert.ok(error.message.length < 120);
      if (typeof given === "string" && given !== "") assert.ok(!error.message.includes(given));
    });
  }

  test(`${ID_BYTES_MAX} bytes are still searched for`, () => {
    assert.equal(refusal(() => vocabulary.require("type", limit)).details["given"], limit);
  });
});
