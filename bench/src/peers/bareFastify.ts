/** The least that a JSON request to Fastify can cost: a body comes, is parsed, and goes back. In a process of its own. */
import type { AddressInfo } from "node:net";
import fastify from "fastify";

const server = fastify({ logger: false });
server.post("/echo", async (request) => request.body);
await server.listen({ host: "127.0.0.1", port: 0 });
const { port } = server.server.address() as AddressInfo;
process.on("disconnect", () => void server.close());
process.send?.({ ready: { origin: `http://127.0.0.1:${port}` } });
