/** What a decision promises, each promise as a property over arbitrary rules and requests. */
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  compile,
  decide,
  RULES_NAMED_MAX,
  type Decision,
  type DecisionRequest,
  type Rule,
  type RuleIndex,
} from "@strongroom/core/rules";
import { decideIn } from "../../src/rules/decide.ts";
import { RuleIndex as Index } from "../../src/rules/rule-index.ts";
import { Work } from "../../src/rules/work.ts";
import { named, PADDING, request, ruleSets, START, VOCABULARY } from "./generate.ts";
import { model } from "./model.ts";

const of = (rules: readonly unknown[]): RuleIndex => compile(VOCABULARY, rules);
const requests = fc.array(request, { minLength: 12, maxLength: 12 });

/** The same rules in each of the three forms: masks, lookup, and neither. */
function forms(rules: readonly Rule[]): { form: string; index: RuleIndex }[] {
  const small = of(rules);
  const { packed, coordinates } = small;
  const bare = { ...packed, units: packed.units.slice(packed.records), records: 0 };
  return [
    { form: "masks", index: small },
    { form: "lookup", index: of([...rules, ...PADDING]) },
    { form: "scan", index: new Index(coordinates, bare, Math.min(rules.length, 1), null) },
  ];
}

describe("decide agrees with the model", () => {
  test("over a few rules, in every form", () => {
    fc.assert(
      fc.property(ruleSets(0, 12), requests, (rules, asked) => {
        const compiled = forms(rules);
        for (const one of asked) {
          const expected = model(VOCABULARY, rules, one);
          for (const { form, index } of compiled) assert.deepEqual(decide(index, one), expected, form);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("over as many rules as masks hold, and one more", () => {
    fc.assert(
      fc.property(fc.constantFrom(31, 32, 33), ruleSets(33, 33), requests, (size, all, asked) => {
        const rules = all.slice(0, size);
        const index = of(rules);
        for (const one of asked) assert.deepEqual(decide(index, one), model(VOCABULARY, rules, one));
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  test("over many rules, whose lists are long", () => {
    fc.assert(
      fc.property(ruleSets(700, 900), fc.array(request, { minLength: 60, maxLength: 60 }), (rules, asked) => {
        const index = of(rules);
        for (const one of asked) assert.deepEqual(decide(index, one), model(VOCABULARY, rules, one));
      }),
      { numRuns: 8, endOnFailure: true },
    );
  });

  test("over many rules that differ only in time, at every instant", () => {
    const scope = {
      applications: null,
      types: ["identity"],
      action: { kind: "read", uses: ["communicate"], purposes: ["advert"] },
    };
    const window = fc.record({
      deny: fc.boolean(),
      from: fc.integer({ min: 0, max: 300 }),
      length: fc.integer({ min: 0, max: 20 }),
      retentionMs: fc.constantFrom(0, 5, 500),
    });
    fc.assert(
      fc.property(fc.array(window, { minLength: 200, maxLength: 300 }), (windows) => {
        const rules = windows.map(({ deny, from, length, retentionMs }, i) =>
          named(
            {
              ...scope,
              effect: deny && i % 2 === 0 ? "deny" : "allow",
              from: START + from,
              until: START + from + length,
              retentionMs: deny && i % 2 === 0 ? 0 : retentionMs,
            },
            `w${i}`,
          ),
        );
        const index = of(rules);
        // Forwards, backwards and to and fro: the index keeps the last instant's place.
        const instants = Array.from({ length: 330 }, (_, i) => i - 5);
        for (const i of [...instants, ...instants.toReversed(), 10, 200, 11, 300, 0]) {
          const one = ask({ at: START + i });
          assert.deepEqual(decide(index, one), model(VOCABULARY, rules, one));
        }
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });

  test("where there are too many combinations for a lookup", () => {
    // Every use for every purpose on 64 types: some five thousand entries a rule.
    const all = (kind: "type" | "use" | "purpose") => VOCABULARY.terms(kind).map((term) => term.id);
    const leaves = all("type").filter((id) => VOCABULARY.children("type", id).length === 0);
    const rules = Array.from({ length: 500 }, (_, i) =>
      named(
        {
          effect: i % 3 === 0 ? "deny" : "allow",
          applications: [`a${i}`],
          types: leaves.slice(i % 7, 64 + (i % 7)),
          action: { kind: "read", uses: all("use").slice(i % 5, 32), purposes: all("purpose").slice(i % 5, 32) },
          from: null,
          until: START + i,
        },
        `wide-${i}`,
      ),
    );
    const index = of(rules);
    const one = ask({ application: "a7", type: leaves[30]!, use: all("use")[20]!, purpose: all("purpose")[10]! });
    assert.deepEqual(decide(index, one), model(VOCABULARY, rules, one));
    assert.equal(decide(index, one).outcome, "allow");
    assert.ok(index.bytes < 2_000_000, "it was looked up after all");
  });
});

/** A request for one thing that the tests below change in one place. */
function ask(
  change: { application?: string; type?: string; use?: string; purpose?: string; at?: number } = {},
): DecisionRequest {
  const { application = "shop", type = "identity.given-name", use = "communicate.email", purpose = "advert" } = change;
  return { application, type, action: { kind: "read", use, purpose }, at: change.at ?? START };
}

function holds(name: string, property: (rules: Rule[], other: Rule, asked: DecisionRequest) => void): void {
  test(name, () => {
    fc.assert(
      fc.property(ruleSets(1, 10), requests, (rules, asked) => {
        const [other, ...rest] = rules;
        for (const one of asked) property(rest, other!, one);
      }),
      { numRuns: 150 },
    );
  });
}

const allows = (decision: Decision): boolean => decision.outcome === "allow";
const matches = (rule: Rule, one: DecisionRequest): boolean => decide(of([rule]), one).reason !== "no-rule";

describe("theorems", () => {
  holds("deny trumps allow", (rules, other, one) => {
    if (other.effect === "deny" && matches(other, one)) {
      const decision = decide(of([...rules, other]), one);
      assert.equal(decision.reason, "denied-by-rule");
      assert.ok(decision.rules.includes(other.id));
    }
  });

  holds("nothing means no", (rules, _, one) => {
    assert.deepEqual(decide(of([]), one).reason, "no-rule");
    if (!rules.some((rule) => matches(rule, one))) assert.equal(decide(of(rules), one).reason, "no-rule");
  });

  holds("an error means no, whatever else the rules say", (rules, other, one) => {
    const broken = { ...other, effect: "permit" };
    for (const stored of [[broken], [...rules, broken], [broken, ...rules]]) {
      assert.deepEqual(decide(of(stored), one), ERROR);
    }
  });

  holds("an allowance names a rule that allows", (rules, _, one) => {
    const decision = decide(of(rules), one);
    if (allows(decision)) {
      assert.ok(decision.rules.length > 0);
      for (const id of decision.rules) assert.ok(allows(decide(of(rules.filter((rule) => rule.id === id)), one)));
    }
  });

  holds("revoking an allow rule never widens", (rules, other, one) => {
    if (other.effect !== "allow") return;
    const [before, after] = [decide(of([...rules, other]), one), decide(of(rules), one)];
    if (allows(after)) assert.ok(allows(before));
    assert.ok((after.validUntil ?? Infinity) <= (before.validUntil ?? Infinity) || !allows(after));
    assert.ok(after.retentionMs <= before.retentionMs);
  });

  holds("adding a deny rule never allows, nor lengthens anything", (rules, other, one) => {
    if (other.effect !== "deny") return;
    const [before, after] = [decide(of(rules), one), decide(of([...rules, other]), one)];
    if (allows(after)) {
      assert.ok(allows(before));
      assert.ok((after.validUntil ?? Infinity) <= (before.validUntil ?? Infinity));
      assert.ok(after.retentionMs <= before.retentionMs);
    }
  });

  holds("the order of the rules does not matter", (rules, other, one) => {
    const expected = decide(of([other, ...rules]), one);
    assert.deepEqual(decide(of([...rules, other]), one), expected);
    assert.deepEqual(decide(of([other, ...rules].reverse()), one), expected);
  });

  holds("a rule on a term covers all that is below it, and nothing beside", (_, rule, one) => {
    for (const id of rule.types) {
      for (const below of VOCABULARY.descendants("type", id)) {
        if (matches(rule, { ...one, type: id })) assert.ok(matches(rule, { ...one, type: below.id }));
      }
    }
    const reached = rule.types.some((id) => VOCABULARY.covers("type", id, one.type));
    if (!reached) assert.ok(!matches(rule, one));
  });

  holds("a rule for one application says nothing about another", (rules, other, one) => {
    const elsewhere = named({ ...draftOf(other), applications: ["elsewhere"] }, other.id);
    assert.deepEqual(decide(of([...rules, elsewhere]), one), decide(of(rules), one));
  });

  holds("permission to update is no permission to read, nor the other way round", (rules, _, one) => {
    const sameKind = rules.filter((rule) => rule.action.kind === one.action.kind);
    assert.deepEqual(decide(of(rules), one), decide(of(sameKind), one));
  });

  holds("what is allowed stays allowed until validUntil, and a key is kept only while it is", (rules, _, one) => {
    const index = of(rules);
    const decision = decide(index, one);
    if (!allows(decision)) return;
    const last = Math.min(decision.validUntil ?? Infinity, START + 40);
    for (let at = one.at; at <= last; at++) assert.ok(allows(decide(index, { ...one, at })));
    for (let at = one.at; at <= Math.min(one.at + decision.retentionMs, START + 40); at++) {
      assert.ok(allows(decide(index, { ...one, at })));
    }
    assert.ok(one.at + decision.retentionMs <= (decision.validUntil ?? Infinity));
  });
});

const ERROR = { outcome: "deny", reason: "error", rules: [], retentionMs: 0, validUntil: null };

function draftOf({ effect, applications, types, action, from, until, retentionMs }: Rule): object {
  return { effect, applications, types, action, from, until, retentionMs };
}

describe("validity", () => {
  const rule = named(
    {
      effect: "allow",
      applications: null,
      types: ["identity"],
      action: { kind: "read", uses: ["communicate"], purposes: ["advert"] },
      from: START,
      until: START + 1000,
      retentionMs: 100,
    },
    "r",
  );

  test("both ends are inclusive, and one millisecond beyond either is not valid", () => {
    for (const { index } of forms([rule])) {
      assert.equal(decide(index, ask({ at: START - 1 })).reason, "no-rule");
      assert.equal(decide(index, ask({ at: START })).outcome, "allow");
      assert.equal(decide(index, ask({ at: START + 1000 })).outcome, "allow");
      assert.equal(decide(index, ask({ at: START + 1001 })).reason, "no-rule");
    }
  });

  test("a key is kept for the retention, cut at the end of the rule and before a denial begins", () => {
    assert.equal(decide(of([rule]), ask({ at: START })).retentionMs, 100);
    assert.equal(decide(of([rule]), ask({ at: START + 900 })).retentionMs, 100);
    assert.equal(decide(of([rule]), ask({ at: START + 901 })).retentionMs, 99);
    assert.equal(decide(of([rule]), ask({ at: START + 1000 })).retentionMs, 0);
    const later = named({ ...draftOf(rule), effect: "deny", from: START + 50, until: null, retentionMs: 0 }, "d");
    for (const { index } of forms([rule, later])) {
      assert.equal(decide(index, ask({ at: START })).retentionMs, 49);
      assert.equal(decide(index, ask({ at: START + 49 })).retentionMs, 0);
      assert.equal(decide(index, ask({ at: START + 50 })).reason, "denied-by-rule");
    }
  });

  test("the rule that lets keys be kept limits them, not another that allows for longer", () => {
    const longer = named({ ...draftOf(rule), until: null, retentionMs: 0 }, "longer");
    const decision = decide(of([rule, longer]), ask({ at: START + 970 }));
    assert.deepEqual([decision.retentionMs, decision.validUntil], [30, null]);
  });

  test("a decision names the first rules in the stated order, and no more than the limit", () => {
    const ends = Array.from({ length: RULES_NAMED_MAX + 1 }, (_, i) =>
      named({ ...draftOf(rule), until: START + 1000 + i }, `e${i}`),
    );
    for (const { index } of forms(ends)) {
      const { rules } = decide(index, ask());
      assert.deepEqual(
        rules,
        ends
          .slice(1)
          .map(({ id }) => id)
          .reverse(),
      );
    }
  });
});

describe("what cannot be understood is denied as an error, and nothing is thrown", () => {
  const good = named(
    {
      effect: "allow",
      applications: null,
      types: ["personal"],
      action: { kind: "read", uses: ["communicate"], purposes: ["advert"] },
      from: null,
      until: null,
    },
    "good",
  );
  const index = of([good]);

  test("requests of another form", () => {
    assert.equal(decide(index, ask()).outcome, "allow");
    const { action } = ask();
    const bad: unknown[] = [
      ask({ type: "identity.givenname" }),
      ask({ type: "__proto__" }),
      ask({ use: "communicate.pigeon" }),
      ask({ purpose: "" }),
      ask({ at: NaN }),
      ask({ at: Infinity }),
      ask({ at: 1.5 }),
      { ...ask(), at: String(START) },
      { ...ask(), action: { ...action, kind: "delete" } },
      { ...ask(), action: { kind: "update", provenance: "hearsay" } },
      { ...ask(), action: { kind: "update" } },
      { ...ask(), action: undefined },
      { ...ask(), type: undefined },
      null,
      {},
    ];
    for (const one of bad) assert.deepEqual(decide(index, one as DecisionRequest), ERROR);
  });

  test("a stored set with one bad rule, of whatever kind, denies everything and says why", () => {
    const bad: [unknown, string][] = [
      [null, "rule.malformed"],
      ["allow everything", "rule.malformed"],
      [{ ...good, effect: "permit" }, "rule.malformed"],
      [{ ...good, id: undefined }, "rule.malformed"],
      [{ ...good, extra: 1 }, "rule.malformed"],
      [{ ...good, types: [] }, "rule.empty-list"],
      [{ ...good, types: ["identity.gone"] }, "vocabulary.unknown-type"],
      [{ ...good, until: 17 }, "rule.bad-validity"],
      [{ ...good, retentionMs: -1 }, "rule.bad-retention"],
      [good, "rule.malformed"],
    ];
    for (const [value, code] of bad) {
      const broken = of([good, value]);
      assert.equal(broken.fault?.code, code);
      assert.equal(broken.fault?.position, 1);
      assert.deepEqual(decide(broken, ask()), ERROR);
    }
  });

  test("a set larger than may be stored denies everything; one of the limit decides", () => {
    const many = Array.from({ length: 10_001 }, (_, i) => ({ ...good, id: `r${i}` }));
    assert.equal(of(many).fault?.code, "rule.set-full");
    assert.deepEqual(decide(of(many), ask()), ERROR);
    assert.equal(decide(of(many.slice(1)), ask()).outcome, "allow");
  });

  test("a fault inside the index denies", () => {
    const { packed, coordinates } = index;
    const damaged = new Index(coordinates, { ...packed, units: null as unknown as Uint16Array }, 1, null);
    assert.deepEqual(decideIn(new Work(), damaged, ask()), ERROR);
  });

  test("decisions that are shared cannot be changed by whoever gets one", () => {
    const { rules } = decide(of([]), ask());
    assert.throws(() => (rules as string[]).push("forged"), TypeError);
    assert.deepEqual(decide(of([]), ask()).rules, []);
  });
});
