import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { builtinVocabulary, extendVocabulary } from "@strongroom/core/vocabulary";
import { readPage, renderPage } from "./page.ts";

describe("docs/vocabulary.md", () => {
  test("says what the vocabulary holds", () => {
    assert.equal(
      readPage(),
      renderPage(builtinVocabulary()),
      "node packages/core/test/vocabulary/page.ts makes it new",
    );
  });

  test("would not pass if a term were added", () => {
    const larger = extendVocabulary(builtinVocabulary(), {
      version: "acme-1",
      types: [{ id: "vehicle", label: "Vehicle", sentence: "What the subject drives." }],
    });
    assert.notEqual(readPage(), renderPage(larger));
    assert.match(renderPage(larger), /^ {2}- `vehicle` Vehicle: What the subject drives\.$/m);
  });
});
