/** Sending refusals: every error leaves as a problem, whatever part of the server it comes from. */
import type { Duplex } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { StrongroomError } from "@strongroom/core/errors";
import { errorOf, isServerFault, loggable, refusalOf } from "./problems.ts";

const PROBLEM = "application/problem+json";

export function refuse(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = errorOf(thrown);
  const { problem, retryAfterS } = refusalOf(error, request.id);
  if (isServerFault(error.code)) request.log.error(loggable(error), "request failed");
  if (retryAfterS !== null) reply.header("retry-after", String(retryAfterS));
  if (problem.status === 401) reply.header("www-authenticate", challenge(error));
  // The rest of a body that was not read would be taken for the next request.
  if (problem.status === 413) reply.header("connection", "close");
  return reply.code(problem.status).type(PROBLEM).send(JSON.stringify(problem));
}

function challenge({ code }: StrongroomError): string {
  if (code.startsWith("dpop.")) return 'DPoP error="invalid_dpop_proof", algs="ES256 EdDSA"';
  if (code === "auth.token-invalid")
    return 'DPoP error="invalid_token", algs="ES256 EdDSA", Bearer error="invalid_token"';
  return 'DPoP algs="ES256 EdDSA", Bearer';
}

/** For what is not HTTP at all: there is no request to answer to, only a socket. */
export function refuseUnreadable(socket: Duplex): void {
  if (!socket.writable || socket.destroyed) return;
  const error = new StrongroomError("request.malformed-http", "the request is not HTTP that the agent can read");
  const body = JSON.stringify(refusalOf(error, "none").problem);
  const head = [
    "HTTP/1.1 400 Bad Request",
    `content-type: ${PROBLEM}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
