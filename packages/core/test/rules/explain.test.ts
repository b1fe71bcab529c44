/** An explanation is the decision, and accounts for every rule. */
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { compile, decide, explain, RULES_EXPLAINED_MAX, type DecisionRequest, type Rule } from "@strongroom/core/rules";
import { named, request, ruleSets, START, VOCABULARY } from "./generate.ts";
import { fromOf, matchesApartFromTime, untilOf } from "./model.ts";

const ASKED: DecisionRequest = {
  application: "shop",
  type: "identity.given-name",
  action: { kind: "read", use: "communicate.email", purpose: "advert.newsletter" },
  at: START,
};

const rule = (id: string, change: object = {}): Rule =>
  named(
    {
      effect: "allow",
      applications: null,
      types: ["identity"],
      action: { kind: "read", uses: ["communicate"], purposes: ["advert"] },
      from: null,
      until: null,
      ...change,
    },
    id,
  );

const whyNot = (change: object, asked = ASKED): string | undefined =>
  explain(compile(VOCABULARY, [rule("r", change)]), asked).others[0]?.why;

describe("explain", () => {
  test("agrees with decide, and accounts for every rule once", () => {
    const sets = fc.oneof(ruleSets(0, 12), ruleSets(33, 60));
    fc.assert(
      fc.property(sets, fc.array(request, { minLength: 8, maxLength: 8 }), (rules, asked) => {
        const index = compile(VOCABULARY, rules);
        for (const one of asked) {
          const { others, othersTotal, ...decision } = explain(index, one);
          assert.deepEqual(decision, decide(index, one));
          assert.equal(othersTotal, others.length);
          assert.deepEqual(
            [...decision.rules, ...others.map(({ rule: id }) => id)].sort(),
            rules.map(({ id }) => id).sort(),
          );
          for (const { rule: id, why } of others)
            assertTrue(
              rules.find((other) => other.id === id)!,
              why,
              one,
            );
        }
      }),
      { numRuns: 150 },
    );
  });

  /** The reason is so, by the model's own reading. */
  function assertTrue(of: Rule, why: string, one: DecisionRequest): void {
    const inTime = fromOf(of) <= one.at && one.at <= untilOf(of);
    const matching = matchesApartFromTime(VOCABULARY, of, one);
    const expected = {
      "also-matches": matching && inTime,
      "overridden-by-deny": matching && inTime && of.effect === "allow",
      expired: matching && untilOf(of) < one.at,
      "not-yet-valid": matching && one.at < fromOf(of),
      "other-application": !(of.applications?.includes(one.application) ?? true),
      "other-type": !of.types.some((id) => VOCABULARY.covers("type", id, one.type)),
      "other-action": of.action.kind !== one.action.kind,
      "other-use": !matching && of.action.kind === "read",
      "other-purpose": !matching && of.action.kind === "read",
      "other-provenance": !matching && of.action.kind === "update",
    }[why];
    assert.equal(expected, true, why);
  }

  test("gives each reason, and the first where several are so", () => {
    assert.equal(whyNot({}), undefined);
    assert.equal(whyNot({ applications: ["depot"] }), "other-application");
    assert.equal(whyNot({ types: ["payment"] }), "other-type");
    assert.equal(whyNot({ types: ["identity.surname"] }), "other-type");
    assert.equal(whyNot({ action: { kind: "update", provenances: ["subject"] } }), "other-action");
    assert.equal(whyNot({ action: { kind: "read", uses: ["publish"], purposes: ["advert"] } }), "other-use");
    assert.equal(
      whyNot({ action: { kind: "read", uses: ["communicate"], purposes: ["contractual"] } }),
      "other-purpose",
    );
    assert.equal(whyNot({ from: START + 1 }), "not-yet-valid");
    assert.equal(whyNot({ until: START - 1 }), "expired");
    const update: DecisionRequest = { ...ASKED, action: { kind: "update", provenance: "public" } };
    assert.equal(whyNot({ action: { kind: "update", provenances: ["subject"] } }, update), "other-provenance");
    assert.equal(whyNot({ applications: ["depot"], types: ["payment"], until: START - 1 }), "other-application");
    assert.equal(
      whyNot({ action: { kind: "read", uses: ["publish"], purposes: ["contractual"] }, from: START + 1 }),
      "other-use",
    );
  });

  test("tells of allow rules that a deny rule overrides", () => {
    const explained = explain(compile(VOCABULARY, [rule("a"), rule("d", { effect: "deny" }), rule("b")]), ASKED);
    assert.deepEqual(explained.rules, ["d"]);
    assert.deepEqual(explained.others, [
      { rule: "a", why: "overridden-by-deny" },
      { rule: "b", why: "overridden-by-deny" },
    ]);
  });

  test("lists the nearest misses first, at most so many, and says how many there are", () => {
    const far = Array.from({ length: RULES_EXPLAINED_MAX }, (_, i) => rule(`far${i}`, { applications: ["depot"] }));
    const rules = [...far, rule("late", { from: START + 1 }), rule("use", { types: ["payment"] })];
    const { others, othersTotal, reason } = explain(compile(VOCABULARY, rules), ASKED);
    assert.equal(reason, "no-rule");
    assert.equal(othersTotal, RULES_EXPLAINED_MAX + 2);
    assert.equal(others.length, RULES_EXPLAINED_MAX);
    assert.deepEqual(others.slice(0, 2), [
      { rule: "late", why: "not-yet-valid" },
      { rule: "use", why: "other-type" },
    ]);
    const exact = explain(compile(VOCABULARY, far), ASKED);
    assert.deepEqual([exact.others.length, exact.othersTotal], [RULES_EXPLAINED_MAX, RULES_EXPLAINED_MAX]);
  });

  test("has nothing to say of an error", () => {
    const broken = compile(VOCABULARY, [rule("a"), { id: "b" }]);
    assert.deepEqual(explain(broken, ASKED), { ...decide(broken, ASKED), others: [], othersTotal: 0 });
    const unknown = explain(compile(VOCABULARY, [rule("a")]), { ...ASKED, type: "nowhere" });
    assert.deepEqual([unknown.reason, unknown.othersTotal], ["error", 0]);
  });
});
