/** The configuration of a client, checked once: what is pinned, who asks, and every limit. */
import type { JsonWebKey, KeyObject } from "node:crypto";
import { AUTHORIZATION_OBJECTS_MAX } from "@strongroom/core/wire";
import { StrongroomError } from "@strongroom/core/errors";
import { builtinVocabulary, type Vocabulary } from "@strongroom/core/vocabulary";
import { pinAgent, type Pin } from "./agent/pin.ts";

export interface ApplicationCredentials {
  /** Id that the agent's operator gave the application. */
  readonly id: string;
  /** Its private key (Ed25519 or P-256), as JWK or KeyObject. It signs only token requests and never leaves the process. */
  readonly privateKey: JsonWebKey | KeyObject;
}

/** An agent that the controller decided to trust. Nothing else is ever contacted. */
export interface AgentPin {
  /** Base address, exactly as the agent states it. */
  readonly issuer: string;
  /** C2SP verifier key of its log: `origin+hash+base64`. */
  readonly logKey: string;
  /** Certificate authority (PEM) where it is not a public one. */
  readonly ca?: string;
  /** Credentials at this agent where they are not the common ones. */
  readonly application?: ApplicationCredentials;
  /** Allows `http:` to an address that is not this machine: everything can then be read and changed on the way. */
  readonly insecureHttp?: boolean;
}

export interface LogOptions {
  /** File in which checkpoints and unchecked promises are remembered; without it they live as long as the process. */
  readonly file?: string;
  /** How often the logs are checked in the background, ms (default 60,000); 0: only by `verifyLog()`. */
  readonly checkEveryMs?: number;
  /** When a promised entry that no checkpoint covers is late, ms (default 300,000). */
  readonly lateAfterMs?: number;
  /** Told of everything found in the background (`sdk.log-*`). Without it, a process warning is given. */
  readonly onFinding?: (finding: StrongroomError, issuer: string) => void;
}

export interface BatchOptions {
  /** How long to wait for more calls before a request is sent, ms; default: only for the calls of the same turn of the event loop. */
  readonly windowMs?: number;
  /** Objects in one request (default 250). */
  readonly objectsPerRequest?: number;
  /** Requests under way at once for one agent (default 4). */
  readonly requestsInFlight?: number;
}

export interface ConnectOptions {
  readonly agents: readonly AgentPin[];
  /** Credentials at every agent that has none of its own. */
  readonly application?: ApplicationCredentials;
  /** How long a call may take altogether, ms (default 10,000). */
  readonly deadlineMs?: number;
  /** How often one request is sent at most, retries included (default 4). */
  readonly attemptsMax?: number;
  readonly batch?: BatchOptions;
  /** Kept keys per agent at most (default 10,000). */
  readonly keptKeysMax?: number;
  /** Leases per agent at most (default 10,000, at least 100). */
  readonly leasesMax?: number;
  readonly log?: LogOptions;
  /** A deployment's extended vocabulary; the same one for the records. */
  readonly vocabulary?: Vocabulary;
  /** Wall clock, ms since 1970. */
  readonly clock?: () => number;
}

/** @internal Every setting with its value. */
export interface Settings {
  readonly pins: readonly Pin[];
  readonly deadlineMs: number;
  readonly attemptsMax: number;
  readonly windowMs: number;
  readonly objectsPerRequest: number;
  readonly requestsInFlight: number;
  readonly keptKeysMax: number;
  readonly leasesMax: number;
  readonly logFile: string | null;
  readonly checkEveryMs: number;
  readonly lateAfterMs: number;
  readonly onFinding: (finding: StrongroomError, issuer: string) => void;
  readonly vocabulary: Vocabulary;
  readonly clock: () => number;
}

/** @internal @throws StrongroomError `sdk.configuration`, naming the setting. */
export function settingsOf(options: ConnectOptions): Settings {
  if (!Array.isArray(options.agents) || options.agents.length === 0) {
    throw misconfigured("agents", "is an empty list: pin at least one agent");
  }
  const pins = options.agents.map((agent: AgentPin, at) => pinAgent(agent, options.application, `agents[${at}]`));
  for (const key of ["locator", "issuer"] as const) {
    if (new Set(pins.map((pin) => pin[key])).size !== pins.length)
      throw misconfigured("agents", "names an agent twice");
  }
  const { batch = {}, log = {} } = options;
  return {
    pins,
    deadlineMs: whole("deadlineMs", options.deadlineMs ?? 10_000, 1, 3_600_000),
    attemptsMax: whole("attemptsMax", options.attemptsMax ?? 4, 1, 20),
    windowMs: whole("batch.windowMs", batch.windowMs ?? 0, 0, 1_000),
    objectsPerRequest: whole("batch.objectsPerRequest", batch.objectsPerRequest ?? 250, 1, AUTHORIZATION_OBJECTS_MAX),
    requestsInFlight: whole("batch.requestsInFlight", batch.requestsInFlight ?? 4, 1, 64),
    keptKeysMax: whole("keptKeysMax", options.keptKeysMax ?? 10_000, 0, 10_000_000),
    leasesMax: whole("leasesMax", options.leasesMax ?? 10_000, 100, 10_000_000),
    logFile: log.file ?? null,
    checkEveryMs: whole("log.checkEveryMs", log.checkEveryMs ?? 60_000, 0, 86_400_000),
    lateAfterMs: whole("log.lateAfterMs", log.lateAfterMs ?? 300_000, 0, 86_400_000),
    onFinding: log.onFinding ?? warn,
    vocabulary: options.vocabulary ?? builtinVocabulary(),
    clock: options.clock ?? Date.now,
  };
}

/** @internal */
export function misconfigured(setting: string, what: string, cause?: unknown): StrongroomError {
  return new StrongroomError("sdk.configuration", `${setting} ${what}`, { details: { setting }, cause });
}

function whole(setting: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw misconfigured(setting, `must be a whole number from ${min} to ${max}`);
}

function warn(finding: StrongroomError, issuer: string): void {
  process.emitWarning(`log of ${issuer}: ${finding.message}`, { type: "StrongroomLogWarning", code: finding.code });
}
