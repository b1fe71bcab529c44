/** Whether a draft may join the rules of a relationship, and the rule that it becomes. */
import { StrongroomError } from "../errors.ts";
import { RULES_PER_RELATIONSHIP_MAX, type ActionScope, type Rule, type RuleDraft } from "./rule.ts";

/** What the agent adds to a draft. `now` in ms. */
export type RuleFacts = { readonly id: string; readonly now: number } & (
  { readonly origin: "subject" } | { readonly origin: "consent-request"; readonly requestId: string }
);

/**
 * The rule that a decoded draft becomes beside those of the relationship (for an edit: those without the edited one).
 * @throws StrongroomError `rule.already-expired`, `rule.set-full`, `rule.duplicate` (with `details.rule`).
 */
export function admitRule(existing: readonly Rule[], draft: RuleDraft, facts: RuleFacts): Rule {
  const { id, now, origin } = facts;
  if (draft.until !== null && draft.until < now) {
    throw new StrongroomError("rule.already-expired", "the rule would have ended before it was made");
  }
  if (existing.length >= RULES_PER_RELATIONSHIP_MAX) {
    const message = `the relationship has ${existing.length} rules, the most that it can have: revoke expired ones`;
    throw new StrongroomError("rule.set-full", message, { details: { max: RULES_PER_RELATIONSHIP_MAX } });
  }
  const duplicate = findDuplicate(existing, draft, now);
  if (duplicate !== undefined) {
    const message = `rule ${duplicate.id} says this already, for all of this time: edit or revoke that one`;
    throw new StrongroomError("rule.duplicate", message, { details: { rule: duplicate.id } });
  }
  return Object.freeze({
    id,
    ...draft,
    origin,
    ...(facts.origin === "consent-request" && { requestId: facts.requestId }),
    createdAt: now,
  });
}

/**
 * The rule beside which a draft would change nothing from `now` on: same effect, applications, types and action, valid
 * whenever the draft is, and keys kept no shorter. An expired rule is no duplicate, a revoked one is not in `rules`.
 */
export function findDuplicate(rules: readonly Rule[], draft: RuleDraft, now: number): Rule | undefined {
  const scope = scopeKey(draft);
  const begins = Math.max(draft.from ?? -Infinity, now);
  const ends = draft.until ?? Infinity;
  return rules.find(
    (rule) =>
      (rule.from ?? -Infinity) <= begins &&
      ends <= (rule.until ?? Infinity) &&
      rule.effect === draft.effect &&
      rule.retentionMs >= draft.retentionMs &&
      scopeKey(rule) === scope,
  );
}

/** One text per scope, whatever the order in which its lists were written. */
function scopeKey({ applications, types, action }: RuleDraft): string {
  return JSON.stringify([applications && [...applications].sort(), [...types].sort(), ...actionKey(action)]);
}

function actionKey(action: ActionScope): unknown[] {
  return action.kind === "read"
    ? ["read", [...action.uses].sort(), [...action.purposes].sort()]
    : ["update", [...action.provenances].sort()];
}
