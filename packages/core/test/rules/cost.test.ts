/**
 * What a decision costs does not depend on how many rules there are. Counted in steps (masks, keys and items of lists
 * that were looked at), which are the same on every machine; the time is measured by `bench/src/benches/decide.ts`.
 */
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { compile, type DecisionRequest, type Rule } from "@strongroom/core/rules";
import { decideIn } from "../../src/rules/decide.ts";
import { Work } from "../../src/rules/work.ts";
import { APPLICATIONS, named, START, VOCABULARY } from "./generate.ts";

const DAY_MS = 86_400_000;
const SIZES = [1, 100, 10_000] as const;

/** The most that the decision asked of any set below may cost, in steps. */
const STEPS_MAX = 72;
/** What every decision costs beside: finding the ids asked, making the answer. In time as much as so many steps. */
const FIXED_STEPS = 60;

const asked: DecisionRequest = {
  application: "shop",
  type: "sensitive.health.vitals.weight",
  action: { kind: "read", use: "publish.internal.intranet", purpose: "contractual.delivery" },
  at: START,
};

const SCOPE = {
  effect: "allow",
  applications: null as string[] | null,
  types: ["sensitive.health"],
  action: { kind: "read", uses: ["publish.internal"], purposes: ["contractual"] },
  from: null as number | null,
  until: null as number | null,
};
const nth = (kind: "type" | "use" | "purpose", i: number): string => {
  const terms = VOCABULARY.terms(kind);
  return terms[i % terms.length]!.id;
};
type Changes = Partial<Record<keyof typeof SCOPE, unknown>>;

/** Sets that make a simple index slow. `i` counts the rules, `n` says how many there are. */
const SETS: Record<string, (i: number, n: number) => Changes> = {
  "all match": () => ({}),
  "all match and deny": () => ({ effect: "deny" }),
  "one after another in time, one of them valid": (i, n) => ({
    from: START + (i - n / 2) * DAY_MS,
    until: START + (i - n / 2 + 1) * DAY_MS - 1,
  }),
  "all expired": (i) => ({ until: START - 1 - i }),
  "all expired but one that ends first of those that remain": (i) => ({ until: i === 0 ? START : START - 1 - i }),
  "none begun, and the last of them ends first": (i) => ({ from: START + 1 + i, until: START + DAY_MS - i }),
  "one begun among those that have not, in the middle": (i, n) => ({
    from: i === Math.floor(n / 2) ? null : START + 1 + i,
    until: START + DAY_MS - i,
  }),
  "every eighth has begun": (i) => ({ from: i % 8 === 0 ? START - i : START + 1 + i, until: START + DAY_MS - i }),
  "denials to come": (i) => ({ effect: i === 0 ? "allow" : "deny", from: i === 0 ? null : START + 1 + i }),
  "other applications": (i) => ({ applications: [`app-${i}`] }),
  "other applications, and ours": (i) => ({ applications: [`app-${i}`, "shop"] }),
  "other uses": (i) => ({
    action: { kind: "read", uses: [i % 2 === 0 ? "publish.world" : "communicate"], purposes: ["contractual"] },
  }),
  "other purposes": () => ({ action: { kind: "read", uses: ["publish.internal"], purposes: ["advert"] } }),
  updates: () => ({ action: { kind: "update", provenances: ["subject"] } }),
  "every type of the tree in turn": (i) => ({ types: [nth("type", i)] }),
  "spread over everything": (i) => ({
    effect: i % 5 === 0 ? "deny" : "allow",
    types: [nth("type", i * 7), nth("type", i * 11)],
    action: {
      kind: "read",
      uses: [nth("use", i * 13)],
      purposes: [nth("purpose", i * 17)],
    },
    applications: i % 3 === 0 ? [APPLICATIONS[i % 2]!] : null,
    until: i % 2 === 0 ? null : START + (i % 100) * DAY_MS,
  }),
};

function steps(rules: readonly Rule[]): number {
  const work = new Work();
  const decision = decideIn(work, compile(VOCABULARY, rules), asked);
  assert.notEqual(decision.reason, "error");
  return work.steps;
}

describe("steps of a decision", () => {
  for (const [name, changes] of Object.entries(SETS)) {
    test(`${name}: 10,000 rules cost at most twice what one costs or 100 cost`, () => {
      const counts = SIZES.map((n) =>
        steps(Array.from({ length: n }, (_, i) => named({ ...SCOPE, ...changes(i, n) }, `r${i}`))),
      );
      const [one, hundred, tenThousand] = counts.map((count) => FIXED_STEPS + count) as [number, number, number];
      assert.ok(tenThousand <= 2 * Math.min(one, hundred), `steps: ${counts.join(", ")}`);
      assert.ok(tenThousand <= FIXED_STEPS + STEPS_MAX, `steps: ${counts.join(", ")}`);
    });
  }

  test("a few rules are no cheaper than the binary searches and bits of their masks", () => {
    for (const changes of Object.values(SETS)) {
      const one = steps([named({ ...SCOPE, ...changes(0, 1) }, "r")]);
      const most = steps(Array.from({ length: 32 }, (_, i) => named({ ...SCOPE, ...changes(i, 32) }, `r${i}`)));
      assert.ok(one >= 1 && one <= 10, `one rule: ${one}`);
      assert.ok(most <= one + 32 + 15, `32 rules: ${most}, one: ${one}`);
    }
  });
});
