/** What the boundary refuses, and with which code; limits at the limit and one beyond. */
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { StrongroomError } from "@strongroom/core/errors";
import * as rules from "@strongroom/core/rules";
import { START, VOCABULARY } from "./generate.ts";

const DRAFT = {
  effect: "allow",
  applications: null,
  types: ["identity"],
  action: { kind: "read", uses: ["communicate"], purposes: ["contractual"] },
  from: null,
  until: null,
};
const UPDATE = { ...DRAFT, action: { kind: "update", provenances: ["subject"] } };
const RULE = { ...DRAFT, id: "rule-1", origin: "subject", createdAt: START };

const decode = (value: unknown): rules.RuleDraft => rules.decodeRuleDraft(VOCABULARY, value);

function refused(value: unknown, code: string, path?: string): StrongroomError {
  return refusedBy(() => decode(value), code, path);
}

function refusedBy(act: () => unknown, code: string, path?: string): StrongroomError {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof StrongroomError);
    assert.equal(error.code, code);
    if (path !== undefined) assert.equal(error.details.path, path);
    return error;
  }
  assert.fail(`accepted, where ${code} was expected`);
}

describe("a draft", () => {
  test("is decoded to a frozen value that shares nothing with its source", () => {
    const source = structuredClone({ ...DRAFT, note: "for the parcels" });
    const draft = decode(source);
    source.types.push("payment");
    assert.deepEqual(draft, { ...DRAFT, retentionMs: 0, note: "for the parcels" });
    for (const part of [draft, draft.types, draft.action, (draft.action as rules.ReadScope).uses]) {
      assert.ok(Object.isFrozen(part));
    }
  });

  test("says a term once, where it was said twice", () => {
    assert.deepEqual(decode({ ...DRAFT, types: ["payment", "identity", "payment"] }).types, ["payment", "identity"]);
  });

  test("has every field, none of another name, and each of its form", () => {
    for (const value of [undefined, null, 1, "rule", [], [DRAFT]]) refused(value, "rule.malformed", "$");
    for (const field of Object.keys(DRAFT)) {
      const { [field as keyof typeof DRAFT]: _, ...rest } = DRAFT;
      refused(rest, "rule.malformed", `$.${field}`);
    }
    refused({ ...DRAFT, untill: START }, "rule.malformed", "$");
    refused({ ...DRAFT, id: "rule-1" }, "rule.malformed", "$");
    refused(JSON.parse('{"__proto__": {}}'), "rule.malformed", "$");
    refused(Object.create(DRAFT), "rule.malformed", "$.effect");
    refused({ ...DRAFT, effect: "permit" }, "rule.malformed", "$.effect");
    refused({ ...DRAFT, types: "identity" }, "rule.malformed", "$.types");
    refused({ ...DRAFT, types: [["identity"]] }, "rule.malformed", "$.types[0]");
    refused({ ...DRAFT, applications: ["shop", "two words"] }, "rule.malformed", "$.applications[1]");
    refused({ ...DRAFT, action: { kind: "erase" } }, "rule.malformed", "$.action.kind");
    refused({ ...DRAFT, action: { ...DRAFT.action, provenances: [] } }, "rule.malformed", "$.action.provenances");
    refused({ ...DRAFT, action: { ...UPDATE.action, uses: ["report"] } }, "rule.malformed", "$.action.uses");
    refused({ ...DRAFT, note: 5 }, "rule.malformed", "$.note");
    refused({ ...DRAFT, note: "   " }, "rule.malformed", "$.note");
    refused({ ...DRAFT, note: "two\nlines" }, "rule.malformed", "$.note");
    refused({ ...DRAFT, note: "turned \u202e round" }, "rule.malformed", "$.note");
    refused({ ...DRAFT, note: "half \ud800" }, "rule.malformed", "$.note");
  });

  test("reads each field once: a value that changes while it is looked at gains nothing", () => {
    let reads = 0;
    const shifty = Object.defineProperty({ ...DRAFT }, "effect", {
      enumerable: true,
      get: () => (reads++ === 0 ? "deny" : "allow"),
    });
    assert.equal(decode(shifty).effect, "deny");
    assert.equal(reads, 1);
  });

  test("refuses an empty list, and says what to write instead", () => {
    assert.match(refused({ ...DRAFT, types: [] }, "rule.empty-list", "$.types").message, /personal, sensitive/);
    assert.match(refused({ ...DRAFT, applications: [] }, "rule.empty-list", "$.applications").message, /null/);
    refused({ ...DRAFT, action: { ...DRAFT.action, uses: [] } }, "rule.empty-list", "$.action.uses");
    refused({ ...DRAFT, action: { ...DRAFT.action, purposes: [] } }, "rule.empty-list", "$.action.purposes");
    refused({ ...DRAFT, action: { ...UPDATE.action, provenances: [] } }, "rule.empty-list", "$.action.provenances");
  });

  test("refuses unknown terms with the nearest known one", () => {
    const error = refused({ ...DRAFT, types: ["identity.givenname"] }, "vocabulary.unknown-type");
    assert.equal(error.details.nearest, "identity.given-name");
    refused({ ...DRAFT, action: { ...DRAFT.action, uses: ["advert"] } }, "vocabulary.unknown-use");
    refused({ ...DRAFT, action: { ...DRAFT.action, purposes: ["report"] } }, "vocabulary.unknown-purpose");
    refused({ ...DRAFT, action: { kind: "update", provenances: ["hearsay"] } }, "vocabulary.unknown-provenance");
  });

  test("has at most so many types, uses, purposes, provenances and applications", () => {
    const repeated = (id: string, count: number): string[] => new Array<string>(count).fill(id);
    const withList = (list: string, count: number): unknown => {
      if (list === "types") return { ...DRAFT, types: repeated("identity", count) };
      if (list === "applications") return { ...DRAFT, applications: repeated("shop", count) };
      if (list === "provenances")
        return { ...DRAFT, action: { kind: "update", provenances: repeated("public", count) } };
      const id = list === "uses" ? "report" : "advert";
      return { ...DRAFT, action: { ...DRAFT.action, [list]: repeated(id, count) } };
    };
    const limits = { types: 64, uses: 32, purposes: 32, provenances: 32, applications: 16 };
    for (const [list, max] of Object.entries(limits)) {
      decode(withList(list, max));
      refused(withList(list, max + 1), "rule.over-limit");
    }
  });

  test("has a note of at most 500 characters, whatever their width", () => {
    decode({ ...DRAFT, note: "\u{1f511}".repeat(500) });
    refused({ ...DRAFT, note: "x".repeat(501) }, "rule.over-limit", "$.note");
    refused({ ...DRAFT, note: "x".repeat(1_000_000) }, "rule.over-limit", "$.note");
  });

  test("begins before it ends, between 2000 and 2200, in whole milliseconds", () => {
    decode({ ...DRAFT, from: START, until: START });
    refused({ ...DRAFT, from: START, until: START - 1 }, "rule.bad-validity", "$.until");
    for (const field of ["from", "until"] as const) {
      decode({ ...DRAFT, [field]: rules.INSTANT_MS_MIN });
      decode({ ...DRAFT, [field]: rules.INSTANT_MS_MAX });
      refused({ ...DRAFT, [field]: rules.INSTANT_MS_MIN - 1 }, "rule.bad-validity", `$.${field}`);
      refused({ ...DRAFT, [field]: rules.INSTANT_MS_MAX + 1 }, "rule.bad-validity", `$.${field}`);
      assert.match(refused({ ...DRAFT, [field]: START / 1000 }, "rule.bad-validity").message, /seconds/);
      for (const bad of [undefined, START + 0.5, NaN, Infinity, "2026-01-01", new Date(START), 2 ** 53]) {
        refused({ ...DRAFT, [field]: bad }, "rule.malformed", `$.${field}`);
      }
    }
  });

  test("lets keys be kept for at most a day, and only where reading is allowed", () => {
    assert.equal(decode({ ...DRAFT, retentionMs: 86_400_000 }).retentionMs, 86_400_000);
    assert.ok(Object.is(decode({ ...DRAFT, retentionMs: -0 }).retentionMs, 0));
    for (const bad of [86_400_001, -1, 0.5, NaN, "60000"]) {
      refused({ ...DRAFT, retentionMs: bad }, "rule.bad-retention", "$.retentionMs");
    }
    refused({ ...DRAFT, effect: "deny", retentionMs: 1 }, "rule.bad-retention", "$.retentionMs");
    refused({ ...UPDATE, retentionMs: 1 }, "rule.bad-retention", "$.retentionMs");
    decode({ ...UPDATE, retentionMs: 0 });
  });

  test("is never shown again in the words of an error", () => {
    const secret = "4929 1234 5678 9012";
    for (const value of [
      { ...DRAFT, [secret]: 1 },
      { ...DRAFT, types: [secret] },
      { ...DRAFT, effect: secret },
      { ...DRAFT, applications: [secret] },
      { ...DRAFT, from: secret },
    ]) {
      assert.throws(
        () => decode(value),
        (error: StrongroomError) => !`${error.message} ${JSON.stringify(error.details)}`.includes(secret),
      );
    }
  });
});

describe("a stored rule", () => {
  const stored = (value: unknown): rules.Rule => rules.decodeRule(VOCABULARY, value);

  test("comes back as it was written", () => {
    const rule = stored({ ...RULE, retentionMs: 60_000, note: "n" });
    assert.deepEqual(stored(JSON.parse(JSON.stringify(rule))), rule);
    const asked = stored({ ...RULE, origin: "consent-request", requestId: "req_1" });
    assert.equal(asked.requestId, "req_1");
    assert.ok(Object.isFrozen(asked));
  });

  test("names its consent request exactly where it came from one", () => {
    refusedBy(() => stored({ ...RULE, origin: "consent-request" }), "rule.malformed", "$.requestId");
    refusedBy(() => stored({ ...RULE, requestId: "req_1" }), "rule.malformed", "$.requestId");
    refusedBy(() => stored({ ...RULE, origin: "controller" }), "rule.malformed", "$.origin");
  });

  test("has an id of 1 to 64 letters, digits, - and _", () => {
    assert.equal(stored({ ...RULE, id: "a".repeat(64) }).id.length, 64);
    for (const id of ["", "a".repeat(65), "a b", "é", 7, null, undefined]) {
      refusedBy(() => stored({ ...RULE, id }), "rule.malformed", "$.id");
    }
  });

  test("may have expired, and still has an instant of creation", () => {
    stored({ ...RULE, until: rules.INSTANT_MS_MIN });
    for (const createdAt of [null, undefined, "now"]) {
      refusedBy(() => stored({ ...RULE, createdAt }), "rule.malformed", "$.createdAt");
    }
    refusedBy(() => stored({ ...RULE, createdAt: 5 }), "rule.bad-validity", "$.createdAt");
  });
});
