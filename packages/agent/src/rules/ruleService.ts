/**
 * The subject's rules: read, add, change, revoke. Every change is an entry in the subject's log, takes effect
 * for the next decision, and makes every client forget the keys that it keeps for the relationship.
 */
import { StrongroomError } from "@strongroom/core/errors";
import { ENTRY_DETAIL_BYTES_MAX } from "@strongroom/core/log";
import { admitRule, compile, decodeRule, decodeRuleDraft, type Rule, type RuleFacts } from "@strongroom/core/rules";
import type { RuleDraft as WireDraft, RuleView } from "@strongroom/core/wire";
import type { AgentContext } from "../context.ts";
import { LogUnit } from "../log/writer.ts";
import { ensureRelationship, openOwnRelationship, type OpenRelationship } from "../relationships/relationships.ts";
import type { Mutation } from "../storage/store.ts";
import { openRulebook, sealRulebook } from "./rulebook.ts";

/** A change: the rules after it, and the entry that tells of it. */
export interface Change {
  readonly rules: readonly Rule[];
  readonly rule: Rule;
  readonly kind: "rule" | "consent";
  /** What happened, for the entry. */
  readonly reason: "added" | "changed" | "revoked" | "granted";
  readonly alongside?: readonly Mutation[];
}

export async function listRules(context: AgentContext, subject: string, controller?: string): Promise<RuleView[]> {
  const views: RuleView[] = [];
  for (const row of await context.store.relationshipsOf(subject)) {
    if (row.erasedAt !== null || (controller !== undefined && row.controller !== controller)) continue;
    const open = await openIfLiving(context, subject, row.handle);
    if (open === null) continue;
    for (const rule of readRules(context, open)) views.push(viewOf(rule, row.controller, context.effects.now()));
  }
  return views;
}

/** @throws StrongroomError `rule.*` for what is wrong with the draft, `controller.unknown`. */
export async function addRule(context: AgentContext, subject: string, draft: WireDraft): Promise<RuleView> {
  const { controller, ...body } = draft;
  const decoded = decodeRuleDraft(context.vocabulary, body);
  await refuseForeignApplications(context, controller, decoded.applications);
  const { handle } = await ensureRelationship(context, subject, controller);
  const rule = await changeRules(context, subject, handle, (rules) => {
    const added = admitRule(rules, decoded, newFacts(context, { origin: "subject" }));
    return { rules: [...rules, added], rule: added, kind: "rule", reason: "added" };
  });
  return viewOf(rule, controller, context.effects.now());
}

/** Replaces what a rule says; it keeps its id, its origin and its place in the log's history. */
export async function editRule(
  context: AgentContext,
  subject: string,
  id: string,
  draft: WireDraft,
): Promise<RuleView> {
  const { controller, ...body } = draft;
  const decoded = decodeRuleDraft(context.vocabulary, body);
  const place = await findRule(context, subject, id);
  if (place.controller !== controller) {
    throw new StrongroomError(
      "rule.other-controller",
      "a rule cannot move to another controller: revoke it and add one there",
    );
  }
  await refuseForeignApplications(context, controller, decoded.applications);
  const rule = await changeRules(context, subject, place.handle, (rules) => {
    const old = rules.find((candidate) => candidate.id === id);
    if (old === undefined) throw unknownRule();
    const others = rules.filter((candidate) => candidate !== old);
    const facts: RuleFacts = { id, now: context.effects.now(), ...originOf(old) };
    const edited: Rule = { ...admitRule(others, decoded, facts), createdAt: old.createdAt };
    return { rules: [...others, edited], rule: edited, kind: "rule", reason: "changed" };
  });
  return viewOf(rule, controller, context.effects.now());
}

export async function revokeRule(context: AgentContext, subject: string, id: string): Promise<void> {
  const { handle } = await findRule(context, subject, id);
  await changeRules(context, subject, handle, (rules) => {
    const rule = rules.find((candidate) => candidate.id === id);
    if (rule === undefined) throw unknownRule();
    return { rules: rules.filter((candidate) => candidate !== rule), rule, kind: "rule", reason: "revoked" };
  });
}

/**
 * One change of a relationship's rulebook, in the subject's turn: read, change, seal, commit with its entry.
 * Used by consent answers as well.
 */
export function changeRules(
  context: AgentContext,
  subject: string,
  handle: string,
  change: (rules: readonly Rule[]) => Change | Promise<Change>,
): Promise<Rule> {
  return context.turns.run(subject, async () => {
    const open = await openOwnRelationship(context, subject, handle);
    const { live, row, key } = open;
    const { rules, rule, kind, reason, alongside } = await change(readRules(context, open));
    const at = context.effects.now();
    const unit = new LogUnit(null, null, at);
    unit.record(live.subject, {
      kind,
      reason,
      controller: row.controller,
      ...whatOf(rule),
      rules: [rule.id],
      detail: detailOf(rule),
    });
    const generation = row.generation + 1;
    const rulebook = sealRulebook(key.key, handle, generation, rules, context.effects);
    unit.mutations.push(
      { op: "relationship.update", handle, expectGeneration: row.generation, set: { rulebook } },
      ...(alongside ?? []),
    );
    const compiled = compile(context.vocabulary, rules);
    unit.onCommit.push(() => {
      live.rules = compiled;
      live.generation = generation;
      context.events.publish(row.controller, { event: "revoked", handle, at });
    });
    await context.writer.append(unit);
    return rule;
  });
}

/** @throws StrongroomError `rules.tampered`, `rule.malformed`: stored rules that do not read are never worked around. */
function readRules(context: AgentContext, { key, row }: OpenRelationship): Rule[] {
  return openRulebook(key.key, row).map((stored) => decodeRule(context.vocabulary, stored));
}

/** Where the subject's own rule lies; another subject's rule is as unknown as one that never was. */
async function findRule(
  context: AgentContext,
  subject: string,
  id: string,
): Promise<{ handle: string; controller: string }> {
  for (const { handle, controller, erasedAt } of await context.store.relationshipsOf(subject)) {
    if (erasedAt !== null) continue;
    const open = await openIfLiving(context, subject, handle);
    if (open !== null && readRules(context, open).some((rule) => rule.id === id)) return { handle, controller };
  }
  throw unknownRule();
}

/** Null when it was erased since it was listed. */
async function openIfLiving(context: AgentContext, subject: string, handle: string): Promise<OpenRelationship | null> {
  return openOwnRelationship(context, subject, handle).catch((error: unknown) => {
    if (error instanceof StrongroomError && error.code === "relationship.unknown") return null;
    throw error;
  });
}

/** An edited rule still says where it came from. */
function originOf({ origin, requestId }: Rule): Origin {
  return origin === "consent-request" && requestId !== undefined ? { origin, requestId } : { origin: "subject" };
}

/** The rule as it now stands, or stood when it was revoked; cut down to its scope where its lists are very long. */
function detailOf(rule: Rule): string {
  const whole = JSON.stringify(rule);
  return Buffer.byteLength(whole) <= ENTRY_DETAIL_BYTES_MAX
    ? whole
    : JSON.stringify({ id: rule.id, effect: rule.effect, cut: true });
}

/** What a rule's entry shows beside it: with one type, use and purpose their names. */
function whatOf({ types, action }: Rule): { type?: string; use?: string; purpose?: string; provenance?: string } {
  const one = (list: readonly string[] | undefined): string | undefined => (list?.length === 1 ? list[0] : undefined);
  const [type, use, purpose, provenance] = [
    one(types),
    action.kind === "read" ? one(action.uses) : undefined,
    action.kind === "read" ? one(action.purposes) : undefined,
    action.kind === "update" ? one(action.provenances) : undefined,
  ];
  return {
    ...(type === undefined ? {} : { type }),
    ...(use === undefined ? {} : { use }),
    ...(purpose === undefined ? {} : { purpose }),
    ...(provenance === undefined ? {} : { provenance }),
  };
}

type Origin = { readonly origin: "subject" } | { readonly origin: "consent-request"; readonly requestId: string };

export function newFacts(context: AgentContext, origin: Origin): RuleFacts {
  return { id: context.effects.random(16).toString("base64url"), now: context.effects.now(), ...origin };
}

async function refuseForeignApplications(
  context: AgentContext,
  controller: string,
  applications: readonly string[] | null,
): Promise<void> {
  if (applications === null) return;
  const own = new Set((await context.store.applications(controller)).map(({ id }) => id));
  const foreign = applications.find((id) => !own.has(id));
  if (foreign !== undefined) {
    throw new StrongroomError(
      "application.unknown",
      "the rule names an application that the controller does not have",
      {
        details: { application: foreign },
      },
    );
  }
}

export function viewOf(rule: Rule, controller: string, now: number): RuleView {
  const { id, effect, applications, types, action, from, until, retentionMs, note, createdAt, origin } = rule;
  const state = until !== null && until < now ? "expired" : from !== null && from > now ? "not-yet-valid" : "live";
  return {
    id,
    controller,
    effect,
    applications,
    types,
    action,
    from,
    until,
    retentionMs,
    createdAt,
    origin,
    state,
    ...(note === undefined ? {} : { note }),
  };
}

function unknownRule(): StrongroomError {
  return new StrongroomError("rule.unknown", "you have no rule with this id");
}
