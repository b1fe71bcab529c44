/** The same decision, with why every other rule did not matter. Looks at every rule: for people, not for every use. */
import { decideIn, type Decision } from "./decide.ts";
import * as packed from "./packed.ts";
import type { RuleIndex } from "./rule-index.ts";
import { judge, MATCHES, MISMATCHES } from "./scan.ts";
import { Work, type DecisionRequest } from "./work.ts";

/** Rules that one explanation lists beside those that the decision names. */
export const RULES_EXPLAINED_MAX = 100;

/** The first reason, in the order of spec/decision.md, for which a rule did not matter. */
export type WhyNot =
  | "other-application"
  | "other-type"
  | "other-action"
  | "other-use"
  | "other-purpose"
  | "other-provenance"
  | "not-yet-valid"
  | "expired"
  /** It allows, and a rule that denies matches too. */
  | "overridden-by-deny"
  /** It matches as the named ones do, and the decision names no more. */
  | "also-matches";

export type Explanation = Decision & {
  /** The nearest misses first. */
  readonly others: readonly { readonly rule: string; readonly why: WhyNot }[];
  /** How many there are, where `others` is cut. */
  readonly othersTotal: number;
};

/** The further on in the checks a rule fails, the more it tells. */
const NEAREST_FIRST: readonly WhyNot[] = [
  "also-matches",
  "overridden-by-deny",
  "not-yet-valid",
  "expired",
  "other-provenance",
  "other-purpose",
  "other-use",
  "other-action",
  "other-type",
  "other-application",
];

/** `decide`, explained. Of a set with a fault, or a request that cannot be understood, there is nothing to explain. */
export function explain(index: RuleIndex, request: DecisionRequest): Explanation {
  const work = new Work();
  const decision = decideIn(work, index, request);
  if (decision.reason === "error") return { ...decision, others: [], othersTotal: 0 };

  const { units, records, ids } = index.packed;
  const named = new Set(decision.rules);
  const missed = new Map<WhyNot, string[]>(NEAREST_FIRST.map((why) => [why, []]));
  let id = 0;
  for (let r = records; r < units.length; r += units[r]!) {
    const rule = ids.slice(id, (id += packed.idLength(units, r)));
    if (!named.has(rule)) missed.get(whyNot(index, r, decision, work))!.push(rule);
  }
  const others = [...missed].flatMap(([why, rules]) => rules.map((rule) => ({ rule, why })));
  return { ...decision, others: others.slice(0, RULES_EXPLAINED_MAX), othersTotal: others.length };
}

function whyNot(index: RuleIndex, record: number, decision: Decision, work: Work): WhyNot {
  const { units } = index.packed;
  const mismatch = MISMATCHES[judge(index.coordinates, units, record, work)]!;
  if (mismatch !== MISMATCHES[MATCHES]) return mismatch;
  return decision.outcome === "deny" && !packed.isDeny(units, record) ? "overridden-by-deny" : "also-matches";
}
