/** One pinned agent: its address, the key that its log is signed with, and our credentials there. */
import { createPrivateKey, type JsonWebKey, KeyObject } from "node:crypto";
import { toBase64url, utf8 } from "@strongroom/core/bytes";
import { parseVerifierKey, type NoteKey } from "@strongroom/core/log";
import { sha256 } from "@strongroom/core/primitives";
import { misconfigured, type AgentPin, type ApplicationCredentials } from "../options.ts";

export const LOCATOR_BYTES = 8;

export interface Pin {
  readonly issuer: string;
  /** Scheme, host and port of the issuer. */
  readonly origin: string;
  /** Path of the issuer without a slash at the end: goes before every path. */
  readonly basePath: string;
  /** Text of the log's verifier key. */
  readonly logKey: string;
  readonly logVerifier: NoteKey;
  /** base64url of the first 8 bytes of SHA-256 of the verifier key's text: what sealed objects name. */
  readonly locator: string;
  readonly locatorBytes: Buffer;
  readonly ca: string | null;
  readonly application: { readonly id: string; readonly privateKey: KeyObject };
}

/** @throws StrongroomError `sdk.configuration` */
export function pinAgent(agent: AgentPin, common: ApplicationCredentials | undefined, setting: string): Pin {
  const url = issuerUrl(agent, setting);
  const credentials = agent.application ?? common;
  if (credentials === undefined) throw misconfigured("application", `is missing, and ${setting} has none of its own`);
  const locatorBytes = sha256(utf8(agent.logKey)).subarray(0, LOCATOR_BYTES);
  return {
    issuer: agent.issuer,
    origin: url.origin,
    basePath: url.pathname === "/" ? "" : url.pathname,
    logKey: agent.logKey,
    logVerifier: logVerifierOf(agent.logKey, setting),
    locator: toBase64url(locatorBytes),
    locatorBytes,
    ca: agent.ca ?? null,
    application: applicationOf(credentials),
  };
}

function issuerUrl(agent: AgentPin, setting: string): URL {
  const url = URL.parse(agent.issuer);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw misconfigured(`${setting}.issuer`, "is not an http or https address");
  }
  // The issuer is compared as text with what the agent states, and paths are appended to it.
  if (
    agent.issuer.endsWith("/") ||
    url.search !== "" ||
    url.hash !== "" ||
    url.username !== "" ||
    url.password !== ""
  ) {
    throw misconfigured(`${setting}.issuer`, "must have no slash at its end, no query, no fragment and no user");
  }
  const local = url.hostname === "localhost" || url.hostname === "[::1]" || url.hostname.startsWith("127.");
  if (url.protocol === "http:" && !local && agent.insecureHttp !== true) {
    throw misconfigured(
      `${setting}.issuer`,
      "is http to another machine: use https, or set insecureHttp where the network is yours alone",
    );
  }
  return url;
}

function logVerifierOf(logKey: string, setting: string): NoteKey {
  try {
    const key = parseVerifierKey(logKey);
    if (key.type === "ed25519") return key;
  } catch (cause) {
    throw misconfigured(`${setting}.logKey`, "is not a verifier key of the form origin+hash+base64", cause);
  }
  throw misconfigured(`${setting}.logKey`, "is the key of a witness, not of a log");
}

function applicationOf({ id, privateKey }: ApplicationCredentials): Pin["application"] {
  if (typeof id !== "string" || id === "") throw misconfigured("application.id", "is not a text");
  const key = privateKeyOf(privateKey);
  const details = key.asymmetricKeyDetails;
  const fits =
    key.asymmetricKeyType === "ed25519" || (key.asymmetricKeyType === "ec" && details?.namedCurve === "prime256v1");
  if (key.type !== "private" || !fits) {
    throw misconfigured("application.privateKey", "is not a private Ed25519 or P-256 key");
  }
  return { id, privateKey: key };
}

function privateKeyOf(privateKey: JsonWebKey | KeyObject): KeyObject {
  if (privateKey instanceof KeyObject) return privateKey;
  try {
    return createPrivateKey({ key: privateKey, format: "jwk" });
  } catch {
    // No cause: a parser's message may quote the key.
    throw misconfigured("application.privateKey", "is not a private JWK");
  }
}
