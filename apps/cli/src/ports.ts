/** Ports of this machine. */
import { createServer, type AddressInfo } from "node:net";
import { StrongroomError } from "@strongroom/core/errors";

/**
 * The port itself, or for 0 one that is free now. The issuer holds the port and is needed before the agent is opened,
 * so the agent cannot ask for "any" itself.
 * @throws StrongroomError `agent.bad-address`
 */
export async function freePort(host: string, port: number): Promise<number> {
  if (port !== 0) return port;
  try {
    return (await tryPort(host, 0)).port;
  } catch (cause) {
    throw new StrongroomError("agent.bad-address", `${host} is not an address of this machine`, { cause });
  }
}

/** Listens for a moment. @throws the system's error, with its `code`, where that cannot be done */
export function tryPort(host: string, port: number): Promise<{ port: number }> {
  return new Promise((tried, failed) => {
    const server = createServer();
    server.once("error", failed);
    server.listen({ host, port, exclusive: true }, () => {
      const { port: got } = server.address() as AddressInfo;
      server.close(() => tried({ port: got }));
    });
  });
}
