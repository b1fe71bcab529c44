/** The operator's hand on the keys: a new KEK epoch. It never sees a key. */
import type { FastifyInstance } from "fastify";
import { eraseSubject } from "../../erase/erasure.ts";
import { rotateKek } from "../../keys/rotate.ts";
import { endpoint } from "../endpoint.ts";
import { count, id, object } from "../schemas/schema.ts";
import * as schemas from "../schemas/subject.ts";
import type { Services } from "../services.ts";

export function keyRoutes(server: FastifyInstance, services: Services): void {
  const { agent } = services;

  endpoint(server, services, {
    method: "POST",
    path: "/v1/keys/rotate",
    who: "operator",
    tag: "keys",
    id: "rotateKek",
    summary: "Begins a new KEK epoch: rewraps every living root and destroys the old KEKs",
    answer: object({ kekEpoch: count(), rewrapped: count(), destroyed: count() }),
    handle: () => rotateKek(agent),
  });

  endpoint(server, services, {
    method: "DELETE",
    path: "/v1/subjects/:subject",
    who: "operator",
    tag: "keys",
    id: "eraseSubjectAsOperator",
    summary: "Erases a subject on its request, for good",
    params: object({ subject: id() }),
    answer: schemas.erasure,
    handle: (request) => eraseSubject(agent, (request.params as { subject: string }).subject),
  });
}
