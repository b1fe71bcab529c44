/**
 * Consent requests: a controller's application asks a subject for a rule; the subject grants all of it, part of it or
 * nothing. States and their meaning: spec/decision.md, "Consent requests".
 *
 *     pending ─┬─ granted    the subject said yes to all or part; the rule is made in the same step
 *              ├─ refused    the subject said no
 *              ├─ withdrawn  the application no longer asks
 *              └─ expired    nobody answered until `expiresAt`
 *
 * All functions here are pure: the agent stores what they return, and reads the clock.
 */
import { StrongroomError } from "../errors.ts";
import type { Vocabulary, VocabularyKind } from "../vocabulary/index.ts";
import * as decode from "./decode.ts";
import type { ActionScope, RuleDraft } from "./rule.ts";

export type ConsentState = "pending" | "granted" | "refused" | "expired" | "withdrawn";

/** What an application asks for. Decoded and frozen. */
export interface ConsentDraft {
  readonly types: readonly string[];
  readonly action: ActionScope;
  readonly retentionMs: number;
  /** End of the rule that would result; `null`: no end. */
  readonly until: number | null;
  /** Why, in the controller's words. */
  readonly reason: string;
  /** What happens when the subject refuses, in the controller's words. */
  readonly ifRefused: string;
  /** Last millisecond in which it can be answered. */
  readonly expiresAt: number;
}

export interface ConsentRequest extends ConsentDraft {
  readonly id: string;
  /** Who asked, and the only one to whom the resulting rule will apply. */
  readonly application: string;
  readonly createdAt: number;
  /** As stored: read it by `consentState`, which knows that time passes. */
  readonly state: ConsentState;
  /** When it left the state `pending`; `null` while it has not. */
  readonly answeredAt: number | null;
}

/** The subject's answer. What a grant leaves out is granted as it was asked. */
export type ConsentAnswer =
  | { readonly answer: "refuse" }
  | {
      readonly answer: "grant";
      readonly types?: readonly string[];
      readonly action?: ActionScope;
      readonly until?: number | null;
      readonly retentionMs?: number;
    };

/** Longest time for which a request may stay open: 90 days. */
export const CONSENT_OPEN_MS_MAX = 90 * 86_400_000;

/**
 * What an application sent. Every field must be there but `retentionMs`, which is 0 then.
 * @throws StrongroomError `rule.*` and `vocabulary.unknown-*`, as `decodeRuleDraft`; `consent.bad-deadline`.
 */
export function decodeConsentDraft(vocabulary: Vocabulary, value: unknown, now: number): ConsentDraft {
  const known = ["types", "action", "retentionMs", "until", "reason", "ifRefused", "expiresAt"];
  const fields = decode.readFields(value, "$", known);
  const action = decode.readActionScope(vocabulary, fields.get("action"), "$.action");
  const retentionMs = decode.readRetention(fields.get("retentionMs") ?? 0, "$.retentionMs");
  if (retentionMs > 0 && action.kind === "update") {
    decode.refuse("rule.bad-retention", "$.retentionMs", "must be 0 for an update, which releases no key to keep");
  }
  const until = decode.readInstantOrNull(fields.get("until"), "$.until");
  return Object.freeze({
    types: decode.readTerms(vocabulary, "type", fields.get("types"), "$.types"),
    action,
    retentionMs,
    until,
    reason: decode.readText(fields.get("reason"), "$.reason"),
    ifRefused: decode.readText(fields.get("ifRefused"), "$.ifRefused"),
    expiresAt: readDeadline(fields.get("expiresAt"), until, now),
  });
}

function readDeadline(value: unknown, until: number | null, now: number): number {
  const path = "$.expiresAt";
  const expiresAt = decode.readInstant(value, path);
  if (expiresAt < now) decode.refuse("consent.bad-deadline", path, "has passed already");
  if (expiresAt - now > CONSENT_OPEN_MS_MAX)
    decode.refuse("consent.bad-deadline", path, "lies more than 90 days ahead");
  if (until !== null && until < expiresAt) {
    decode.refuse("consent.bad-deadline", path, "lies after $.until: a late answer would make a rule that has ended");
  }
  return expiresAt;
}

/** What a subject sent. @throws StrongroomError as `decodeRuleDraft`. Whether it is too wide is for `answerConsent` to say. */
export function decodeConsentAnswer(vocabulary: Vocabulary, value: unknown): ConsentAnswer {
  const fields = decode.readFields(value, "$", ["answer", "types", "action", "until", "retentionMs"]);
  const answer = decode.readOneOf(fields.get("answer"), "$.answer", ["grant", "refuse"] as const);
  if (answer === "refuse") {
    if (fields.size > 1) decode.refuse("rule.malformed", "$", "refuses, so nothing but the answer belongs there");
    return Object.freeze({ answer });
  }
  const [types, action, until, retentionMs] = ["types", "action", "until", "retentionMs"].map((key) => fields.get(key));
  return Object.freeze({
    answer,
    ...(types !== undefined && { types: decode.readTerms(vocabulary, "type", types, "$.types") }),
    ...(action !== undefined && { action: decode.readActionScope(vocabulary, action, "$.action") }),
    ...(until !== undefined && { until: decode.readInstantOrNull(until, "$.until") }),
    ...(retentionMs !== undefined && { retentionMs: decode.readRetention(retentionMs, "$.retentionMs") }),
  });
}

/** The request as it begins: pending. */
export function openConsent(
  draft: ConsentDraft,
  facts: { readonly id: string; readonly application: string; readonly now: number },
): ConsentRequest {
  const { id, application, now } = facts;
  return Object.freeze({ ...draft, id, application, createdAt: now, state: "pending" as const, answeredAt: null });
}

/** The state at `now`: a pending request whose `expiresAt` has passed is expired, whether or not anybody noted it. */
export function consentState(request: ConsentRequest, now: number): ConsentState {
  return request.state === "pending" && request.expiresAt < now ? "expired" : request.state;
}

/** An answered request, and where it was granted what the rule will say (for `admitRule`, in the same transaction). */
export type ConsentOutcome =
  | { readonly state: "granted"; readonly request: ConsentRequest; readonly rule: RuleDraft }
  | { readonly state: "refused"; readonly request: ConsentRequest };

/**
 * Answers a pending request.
 * @throws StrongroomError `consent.already-answered`, `consent.expired`, `consent.wider-than-asked`,
 * `rule.already-expired`.
 */
export function answerConsent(
  vocabulary: Vocabulary,
  request: ConsentRequest,
  answer: ConsentAnswer,
  now: number,
): ConsentOutcome {
  requirePending(request, now);
  if (answer.answer === "refuse") return { state: "refused", request: leavePending(request, "refused", now) };

  const { types = request.types, action = request.action } = answer;
  const { until = request.until, retentionMs = request.retentionMs } = answer;
  requireWithin(vocabulary, "type", request.types, types, "$.types");
  requireScopeWithin(vocabulary, request.action, action);
  if ((until ?? Infinity) > (request.until ?? Infinity)) tooWide("$.until", "lies after the end that was asked for");
  if (retentionMs > request.retentionMs) tooWide("$.retentionMs", "is longer than was asked for");
  if (until !== null && until < now) decode.refuse("rule.already-expired", "$.until", "has passed already");

  const rule: RuleDraft = {
    effect: "allow",
    applications: Object.freeze([request.application]),
    types,
    action,
    from: null,
    until,
    retentionMs,
  };
  return { state: "granted", request: leavePending(request, "granted", now), rule: Object.freeze(rule) };
}

/** The application no longer asks. @throws StrongroomError `consent.already-answered`, `consent.expired`. */
export function withdrawConsent(request: ConsentRequest, now: number): ConsentRequest {
  requirePending(request, now);
  return leavePending(request, "withdrawn", now);
}

function requirePending(request: ConsentRequest, now: number): void {
  const state = consentState(request, now);
  if (state === "expired") throw new StrongroomError("consent.expired", "the request was not answered in time");
  if (state !== "pending") {
    throw new StrongroomError("consent.already-answered", `the request is ${state} already`, { details: { state } });
  }
}

function leavePending(
  request: ConsentRequest,
  state: "granted" | "refused" | "withdrawn",
  now: number,
): ConsentRequest {
  return Object.freeze({ ...request, state, answeredAt: now });
}

function requireScopeWithin(vocabulary: Vocabulary, asked: ActionScope, granted: ActionScope): void {
  if (asked.kind === "read" && granted.kind === "read") {
    requireWithin(vocabulary, "use", asked.uses, granted.uses, "$.action.uses");
    requireWithin(vocabulary, "purpose", asked.purposes, granted.purposes, "$.action.purposes");
  } else if (asked.kind === "update" && granted.kind === "update") {
    requireWithin(vocabulary, "provenance", asked.provenances, granted.provenances, "$.action.provenances");
  } else {
    tooWide("$.action.kind", `is not what was asked for, which was "${asked.kind}"`);
  }
}

/** Each granted term is one that was asked for or lies below one. */
function requireWithin(
  vocabulary: Vocabulary,
  kind: VocabularyKind,
  asked: readonly string[],
  granted: readonly string[],
  path: string,
): void {
  for (const [index, id] of granted.entries()) {
    if (!asked.some((ancestor) => vocabulary.covers(kind, ancestor, id))) {
      tooWide(`${path}[${index}]`, `"${id}" was not asked for`);
    }
  }
}

function tooWide(path: string, problem: string): never {
  decode.refuse("consent.wider-than-asked", path, problem);
}
