/**
 * Taking up the log at start: is the store behind what the world has seen, and whose chains grew after the last checkpoint?
 */
import { StrongroomError } from "@strongroom/core/errors";
import { decodeLeaf, openCheckpoint, parseVerifierKey } from "@strongroom/core/log";
import type { Directory } from "../authorize/directory.ts";
import type { ChainHead, LiveSubject } from "../authorize/live.ts";
import type { AgentIdentity } from "../keys/identity.ts";
import type { Store } from "../storage/store.ts";
import type { LogMirror } from "./mirror.ts";
import { scan } from "./scan.ts";

/**
 * A database restored from an older backup would fork the log and bring erased keys back: it must not serve.
 * @throws StrongroomError `log.store-behind`.
 */
export async function refuseStoreBehind(store: Store, mirror: LogMirror, identity: AgentIdentity): Promise<void> {
  const note = mirror.note();
  if (note === null) return;
  const seen = openCheckpoint(note, parseVerifierKey(identity.signer.verifierKey));
  const size = await store.logSize();
  if (size < seen.size) {
    throw new StrongroomError(
      "log.store-behind",
      `the database ends at log position ${size}, but a checkpoint over ${seen.size} was signed: it is an older copy`,
      { details: { stored: size, signed: seen.size } },
    );
  }
}

/** Chains that grew after the last checkpoint, brought up to date in memory. Returns their subjects: their heads are to be stored. */
export async function replayHeads(store: Store, directory: Directory, from: number): Promise<LiveSubject[]> {
  const heads = new Map<string, ChainHead>();
  await scan(store, from, await store.logSize(), (records, first) => {
    records.forEach(({ leaf, owner }, i) => {
      if (owner === null) return;
      const decoded = decodeLeaf(leaf);
      if (decoded.kind !== "entry") throw new StrongroomError("log.damaged", `the record at position ${first + i} has an owner but is no entry`);
      heads.set(owner.subject.toString("base64url"), {
        counter: owner.counter,
        commitment: Buffer.from(decoded.commitment),
        index: first + i,
      });
    });
  });
  const subjects: LiveSubject[] = [];
  for (const [id, head] of heads) {
    const subject = await directory.subject(id);
    if (subject === undefined) continue;
    subject.head = head;
    subjects.push(subject);
  }
  return subjects;
}
