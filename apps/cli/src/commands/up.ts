/** `strongroom up`: serves the data folder until it is told to stop. */
import { resolve } from "node:path";
import { StrongroomError } from "@strongroom/core/errors";
import { parseVerifierKey } from "@strongroom/core/log";
import { dataFolder, declare, list, passphraseFile, type Call, type Cli } from "../command.ts";
import { DataFolder, DEFAULT_HOST, DEFAULT_PORT } from "../dataFolder.ts";
import type { OpenedAgent } from "../inside.ts";
import { facts } from "../table.ts";
import { readDuration } from "../times.ts";
import { freePort } from "../ports.ts";
import { reloadOnHangup, stopSignal } from "../signals.ts";
import { readIssuer } from "./init.ts";

interface UpOptions {
  readonly data?: string;
  readonly passphraseFile?: string;
  readonly port: string;
  readonly host: string;
  readonly issuer?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly insecurePlainHttp?: boolean;
  readonly vocabulary?: string;
  readonly trustProxy?: readonly string[];
  readonly witness?: readonly string[];
  readonly checkpointInterval: string;
  readonly kekEpochDays: string;
  readonly logLevel: string;
}

const CHECKPOINT_MS_MIN = 100;
const CHECKPOINT_MS_MAX = 3_600_000;
/** Event streams never end by themselves, so open connections are cut after this. */
const STOP_MS = 3_000;
const LEVELS = ["fatal", "error", "warn", "info", "debug", "silent"];

export function upCommand(cli: Cli): void {
  declare<UpOptions>(cli, cli.program, {
    name: "up",
    summary: "serve the data folder's agent until SIGINT or SIGTERM",
    more:
      "Prints the address on standard output once it answers, and one JSON line per request on standard error; neither\n" +
      "holds personal data. While it runs, other commands find it by the data folder. SIGHUP reads the certificate again.\n" +
      "--issuer and --vocabulary are kept in the folder's settings: name them once.",
    options: (command) =>
      passphraseFile(dataFolder(command))
        .option("--port <number>", "0 takes any free port", String(DEFAULT_PORT))
        .option("--host <address>", "address of this machine to listen on", DEFAULT_HOST)
        .option("--issuer <url>", "base address as clients see it; needed behind a proxy")
        .option("--tls-cert <file>", "PEM: certificate chain")
        .option("--tls-key <file>", "PEM: its private key")
        .option("--insecure-plain-http", "listen on an address that others reach, without TLS")
        .option("--vocabulary <file>", "the deployment's vocabulary extension")
        .addOption(
          list("--trust-proxy <addresses>", "proxies whose x-forwarded-for is believed (addresses or CIDR ranges)"),
        )
        .addOption(list("--witness <keys>", "verifier keys of witnesses whose cosignatures are taken"))
        .option("--checkpoint-interval <time>", "longest time until an entry is covered by a checkpoint", "2s")
        .option("--kek-epoch-days <days>", "how often the KEK turns at the latest", "30")
        .option("--log-level <level>", LEVELS.join(", "), "info"),
    examples: [
      "up",
      "up --port 0 --json",
      "up --host 0.0.0.0 --port 443 --tls-cert chain.pem --tls-key key.pem --issuer https://agent.example",
      "up --trust-proxy 10.0.0.0/8 --issuer https://agent.example",
    ],
    work: up,
  });
}

async function up(call: Call<UpOptions>): Promise<void> {
  const { io, out, options } = call;
  const folder = DataFolder.of(io, options.data);
  folder.requireAgent();
  const { listen, reloadTls } = await import("@strongroom/agent");
  const tls = readTls(call);
  const listening = {
    host: options.host,
    port: await freePort(options.host, whole(options.port, "--port", 0, 65_535)),
    insecureAllowPlainHttp: options.insecurePlainHttp === true,
  };
  const opened = await open(call, folder, listening.port, tls);
  const { agent, server } = opened;
  const stop = stopSignal(tls === undefined ? ["SIGINT", "SIGTERM", "SIGHUP"] : ["SIGINT", "SIGTERM"]);
  try {
    const address = await listen(server, listening);
    const { signer, locator } = agent.context.identity;
    const run = {
      address,
      pid: process.pid,
      logKey: signer.verifierKey,
      ...(tls === undefined ? {} : { cert: tls.cert }),
    };
    folder.startRun(run);
    const shown = {
      address,
      issuer: agent.context.config.issuer,
      logKey: signer.verifierKey,
      locator: locator.toString("base64url"),
      data: folder.path,
      pid: process.pid,
    };
    out.result(shown, [
      `The agent answers at ${address}`,
      facts([
        ["issuer", shown.issuer],
        ["verifier key", shown.logKey],
        ["data", shown.data],
      ]),
    ]);
    // Elsewhere standard error is a log of JSON lines.
    if (io.stderr.isTTY === true) out.note("Stop it with Ctrl-C.");
    const hangup = tls === undefined ? null : reloadOnHangup(server, tls, reloadTls);
    await stop.asked;
    hangup?.done();
  } finally {
    folder.endRun();
    const cut = setTimeout(() => server.server.closeAllConnections(), STOP_MS);
    await opened.close();
    clearTimeout(cut);
    stop.done();
  }
}

async function open(
  { io, out, options }: Call<UpOptions>,
  folder: DataFolder,
  port: number,
  tls: Tls | undefined,
): Promise<OpenedAgent> {
  const { defaultIssuer, openInside, readVocabulary } = await import("../inside.ts");
  const checkpointMs = readDuration(options.checkpointInterval, "--checkpoint-interval");
  if (checkpointMs < CHECKPOINT_MS_MIN || checkpointMs > CHECKPOINT_MS_MAX)
    throw new StrongroomError("cli.usage", "--checkpoint-interval is from 100ms to 1h");
  const witnessKeys = options.witness ?? [];
  for (const key of witnessKeys) parseVerifierKey(key);
  const kekEpochDays = whole(options.kekEpochDays, "--kek-epoch-days", 1, 3_650);
  if (!LEVELS.includes(options.logLevel))
    throw new StrongroomError("cli.usage", `--log-level is one of ${LEVELS.join(", ")}`);
  // Read before it is kept: a mistyped file would be in the way of every later command.
  const vocabulary = options.vocabulary === undefined ? undefined : resolve(io.cwd, options.vocabulary);
  if (vocabulary !== undefined) readVocabulary(vocabulary);
  const settings = folder.keep({
    vocabulary,
    issuer: options.issuer === undefined ? undefined : readIssuer(options.issuer),
  });
  const issuer = settings.issuer ?? issuerHere(options.host, port, tls, defaultIssuer);
  let server: OpenedAgent["server"] | null = null;
  const opened = await openInside(io, out, {
    folder,
    passphraseFile: options.passphraseFile,
    agent: {
      issuer,
      kekEpochDays,
      checkpointMs,
      witnessKeys,
      onBackgroundError: (error) => server?.log.error({ err: error }, "background work failed"),
    },
    server: {
      rates: {},
      logger: { level: options.logLevel, stream: io.stderr },
      ...(tls === undefined ? {} : { tls }),
      ...(options.trustProxy === undefined ? {} : { trustedProxies: options.trustProxy }),
    },
  });
  server = opened.server;
  return opened;
}

interface Tls {
  readonly cert: string;
  readonly key: string;
}

function readTls({ io, options: { tlsCert, tlsKey } }: Call<UpOptions>): Tls | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined)
    throw new StrongroomError("cli.usage", "--tls-cert and --tls-key go together");
  return { cert: resolve(io.cwd, tlsCert), key: resolve(io.cwd, tlsKey) };
}

/** @throws StrongroomError `cli.usage` for an address that stands for many */
function issuerHere(
  host: string,
  port: number,
  tls: Tls | undefined,
  issuerOf: (host: string, port: number, scheme: string) => string,
): string {
  if (host === "0.0.0.0" || host === "::") {
    throw new StrongroomError(
      "cli.usage",
      `${host} is no address that clients could name: give the one they use, by --issuer`,
    );
  }
  return issuerOf(host, port, tls === undefined ? "http" : "https");
}

function whole(text: string, option: string, min: number, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max))
    throw new StrongroomError("cli.usage", `${option} is a whole number from ${min} to ${max}`);
  return value;
}
