/**
 * The same rules and requests put to Cedar, an independent engine: a rule becomes a `permit` or a `forbid`, a term an
 * entity whose parent is the term above it. Over at least ten thousand cases the outcome and the rules that made it
 * must be the same.
 */
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import cedar from "@cedar-policy/cedar-wasm/nodejs";
import { compile, decide, RULES_NAMED_MAX, type DecisionRequest, type Rule } from "@strongroom/core/rules";
import type { VocabularyKind } from "@strongroom/core/vocabulary";
import { request, ruleSets, VOCABULARY } from "./generate.ts";

const SETS = 650;
const REQUESTS_PER_SET = 16;

interface Uid {
  readonly type: string;
  readonly id: string;
}
const uid = (kind: VocabularyKind, id: string): Uid => ({ type: kind, id });
const oneOf = (kind: string, ids: readonly string[]): string => `[${ids.map((id) => `${kind}::"${id}"`).join(", ")}]`;

function policyOf(rule: Rule): string {
  const { applications, types, action, from, until } = rule;
  const conditions = [`resource in ${oneOf("type", types)}`];
  if (applications !== null) conditions.push(`${oneOf("application", applications)}.contains(principal)`);
  if (action.kind === "read") {
    conditions.push(`context.use in ${oneOf("use", action.uses)}`);
    conditions.push(`context.purpose in ${oneOf("purpose", action.purposes)}`);
  } else {
    conditions.push(`context.provenance in ${oneOf("provenance", action.provenances)}`);
  }
  if (from !== null) conditions.push(`${from} <= context.at`);
  if (until !== null) conditions.push(`context.at <= ${until}`);
  const effect = rule.effect === "allow" ? "permit" : "forbid";
  return `${effect}(principal, action == Action::"${action.kind}", resource) when { ${conditions.join(" && ")} };`;
}

/** The terms of a request with all that is above them: what Cedar needs of the hierarchy. */
function entitiesOf(terms: readonly Uid[]) {
  return terms.flatMap(({ type, id }) =>
    VOCABULARY.ancestors(type as VocabularyKind, id).map((term) => ({
      uid: { type, id: term.id },
      attrs: {},
      parents: term.parent === null ? [] : [{ type, id: term.parent }],
    })),
  );
}

function askCedar(policySet: string, asked: DecisionRequest): { outcome: string; rules: string[] } {
  const { action } = asked;
  const terms: Record<string, Uid> =
    action.kind === "read"
      ? { use: uid("use", action.use), purpose: uid("purpose", action.purpose) }
      : { provenance: uid("provenance", action.provenance) };
  const entities = Object.entries(terms).map(([name, entity]) => [name, { __entity: entity }] as const);
  const answer = cedar.statefulIsAuthorized({
    principal: { type: "application", id: asked.application },
    action: { type: "Action", id: action.kind },
    resource: uid("type", asked.type),
    context: { at: asked.at, ...Object.fromEntries(entities) },
    entities: entitiesOf([uid("type", asked.type), ...Object.values(terms)]),
    preparsedPolicySetId: policySet,
  });
  if (answer.type === "failure") assert.fail(JSON.stringify(answer.errors));
  assert.deepEqual(answer.response.diagnostics.errors, []);
  return { outcome: answer.response.decision, rules: answer.response.diagnostics.reason };
}

describe("Cedar", () => {
  test(`decides the same, for the same reasons, in ${SETS * REQUESTS_PER_SET} cases`, () => {
    assert.ok(SETS * REQUESTS_PER_SET >= 10_000);
    const seen = { "allowed-by-rule": 0, "denied-by-rule": 0, "no-rule": 0, locked: 0, error: 0 };
    const sets = fc.oneof({ weight: 9, arbitrary: ruleSets(1, 8) }, { weight: 1, arbitrary: ruleSets(33, 36) });
    const requests = fc.array(request, { minLength: REQUESTS_PER_SET, maxLength: REQUESTS_PER_SET });
    fc.assert(
      fc.property(sets, requests, (rules, asked) => {
        const staticPolicies = Object.fromEntries(rules.map((rule) => [rule.id, policyOf(rule)]));
        const parsed = cedar.preparsePolicySet("rules", { staticPolicies });
        assert.equal(parsed.type, "success");
        const index = compile(VOCABULARY, rules);
        for (const one of asked) {
          const ours = decide(index, one);
          const theirs = askCedar("rules", one);
          seen[ours.reason]++;
          assert.equal(ours.outcome, theirs.outcome);
          assert.equal(ours.rules.length, Math.min(theirs.rules.length, RULES_NAMED_MAX));
          for (const id of ours.rules) assert.ok(theirs.rules.includes(id));
        }
      }),
      { numRuns: SETS, endOnFailure: true },
    );
    // The comparison says something only where all three ends were reached often.
    for (const reason of ["allowed-by-rule", "denied-by-rule", "no-rule"] as const) {
      assert.ok(seen[reason] > 200, `${reason}: only ${seen[reason]} cases`);
    }
  });

  test("would find a rule that is read differently", () => {
    // A rule that ends one millisecond later on one side only: the case that tells the two apart exists and is found.
    const [rule] = fc.sample(
      ruleSets(1, 1).filter(([one]) => one!.until !== null && one!.effect === "allow" && one!.action.kind === "read"),
      { numRuns: 1, seed: 1 },
    )[0]!;
    const late = { ...rule!, until: rule!.until! + 1 };
    cedar.preparsePolicySet("late", { staticPolicies: { [late.id]: policyOf(late) } });
    const { types, action, applications } = rule!;
    assert.ok(action.kind === "read");
    const asked: DecisionRequest = {
      application: applications?.[0] ?? "shop",
      type: types[0]!,
      action: { kind: "read", use: action.uses[0]!, purpose: action.purposes[0]! },
      at: late.until,
    };
    assert.equal(askCedar("late", asked).outcome, "allow");
    assert.equal(decide(compile(VOCABULARY, [rule]), asked).outcome, "deny");
  });
});
