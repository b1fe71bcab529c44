/** What the doctor finds by opening the agent, or by asking the one that runs: database, schema, keys, log and mirror. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { StrongroomError } from "@strongroom/core/errors";
import { openCheckpoint, parseVerifierKey, type OpenedCheckpoint } from "@strongroom/core/log";
import { auditLog } from "@strongroom/core/log/reader";
import type { AgentClient } from "../client.ts";
import { connect, type Connection, type Target } from "../connect.ts";
import type { DataFolder } from "../dataFolder.ts";
import { fixOf } from "../exitCodes.ts";
import type { Io } from "../io.ts";
import { openSource } from "../logSource.ts";
import { problemOf, RefusedByAgent, type Output } from "../output.ts";
import { fail, ok, warn, type Diagnosis } from "./check.ts";

const NOTE_BYTES_MAX = 1_000_000;

/** An agent that does not start says why by a code, which has its fix. */
export async function checkAgent(io: Io, out: Output, folder: DataFolder, target: Target): Promise<Diagnosis[]> {
  let connection: Connection;
  try {
    connection = await connect(io, out, target);
  } catch (error) {
    const { code, detail } = problemOf(error);
    // A passphrase that nobody gave is not an illness.
    if (code === "keys.passphrase-needed")
      return [warn("database", detail, "Run again with --passphrase-file to look inside.")];
    return [fail("database", detail, fixOf(code) ?? "See docs/errors.md.", code)];
  }
  try {
    const { client, address } = connection;
    const opened = ok(
      "database",
      address === null ? "opens, with the schema of this version" : `in use by the agent at ${address}`,
    );
    return [opened, await checkReady(client), ...(await checkLog(io, out, folder, client))];
  } finally {
    await connection.close();
  }
}

async function checkReady(client: AgentClient): Promise<Diagnosis> {
  try {
    await client.get("/readyz");
    return ok("ready", "the database takes writes, and checkpoints keep up with the log");
  } catch (error) {
    if (!(error instanceof RefusedByAgent || error instanceof StrongroomError)) throw error;
    return fail(
      "ready",
      "the agent says that it is not ready",
      "Look at its log for the reason: the disk, or checkpoints that fail.",
      "storage.unavailable",
    );
  }
}

/** The agent's own tree was computed when it was opened; here the mirror is, and both checkpoints are compared. */
async function checkLog(io: Io, out: Output, folder: DataFolder, client: AgentClient): Promise<Diagnosis[]> {
  const { logKey } = await client.facts();
  const pinned = folder.settings().logKey;
  if (pinned !== undefined && pinned !== logKey) {
    return [
      fail(
        "log",
        "the log's key is another than when this folder was made",
        "Put back the key folder that belongs to this database.",
        "keys.kek-missing",
      ),
    ];
  }
  // The mirror first: what the agent signs meanwhile is a longer log, not another one.
  const mirrored = readMirror(folder, logKey);
  const note = (await client.file("/log/checkpoint", NOTE_BYTES_MAX))?.toString("utf8");
  if (note === undefined || mirrored === null)
    return [
      fail("log", "there is no checkpoint, or none in the mirror", "Start the agent: it makes both.", "log.damaged"),
    ];
  const served = openCheckpoint(note, parseVerifierKey(logKey));
  return [compare(served, mirrored), await auditMirror(io, out, folder, logKey)];
}

function compare(served: OpenedCheckpoint, mirrored: OpenedCheckpoint): Diagnosis {
  const what = `checkpoint over ${served.size} leaves, mirror over ${mirrored.size}`;
  const same = Buffer.from(served.root).equals(Buffer.from(mirrored.root));
  if (served.size < mirrored.size) return fail("log", what, fixOf("log.store-behind")!, "log.store-behind");
  if (served.size === mirrored.size && !same)
    return fail("log", `${what}, with other roots`, fixOf("log.fork")!, "log.fork");
  return ok("log", what);
}

async function auditMirror(io: Io, out: Output, folder: DataFolder, verifierKey: string): Promise<Diagnosis> {
  const { source } = await openSource(folder.mirror, io.cwd);
  const progress = out.progress("reading the mirror of the log");
  const report = await auditLog(source, {
    verifierKey,
    onProgress: (leaves, size) => progress.update(`${leaves} of ${size} leaves`),
  }).finally(() => progress.done());
  if (report.ok) return ok("mirror", `${report.checkpoint?.size ?? 0} leaves give the signed root`);
  const [first] = report.findings;
  const what = `${report.findingsTotal} finding(s), the first: ${first?.code}: ${first?.message}`;
  return fail("mirror", what, `Run \`strongroom audit ${folder.mirror}\`; keep the files as they are.`, "log.damaged");
}

function readMirror(folder: DataFolder, logKey: string): OpenedCheckpoint | null {
  const path = join(folder.mirror, "checkpoint");
  return existsSync(path) ? openCheckpoint(readFileSync(path), parseVerifierKey(logKey)) : null;
}
