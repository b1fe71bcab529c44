/**
 * Arbitrary rules and requests over a small part of the vocabulary and a short time, so that they meet: parents and
 * children, ends and beginnings that coincide, applications that share a rule.
 */
import fc from "fast-check";
import { decodeRule, type DecisionRequest, type Rule } from "@strongroom/core/rules";
import { builtinVocabulary } from "@strongroom/core/vocabulary";

export const VOCABULARY = builtinVocabulary();
export const START = Date.UTC(2026, 0, 1);
export const TICKS = 24;

export const TYPES = [
  "personal",
  "identity",
  "identity.given-name",
  "identity.surname",
  "payment",
  "payment.card",
  "payment.card.number",
  "sensitive",
  "sensitive.health",
  "sensitive.health.vitals.weight",
  "nonpersonal",
];
export const USES = [
  "communicate",
  "communicate.email",
  "publish",
  "publish.internal",
  "publish.internal.intranet",
  "report",
];
export const PURPOSES = ["contractual", "contractual.delivery", "contractual.payment", "advert", "advert.newsletter"];
export const PROVENANCES = ["subject", "subject.explicit", "subject.behaviour.device", "public", "public.registry"];
export const APPLICATIONS = ["shop", "newsletter", "depot"];

const some = (ids: readonly string[], max: number): fc.Arbitrary<string[]> =>
  fc.uniqueArray(fc.constantFrom(...ids), { minLength: 1, maxLength: max });
const tick = fc.integer({ min: 0, max: TICKS }).map((ticks) => START + ticks);
const readScope = fc.record({ kind: fc.constant("read" as const), uses: some(USES, 3), purposes: some(PURPOSES, 3) });
const updateScope = fc.record({ kind: fc.constant("update" as const), provenances: some(PROVENANCES, 2) });

/** A rule without an id. */
const anonymous = fc
  .record({
    effect: fc.constantFrom("allow" as const, "allow" as const, "deny" as const),
    applications: fc.oneof(
      { weight: 2, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: some(APPLICATIONS, 2) },
    ),
    types: some(TYPES, 3),
    action: fc.oneof({ weight: 3, arbitrary: readScope }, { weight: 1, arbitrary: updateScope }),
    from: fc.option(tick),
    until: fc.option(tick),
    retentionMs: fc.constantFrom(0, 0, 3, 8, 1000),
  })
  .map((rule) => ({
    ...rule,
    from: rule.from !== null && rule.until !== null ? Math.min(rule.from, rule.until) : rule.from,
    retentionMs: rule.effect === "allow" && rule.action.kind === "read" ? rule.retentionMs : 0,
  }));

/** Sets of decoded rules, with ids of different lengths. */
export function ruleSets(minLength: number, maxLength: number): fc.Arbitrary<Rule[]> {
  return fc.array(anonymous, { minLength, maxLength }).map((rules) => rules.map((rule, i) => named(rule, `rule-${i}`)));
}

export function named(rule: object, id: string): Rule {
  return decodeRule(VOCABULARY, { ...rule, id, origin: "subject", createdAt: START });
}

export const request: fc.Arbitrary<DecisionRequest> = fc.record({
  application: fc.constantFrom(...APPLICATIONS, "unheard-of"),
  type: fc.constantFrom(...TYPES),
  action: fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("read" as const),
        use: fc.constantFrom(...USES),
        purpose: fc.constantFrom(...PURPOSES),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("update" as const), provenance: fc.constantFrom(...PROVENANCES) }),
    },
  ),
  at: fc.integer({ min: -1, max: TICKS + 1 }).map((ticks) => START + ticks),
});

/** Rules on data that no request asks for: enough of them that the set gets a lookup. */
export const PADDING: readonly Rule[] = Array.from({ length: 40 }, (_, i) =>
  named(
    {
      effect: i % 2 === 0 ? "allow" : "deny",
      applications: null,
      types: ["browsing.history"],
      action: { kind: "read", uses: ["communicate", "publish"], purposes: ["advert"] },
      from: null,
      until: START + i,
    },
    `padding-${i}`,
  ),
);
