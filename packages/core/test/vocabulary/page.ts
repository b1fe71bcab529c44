/**
 * docs/vocabulary.md, made from the vocabulary. A test compares; `node packages/core/test/vocabulary/page.ts` writes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { builtinVocabulary, type Term, type Vocabulary, type VocabularyKind } from "@strongroom/core/vocabulary";

const PAGE = new URL("../../../../docs/vocabulary.md", import.meta.url);

const SECTIONS: readonly { kind: VocabularyKind; heading: string; about: string }[] = [
  {
    kind: "type",
    heading: "Data types",
    about:
      "What a piece of data is. Everything without a root's name in front hangs under `personal`; " +
      "a rule on `personal` does not reach `sensitive`.",
  },
  { kind: "use", heading: "Uses", about: "What an application does with data once it is open." },
  { kind: "purpose", heading: "Purposes", about: "Why a controller wants to use data." },
  { kind: "provenance", heading: "Provenances", about: "Where the data of an update came from." },
];

export function renderPage(vocabulary: Vocabulary): string {
  const sections = SECTIONS.map(({ kind, heading, about }) => {
    const lines = vocabulary.terms(kind).map((term) => renderTerm(vocabulary, kind, term));
    return `## ${heading}\n${about}\n\n${lines.join("\n")}\n`;
  });
  return `# Vocabulary ${vocabulary.version}

The terms that rules, requests and sealed objects use. A rule on a term covers everything below it. The name in front is the id to write; the concept behind it is the equal or nearest wider one of the [W3C Data Privacy Vocabulary 2.0](https://w3id.org/dpv) (\`pd:\` is its list of personal data). **Special category** marks what article 9 of the GDPR protects. A deployment can add terms of its own: [the format](../spec/vocabulary.md).

This page is made from the vocabulary by \`node packages/core/test/vocabulary/page.ts\`.

${sections.join("\n")}`;
}

function renderTerm(vocabulary: Vocabulary, kind: VocabularyKind, term: Term): string {
  const depth = vocabulary.ancestors(kind, term.id).length - 1;
  const marks = [
    ...(term.dpv === undefined ? [] : [`\`${term.dpv}\``]),
    ...(kind === "type" && vocabulary.specialCategory(term.id) ? ["**special category**"] : []),
  ];
  return `${"  ".repeat(depth)}- \`${term.id}\` ${term.label}: ${term.sentence}${marks.length > 0 ? ` (${marks.join(", ")})` : ""}`;
}

export function readPage(): string {
  return readFileSync(PAGE, "utf8");
}

if (import.meta.main) writeFileSync(PAGE, renderPage(builtinVocabulary()));
