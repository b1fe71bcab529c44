/**
 * Consent requests: a controller asks for a rule, the subject answers with all, part or none of it.
 * A granted request becomes an ordinary rule that says where it came from. A stored request is bound to its id,
 * relationship and asker (keys/rowMac.ts): one that was changed in the database could widen what the person agrees to,
 * or give it to another controller, so it is as unknown as one that was taken away.
 */
import { StrongroomError } from "@strongroom/core/errors";
import {
  admitRule,
  answerConsent,
  consentState,
  decodeConsentAnswer,
  decodeConsentDraft,
  withdrawConsent as withdrawPending,
  type ConsentDraft,
  type ConsentRequest,
} from "@strongroom/core/rules";
import type { ConsentRequestDraft, ConsentRequestStatus, ConsentRequestView } from "@strongroom/core/wire";
import type { Caller } from "../authorize/authorize.ts";
import type { LiveRelationship } from "../authorize/live.ts";
import type { AgentContext } from "../context.ts";
import { bindText, boundText, type RowFields } from "../keys/rowMac.ts";
import { LogUnit } from "../log/writer.ts";
import { changeRules, newFacts } from "../rules/ruleService.ts";
import type { ConsentRow } from "../storage/rows.ts";
import type { Mutation } from "../storage/store.ts";

/** Requests that may wait for one subject from one controller. */
export const PENDING_PER_RELATIONSHIP_MAX = 20;

/** @throws StrongroomError `consent.*` for the draft, `relationship.unknown`, `consent.too-many`. */
export async function requestConsent(
  context: AgentContext,
  caller: Caller,
  draft: ConsentRequestDraft,
): Promise<ConsentRequestStatus> {
  const { handle, ...asked } = draft;
  const now = context.effects.now();
  const decoded = decodeConsentDraft(context.vocabulary, asked, now);
  const id = context.effects.random(16).toString("base64url");
  const live = await context.directory.relationship(handle);
  if (live === undefined || live.erased || live.controller !== caller.controller) {
    throw new StrongroomError("relationship.unknown", "no such relationship");
  }
  const row: ConsentRow = {
    id,
    handle,
    subject: live.subject.id,
    controller: caller.controller,
    application: caller.application,
    draft: JSON.stringify(decoded),
    state: "pending",
    createdAt: now,
    expiresAt: decoded.expiresAt,
    answeredAt: null,
  };
  // One after the other: of requests at once each would count the others as not there yet.
  await context.turns.run(live.subject.id, () => add(context, caller, live, row));
  return statusOf(row, now);
}

async function add(context: AgentContext, caller: Caller, live: LiveRelationship, row: ConsentRow): Promise<void> {
  const now = row.createdAt;
  const lapsed = await makeRoom(context, live, now);
  const unit = new LogUnit(null, caller, now);
  unit.record(live.subject, {
    kind: "consent",
    reason: "requested",
    controller: caller.controller,
    application: caller.application,
    detail: consentDetail(row),
  });
  const draft = bindText(context.identity.tokenKey, "consent", fieldsOf(row), row.draft);
  unit.mutations.push({ op: "consent.add", row: { ...row, draft } }, ...lapsed);
  if (live.erased) throw new StrongroomError("relationship.unknown", "no such relationship");
  await context.writer.append(unit);
}

/**
 * A request that nobody answered in time does not wait any more, whether or not that was noted: it is noted where the
 * limit is reached. @throws StrongroomError `consent.too-many`
 */
async function makeRoom(
  context: AgentContext,
  { handle, subject }: LiveRelationship,
  now: number,
): Promise<Mutation[]> {
  const { store } = context;
  if ((await store.consentsPendingCount(handle)) < PENDING_PER_RELATIONSHIP_MAX) return [];
  const pending = (await store.consentsOf(subject.id)).filter(
    (row) => row.handle === handle && row.state === "pending",
  );
  const lapsed = pending.filter((stored) => {
    const row = own(context, stored);
    return row === null || stateAt(row, now) === "expired";
  });
  if (pending.length - lapsed.length >= PENDING_PER_RELATIONSHIP_MAX) {
    throw new StrongroomError(
      "consent.too-many",
      `${PENDING_PER_RELATIONSHIP_MAX} requests wait for this person already`,
      {
        details: { max: PENDING_PER_RELATIONSHIP_MAX },
      },
    );
  }
  return lapsed.map(({ id }) => ({ op: "consent.settle", id, state: "expired", answeredAt: null }));
}

/** @throws StrongroomError `consent.unknown` also for another controller's request. */
export async function consentStatus(context: AgentContext, caller: Caller, id: string): Promise<ConsentRequestStatus> {
  const row = own(context, await context.store.consent(id));
  if (row === null || row.controller !== caller.controller) throw unknownRequest();
  return statusOf(row, context.effects.now());
}

/** The controller takes its own pending request back. */
export async function withdrawConsent(context: AgentContext, caller: Caller, id: string): Promise<void> {
  const row = own(context, await context.store.consent(id));
  if (row === null || row.controller !== caller.controller) throw unknownRequest();
  const subject = await context.directory.subject(row.subject);
  if (subject === undefined) throw unknownRequest();
  const now = context.effects.now();
  withdrawPending(requestOf(row), now);
  const unit = new LogUnit(null, caller, now);
  unit.record(subject, {
    kind: "consent",
    controller: row.controller,
    application: caller.application,
    reason: "withdrawn",
    detail: consentDetail(row),
  });
  unit.mutations.push({ op: "consent.settle", id, state: "withdrawn", answeredAt: now });
  await settle(context, unit);
}

export async function listConsents(context: AgentContext, subject: string): Promise<ConsentRequestView[]> {
  const now = context.effects.now();
  const names = new Map((await context.store.controllers()).map(({ id, name }) => [id, name]));
  const rows = (await context.store.consentsOf(subject)).map((row) => own(context, row)).filter((row) => row !== null);
  return rows.map((row) => ({
    ...(JSON.parse(row.draft) as Omit<ConsentRequestDraft, "handle">),
    handle: row.handle,
    id: row.id,
    controller: row.controller,
    controllerName: names.get(row.controller) ?? row.controller,
    application: row.application,
    state: stateAt(row, now),
    createdAt: row.createdAt,
  }));
}

/**
 * @throws StrongroomError `consent.unknown`, `consent.already-answered`, `consent.expired`, `consent.wider-than-asked`, `rule.*`.
 */
export async function answer(
  context: AgentContext,
  subjectId: string,
  id: string,
  body: unknown,
): Promise<ConsentRequestView> {
  const given = decodeConsentAnswer(context.vocabulary, body);
  const row = await readOwn(context, subjectId, id);
  const now = context.effects.now();
  const outcome = answerConsent(context.vocabulary, requestOf(row), given, now);
  const settled = { op: "consent.settle", id, state: outcome.state, answeredAt: now } as const;
  if (outcome.state === "granted") {
    const facts = newFacts(context, { origin: "consent-request", requestId: id });
    await changeRules(context, subjectId, row.handle, async (rules) => {
      // Again, now that no other answer of the subject can come between: of two at once, one is told so.
      answerConsent(context.vocabulary, requestOf(await readOwn(context, subjectId, id)), given, now);
      const rule = admitRule(rules, outcome.rule, facts);
      return { rules: [...rules, rule], rule, kind: "consent", reason: "granted", alongside: [settled] };
    }).catch(translateStale);
  } else {
    const subject = await context.directory.subject(subjectId);
    if (subject === undefined) throw unknownRequest();
    const unit = new LogUnit(null, null, now);
    unit.record(subject, {
      kind: "consent",
      controller: row.controller,
      application: row.application,
      reason: "refused",
      detail: consentDetail(row),
    });
    unit.mutations.push(settled);
    await settle(context, unit);
  }
  context.events.publish(row.controller, { event: "consent", id, state: outcome.state, at: now });
  const view = (await listConsents(context, subjectId)).find((candidate) => candidate.id === id);
  if (view === undefined) throw unknownRequest();
  return view;
}

async function readOwn(context: AgentContext, subjectId: string, id: string): Promise<ConsentRow> {
  const row = own(context, await context.store.consent(id));
  if (row === null || row.subject !== subjectId) throw unknownRequest();
  return row;
}

/** The row with its draft as JSON; null where it is not one that the agent stored. */
function own({ identity }: AgentContext, row: ConsentRow | null): ConsentRow | null {
  const draft = row === null ? null : boundText(identity.tokenKey, "consent", fieldsOf(row), row.draft);
  return row === null || draft === null ? null : { ...row, draft };
}

/** What never changes of a request, besides its draft. */
function fieldsOf({ id, handle, subject, controller, application, createdAt, expiresAt }: ConsentRow): RowFields {
  return [id, handle, subject, controller, application, createdAt, expiresAt];
}

function requestOf(row: ConsentRow): ConsentRequest {
  const { id, application, createdAt, answeredAt } = row;
  const state = row.state === "expired" ? "pending" : row.state;
  return { ...(JSON.parse(row.draft) as ConsentDraft), id, application, createdAt, state, answeredAt };
}

/** What the entry says beyond the rule: which request. */
function consentDetail(row: ConsentRow): string {
  return JSON.stringify({ request: row.id });
}

async function settle(context: AgentContext, unit: LogUnit): Promise<void> {
  await context.writer.append(unit).catch(translateStale);
}

/** The store settles only pending requests: of two answers at once, one wins. */
function translateStale(error: unknown): never {
  if (error instanceof StrongroomError && error.code === "storage.stale") {
    throw new StrongroomError(
      "consent.already-answered",
      "the request was answered, withdrawn or has lapsed meanwhile",
    );
  }
  throw error;
}

function stateAt(row: ConsentRow, now: number): ConsentRow["state"] {
  return consentState(requestOf(row), now);
}

function statusOf(row: ConsentRow, now: number): ConsentRequestStatus {
  return { id: row.id, state: stateAt(row, now), createdAt: row.createdAt, answeredAt: row.answeredAt };
}

function unknownRequest(): StrongroomError {
  return new StrongroomError("consent.unknown", "no such consent request");
}
