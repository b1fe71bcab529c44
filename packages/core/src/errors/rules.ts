/** Vocabulary, rules and consent requests (spec/vocabulary.md, spec/decision.md). */
import type { ErrorFacts } from "./facts.ts";

export const RULES_ERRORS = {
  "vocabulary.unknown-type": {
    status: 400,
    cause: "The data type is not in the vocabulary.",
    fix: "Use the id that the message names, look it up in docs/vocabulary.md, or add it in the deployment's file.",
  },
  "vocabulary.unknown-use": {
    status: 400,
    cause: "The use is not in the vocabulary.",
    fix: "Use the id that the message names, look it up in docs/vocabulary.md, or add it in the deployment's file.",
  },
  "vocabulary.unknown-purpose": {
    status: 400,
    cause: "The purpose is not in the vocabulary.",
    fix: "Use the id that the message names, look it up in docs/vocabulary.md, or add it in the deployment's file.",
  },
  "vocabulary.unknown-provenance": {
    status: 400,
    cause: "The provenance is not in the vocabulary.",
    fix: "Use the id that the message names, look it up in docs/vocabulary.md, or add it in the deployment's file.",
  },
  "vocabulary.bad-document": {
    status: 400,
    cause: "A key or value of the vocabulary extension does not have the form that the format asks for.",
    fix: "Correct the value at the JSON path that the message names.",
  },
  "vocabulary.bad-id": {
    status: 400,
    cause: "An id of the vocabulary extension is not made of lower-case kebab segments joined by dots.",
    fix: "Write the id as the path without the root's name, such as vehicle.plate-number.",
  },
  "vocabulary.duplicate-id": {
    status: 400,
    cause: "The vocabulary extension adds an id that is there already; an extension may only add.",
    fix: "Remove the term, or give it another id.",
  },
  "vocabulary.unknown-parent": {
    status: 400,
    cause: "A term of the vocabulary extension hangs from a term that is not there.",
    fix: "Add the term above it too, or correct the path that the id spells.",
  },
  "vocabulary.over-limit": {
    status: 400,
    cause: "The vocabulary extension has too many terms, or a text in it is too long.",
    fix: "Shorten the text, or add fewer terms; the message names the limit.",
  },
  "rule.malformed": {
    status: 400,
    cause: "A rule, a consent request or its answer has a field of another form; details.path names it.",
    fix: "Correct the field; the decision page lists every one.",
  },
  "rule.empty-list": {
    status: 400,
    cause: "A list of a rule is empty, which could be read as nothing and as everything.",
    fix: "Name what is meant: the topmost terms to mean all, null for any application; revoke or refuse to mean nothing.",
  },
  "rule.over-limit": {
    status: 400,
    cause: "A list or a text of a rule is longer than it may be; details.max says how long.",
    fix: "Name terms higher in the tree, which cover those below, or make several rules.",
  },
  "rule.bad-validity": {
    status: 400,
    cause: "A rule ends before it begins, or a date lies before the year 2000 or after 2199.",
    fix: "Give milliseconds since 1970 UTC, and null for no end.",
  },
  "rule.bad-retention": {
    status: 400,
    cause: "The time for which keys may be kept is negative, longer than a day, or on a rule that releases no keys.",
    fix: "Give 0 to 86400000 ms, and other than 0 only where reading is allowed.",
  },
  "rule.already-expired": {
    status: 422,
    cause: "The rule would have ended before it was made.",
    fix: "Choose a later end, or null for none.",
  },
  "rule.duplicate": {
    status: 409,
    cause: "A live rule says the same already, for the whole time; details.rule names it.",
    fix: "Edit that rule, or revoke it first.",
  },
  "rule.set-full": {
    status: 422,
    cause: "The relationship has as many rules as it can have.",
    fix: "Revoke rules that have expired, or say the same with fewer rules on terms higher in the tree.",
  },
  "rule.unknown": {
    status: 404,
    cause: "You have no rule with this id.",
    fix: "List your rules.",
  },
  "rule.other-controller": {
    status: 400,
    cause: "An edited rule names another controller than before.",
    fix: "Revoke the rule and add one for the other controller.",
  },
  "rules.tampered": {
    status: 500,
    cause: "The stored rules of a relationship do not open: the row was changed outside the agent.",
    fix: "Restore the row from a backup; until then every decision of the relationship is a denial.",
  },
  "consent.bad-deadline": {
    status: 400,
    cause: "A consent request expires in the past, more than 90 days ahead, or after the rule that it asks for.",
    fix: "Choose an expiresAt between now and the end of the rule.",
  },
  "consent.wider-than-asked": {
    status: 422,
    cause: "The answer to a consent request grants more than it asks for; details.path names what.",
    fix: "Grant at most what was asked; make a rule of your own for more.",
  },
  "consent.already-answered": {
    status: 409,
    cause: "The consent request was granted, refused or withdrawn before; details.state says which.",
    fix: "Nothing is left to do; the resulting rule can be edited or revoked.",
  },
  "consent.expired": {
    status: 409,
    cause: "The consent request was not answered before its deadline.",
    fix: "The application may ask again.",
  },
  "consent.unknown": {
    status: 404,
    cause: "No such consent request, or it is not yours.",
    fix: "Check the id.",
  },
  "consent.too-many": {
    status: 429,
    cause: "Too many of the controller's requests wait for this person's answer.",
    fix: "Wait for answers, or withdraw requests that no longer matter.",
  },
} as const satisfies Record<string, ErrorFacts>;
