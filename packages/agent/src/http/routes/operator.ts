/** What the operator registers: controllers, their applications, and subjects. */
import type { FastifyInstance } from "fastify";
import type {
  ApplicationDraft,
  ApplicationView,
  ControllerDraft,
  ControllerView,
  SubjectDraft,
  SubjectView,
} from "@strongroom/core/wire";
import { SUBJECTS_PER_PAGE_MAX } from "../../accounts/subjects.ts";
import { endpoint } from "../endpoint.ts";
import * as accounts from "../schemas/accounts.ts";
import * as schemas from "../schemas/applications.ts";
import type { Services } from "../services.ts";

export function operatorRoutes(server: FastifyInstance, services: Services): void {
  const { clients, subjects } = services;
  const operator = { who: "operator", tag: "operator" } as const;

  endpoint<ControllerView>(server, services, {
    ...operator,
    method: "POST",
    path: "/v1/controllers",
    id: "addController",
    summary: "Registers an organisation",
    body: schemas.controllerDraft,
    status: 201,
    answer: schemas.controller,
    handle: (request) => clients.registerController(request.body as ControllerDraft),
  });

  endpoint<{ controllers: ControllerView[] }>(server, services, {
    ...operator,
    method: "GET",
    path: "/v1/controllers",
    id: "listControllers",
    summary: "All controllers, oldest first",
    answer: schemas.controllers,
    handle: async () => ({ controllers: await clients.controllers() }),
  });

  endpoint<ApplicationView>(server, services, {
    ...operator,
    method: "POST",
    path: "/v1/controllers/:controller/applications",
    id: "addApplication",
    summary: "Registers one more application of a controller, by its public key",
    params: schemas.byController,
    body: schemas.applicationDraft,
    status: 201,
    answer: schemas.application,
    handle: (request) => clients.registerApplication(controllerOf(request.params), request.body as ApplicationDraft),
  });

  endpoint<{ applications: ApplicationView[] }>(server, services, {
    ...operator,
    method: "GET",
    path: "/v1/controllers/:controller/applications",
    id: "listApplications",
    summary: "The applications of a controller, oldest first",
    params: schemas.byController,
    answer: schemas.applications,
    handle: async (request) => ({ applications: await clients.applicationsOf(controllerOf(request.params)) }),
  });

  for (const [word, disabled] of [
    ["disable", true],
    ["enable", false],
  ] as const) {
    endpoint<ApplicationView>(server, services, {
      ...operator,
      method: "POST",
      path: `/v1/applications/:application/${word}`,
      id: `${word}Application`,
      summary: disabled
        ? "Shuts an application out at once, tokens that it has included"
        : "Lets a disabled application in again",
      params: schemas.byApplication,
      answer: schemas.application,
      handle: (request) => clients.setDisabled((request.params as { application: string }).application, disabled),
    });
  }

  endpoint<SubjectView>(server, services, {
    ...operator,
    method: "POST",
    path: "/v1/subjects",
    id: "addSubject",
    summary: "Makes a subject with keys and a log of its own",
    body: accounts.subjectDraft,
    status: 201,
    answer: accounts.subject,
    handle: (request) => subjects.register(request.body as SubjectDraft),
  });

  endpoint<{ subjects: SubjectView[]; cursor: string | null }>(server, services, {
    ...operator,
    method: "GET",
    path: "/v1/subjects",
    id: "listSubjects",
    summary: "Subjects page by page; nothing of their data or rules",
    query: accounts.subjectQuery,
    answer: accounts.subjectPage,
    handle: (request) => {
      const { cursor = null, limit = SUBJECTS_PER_PAGE_MAX } = request.query as { cursor?: string; limit?: number };
      return subjects.page(cursor, limit);
    },
  });
}

function controllerOf(params: unknown): string {
  return (params as { controller: string }).controller;
}
