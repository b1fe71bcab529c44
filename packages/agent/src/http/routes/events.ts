/**
 * `GET /v1/events`: what ends an application's kept keys, pushed at once as server-sent events (WHATWG HTML 9.2).
 * The first event is `hello`, which tells the client to forget everything: it may have missed something.
 * A stream outlives the token that opened it, but not the application or the key that the token was given for.
 */
import type { FastifyInstance } from "fastify";
import { StrongroomError } from "@strongroom/core/errors";
import type { ApplicationEvent } from "@strongroom/core/wire";
import { callerOf } from "../authentication.ts";
import { endpoint } from "../endpoint.ts";
import type { Services } from "../services.ts";

/** A comment as often as this shows both sides that the connection lives. */
const HEARTBEAT_MS = 15_000;
/** Open streams of one application. */
const STREAMS_PER_APPLICATION_MAX = 64;
/** Events that a client does not read pile up to this; then it is cut off and will be told to forget. */
const BACKLOG_BYTES_MAX = 262_144;

export function eventRoutes(server: FastifyInstance, services: Services): void {
  const { agent } = services;
  const open = new Map<string, number>();
  const closers = new Set<() => void>();
  server.addHook("preClose", async () => {
    for (const close of [...closers]) close();
  });

  endpoint(server, services, {
    method: "GET",
    path: "/v1/events",
    who: "application",
    tag: "events",
    id: "listenEvents",
    summary: "Server-sent events: revocations and answers to consent requests",
    answer: { type: "string" },
    produces: "text/event-stream",
    handle: async (request, reply) => {
      const { application, controller } = callerOf(request);
      const streams = open.get(application) ?? 0;
      if (streams >= STREAMS_PER_APPLICATION_MAX) {
        throw new StrongroomError(
          "limit.streams",
          `an application has at most ${STREAMS_PER_APPLICATION_MAX} event streams open`,
          {
            details: { max: STREAMS_PER_APPLICATION_MAX },
          },
        );
      }
      open.set(application, streams + 1);
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
      });
      const send = (event: ApplicationEvent): void => {
        if (request.stillMay?.() !== true) return close();
        raw.write(`event: ${event.event}\ndata: ${JSON.stringify(event)}\n\n`);
        if (raw.writableLength > BACKLOG_BYTES_MAX) close();
      };
      const heartbeat = setInterval(() => {
        if (request.stillMay?.() === true) raw.write(": alive\n\n");
        else close();
      }, HEARTBEAT_MS);
      const stop = agent.events.listen(controller, send);
      let closed = false;
      const close = (): void => {
        if (closed) return;
        closed = true;
        clearInterval(heartbeat);
        stop();
        closers.delete(close);
        const left = (open.get(application) ?? 1) - 1;
        if (left === 0) open.delete(application);
        else open.set(application, left);
        raw.destroy();
      };
      closers.add(close);
      raw.on("close", close);
      send({ event: "hello", at: agent.effects.now() });
      return reply;
    },
  });
}
