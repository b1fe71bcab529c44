/** One request to an agent, whether it listens on a port or was opened by this command. */
import { readFileSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import type { Readable } from "node:stream";
import { StrongroomError } from "@strongroom/core/errors";

export interface Ask {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** From the slash, with query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Readable;
}

/** @throws StrongroomError `cli.unreachable` when nothing answers */
export type Send = (ask: Ask) => Promise<Answer>;

/** Nothing came for so long. Rotating the keys of very many subjects is one request. */
const SILENCE_MS = 600_000;
const CONNECT_MS = 10_000;

/**
 * @param base address of the agent, with or without a path
 * @param cert certificate file of an agent on this machine: it is that agent whatever name the certificate has
 */
export function sendTo(base: string, cert?: string): Send {
  const url = URL.parse(base);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new StrongroomError("cli.usage", "the address of an agent begins with https:// or http://");
  }
  const prefix = url.pathname.replace(/\/+$/, "");
  const options = cert === undefined ? {} : trusting(cert);
  const start = url.protocol === "https:" ? httpsRequest : httpRequest;
  return ({ method, path, headers, body }) =>
    new Promise((answered, failed) => {
      const away = (cause: Error): void =>
        failed(new StrongroomError("cli.unreachable", `no answer from ${url.origin} (${reasonOf(cause)})`, { cause }));
      const sent = start(`${url.origin}${prefix}${path}`, {
        ...options,
        method,
        headers: { ...headers, connection: "close" },
      });
      const connecting = setTimeout(() => sent.destroy(new Error("it took too long to connect")), CONNECT_MS);
      sent.on("socket", (socket) => {
        socket.once("connect", () => clearTimeout(connecting));
        socket.setTimeout(SILENCE_MS, () => sent.destroy(new Error("it fell silent")));
      });
      sent.on("error", (cause) => {
        clearTimeout(connecting);
        away(cause);
      });
      sent.on("response", (response: IncomingMessage) => {
        clearTimeout(connecting);
        answered({ status: response.statusCode ?? 0, headers: response.headers, body: response });
      });
      sent.end(body);
    });
}

function trusting(cert: string): RequestOptions & { allowPartialTrustChain: boolean } {
  try {
    return { ca: readFileSync(cert), allowPartialTrustChain: true, checkServerIdentity: () => undefined };
  } catch (cause) {
    throw new StrongroomError("cli.file", `the agent's certificate ${cert} cannot be read`, { cause });
  }
}

function reasonOf(cause: Error & { code?: string }): string {
  const known: Readonly<Record<string, string>> = {
    ECONNREFUSED: "nothing listens there",
    ENOTFOUND: "there is no such host",
    ECONNRESET: "it broke the connection",
  };
  return known[cause.code ?? ""] ?? cause.code ?? cause.message;
}

/** Whole body as text. @throws StrongroomError `cli.not-an-agent` when it is longer than any answer */
export async function readBody(body: AsyncIterable<Uint8Array>, bytesMax: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const part of body) {
      bytes += part.length;
      if (bytes > bytesMax)
        throw new StrongroomError("cli.not-an-agent", `the answer is longer than ${bytesMax} bytes`);
      parts.push(part);
    }
  } catch (cause) {
    if (cause instanceof StrongroomError) throw cause;
    throw new StrongroomError("cli.unreachable", "the answer broke off", { cause });
  }
  return Buffer.concat(parts);
}
