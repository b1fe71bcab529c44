/** Stands between a client and the agent, and can make the client's stream of events silent without ending it. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

const EVENTS = "GET /v1/events";

export class Relay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #eventStreams = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param agentPort asked at each connection, because the agent starts after the relay that it is reached by */
  static async start(agentPort: () => number): Promise<Relay> {
    const server = createServer();
    const relay = new Relay(server);
    server.on("connection", (client) => relay.#carry(client, connect(agentPort(), "127.0.0.1")));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Open event streams go on in silence: neither side learns of it. @returns how many */
  silence(): number {
    for (const agent of this.#eventStreams) {
      agent.unpipe();
      agent.pause();
    }
    return this.#eventStreams.size;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #carry(client: Socket, agent: Socket): void {
    client.once("data", (first: Buffer) => {
      if (first.includes(EVENTS)) this.#eventStreams.add(agent);
    });
    client.pipe(agent);
    agent.pipe(client);
    for (const [one, other] of [
      [client, agent],
      [agent, client],
    ] as const) {
      this.#sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.#sockets.delete(one);
        this.#eventStreams.delete(one);
        other.destroy();
      });
    }
  }
}
