/**
 * `POST /v1/authorizations` and `POST /v1/leases`: what applications live on. Both decide many items at once,
 * both are safe to repeat, and both answer with the promise that the decision is in the log.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { toBase64url } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { decodeHeaderText } from "@strongroom/core/seal";
import {
  AUTHORIZATION_OBJECTS_MAX,
  type AuthorizationRequest,
  type AuthorizationResponse,
  type LeaseRequest,
  type LeaseResponse,
} from "@strongroom/core/wire";
import { authorize, authorizeAgain, type Alongside } from "../../authorize/authorize.ts";
import { grantLeases, grantLeasesAgain } from "../../authorize/leases.ts";
import { callerOf, pathOf } from "../authentication.ts";
import { bodyDigest } from "../bodies.ts";
import { endpoint } from "../endpoint.ts";
import { requestDigest, type Keep, type Repeatable } from "../idempotency.ts";
import { decodeDecision, encodeDecision, outcomesAgain } from "../keptDecision.ts";
import { entriesNamed, promiseOf } from "../promise.ts";
import { promiseAgain } from "../promiseAgain.ts";
import * as schemas from "../schemas/authorizations.ts";
import type { Services } from "../services.ts";

export function authorizationRoutes(server: FastifyInstance, services: Services): void {
  const { agent, idempotency, metrics } = services;
  const context = {
    directory: agent.directory,
    writer: agent.writer,
    store: agent.store,
    locator: agent.identity.locator,
    now: () => agent.effects.now(),
    noteUse: agent.useNotes.note,
  };
  const application = { who: "application", tag: "application", headers: schemas.idempotencyHeaders } as const;

  /** What to keep of a decision so that its answer can be made again. */
  const alongside =
    (keep: Keep): Alongside =>
    (decision, items) =>
      keep(encodeDecision({ decision, logSize: agent.writer.size, items }));

  endpoint<AuthorizationResponse>(server, services, {
    ...application,
    method: "POST",
    path: "/v1/authorizations",
    id: "authorize",
    summary: "May these objects be opened for this use and purpose? An outcome for each, with its key where it is yes",
    body: schemas.authorizationRequest,
    answer: schemas.authorizationResponse,
    async handle(request) {
      const asked = request.body as AuthorizationRequest;
      refuseTooMany(asked);
      const caller = callerOf(request);
      const answer = await idempotency.run(
        repeatable(request, caller.application),
        async (keep) => {
          const { decision, reads, receipt } = await authorize(context, caller, asked, alongside(keep));
          return {
            decision: toBase64url(decision),
            reads,
            ...promiseOf(agent, decision, receipt, entriesNamed(reads.flat())),
          };
        },
        async (kept): Promise<AuthorizationResponse> => {
          const before = decodeDecision(kept);
          const promise = await promiseAgain(
            agent,
            before,
            asked.reads.flatMap(({ objects }) => objects.map(handleIn)),
          );
          const outcomes = outcomesAgain(before, await authorizeAgain(context, caller, asked), promise);
          let at = 0;
          const reads = asked.reads.map(({ objects }) => outcomes.slice(at, (at += objects.length)));
          return { decision: toBase64url(before.decision), reads, ...promise };
        },
      );
      for (const group of answer.reads) metrics.countDecisions("read", group);
      return answer;
    },
  });

  endpoint<LeaseResponse>(server, services, {
    ...application,
    method: "POST",
    path: "/v1/leases",
    id: "lease",
    summary:
      "Permission to seal for a short time: a lease for each handle and type, where the subject's rules allow it",
    body: schemas.leaseRequest,
    answer: schemas.leaseResponse,
    async handle(request) {
      const { leases: items } = request.body as LeaseRequest;
      const caller = callerOf(request);
      const answer = await idempotency.run(
        repeatable(request, caller.application),
        async (keep) => {
          const { decision, leases, receipt } = await grantLeases(context, caller, items, alongside(keep));
          return {
            decision: toBase64url(decision),
            leases,
            ...promiseOf(agent, decision, receipt, entriesNamed(leases)),
          };
        },
        async (kept, at): Promise<LeaseResponse> => {
          const before = decodeDecision(kept);
          const promise = await promiseAgain(
            agent,
            before,
            items.map(({ handle }) => handle),
          );
          const leases = outcomesAgain(before, await grantLeasesAgain(context, caller, items, at), promise);
          return { decision: toBase64url(before.decision), leases, ...promise };
        },
      );
      metrics.countDecisions("update", answer.leases);
      return answer;
    },
  });
}

function refuseTooMany({ reads }: AuthorizationRequest): void {
  const objects = reads.reduce((sum, group) => sum + group.objects.length, 0);
  if (objects <= AUTHORIZATION_OBJECTS_MAX) return;
  throw new StrongroomError(
    "request.invalid",
    `body/reads must NOT have more than ${AUTHORIZATION_OBJECTS_MAX} objects in all groups together`,
    {
      details: { path: "body/reads", keyword: "maxItems", limit: AUTHORIZATION_OBJECTS_MAX },
    },
  );
}

function repeatable(request: FastifyRequest, application: string): Repeatable {
  const key = request.headers["idempotency-key"];
  if (typeof key !== "string") return { application, key: null, digest: Buffer.alloc(0) };
  return { application, key, digest: requestDigest(request.method, pathOf(request), bodyDigest(request)) };
}

function handleIn(object: string): string | null {
  try {
    return toBase64url(decodeHeaderText(object).relationship);
  } catch {
    return null;
  }
}
