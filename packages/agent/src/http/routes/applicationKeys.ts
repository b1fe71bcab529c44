/** An application changes its own keys: adds the next one, removes the last one. */
import type { FastifyInstance } from "fastify";
import type { ApplicationView, PublicJwk } from "@strongroom/core/wire";
import { StrongroomError } from "@strongroom/core/errors";
import { applicationView } from "../../clients/registry.ts";
import { callerOf } from "../authentication.ts";
import { endpoint } from "../endpoint.ts";
import * as schemas from "../schemas/applications.ts";
import type { Services } from "../services.ts";

export function applicationKeyRoutes(server: FastifyInstance, services: Services): void {
  const { clients } = services;
  const application = { who: "application", tag: "application" } as const;

  endpoint<ApplicationView>(server, services, {
    ...application,
    method: "GET",
    path: "/v1/application/keys",
    id: "listKeys",
    summary: "The application that asks, with the ids of its keys",
    answer: schemas.application,
    async handle(request) {
      const found = await clients.application(callerOf(request).application);
      if (found === null) throw new StrongroomError("client.unknown", "the application is not registered");
      return applicationView(found);
    },
  });

  endpoint<ApplicationView>(server, services, {
    ...application,
    method: "POST",
    path: "/v1/application/keys",
    id: "addKey",
    summary: "Adds a key to sign in with",
    body: schemas.keyDraft,
    status: 201,
    answer: schemas.application,
    handle: (request) => clients.addKey(callerOf(request).application, (request.body as { key: PublicJwk }).key),
  });

  endpoint<ApplicationView>(server, services, {
    ...application,
    method: "DELETE",
    path: "/v1/application/keys/:kid",
    id: "removeKey",
    summary: "Removes a key, never the only one; tokens that were given for it end at once",
    params: schemas.byKey,
    answer: schemas.application,
    handle: (request) => clients.removeKey(callerOf(request).application, (request.params as { kid: string }).kid),
  });
}
