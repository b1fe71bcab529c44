/**
 * An agent for tests of the client: it speaks the wire honestly over real HTTP, with one relationship per handle,
 * and lets a test decide, delay, break or refuse each answer.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createHash, createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import type { AddressInfo, Socket } from "node:net";
import { decodeProtectedHeader, importJWK, jwtVerify, type JWK } from "jose";
import { secretKey, type KeyObject } from "@strongroom/core/primitives";
import { decodeHeaderText, deriveLeaseKey, deriveObjectKeyFromEpoch, type SealedHeader } from "@strongroom/core/seal";
import type {
  ApplicationEvent,
  AuthorizationRequest,
  DenialReason,
  LeaseItem,
  LeaseRequest,
  ObjectOutcome,
} from "@strongroom/core/wire";
import { FakeLog } from "./fakeLog.ts";

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** Claims of the DPoP proof, verified. */
  readonly proof: Record<string, unknown> | null;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}

type Decision = { readonly keepMs: number } | DenialReason;

export const APPLICATION_ID = "app-1";
const applicationKeys = generateKeyPairSync("ed25519");
export const applicationKey = applicationKeys.privateKey;

export class FakeAgent {
  readonly log = new FakeLog();
  readonly locator = createHash("sha256").update(this.log.signer.verifierKey).digest().subarray(0, 8);
  readonly calls: Call[] = [];
  /** Answers instead of the agent, or lets it answer (undefined), or cuts the connection. */
  intercept: (call: Call) => Reply | "cut" | undefined | Promise<Reply | "cut" | undefined> = () => undefined;
  /** Changes an answer on its way out. */
  tamper: (call: Call, body: Record<string, unknown>) => unknown = (_, body) => body;
  decide: (header: SealedHeader, use: string, purpose: string) => Decision = () => ({ keepMs: 0 });
  lease: (item: LeaseItem) => DenialReason | { readonly lifeMs: number; readonly objectsMax: number } = () => ({
    lifeMs: 600_000,
    objectsMax: 1_000,
  });
  now: () => number = Date.now;
  tokenSeconds = 600;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #streams = new Set<ServerResponse>();
  readonly #epochKeys = new Map<string, KeyObject>();
  readonly #replays = new Map<string, { status: number; body: unknown }>();
  issuer = "";

  constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  static async start(port = 0): Promise<FakeAgent> {
    const agent = new FakeAgent();
    await agent.listen(port);
    return agent;
  }

  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
    this.issuer = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get pin(): { issuer: string; logKey: string } {
    return { issuer: this.issuer, logKey: this.log.signer.verifierKey };
  }

  person(name: string): string {
    return `${this.locator.toString("base64url")}.${handleOf(name)}`;
  }

  to(path: string): Call[] {
    return this.calls.filter((call) => call.path === path);
  }

  /** Sends an event to every stream that is open. */
  tell(event: ApplicationEvent): void {
    for (const stream of this.#streams) stream.write(`event: ${event.event}\ndata: ${JSON.stringify(event)}\n\n`);
  }

  get streams(): number {
    return this.#streams.size;
  }

  dropStreams(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url!, this.issuer);
    const body = Buffer.concat(chunks).toString("utf8");
    const call: Call = {
      method: request.method!,
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body,
      proof: await this.#readProof(request, url, body),
    };
    this.calls.push(call);
    const instead = await this.intercept(call);
    if (instead === "cut") return void request.socket.destroy();
    if (instead === undefined && call.path === "/v1/events") return this.#stream(response);
    const key = request.headers["idempotency-key"] as string | undefined;
    const answer = instead ?? this.#replays.get(key ?? "") ?? (await this.#answer(call));
    if (instead === undefined && key !== undefined) this.#replays.set(key, answer);
    const type = answer.status >= 400 ? "application/problem+json" : "application/json";
    response.sendDate = false;
    response.writeHead(answer.status, { "content-type": type, ...(answer as Reply).headers });
    response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
  }

  async #answer(call: Call): Promise<Reply> {
    const body = this.#route(call) ?? (call.path === "/v1/token" ? await this.#token(call) : null);
    if (body === null) return problem(404, "request.unknown-route");
    return { status: 200, body: typeof body === "string" ? body : this.tamper(call, body) };
  }

  #route(call: Call): Record<string, unknown> | string | null {
    const { path, query } = call;
    if (path === "/v1/agent")
      return { ...this.pin, locator: this.locator.toString("base64url"), vocabulary: "1.0", version: "0" };
    if (path === "/log/checkpoint") return this.log.published === 0 ? null : this.log.checkpoint();
    if (path === "/v1/log/inclusion")
      return { proof: this.log.inclusion(Number(query.get("index")), Number(query.get("size"))) };
    if (path === "/v1/log/consistency")
      return { proof: this.log.consistency(Number(query.get("from")), Number(query.get("to"))) };
    if (path === "/v1/authorizations") return this.#authorize(JSON.parse(call.body) as AuthorizationRequest);
    if (path === "/v1/leases") return this.#leases(JSON.parse(call.body) as LeaseRequest);
    if (path === "/v1/connections") return { handle: handleOf((JSON.parse(call.body) as { code: string }).code) };
    if (path.startsWith("/v1/consent-requests"))
      return { id: "Y29uc2VudA", state: "pending", createdAt: 1, answeredAt: null };
    return null;
  }

  async #token(call: Call): Promise<Record<string, unknown>> {
    const form = new URLSearchParams(call.body);
    const assertion = form.get("client_assertion")!;
    const { payload } = await jwtVerify(assertion, applicationKeys.publicKey, {
      issuer: APPLICATION_ID,
      subject: APPLICATION_ID,
      audience: this.issuer,
      currentDate: new Date(this.now()),
    });
    if (typeof payload.jti !== "string" || decodeProtectedHeader(assertion).kid === undefined)
      throw new Error("jti or kid is missing");
    return { access_token: `token-${this.to("/v1/token").length}`, token_type: "DPoP", expires_in: this.tokenSeconds };
  }

  #authorize({ reads, dryRun }: AuthorizationRequest): Record<string, unknown> {
    const decision = randomBytes(16);
    let entry = 0;
    const outcomes = reads.map(({ use, purpose, objects }) =>
      objects.map((text): ObjectOutcome => {
        const header = decodeHeaderText(text);
        const decided = this.decide(header, use, purpose);
        const explanation =
          dryRun === true ? { explanation: { rules: ["rule-1"], others: [], othersTotal: 0 } } : { entry: entry++ };
        if (typeof decided === "string") return { outcome: "deny", reason: decided, ...explanation };
        if (dryRun === true) return { outcome: "allow", keepMs: decided.keepMs, ...explanation };
        const key = deriveObjectKeyFromEpoch(this.#epochKey(header.relationship.toString("base64url")), header);
        return { outcome: "allow", key: key.toString("base64url"), keepMs: decided.keepMs, ...explanation };
      }),
    );
    return {
      decision: decision.toString("base64url"),
      reads: outcomes,
      ...(entry === 0 ? {} : { promise: this.log.promise(decision, entry) }),
    };
  }

  #leases({ leases }: LeaseRequest): Record<string, unknown> {
    const decision = randomBytes(16);
    const outcomes = leases.map((item, entry) => {
      const granted = this.lease(item);
      if (typeof granted === "string") return { outcome: "deny", reason: granted, entry };
      const lease = randomBytes(12);
      const key = deriveLeaseKey(this.#epochKey(item.handle), item.type, lease).export();
      const expiresAt = this.now() + granted.lifeMs;
      return {
        outcome: "allow",
        lease: lease.toString("base64url"),
        key: key.toString("base64url"),
        epoch: 1,
        expiresAt,
        objectsMax: granted.objectsMax,
        entry,
      };
    });
    return {
      decision: decision.toString("base64url"),
      leases: outcomes,
      promise: this.log.promise(decision, leases.length),
    };
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream" });
    this.#streams.add(response);
    response.on("close", () => this.#streams.delete(response));
    response.write(`event: hello\ndata: ${JSON.stringify({ event: "hello", at: this.now() })}\n\n`);
  }

  async #readProof(request: IncomingMessage, url: URL, body: string): Promise<Record<string, unknown> | null> {
    const proof = request.headers["dpop"];
    if (typeof proof !== "string") return null;
    const { jwk } = decodeProtectedHeader(proof) as { jwk: JWK };
    createPublicKey({ key: jwk, format: "jwk" });
    const { payload } = await jwtVerify(proof, await importJWK(jwk, "ES256"), { currentDate: new Date(this.now()) });
    const { htm, htu, ath, strongroom_body: digest } = payload;
    const token = request.headers.authorization?.replace(/^DPoP /, "");
    if (htm !== request.method || htu !== this.issuer + url.pathname || digest !== hash(body))
      throw new Error("the proof is for another request");
    if (token !== undefined && ath !== hash(token)) throw new Error("the proof is for another token");
    return payload;
  }

  #epochKey(handle: string): KeyObject {
    let key = this.#epochKeys.get(handle);
    if (key === undefined) this.#epochKeys.set(handle, (key = secretKey(randomBytes(32))));
    return key;
  }
}

export function problem(
  status: number,
  code: string,
  headers: Record<string, string> = {},
  details?: Record<string, unknown>,
): Reply {
  return {
    status,
    headers,
    body: {
      type: `https://strongroom.example/errors#${code}`,
      title: code,
      status,
      code,
      detail: `refused: ${code}`,
      details,
    },
  };
}

export function handleOf(name: string): string {
  return createHash("sha256").update(name).digest().subarray(0, 16).toString("base64url");
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
