/** The subject's rules, what they would decide, and the lock above them. */
import type { FastifyInstance } from "fastify";
import { StrongroomError } from "@strongroom/core/errors";
import { explain, type RequestedAction } from "@strongroom/core/rules";
import type { RuleDraft } from "@strongroom/core/wire";
import { addRule, editRule, listRules, revokeRule } from "../../rules/ruleService.ts";
import { setLocked } from "../../subjects/lock.ts";
import { bearerOf } from "../authentication.ts";
import { endpoint } from "../endpoint.ts";
import { id, object } from "../schemas/schema.ts";
import * as schemas from "../schemas/subject.ts";
import type { Services } from "../services.ts";

interface Question {
  readonly controller: string;
  readonly application: string;
  readonly type: string;
  readonly use?: string;
  readonly purpose?: string;
  readonly provenance?: string;
}

export function ruleRoutes(server: FastifyInstance, services: Services): void {
  const { agent } = services;
  const params = object({ rule: id() });

  endpoint(server, services, {
    method: "GET",
    path: "/v1/me/rules",
    who: { subject: "read" },
    tag: "rules",
    id: "listRules",
    summary: "Your rules, of one controller or all",
    query: object({ "controller?": id() }),
    answer: schemas.rules,
    handle: async (request) => ({
      rules: await listRules(agent, bearerOf(request).subject, (request.query as { controller?: string }).controller),
    }),
  });

  endpoint(server, services, {
    method: "POST",
    path: "/v1/me/rules",
    who: { subject: "write" },
    tag: "rules",
    id: "addRule",
    summary: "Adds a rule; it holds for the next decision",
    body: schemas.ruleDraft,
    status: 201,
    answer: schemas.ruleView,
    handle: (request) => addRule(agent, bearerOf(request).subject, request.body as RuleDraft),
  });

  endpoint(server, services, {
    method: "PUT",
    path: "/v1/me/rules/:rule",
    who: { subject: "write" },
    tag: "rules",
    id: "editRule",
    summary: "Replaces what a rule says",
    params,
    body: schemas.ruleDraft,
    answer: schemas.ruleView,
    handle: (request) =>
      editRule(agent, bearerOf(request).subject, (request.params as { rule: string }).rule, request.body as RuleDraft),
  });

  endpoint(server, services, {
    method: "DELETE",
    path: "/v1/me/rules/:rule",
    who: { subject: "write" },
    tag: "rules",
    id: "revokeRule",
    summary: "Revokes a rule; keys that clients keep under it are forgotten",
    params,
    answer: null,
    handle: (request) => revokeRule(agent, bearerOf(request).subject, (request.params as { rule: string }).rule),
  });

  endpoint(server, services, {
    method: "POST",
    path: "/v1/me/explain",
    who: { subject: "read" },
    tag: "rules",
    id: "explainDecision",
    summary: "What your rules would decide now, and why; nothing is released or logged",
    body: schemas.explainQuestion,
    answer: schemas.explained,
    handle: async (request) => {
      const question = request.body as Question;
      const { subject } = bearerOf(request);
      const action = actionOf(services, question);
      agent.vocabulary.require("type", question.type);
      const row = await agent.store.relationshipBetween(subject, question.controller);
      const live = row === null ? undefined : await agent.directory.relationship(row.handle);
      const nothing = { rules: [], others: [], othersTotal: 0 };
      if (live === undefined) return { outcome: "deny", reason: "no-rule", retentionMs: 0, explanation: nothing };
      if (live.rules === null) return { outcome: "deny", reason: "error", retentionMs: 0, explanation: nothing };
      const { application, type } = question;
      const { outcome, reason, retentionMs, rules, others, othersTotal } = explain(live.rules, {
        application,
        type,
        action,
        at: agent.effects.now(),
      });
      const explanation = { rules, others, othersTotal };
      if (live.subject.locked) return { outcome: "deny", reason: "locked", retentionMs: 0, explanation };
      return { outcome, reason, retentionMs, explanation };
    },
  });

  endpoint(server, services, {
    method: "POST",
    path: "/v1/me/lock",
    who: { subject: "write" },
    tag: "rules",
    id: "lock",
    summary: "Makes all your data inaccessible at once",
    answer: null,
    handle: (request) => setLocked(agent, bearerOf(request).subject, true),
  });

  endpoint(server, services, {
    method: "DELETE",
    path: "/v1/me/lock",
    who: { subject: "write" },
    tag: "rules",
    id: "unlock",
    summary: "Undoes the lock: your rules decide again",
    answer: null,
    handle: (request) => setLocked(agent, bearerOf(request).subject, false),
  });
}

function actionOf({ agent }: Services, { use, purpose, provenance }: Question): RequestedAction {
  if (provenance !== undefined && use === undefined && purpose === undefined) {
    agent.vocabulary.require("provenance", provenance);
    return { kind: "update", provenance };
  }
  if (provenance === undefined && use !== undefined && purpose !== undefined) {
    agent.vocabulary.require("use", use);
    agent.vocabulary.require("purpose", purpose);
    return { kind: "read", use, purpose };
  }
  throw new StrongroomError("request.invalid", "body must name either use and purpose, or provenance", {
    details: { path: "body" },
  });
}
