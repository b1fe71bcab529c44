/** What the built-in terms must hold, whoever edits the tables. */
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import {
  BUILTIN_ID_BYTES_MAX,
  builtinVocabulary,
  isTermId,
  VOCABULARY_KINDS,
  type Term,
  type VocabularyKind,
} from "@strongroom/core/vocabulary";
import { termRows } from "../../src/vocabulary/rows.ts";
import { DATA, DATA_SOURCE, PD, PROCESSING, PURPOSE } from "./dpvConcepts.ts";
import { REFERENCE_PROVENANCES, REFERENCE_PURPOSES, REFERENCE_TYPES, REFERENCE_USES } from "./referenceTerms.ts";

const vocabulary = builtinVocabulary();
const everyTerm = VOCABULARY_KINDS.flatMap((kind) => vocabulary.terms(kind).map((term) => ({ kind, term })));
const offending = (isWrong: (term: Term, kind: VocabularyKind) => boolean) =>
  everyTerm.filter(({ kind, term }) => isWrong(term, kind)).map(({ kind, term }) => `${kind} ${term.id}`);

describe("the terms of the field", () => {
  for (const [kind, table, count] of [
    ["type", REFERENCE_TYPES, 72],
    ["use", REFERENCE_USES, 21],
    ["purpose", REFERENCE_PURPOSES, 8],
    ["provenance", REFERENCE_PROVENANCES, 7],
  ] as const) {
    test(`each of the ${count} ${kind} terms is here under an id of its own`, () => {
      const ids = Object.values(table);
      assert.equal(ids.length, count);
      assert.equal(new Set(ids).size, count);
      assert.deepEqual(
        ids.filter((id) => !vocabulary.has(kind, id)),
        [],
      );
    });
  }

  test("types hang where they hung", () => {
    const groups = [
      "IDENTITY",
      "WORK_CONTACT",
      "HOME_CONTACT",
      "BIOMETRICAL",
      "OFFICIAL_IDENTIFICATION",
      "ONLINE_HANDLE",
    ];
    for (const group of groups) assert.ok(vocabulary.covers("type", "personal", REFERENCE_TYPES[group]!), group);
    assert.deepEqual(
      vocabulary.roots("type").map(({ id }) => id),
      ["personal", "sensitive", "nonpersonal"],
    );
    assert.equal(vocabulary.covers("type", "home-contact", "home-contact.city"), true);
    assert.equal(vocabulary.covers("type", "personal", "sensitive.health"), false);
    assert.equal(vocabulary.covers("type", "sensitive", "sensitive.health"), true);
  });

  test("the eight purposes are roots, and none covers another", () => {
    const ids = Object.values(REFERENCE_PURPOSES);
    for (const a of ids) {
      assert.equal(vocabulary.require("purpose", a).parent, null);
      for (const b of ids) assert.equal(vocabulary.covers("purpose", a, b), a === b);
    }
  });
});

test("what the field lacks is here", () => {
  const wanted: Readonly<Record<string, readonly string[]>> = {
    "payment cards and bank accounts": ["payment.card", "payment.bank-account"],
    location: ["location.trace", "location.place", "location.home", "location.work"],
    "energy readings": ["energy.electricity", "energy.gas", "energy.heat"],
    purchases: ["purchase"],
    "communications content": ["communication.content"],
    "browsing and app use": ["browsing", "app-use"],
    calendar: ["calendar"],
    "photos with place": ["photo.image", "location.photo-place"],
    "fitness and vital signs": ["sensitive.health.fitness", "sensitive.health.vitals"],
    "device identifiers": ["device"],
    "IP address": ["network.ip-address"],
    credentials: ["credential.password"],
  };
  for (const [what, ids] of Object.entries(wanted)) {
    for (const id of ids) assert.ok(vocabulary.has("type", id), `${what}: ${id}`);
  }
});

describe("every term", () => {
  test(`has an id by the grammar, at most ${BUILTIN_ID_BYTES_MAX} bytes long`, () => {
    assert.deepEqual(
      offending(({ id }) => !isTermId(id) || Buffer.byteLength(id) > 34),
      [],
    );
    assert.equal(BUILTIN_ID_BYTES_MAX, 34);
  });

  test("has a label and one plain sentence", () => {
    assert.deepEqual(
      offending(({ label }) => !/^[A-Z][^.|]{1,39}$/.test(label)),
      [],
    );
    assert.deepEqual(
      offending(({ sentence }) => !/^[A-Z][^.!?|]{9,118}\.$/.test(sentence)),
      [],
    );
  });

  test("says something that no other term of its kind says", () => {
    for (const kind of VOCABULARY_KINDS) {
      const terms = vocabulary.terms(kind);
      assert.equal(new Set(terms.map(({ label }) => label.toLowerCase())).size, terms.length, `${kind} labels`);
      assert.equal(new Set(terms.map(({ sentence }) => sentence)).size, terms.length, `${kind} sentences`);
    }
  });

  test("maps to a concept that DPV 2.0 has, if to any", () => {
    const concepts = {
      type: [...prefixed("pd", PD), ...prefixed("dpv", DATA)],
      use: [...prefixed("dpv", PROCESSING), ...prefixed("dpv", PURPOSE)],
      purpose: prefixed("dpv", PURPOSE),
      provenance: prefixed("dpv", DATA_SOURCE),
    };
    assert.deepEqual(
      offending(({ dpv }, kind) => dpv !== undefined && !concepts[kind].includes(dpv)),
      [],
    );
    const mapped = everyTerm.filter(({ term }) => term.dpv !== undefined).length;
    assert.ok(mapped > everyTerm.length * 0.75, `${mapped} of ${everyTerm.length} are mapped`);
  });

  test("is frozen, and so is what lists it", () => {
    assert.deepEqual(
      offending((term) => !Object.isFrozen(term)),
      [],
    );
    assert.ok(Object.isFrozen(vocabulary));
    for (const kind of VOCABULARY_KINDS) {
      assert.ok(Object.isFrozen(vocabulary.terms(kind)) && Object.isFrozen(vocabulary.roots(kind)), kind);
    }
    assert.equal(builtinVocabulary(), vocabulary);
  });
});

describe("special categories (GDPR article 9)", () => {
  test("are everything sensitive, and what recognises a body", () => {
    const outside = vocabulary
      .terms("type")
      .filter(({ id }) => vocabulary.specialCategory(id) && !vocabulary.covers("type", "sensitive", id));
    assert.deepEqual(
      outside.map(({ id }) => id),
      ["biometric.fingerprint", "biometric.iris-scan", "biometric.face-print", "biometric.voice-print"],
    );
    for (const { id } of vocabulary.descendants("type", "sensitive")) assert.ok(vocabulary.specialCategory(id), id);
  });

  test("cover all that the article lists", () => {
    for (const id of [
      "sensitive.racial-origin",
      "sensitive.ethnic-origin",
      "sensitive.political-opinions",
      "sensitive.religious-beliefs",
      "sensitive.philosophical-beliefs",
      "sensitive.trade-union-membership",
      "sensitive.genetic",
      "biometric.fingerprint",
      "sensitive.health",
      "sensitive.sex-life",
      "sensitive.sexual-orientation",
    ]) {
      assert.ok(vocabulary.specialCategory(id), id);
    }
  });

  test("vital signs, steps and sleep are health: a denial of health covers them", () => {
    for (const id of ["vitals.heart-rate", "fitness.steps", "fitness.sleep"]) {
      assert.ok(vocabulary.covers("type", "sensitive.health", `sensitive.health.${id}`), id);
    }
  });

  test("a node that only covers some is told apart from one that is some", () => {
    const told = (id: string) => [vocabulary.specialCategory(id), vocabulary.coversSpecialCategory(id)];
    assert.deepEqual(told("biometric"), [false, true]);
    assert.deepEqual(told("personal"), [false, true]);
    assert.deepEqual(told("biometric.photograph"), [false, false]);
    assert.deepEqual(told("identity"), [false, false]);
    assert.deepEqual(told("sensitive.health"), [true, true]);
  });
});

test("an id is kebab segments joined by dots, at most 64 bytes", () => {
  for (const id of ["a", "a1", "a-1", "a.b-c2.d", "a".repeat(64)]) assert.equal(isTermId(id), true, id);
  for (const id of ["", "A", "1a", "a.", "a..b", "a_b", "a--b", "a\n", "é", "a".repeat(65)]) {
    assert.equal(isTermId(id), false, JSON.stringify(id));
  }
});

describe("a table", () => {
  test("is read line by line, with and without the last two columns", () => {
    const rows = termRows("type", "\n  a | A | It is a.\n\na.b | B | It is b. | pd:Name | special category\n");
    assert.deepEqual(rows, [
      { id: "a", label: "A", sentence: "It is a.", parent: "personal" },
      { id: "a.b", label: "B", sentence: "It is b.", parent: "a", dpv: "pd:Name", specialCategory: true },
    ]);
  });

  for (const line of [
    "A | Label | Sentence.",
    "a | Label",
    "a || Sentence.",
    "a | Label | Sentence. | pd:Name | special",
    "a | Label | Sentence. | pd:Name | special category | more",
    `${"a".repeat(35)} | Label | Sentence.`,
  ]) {
    test(`refuses the line "${line}"`, () => assert.throws(() => termRows("use", line), TypeError));
  }
});

function prefixed(prefix: string, names: ReadonlySet<string>): string[] {
  return [...names].map((name) => `${prefix}:${name}`);
}
