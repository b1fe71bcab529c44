/** What the story happens in: a live agent, a person registered there, and the shop as one of its applications. */
import { generateKeyPairSync, randomBytes, type JsonWebKey } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import {
  buildServer,
  createAgent,
  listen,
  Metrics,
  openOperatorToken,
  OPERATOR_FILE,
  readOperatorToken,
  systemEffects,
} from "@strongroom/agent";
import { Strongroom } from "@strongroom/sdk";
import { createShop, type Shop } from "../src/index.ts";
import { Api } from "./api.ts";

export interface SettingOptions {
  readonly data: string;
  readonly agentPort: number;
  readonly shopPort: number;
}

const SHOP = "Tarn & Thicket";

/** Who the story is about. The passwords are made for this folder and kept in it: it is a demo. */
export interface Person {
  readonly login: string;
  readonly password: string;
  readonly userName: string;
  readonly shopPassword: string;
}

export interface Setting {
  readonly issuer: string;
  readonly logKey: string;
  readonly controller: string;
  /** The person's side of the API, signed in. */
  readonly me: Api;
  readonly person: Person;
  readonly strongroom: Strongroom;
  readonly shop: Shop;
  readonly shopDatabase: string;
  /** Whether everything was made just now. */
  readonly first: boolean;
  /** Makes the agent sign a checkpoint now instead of within two seconds. */
  readonly checkpoint: () => Promise<void>;
  close(): Promise<void>;
}

/** What the folder remembers between runs; written before anything is registered, so that a run cut short is taken up again. */
interface Remembered {
  readonly issuer: string;
  readonly privateKey: JsonWebKey;
  readonly person: Person;
  readonly staffPassword: string;
}

export async function openSetting({ data, agentPort, shopPort }: SettingOptions): Promise<Setting> {
  const memory = join(data, "demo.json");
  const first = !existsSync(memory);
  if (first) writeFileSync(memory, JSON.stringify(await invent(agentPort), null, 2), { mode: 0o600 });
  // Clients are bound to the issuer that they pinned: a folder keeps its port.
  const { issuer, privateKey, person, staffPassword } = JSON.parse(readFileSync(memory, "utf8")) as Remembered;
  const agentFolder = join(data, "agent");
  const agent = await createAgent({ dataFolder: agentFolder, issuer });
  const closing: (() => Promise<unknown>)[] = [() => agent.close()];
  try {
    const tokenFile = join(agentFolder, OPERATOR_FILE);
    const operator = openOperatorToken(tokenFile, systemEffects);
    const server = buildServer(agent.context, { operator, metrics: new Metrics(), version: "demo" });
    closing.unshift(() => server.close());
    await listen(server, { host: "127.0.0.1", port: Number(new URL(issuer).port) });

    const { controller, application } = await register(issuer, readOperatorToken(tokenFile), person, privateKey);
    const { login, password } = person;
    const { token } = await new Api(issuer).post<{ token: string }>("/v1/sessions", { login, password });

    const logKey = agent.context.identity.signer.verifierKey;
    const strongroom = await Strongroom.connect({
      agents: [{ issuer, logKey }],
      application: { id: application, privateKey },
    });
    closing.unshift(() => strongroom.close());
    const shopDatabase = join(data, "shop.db");
    const shop = await createShop({ databaseFile: shopDatabase, strongroom, port: shopPort, staffPassword });
    closing.unshift(() => shop.close());
    await shop.listen().catch((error: unknown) => {
      throw new Error(`${(error as Error).message}; choose another with: npm run demo -- --shop-port 0`, {
        cause: error,
      });
    });
    return {
      issuer,
      logKey,
      controller,
      me: new Api(issuer, token),
      person,
      strongroom,
      shop,
      shopDatabase,
      first,
      checkpoint: () => agent.context.publisher.publish(agent.context.writer),
      close: () => closeAll(closing),
    };
  } catch (error) {
    await closeAll(closing);
    throw error;
  }
}

async function invent(agentPort: number): Promise<Remembered> {
  // The key pair is made where the application runs; the agent only ever gets the public half.
  const { privateKey } = generateKeyPairSync("ed25519");
  return {
    issuer: `http://127.0.0.1:${agentPort === 0 ? await freePort() : agentPort}`,
    privateKey: privateKey.export({ format: "jwk" }),
    person: { login: "maria", password: newPassword(), userName: "maria", shopPassword: newPassword() },
    staffPassword: newPassword(),
  };
}

interface Registered {
  readonly id: string;
  readonly name: string;
}

/** Registers what is not registered yet. */
async function register(
  issuer: string,
  operatorToken: string,
  { login, password }: Person,
  privateKey: JsonWebKey,
): Promise<{ controller: string; application: string }> {
  const operator = new Api(issuer, operatorToken);
  const { controllers } = await operator.get<{ controllers: Registered[] }>("/v1/controllers");
  const controller =
    controllers.find(({ name }) => name === SHOP) ??
    (await operator.post<Registered>("/v1/controllers", { name: SHOP }));
  const path = `/v1/controllers/${controller.id}/applications`;
  const { applications } = await operator.get<{ applications: Registered[] }>(path);
  const { d: _private, ...key } = privateKey;
  const application =
    applications.find(({ name }) => name === "web shop") ??
    (await operator.post<Registered>(path, { name: "web shop", key }));
  const { subjects } = await operator.get<{ subjects: { login: string }[] }>("/v1/subjects");
  if (!subjects.some((subject) => subject.login === login)) await operator.post("/v1/subjects", { login, password });
  return { controller: controller.id, application: application.id };
}

function newPassword(): string {
  return randomBytes(12).toString("base64url");
}

async function closeAll(closing: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const close of closing) await close();
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
