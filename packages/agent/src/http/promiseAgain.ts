/**
 * The promise of an earlier decision once more. What is kept of a decision does not say where its entries stand (it
 * was written before they had a place), but the log does: an entry carries the id of its decision.
 */
import { StrongroomError } from "@strongroom/core/errors";
import { openEntry } from "@strongroom/core/log";
import type { LogPromise } from "@strongroom/core/wire";
import type { LiveSubject } from "../authorize/live.ts";
import type { AgentContext } from "../context.ts";
import { unpackRecords } from "../log/records.ts";
import type { UnitReceipt } from "../log/writer.ts";
import type { Store } from "../storage/store.ts";
import type { KeptDecision } from "./keptDecision.ts";
import { entriesNamed, promiseOf } from "./promise.ts";

const CHUNKS_AT_ONCE = 64;
/** How far after the decision its entries are looked for: more cannot have waited for the same commits. */
const RECORDS_LOOKED_AT_MAX = 4_000_000;

/** What is looked for: entries of this decision, at `logSize` or later. */
interface Sought {
  readonly decision: Buffer;
  readonly logSize: number;
  readonly entries: number;
}

/** @param handles relationship of each item, where it names one */
export async function promiseAgain(
  agent: AgentContext,
  before: KeptDecision,
  handles: readonly (string | null)[],
): Promise<{ promise?: LogPromise }> {
  const entries = entriesNamed(before.items);
  const items = before.items.map(({ entry }, i) => ({ entry, handle: handles[i] ?? null }));
  for (const { entry, handle } of items.sort((a, b) => a.entry - b.entry)) {
    const relationship = entry < 0 || handle === null ? undefined : await agent.directory.relationship(handle);
    // A subject that was erased meanwhile has no log any more; the next one's shows the place as well.
    if (relationship === undefined || relationship.subject.logKey === null) continue;
    const sought = { decision: before.decision, logSize: before.logSize, entries };
    const receipt = await findReceipt(agent.store, sought, { subject: relationship.subject, entry });
    if (receipt === null)
      throw new StrongroomError("log.damaged", "the entries of a decision that was kept are not in the log");
    return promiseOf(agent, before.decision, receipt, entries);
  }
  return {};
}

/**
 * One entry is found by its subject's key; the others stand around it without gaps.
 * @param witness a subject, and the earliest of its entries that the answer names
 * @returns null when it is not there
 */
async function findReceipt(
  store: Store,
  sought: Sought,
  witness: { readonly subject: LiveSubject; readonly entry: number },
): Promise<UnitReceipt | null> {
  const index = await findEntry(store, sought, witness.subject);
  if (index === null) return null;
  const first = index - witness.entry;
  const commitments: Buffer[] = [];
  for (let at = first; at < first + sought.entries;) {
    const [chunk] = await store.chunks(at, first + sought.entries, 1);
    if (chunk === undefined) return null;
    const records = unpackRecords(chunk).slice(at - chunk.first, first + sought.entries - chunk.first);
    // A leaf of an entry is its kind and its commitment.
    for (const { leaf } of records) commitments.push(leaf.subarray(1));
    at += records.length;
  }
  return { first, commitments: Buffer.concat(commitments) };
}

async function findEntry(
  store: Store,
  { decision, logSize }: Sought,
  { idBytes, logKey }: LiveSubject,
): Promise<number | null> {
  if (logKey === null) return null;
  for (let at = logSize; at < logSize + RECORDS_LOOKED_AT_MAX;) {
    const chunks = await store.chunks(at, logSize + RECORDS_LOOKED_AT_MAX, CHUNKS_AT_ONCE);
    if (chunks.length === 0) return null;
    for (const chunk of chunks) {
      for (const [i, { owner }] of unpackRecords(chunk).entries()) {
        if (owner === null || !owner.subject.equals(idBytes) || chunk.first + i < logSize) continue;
        const { entry } = openEntry(owner.sealed, owner.counter, logKey);
        // What was asked about a handle of another controller stands in the log but not in the answer.
        if (entry.decision !== null && decision.equals(entry.decision) && entry.reason !== "unknown-object")
          return chunk.first + i;
      }
      at = chunk.first + chunk.count;
    }
  }
  return null;
}
