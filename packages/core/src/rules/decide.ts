/**
 * May this be done? Deny beats allow, nothing means no, an error means no. Meaning: spec/decision.md.
 */
import type { RuleIndex } from "./rule-index.ts";
import { Work, type DecisionRequest } from "./work.ts";

/** Why an item is denied. Stable. `locked` is said by the agent, for a subject who made everything inaccessible. */
export type DenialReason = "denied-by-rule" | "no-rule" | "locked" | "error";

export type Decision = Allowed | Denied;

export interface Allowed {
  readonly outcome: "allow";
  readonly reason: "allowed-by-rule";
  /** Ids of the matching allow rules, at most `RULES_NAMED_MAX`: latest end first, then longest retention, then id. */
  readonly rules: readonly string[];
  /** How long a key released now may be kept, ms. 0: for this use only. */
  readonly retentionMs: number;
  /** Last millisecond until which these rules will allow the same; `null`: no end. */
  readonly validUntil: number | null;
}

export interface Denied {
  readonly outcome: "deny";
  readonly reason: DenialReason;
  /** Ids of the matching deny rules, in the same order and number; empty for any other reason. */
  readonly rules: readonly string[];
  readonly retentionMs: 0;
  readonly validUntil: null;
}

const scratch = new Work();

/**
 * Decides one request. Never throws: what cannot be understood is denied with the reason `error`. (Refuse unknown ids
 * at the boundary, with `vocabulary.require`, to tell the asking application what is wrong.)
 *
 * Cost: bounded by the depth of the vocabulary, not by the number of rules (lookup.ts).
 */
export function decide(index: RuleIndex, request: DecisionRequest): Decision {
  return decideIn(scratch, index, request);
}

/** `decide` with a room of the caller's own, whose `steps` can be read afterwards. */
export function decideIn(work: Work, index: RuleIndex, request: DecisionRequest): Decision {
  try {
    if (index.fault !== null) return ERROR;
    if (!work.begin(index.coordinates, request, index.applicationPlace(request.application))) return ERROR;
    index.collect(work);
    if (work.denies.count > 0) return denied("denied-by-rule", index.idsOf(work.denies));
    if (work.allows.count > 0) return allowed(index, work);
    return NO_RULE;
  } catch {
    // Fail closed: whatever broke, the answer is no.
    return ERROR;
  }
}

function allowed(index: RuleIndex, work: Work): Allowed {
  const { allows, at } = work;
  // The first named rule is the one that ends last. A deny rule that begins later ends it earlier.
  const last = Math.min(index.untilOf(allows, 0), work.nextDeny - 1);
  let retentionMs = 0;
  for (let i = 0; i < allows.count && index.packed.keeps; i++) {
    const granted = index.retentionOf(allows, i);
    // A key is not kept past the rule that grants keeping it, nor into a denial.
    if (granted > retentionMs) {
      retentionMs = Math.max(retentionMs, Math.min(granted, index.untilOf(allows, i) - at, last - at));
    }
  }
  return {
    outcome: "allow",
    reason: "allowed-by-rule",
    rules: index.idsOf(allows),
    retentionMs,
    validUntil: last === Infinity ? null : last,
  };
}

function denied(reason: DenialReason, rules: readonly string[]): Denied {
  return { outcome: "deny", reason, rules, retentionMs: 0, validUntil: null };
}

const NONE: readonly string[] = Object.freeze([]);
const NO_RULE: Denied = Object.freeze(denied("no-rule", NONE));
const ERROR: Denied = Object.freeze(denied("error", NONE));
