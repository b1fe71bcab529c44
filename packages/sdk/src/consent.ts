/** Asking a person for a rule, and hearing the answer. */
import { StrongroomError } from "@strongroom/core/errors";
import type { Vocabulary } from "@strongroom/core/vocabulary";
import type { ActionScope, ConsentRequestDraft, ConsentRequestStatus, ConsentState } from "@strongroom/core/wire";
import { badAnswer, readObject } from "./agent/answer.ts";
import type { PersonRef } from "./person.ts";

const DAY_MS = 86_400_000;
const LAPSES_AFTER_MS = 14 * DAY_MS;
const ID = /^[A-Za-z0-9_-]{1,64}$/;
const STATES: readonly ConsentState[] = ["pending", "granted", "refused", "expired", "withdrawn"];

/** What is asked for, and what the person reads about it. */
export interface ConsentAsk {
  readonly person: PersonRef | string;
  readonly types: readonly string[];
  readonly action: ActionScope;
  /** How long released keys may be kept, ms (default 0). */
  readonly retentionMs?: number;
  /** End of the rule that would result, ms since 1970; null: no end (default). */
  readonly until?: number | null;
  /** Why, in plain words. */
  readonly reason: string;
  /** What happens when the person refuses. */
  readonly ifRefused: string;
  /** When the request lapses unanswered, ms since 1970 (default: in 14 days). */
  readonly expiresAt?: number;
}

/** A consent request, and how it stands. `id` names the agent too. */
export interface Consent {
  readonly id: string;
  readonly state: ConsentState;
}

/** @internal @throws StrongroomError `vocabulary.*` */
export function consentDraft(
  ask: ConsentAsk,
  person: PersonRef,
  vocabulary: Vocabulary,
  now: number,
): ConsentRequestDraft {
  for (const type of ask.types) vocabulary.require("type", type);
  if (ask.action.kind === "read") {
    for (const use of ask.action.uses) vocabulary.require("use", use);
    for (const purpose of ask.action.purposes) vocabulary.require("purpose", purpose);
  } else {
    for (const provenance of ask.action.provenances) vocabulary.require("provenance", provenance);
  }
  const { types, action, reason, ifRefused, retentionMs } = ask;
  return {
    handle: person.handle,
    types,
    action,
    ...(retentionMs === undefined ? {} : { retentionMs }),
    until: ask.until ?? null,
    reason,
    ifRefused,
    expiresAt: ask.expiresAt ?? now + LAPSES_AFTER_MS,
  };
}

/** @internal The agent's word on a request. @throws StrongroomError `sdk.bad-answer` */
export function readStatus(answer: unknown, issuer: string): ConsentRequestStatus {
  const { id, state, createdAt, answeredAt } = readObject(answer, issuer);
  const times = typeof createdAt === "number" && (answeredAt === null || typeof answeredAt === "number");
  if (typeof id !== "string" || !ID.test(id) || !STATES.includes(state as ConsentState) || !times) {
    throw badAnswer(issuer, "is not the status of a consent request");
  }
  return { id, state: state as ConsentState, createdAt, answeredAt };
}

/** @internal `<locator>.<id>`: the id that the program keeps. */
export function consentId(locator: string, id: string): string {
  return `${locator}.${id}`;
}

/** @internal @throws StrongroomError `sdk.person` */
export function splitConsentId(text: string): { locator: string; id: string } {
  const [, locator, id] = /^([A-Za-z0-9_-]{11})\.([A-Za-z0-9_-]{1,64})$/.exec(text) ?? [];
  if (locator === undefined || id === undefined) {
    throw new StrongroomError("sdk.person", "not the id of a consent request, as requestConsent gave it");
  }
  return { locator, id };
}
