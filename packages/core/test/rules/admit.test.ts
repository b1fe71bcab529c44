/** Which drafts may join the rules of a relationship. */
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import type { StrongroomError } from "@strongroom/core/errors";
import {
  admitRule,
  compile,
  decide,
  decodeRule,
  decodeRuleDraft,
  findDuplicate,
  RULES_PER_RELATIONSHIP_MAX,
  type Rule,
  type RuleDraft,
} from "@strongroom/core/rules";
import { request, ruleSets, START, VOCABULARY } from "./generate.ts";

const FACTS = { id: "new", now: START, origin: "subject" } as const;

function draft(change: object = {}): RuleDraft {
  return decodeRuleDraft(VOCABULARY, {
    effect: "allow",
    applications: ["shop", "depot"],
    types: ["identity", "payment"],
    action: { kind: "read", uses: ["communicate", "report"], purposes: ["contractual", "advert"] },
    from: null,
    until: null,
    ...change,
  });
}

const stored = (change: object = {}, id = "old"): Rule =>
  decodeRule(VOCABULARY, { ...draft(change), id, origin: "subject", createdAt: START });

const code = (expected: string) => (error: StrongroomError) => error.code === expected;

describe("admitting", () => {
  test("makes a rule that is stored and read again unchanged", () => {
    const rule = admitRule([], draft({ retentionMs: 5, note: "n" }), FACTS);
    assert.deepEqual(decodeRule(VOCABULARY, JSON.parse(JSON.stringify(rule))), rule);
    const asked = admitRule([], draft(), { id: "r", now: START, origin: "consent-request", requestId: "q" });
    assert.deepEqual([asked.origin, asked.requestId, asked.createdAt], ["consent-request", "q", START]);
    assert.ok(Object.isFrozen(rule) && Object.isFrozen(asked));
  });

  test("refuses a rule that has ended; one that ends in this millisecond has not", () => {
    admitRule([], draft({ until: START }), FACTS);
    assert.throws(() => admitRule([], draft({ until: START - 1 }), FACTS), code("rule.already-expired"));
  });

  test("refuses one more than the relationship can have", () => {
    const full = Array.from({ length: RULES_PER_RELATIONSHIP_MAX }, (_, i) => stored({ types: ["photo"] }, `r${i}`));
    admitRule(full.slice(1), draft(), FACTS);
    assert.throws(() => admitRule(full, draft(), FACTS), code("rule.set-full"));
  });

  test("names the rule that a duplicate repeats", () => {
    assert.throws(
      () => admitRule([stored()], draft(), FACTS),
      (error: StrongroomError) => error.code === "rule.duplicate" && error.details.rule === "old",
    );
  });
});

describe("a duplicate", () => {
  const isDuplicate = (existing: object, drafted: object, now = START): boolean =>
    findDuplicate([stored(existing)], draft(drafted), now) !== undefined;

  test("says the same in whatever order, whoever noted what", () => {
    const turned = {
      applications: ["depot", "shop"],
      types: ["payment", "identity"],
      action: { kind: "read", uses: ["report", "communicate"], purposes: ["advert", "contractual"] },
      note: "other words",
    };
    assert.ok(isDuplicate({}, turned));
  });

  test("is no longer one where anything that it says differs", () => {
    const other = [
      { effect: "deny" },
      { applications: null },
      { applications: ["shop"] },
      { types: ["identity"] },
      { types: ["identity", "payment", "photo"] },
      { action: { kind: "read", uses: ["communicate", "report"], purposes: ["contractual"] } },
      { action: { kind: "read", uses: ["report"], purposes: ["contractual", "advert"] } },
      { action: { kind: "update", provenances: ["subject"] } },
      { retentionMs: 1 },
    ];
    for (const change of other) assert.ok(!isDuplicate({}, change), JSON.stringify(change));
  });

  test("lies within the validity of the other: an expired rule can be made again", () => {
    assert.ok(!isDuplicate({ until: START - 1 }, {}));
    assert.ok(!isDuplicate({ until: START - 1 }, { until: START + 5 }));
    assert.ok(!isDuplicate({ until: START + 4 }, { until: START + 5 }));
    assert.ok(isDuplicate({ until: START + 5 }, { until: START + 5 }));
    assert.ok(isDuplicate({}, { until: START + 5 }));
    assert.ok(!isDuplicate({ from: START + 1 }, {}));
    assert.ok(isDuplicate({ from: START }, { from: null }), "time that has passed makes no difference");
    assert.ok(isDuplicate({ from: START + 1 }, { from: START + 1 }));
  });

  test("keeps keys no longer than the other", () => {
    assert.ok(isDuplicate({ retentionMs: 10 }, { retentionMs: 10 }));
    assert.ok(isDuplicate({ retentionMs: 10 }, { retentionMs: 3 }));
    assert.ok(!isDuplicate({ retentionMs: 10 }, { retentionMs: 11 }));
  });

  test("would change no decision from now on", () => {
    fc.assert(
      fc.property(ruleSets(1, 6), fc.array(request, { minLength: 20, maxLength: 20 }), (rules, asked) => {
        const [again, ...rest] = rules;
        const { id: _, origin: __, createdAt: ___, ...said } = again!;
        if (findDuplicate(rules, said, START) === undefined) return;
        const [without, with2] = [
          compile(VOCABULARY, rules),
          compile(VOCABULARY, [...rest, again!, { ...again!, id: "zz" }]),
        ];
        for (const one of asked) {
          const [before, after] = [decide(without, one), decide(with2, one)];
          assert.deepEqual(
            [before.outcome, before.retentionMs, before.validUntil],
            [after.outcome, after.retentionMs, after.validUntil],
          );
        }
      }),
    );
  });
});
