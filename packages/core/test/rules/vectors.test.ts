/** The vectors of spec/decision.md: the index, the explanation and the slow model each give what is written there. */
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { compile, decide, decodeRule, explain, type Decision, type DecisionRequest } from "@strongroom/core/rules";
import { PADDING, VOCABULARY } from "./generate.ts";
import { model } from "./model.ts";

interface Case {
  readonly name: string;
  readonly rules: readonly unknown[];
  readonly request: DecisionRequest;
  readonly decision: Decision;
}
const file = new URL("../../../../spec/vectors/decision.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: Case[] };

describe("vectors of spec/decision.md", () => {
  for (const { name, rules, request, decision } of cases) {
    test(name, () => {
      const index = compile(VOCABULARY, rules);
      assert.deepEqual(decide(index, request), decision);
      assert.deepEqual(decide(compile(VOCABULARY, [...rules, ...PADDING]), request), decision);
      const { others: _, othersTotal: __, ...explained } = explain(index, request);
      assert.deepEqual(explained, decision);
      if (decision.reason !== "error") {
        const decoded = rules.map((rule) => decodeRule(VOCABULARY, rule));
        assert.deepEqual(model(VOCABULARY, decoded, request), decision);
      }
    });
  }

  test("reach every outcome", () => {
    const reasons = new Set(cases.map(({ decision }) => decision.reason));
    assert.deepEqual([...reasons].sort(), ["allowed-by-rule", "denied-by-rule", "error", "no-rule"]);
  });
});
