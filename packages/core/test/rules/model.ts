/**
 * The decision as one would explain it at a blackboard: no index, no numbers, every rule looked at. What `decide` is
 * tested against. It follows spec/decision.md sentence by sentence and is not meant to be fast.
 */
import type { Decision, DecisionRequest, Rule } from "@strongroom/core/rules";
import { RULES_NAMED_MAX } from "@strongroom/core/rules";
import type { Vocabulary, VocabularyKind } from "@strongroom/core/vocabulary";

export function matchesApartFromTime(vocabulary: Vocabulary, rule: Rule, request: DecisionRequest): boolean {
  const covered = (kind: VocabularyKind, terms: readonly string[], id: string): boolean =>
    terms.some((term) => vocabulary.covers(kind, term, id));
  if (rule.applications !== null && !rule.applications.includes(request.application)) return false;
  if (!covered("type", rule.types, request.type)) return false;
  if (rule.action.kind === "read" && request.action.kind === "read") {
    const { use, purpose } = request.action;
    return covered("use", rule.action.uses, use) && covered("purpose", rule.action.purposes, purpose);
  }
  if (rule.action.kind === "update" && request.action.kind === "update") {
    return covered("provenance", rule.action.provenances, request.action.provenance);
  }
  return false;
}

export const fromOf = (rule: Rule): number => rule.from ?? -Infinity;
export const untilOf = (rule: Rule): number => rule.until ?? Infinity;

/** Latest end first, then longest retention, then id. */
function inOrder(rules: readonly Rule[]): Rule[] {
  return rules.toSorted((a, b) => {
    if (untilOf(a) !== untilOf(b)) return untilOf(a) > untilOf(b) ? -1 : 1;
    if (a.retentionMs !== b.retentionMs) return b.retentionMs - a.retentionMs;
    return a.id < b.id ? -1 : 1;
  });
}

export function model(vocabulary: Vocabulary, rules: readonly Rule[], request: DecisionRequest): Decision {
  const { at } = request;
  const ever = rules.filter((rule) => matchesApartFromTime(vocabulary, rule, request));
  const matching = inOrder(ever.filter((rule) => fromOf(rule) <= at && at <= untilOf(rule)));
  const named = (effect: string): Rule[] => matching.filter((rule) => rule.effect === effect).slice(0, RULES_NAMED_MAX);
  const ids = (of: Rule[]): string[] => of.map((rule) => rule.id);

  const denies = named("deny");
  const denied = { outcome: "deny", retentionMs: 0, validUntil: null } as const;
  if (denies.length > 0) return { ...denied, reason: "denied-by-rule", rules: ids(denies) };
  const allows = named("allow");
  if (allows.length === 0) return { ...denied, reason: "no-rule", rules: [] };

  const laterDenies = ever.filter((rule) => rule.effect === "deny" && fromOf(rule) > at).map(fromOf);
  const last = Math.min(Math.max(...allows.map(untilOf)), ...laterDenies.map((from) => from - 1));
  const kept = allows.map((rule) => Math.min(rule.retentionMs, untilOf(rule) - at, last - at));
  return {
    outcome: "allow",
    reason: "allowed-by-rule",
    rules: ids(allows),
    retentionMs: Math.max(...kept),
    validUntil: last === Infinity ? null : last,
  };
}
