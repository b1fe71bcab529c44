/** Consent requests: every way from state to state, and no answer that gives more than was asked. */
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import type { StrongroomError } from "@strongroom/core/errors";
import * as rules from "@strongroom/core/rules";
import { PURPOSES, request as anyRequest, START, TYPES, USES, VOCABULARY } from "./generate.ts";

const DAY_MS = 86_400_000;
const ASKED = {
  types: ["identity", "payment.card"],
  action: { kind: "read", uses: ["communicate", "publish.internal"], purposes: ["contractual"] },
  retentionMs: 60_000,
  until: START + 30 * DAY_MS,
  reason: "To print the label of your parcel.",
  ifRefused: "You fetch the parcel at the shop.",
  expiresAt: START + 7 * DAY_MS,
};

const decodeDraft = (change: object = {}): rules.ConsentDraft =>
  rules.decodeConsentDraft(VOCABULARY, { ...ASKED, ...change }, START);
const open = (change: object = {}): rules.ConsentRequest =>
  rules.openConsent(decodeDraft(change), { id: "q", application: "shop", now: START });
const decodeAnswer = (value: unknown): rules.ConsentAnswer => rules.decodeConsentAnswer(VOCABULARY, value);
const answer = (request: rules.ConsentRequest, value: object, now = START): rules.ConsentOutcome =>
  rules.answerConsent(VOCABULARY, request, decodeAnswer(value), now);
const code = (expected: string, path?: string) => (error: StrongroomError) =>
  error.code === expected && (path === undefined || error.details.path === path);

describe("a request", () => {
  test("begins pending and is frozen", () => {
    const request = open();
    assert.deepEqual(request, {
      ...ASKED,
      id: "q",
      application: "shop",
      createdAt: START,
      state: "pending",
      answeredAt: null,
    });
    assert.ok(Object.isFrozen(request) && Object.isFrozen(request.types));
  });

  test("has every field, of its form", () => {
    for (const field of Object.keys(ASKED)) {
      if (field === "retentionMs") continue;
      assert.throws(() => decodeDraft({ [field]: undefined }), code("rule.malformed"), field);
    }
    const { retentionMs: _, ...rest } = ASKED;
    assert.equal(rules.decodeConsentDraft(VOCABULARY, rest, START).retentionMs, 0);
    assert.throws(() => decodeDraft({ effect: "allow" }), code("rule.malformed"));
    assert.throws(() => decodeDraft({ types: [] }), code("rule.empty-list"));
    assert.throws(() => decodeDraft({ types: ["everything"] }), code("vocabulary.unknown-type"));
    assert.throws(() => decodeDraft({ reason: "x".repeat(501) }), code("rule.over-limit", "$.reason"));
    assert.throws(() => decodeDraft({ ifRefused: "" }), code("rule.malformed", "$.ifRefused"));
    assert.throws(
      () => decodeDraft({ action: { kind: "update", provenances: ["subject"] } }),
      code("rule.bad-retention", "$.retentionMs"),
    );
  });

  test("lapses between now and 90 days ahead, and not after the rule that it asks for", () => {
    const at = (expiresAt: number, until: number | null = null): rules.ConsentDraft =>
      decodeDraft({ expiresAt, until });
    at(START);
    at(START + rules.CONSENT_OPEN_MS_MAX);
    at(START + 5, START + 5);
    assert.throws(() => at(START - 1), code("consent.bad-deadline", "$.expiresAt"));
    assert.throws(() => at(START + rules.CONSENT_OPEN_MS_MAX + 1), code("consent.bad-deadline", "$.expiresAt"));
    assert.throws(() => at(START + 6, START + 5), code("consent.bad-deadline", "$.expiresAt"));
  });
});

describe("states", () => {
  test("a pending request is granted, refused, withdrawn, or expires after its last millisecond", () => {
    const request = open();
    const { expiresAt } = ASKED;
    assert.equal(rules.consentState(request, expiresAt), "pending");
    assert.equal(rules.consentState(request, expiresAt + 1), "expired");
    for (const [state, left] of [
      ["granted", answer(request, { answer: "grant" }, expiresAt).request],
      ["refused", answer(request, { answer: "refuse" }, expiresAt).request],
      ["withdrawn", rules.withdrawConsent(request, expiresAt)],
    ] as const) {
      assert.deepEqual([left.state, left.answeredAt], [state, expiresAt]);
      assert.equal(rules.consentState(left, expiresAt + DAY_MS), state, "what was answered does not expire");
      assert.ok(Object.isFrozen(left));
    }
    assert.equal(request.state, "pending", "the request itself is never changed");
  });

  test("nothing leads out of a final state", () => {
    const request = open();
    const acts = [
      (of: rules.ConsentRequest, now: number) => answer(of, { answer: "grant" }, now),
      (of: rules.ConsentRequest, now: number) => answer(of, { answer: "refuse" }, now),
      (of: rules.ConsentRequest, now: number) => rules.withdrawConsent(of, now),
    ];
    const final = [
      answer(request, { answer: "grant" }).request,
      answer(request, { answer: "refuse" }).request,
      rules.withdrawConsent(request, START),
    ];
    for (const act of acts) {
      for (const of of final) {
        assert.throws(
          () => act(of, START + 1),
          (error: StrongroomError) => error.code === "consent.already-answered" && error.details.state === of.state,
        );
      }
      assert.throws(() => act(request, ASKED.expiresAt + 1), code("consent.expired"));
      assert.throws(() => act({ ...request, state: "expired" }, START), code("consent.expired"));
    }
  });
});

describe("a grant", () => {
  test("of all makes the rule that was asked for, for the asking application alone", () => {
    const outcome = answer(open(), { answer: "grant" });
    assert.ok(outcome.state === "granted");
    const { types, action, retentionMs, until } = ASKED;
    assert.deepEqual(outcome.rule, {
      effect: "allow",
      applications: ["shop"],
      types,
      action,
      from: null,
      until,
      retentionMs,
    });
    const facts = { id: "r", now: START, origin: "consent-request", requestId: "q" } as const;
    const rule = rules.admitRule([], outcome.rule, facts);
    assert.deepEqual(rules.decodeRule(VOCABULARY, JSON.parse(JSON.stringify(rule))), rule);
  });

  test("of a part may take away types, uses, purposes and time, and name what lies below", () => {
    const part = {
      types: ["identity.given-name", "payment.card"],
      action: { kind: "read", uses: ["communicate.letter"], purposes: ["contractual.delivery"] },
      until: START + DAY_MS,
      retentionMs: 0,
    };
    const outcome = answer(open(), { answer: "grant", ...part });
    assert.ok(outcome.state === "granted");
    const { effect: _, applications: __, from: ___, ...granted } = outcome.rule;
    assert.deepEqual(granted, part);
  });

  test("of more than was asked is refused, whichever part is wider", () => {
    const wider: [object, string][] = [
      [{ types: ["identity", "photo"] }, "$.types[1]"],
      [{ types: ["personal"] }, "$.types[0]"],
      [{ types: ["payment"] }, "$.types[0]"],
      [{ action: { ...ASKED.action, uses: ["publish"] } }, "$.action.uses[0]"],
      [{ action: { ...ASKED.action, purposes: ["contractual", "advert"] } }, "$.action.purposes[1]"],
      [{ action: { kind: "update", provenances: ["subject"] } }, "$.action.kind"],
      [{ until: ASKED.until + 1 }, "$.until"],
      [{ until: null }, "$.until"],
      [{ retentionMs: ASKED.retentionMs + 1 }, "$.retentionMs"],
    ];
    for (const [part, path] of wider) {
      assert.throws(() => answer(open(), { answer: "grant", ...part }), code("consent.wider-than-asked", path), path);
    }
    const update = open({ action: { kind: "update", provenances: ["subject"] }, retentionMs: 0 });
    const more = { answer: "grant", action: { kind: "update", provenances: ["public"] } };
    assert.throws(() => answer(update, more), code("consent.wider-than-asked", "$.action.provenances[0]"));
    assert.equal(answer(update, { answer: "grant" }).state, "granted");
  });

  test("may end a rule that was to have no end, and not in the past", () => {
    const endless = open({ until: null });
    assert.equal(answer(endless, { answer: "grant", until: null }).state, "granted");
    assert.equal(answer(endless, { answer: "grant", until: START + 1 }).state, "granted");
    assert.equal(answer(endless, { answer: "grant", until: START }).state, "granted");
    const past = { answer: "grant", until: START - 1 };
    assert.throws(() => answer(endless, past), code("rule.already-expired", "$.until"));
  });

  test("never allows what the request as a whole would not have allowed", () => {
    const part = fc.record(
      {
        answer: fc.constant("grant"),
        types: fc.uniqueArray(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 2 }),
        action: fc.record({
          kind: fc.constant("read"),
          uses: fc.uniqueArray(fc.constantFrom(...USES), { minLength: 1, maxLength: 2 }),
          purposes: fc.uniqueArray(fc.constantFrom(...PURPOSES), { minLength: 1, maxLength: 2 }),
        }),
        until: fc.constantFrom(null, ASKED.until, ASKED.until + 1, START + 5),
        retentionMs: fc.constantFrom(0, 60_000, 60_001),
      },
      { requiredKeys: ["answer"] },
    );
    const indexOf = (given: object): rules.RuleIndex | null => {
      try {
        const outcome = answer(open(), given);
        assert.ok(outcome.state === "granted");
        return rules.compile(VOCABULARY, [
          rules.admitRule([], outcome.rule, { id: "r", now: START, origin: "subject" }),
        ]);
      } catch (error) {
        assert.ok(code("consent.wider-than-asked")(error as StrongroomError));
        return null;
      }
    };
    const whole = indexOf({ answer: "grant" })!;
    let granted = 0;
    fc.assert(
      fc.property(part, fc.array(anyRequest, { minLength: 30, maxLength: 30 }), (given, asked) => {
        const index = indexOf(given);
        if (index === null) return;
        granted++;
        for (const one of asked) {
          const got = rules.decide(index, one);
          const most = rules.decide(whole, one);
          if (got.outcome === "allow") assert.equal(most.outcome, "allow");
          assert.ok(got.retentionMs <= most.retentionMs);
        }
      }),
      { numRuns: 400 },
    );
    assert.ok(granted > 10, `only ${granted} answers were granted`);
  });
});

describe("an answer", () => {
  test("has a known form", () => {
    assert.deepEqual(decodeAnswer({ answer: "refuse" }), { answer: "refuse" });
    assert.deepEqual(decodeAnswer({ answer: "grant" }), { answer: "grant" });
    for (const bad of [
      null,
      [],
      "grant",
      {},
      { answer: "maybe" },
      { answer: "refuse", types: ["identity"] },
      { answer: "grant", effect: "deny" },
    ]) {
      assert.throws(() => decodeAnswer(bad), code("rule.malformed"));
    }
    assert.throws(() => decodeAnswer({ answer: "grant", types: [] }), code("rule.empty-list"));
    assert.throws(() => decodeAnswer({ answer: "grant", types: ["identitty"] }), code("vocabulary.unknown-type"));
    assert.throws(() => decodeAnswer({ answer: "grant", retentionMs: -1 }), code("rule.bad-retention"));
    assert.throws(() => decodeAnswer({ answer: "grant", until: 5 }), code("rule.bad-validity"));
  });
});
