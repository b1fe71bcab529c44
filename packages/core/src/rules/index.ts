/** Rules, the decision over them, and consent requests. Meaning: spec/decision.md. */
export * from "./rule.ts";
export { decodeRule, decodeRuleDraft } from "./decode.ts";
export { admitRule, findDuplicate, type RuleFacts } from "./admit.ts";
export { compile, type RuleFault, type RuleIndex } from "./rule-index.ts";
export { decide, type Allowed, type Decision, type DenialReason, type Denied } from "./decide.ts";
export { explain, RULES_EXPLAINED_MAX, type Explanation, type WhyNot } from "./explain.ts";
export type { DecisionRequest, RequestedAction } from "./work.ts";
export * from "./consent.ts";
