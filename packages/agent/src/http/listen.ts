/** Opening the port: nothing that others can reach goes without TLS unless the operator says so by name. */
import { isIP } from "node:net";
import type { FastifyInstance } from "fastify";
import { StrongroomError } from "@strongroom/core/errors";

export interface ListenOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** `--insecure-plain-http`: keys and tokens then cross the network in the clear. */
  readonly insecureAllowPlainHttp?: boolean;
}

/**
 * @returns the address that it listens on, such as `http://127.0.0.1:8470`
 * @throws StrongroomError `agent.insecure-bind`, `agent.port-taken`, `agent.port-forbidden`, `agent.bad-address`
 */
export async function listen(server: FastifyInstance, options: ListenOptions): Promise<string> {
  const { host, port, insecureAllowPlainHttp = false } = options;
  const secure = "setSecureContext" in server.server;
  if (!secure && !insecureAllowPlainHttp && !isLoopback(host)) {
    throw new StrongroomError(
      "agent.insecure-bind",
      `${host} can be reached by others: give a certificate and its key, listen on 127.0.0.1 behind a proxy, or say --insecure-plain-http`,
    );
  }
  try {
    const address = await server.listen({ host, port });
    return secure ? address.replace(/^http:/, "https:") : address;
  } catch (cause) {
    throw bindError(cause, host, port);
  }
}

function bindError(cause: unknown, host: string, port: number): unknown {
  switch ((cause as NodeJS.ErrnoException).code) {
    case "EADDRINUSE":
      return new StrongroomError("agent.port-taken", `port ${port} of ${host} is taken by another program`, { cause });
    case "EACCES":
      return new StrongroomError("agent.port-forbidden", `this user may not listen on port ${port} of ${host}`, {
        cause,
      });
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new StrongroomError("agent.bad-address", `${host} is not an address of this machine`, { cause });
    default:
      return cause;
  }
}

/** Only what cannot leave the machine. A name other than localhost could resolve to anything. */
export function isLoopback(host: string): boolean {
  if (host === "localhost" || host === "::1") return true;
  return isIP(host) === 4 && host.startsWith("127.");
}
