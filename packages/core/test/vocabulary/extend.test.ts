/** A deployment's own terms: what is added, and every way in which its file can be wrong. */
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { StrongroomError } from "@strongroom/core/errors";
import { builtinVocabulary, extendVocabulary, VOCABULARY_KINDS } from "@strongroom/core/vocabulary";

const base = builtinVocabulary();
const term = (id: string, more: object = {}) => ({ id, label: "A label", sentence: "It is a thing.", ...more });
const withTypes = (...types: unknown[]) => ({ version: "acme-1", types });

function refusal(document: unknown): StrongroomError {
  try {
    extendVocabulary(base, document);
  } catch (error) {
    if (error instanceof StrongroomError) return error;
    throw error;
  }
  assert.fail("was not refused");
}

describe("an extension", () => {
  const extended = extendVocabulary(base, {
    version: "acme-3",
    types: [
      term("vehicle.plate", { dpv: "pd:Vehicle" }),
      term("vehicle"),
      term("sensitive.health.implant"),
      term("vehicle.driver-alert", { specialCategory: true }),
    ],
    uses: [term("deliver.drone")],
    purposes: [term("loyalty"), term("contractual.warranty")],
    provenances: [term("subject.behaviour.vehicle")],
  });

  test("adds its terms to the trees, and its version to the version", () => {
    assert.equal(extended.version, `${base.version}+acme-3`);
    assert.equal(extended.term("type", "vehicle")?.parent, "personal");
    assert.deepEqual(extended.term("type", "vehicle.plate"), {
      id: "vehicle.plate",
      label: "A label",
      sentence: "It is a thing.",
      parent: "vehicle",
      dpv: "pd:Vehicle",
    });
    assert.ok(extended.covers("type", "personal", "vehicle.plate"));
    assert.ok(extended.covers("use", "deliver", "deliver.drone"));
    assert.ok(extended.covers("purpose", "contractual", "contractual.warranty"));
    assert.equal(extended.require("purpose", "loyalty").parent, null);
    assert.ok(extended.covers("provenance", "subject", "subject.behaviour.vehicle"));
  });

  test("marks special categories, its own and those below built-in ones", () => {
    assert.equal(extended.specialCategory("vehicle.driver-alert"), true);
    assert.equal(extended.specialCategory("sensitive.health.implant"), true);
    assert.equal(extended.specialCategory("vehicle.plate"), false);
    assert.equal(extended.coversSpecialCategory("vehicle"), true);
  });

  test("leaves every built-in term as it is, and the base alone", () => {
    for (const kind of VOCABULARY_KINDS) {
      for (const each of base.terms(kind)) assert.equal(extended.term(kind, each.id), each);
    }
    assert.equal(base.has("type", "vehicle"), false);
    assert.equal(builtinVocabulary().version, base.version);
  });

  test("can be extended again", () => {
    const again = extendVocabulary(extended, { version: "site-1", types: [term("vehicle.colour")] });
    assert.equal(again.version, `${base.version}+acme-3+site-1`);
    assert.ok(again.covers("type", "vehicle", "vehicle.colour"));
  });

  test("as the spec page shows it is taken", () => {
    const page = readFileSync(new URL("../../../../spec/vocabulary.md", import.meta.url), "utf8");
    const [, example] = /^```json\n([^]*?)^```$/m.exec(page)!;
    const vocabulary = extendVocabulary(base, JSON.parse(example!));
    assert.ok(vocabulary.has("type", "vehicle.plate"));
    assert.ok(vocabulary.specialCategory("sensitive.health.implant"));
  });

  test("may be empty: a version alone", () => {
    assert.equal(extendVocabulary(base, { version: "1" }).terms("type").length, base.terms("type").length);
  });

  test("does not change when the document is changed afterwards", () => {
    const document = withTypes(term("vehicle"));
    const vocabulary = extendVocabulary(base, document);
    (document.types[0] as { label: string }).label = "Another";
    document.types.push(term("boat"));
    assert.equal(vocabulary.term("type", "vehicle")?.label, "A label");
    assert.equal(vocabulary.has("type", "boat"), false);
    assert.ok(Object.isFrozen(vocabulary.term("type", "vehicle")));
  });
});

describe("an extension is refused", () => {
  const cases: readonly (readonly [what: string, code: string, path: string, document: unknown])[] = [
    ["that is nothing", "vocabulary.bad-document", "$", null],
    ["that is a text", "vocabulary.bad-document", "$", "{}"],
    ["that is a list", "vocabulary.bad-document", "$", []],
    ["without a version", "vocabulary.bad-document", "$.version", {}],
    ["whose version is a number", "vocabulary.bad-document", "$.version", { version: 3 }],
    ["whose version is empty", "vocabulary.bad-document", "$.version", { version: "" }],
    ["whose version holds the sign that joins versions", "vocabulary.bad-document", "$.version", { version: "a+b" }],
    ["with a mistyped key", "vocabulary.bad-document", "$.type", { version: "1", type: [] }],
    ["with a key of a strange form", "vocabulary.bad-document", "$", { version: "1", "a b": 1 }],
    ["with a key __proto__", "vocabulary.bad-document", "$", JSON.parse('{"version":"1","__proto__":{"types":[]}}')],
    ["whose types are an object", "vocabulary.bad-document", "$.types", { version: "1", types: {} }],
    ["whose uses are null", "vocabulary.bad-document", "$.uses", { version: "1", uses: null }],
    ["with a term that is a text", "vocabulary.bad-document", "$.types[1]", withTypes(term("boat"), "vehicle")],
    [
      "with a term that names a parent",
      "vocabulary.bad-document",
      "$.types[0].parent",
      withTypes(term("a", { parent: null })),
    ],
    [
      "with a special use",
      "vocabulary.bad-document",
      "$.uses[0]",
      { version: "1", uses: [term("a", { specialCategory: true })] },
    ],
    [
      "with a mark that is false",
      "vocabulary.bad-document",
      "$.types[0].specialCategory",
      withTypes(term("a", { specialCategory: false })),
    ],
    [
      "with a mark that is a text",
      "vocabulary.bad-document",
      "$.types[0].specialCategory",
      withTypes(term("a", { specialCategory: "yes" })),
    ],
    [
      "with a foreign concept",
      "vocabulary.bad-document",
      "$.types[0].dpv",
      withTypes(term("a", { dpv: "schema:Person" })),
    ],
    ["without a label", "vocabulary.bad-document", "$.types[0].label", withTypes({ id: "a", sentence: "It is." })],
    ["with an empty label", "vocabulary.bad-document", "$.types[0].label", withTypes(term("a", { label: " " }))],
    [
      "with a line break in a label",
      "vocabulary.bad-document",
      "$.types[0].label",
      withTypes(term("a", { label: "a\nb" })),
    ],
    [
      "with text that turns direction",
      "vocabulary.bad-document",
      "$.types[0].label",
      withTypes(term("a", { label: "a\u202eb" })),
    ],
    [
      "with a lone surrogate",
      "vocabulary.bad-document",
      "$.types[0].sentence",
      withTypes(term("a", { sentence: "\ud800" })),
    ],
    ["without a sentence", "vocabulary.bad-document", "$.types[0].sentence", withTypes({ id: "a", label: "A" })],
    ["without an id", "vocabulary.bad-id", "$.types[0].id", withTypes({ label: "A", sentence: "It is." })],
    ...["", "A", "a_b", "a b", ".a", "a.", "a..b", "-a", "a-", "a--b", "1a", "é", "a/b", "vehicle\n"].map(
      (id) => [`with the id ${JSON.stringify(id)}`, "vocabulary.bad-id", "$.types[0].id", withTypes(term(id))] as const,
    ),
    [
      "with an id that begins with the root's name",
      "vocabulary.bad-id",
      "$.types[0].id",
      withTypes(term("personal.vehicle")),
    ],
    ["with a built-in id", "vocabulary.duplicate-id", "$.types[0].id", withTypes(term("identity.surname"))],
    ["with a built-in root", "vocabulary.duplicate-id", "$.types[0].id", withTypes(term("sensitive"))],
    ["with an id twice", "vocabulary.duplicate-id", "$.types[2].id", withTypes(term("a"), term("b"), term("a"))],
    [
      "that hangs from nothing",
      "vocabulary.unknown-parent",
      "$.types[1].id",
      withTypes(term("a"), term("vehicle.plate")),
    ],
    [
      "that skips a level",
      "vocabulary.unknown-parent",
      "$.uses[0].id",
      { version: "1", uses: [term("report.yearly.paper")] },
    ],
    ["with a version of 33 bytes", "vocabulary.over-limit", "$.version", { version: "v".repeat(33) }],
    ["with an id of 65 bytes", "vocabulary.over-limit", "$.types[0].id", withTypes(term("a".repeat(65)))],
    [
      "with a label of 121 bytes",
      "vocabulary.over-limit",
      "$.types[0].label",
      withTypes(term("a", { label: `é${"a".repeat(119)}` })),
    ],
    [
      "with a sentence of 401 bytes",
      "vocabulary.over-limit",
      "$.types[0].sentence",
      withTypes(term("a", { sentence: "a".repeat(401) })),
    ],
    ["with 2,001 terms", "vocabulary.over-limit", "$", { version: "1", types: many(1500), uses: many(501) }],
  ];
  for (const [what, code, path, document] of cases) {
    test(`${what}: ${code} at ${path}`, () => {
      const error = refusal(document);
      assert.equal(error.code, code);
      assert.equal(error.details["path"], path);
      assert.ok(error.message.startsWith(`vocabulary extension: ${path} `), error.message);
    });
  }

  test("and the nearest known parent is named", () => {
    const error = refusal(withTypes(term("paymnt.voucher")));
    assert.deepEqual(error.details, { path: "$.types[0].id", given: "paymnt", nearest: "payment" });
    assert.match(error.message, /did you mean "payment"\?/);
  });
});

describe("the limits themselves", () => {
  test("a version of 32, an id of 64, a label of 120 and a sentence of 400 bytes are taken", () => {
    const id = "a".repeat(64);
    const vocabulary = extendVocabulary(base, {
      version: "v".repeat(32),
      types: [term(id, { label: `é${"a".repeat(118)}`, sentence: "a".repeat(400) })],
    });
    assert.ok(vocabulary.has("type", id));
  });

  test("2,000 terms are taken, of all kinds together, and a chain as deep as an id can spell", () => {
    const chain = Array.from({ length: 32 }, (_, depth) =>
      term(
        Array(depth + 1)
          .fill("a")
          .join("."),
      ),
    );
    const vocabulary = extendVocabulary(base, {
      version: "1",
      types: many(1000),
      uses: many(968),
      purposes: chain.toReversed(),
    });
    assert.equal(vocabulary.terms("type").length, base.terms("type").length + 1000);
    assert.equal(vocabulary.ancestors("purpose", chain.at(-1)!.id).length, 32);
  });
});

function many(count: number) {
  return Array.from({ length: count }, (_, index) => term(`added-${index}`));
}
