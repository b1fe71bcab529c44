/** What somebody outside finds who trusts nothing but the log's key: the independent reader over the mirror and raw entries. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fromBase64url } from "@strongroom/core/bytes";
import {
  auditLog,
  auditSubject,
  type EntryHead,
  type KeptPromise,
  type LogReport,
  type LogSource,
  type ShownEntry,
} from "@strongroom/core/log/reader";
import { signPromise } from "@strongroom/core/log";
import type { Authorized } from "../src/authorize/authorize.ts";
import type { LiveSubject } from "../src/authorize/live.ts";
import type { AgentContext } from "../src/context.ts";
import { proveOwnHead } from "../src/log/proofs.ts";
import { rawPage } from "../src/log/query.ts";
import type { World } from "./world.ts";

export function folderSource(folder: string): LogSource {
  return { read: (path) => readFile(join(folder, path)).catch(() => null) };
}

/** A checkpoint is made, and the whole public log read. */
export async function auditedLog(
  world: World,
  kept: { promises?: readonly KeptPromise[]; remembered?: string } = {},
): Promise<LogReport> {
  await world.publish();
  return auditLog(folderSource(world.logFolder), { verifierKey: world.context.identity.signer.verifierKey, ...kept });
}

/** The log has no finding, nor has any of these subjects' chains. Returns the head of each. */
export async function assertWhole(
  world: World,
  subjects: readonly string[],
  kept: { promises?: readonly KeptPromise[]; remembered?: string; heads?: ReadonlyMap<string, EntryHead> } = {},
): Promise<Map<string, EntryHead>> {
  const { heads: remembered, ...ofLog } = kept;
  const report = await auditedLog(world, ofLog);
  assert.deepEqual(report.findings, []);
  const heads = new Map<string, EntryHead>();
  for (const subject of subjects) {
    const live = await world.live(subject);
    const own = await auditSubject(folderSource(world.logFolder), {
      verifierKey: world.context.identity.signer.verifierKey,
      logKey: logKeyOf(live),
      entries: await rawEntries(world.context, live),
      head: await shownHead(world.context, live),
      ...(remembered?.get(subject) === undefined ? {} : { remembered: remembered.get(subject) as EntryHead }),
    });
    assert.deepEqual(own.findings, [], `of ${subject}`);
    assert.equal(own.pending, 0);
    heads.set(subject, own.head);
  }
  return heads;
}

function logKeyOf({ logKey }: LiveSubject): NonNullable<LiveSubject["logKey"]> {
  assert.ok(logKey !== null);
  return logKey;
}

async function rawEntries(context: AgentContext, live: LiveSubject): Promise<ShownEntry[]> {
  const entries: ShownEntry[] = [];
  for (let cursor: string | null = null; ;) {
    const page = await rawPage(context, live, 200, cursor);
    for (const { counter, index, sealed } of page.entries)
      entries.unshift({ counter, index, sealed: fromBase64url(sealed) });
    if (page.cursor === null) return entries;
    cursor = page.cursor;
  }
}

async function shownHead(context: AgentContext, live: LiveSubject) {
  const { counter, commitment, bucket, path } = await proveOwnHead(context, live);
  return {
    counter,
    commitment: fromBase64url(commitment),
    bucket: bucket.map(([index, value]) => [fromBase64url(index), fromBase64url(value)] as const),
    path: path.map(fromBase64url),
  };
}

/** The promise that an answer's entries are in the log, as a client keeps it. */
export function promiseOf({ context, now }: World, { decision, receipt }: Authorized): KeptPromise {
  assert.ok(receipt !== null);
  const { first, commitments } = receipt;
  const entries = Array.from({ length: commitments.length / 32 }, (_, i) => ({
    index: first + i,
    commitment: commitments.subarray(32 * i, 32 * i + 32),
  }));
  return {
    at: now,
    decision,
    entries,
    signature: signPromise({ at: now, decision, entries }, context.identity.signer),
  };
}
