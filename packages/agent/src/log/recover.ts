/**
 * Taking up the log at start: is the store behind what the world has seen, and whose chains grew after the last checkpoint?
 */
import { asBuffer } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { decodeLeaf, Frontier, leafHash, openCheckpoint, parseVerifierKey, type TombstoneLeaf } from "@strongroom/core/log";
import type { Directory } from "../authorize/directory.ts";
import type { ChainHead, LiveSubject } from "../authorize/live.ts";
import type { AgentIdentity } from "../keys/identity.ts";
import type { Store } from "../storage/store.ts";
import type { LogMirror } from "./mirror.ts";
import { packRecords } from "./records.ts";
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

/**
 * Brings a restored older store up to the published log: the leaves that it lacks are appended as they were published
 * (what the entries said is lost with the newer database), so that the tree goes on and does not fork.
 * @returns tombstones of the published log: keys that must not be alive.
 * @throws StrongroomError `log.fork` when the store is not an older copy of this log.
 */
export async function catchUpWithMirror(store: Store, mirror: LogMirror, identity: AgentIdentity): Promise<TombstoneLeaf[]> {
  const note = mirror.note();
  if (note === null) return [];
  const seen = openCheckpoint(note, parseVerifierKey(identity.signer.verifierKey));
  const size = await store.logSize();
  const tree = new Frontier();
  await scan(store, 0, Math.min(size, seen.size), (records) => {
    for (const { leaf } of records) tree.append(leafHash(leaf));
  });
  const tombstones: TombstoneLeaf[] = [];
  const lacking: Buffer[] = [];
  for (const { leaf, index } of mirror.leaves(seen.size)) {
    const decoded = decodeLeaf(leaf);
    if (decoded.kind === "tombstone") tombstones.push(decoded);
    if (index < size) continue;
    lacking.push(leaf);
    tree.append(leafHash(leaf));
  }
  if (!asBuffer(tree.root()).equals(asBuffer(seen.root))) {
    throw new StrongroomError("log.fork", "the database is not an older copy of the published log: their entries differ");
  }
  await store.write((tx) =>
    tx.appendChunks(
      packRecords(
        size,
        lacking.map((leaf) => ({ leaf, owner: null })),
      ),
    ),
  );
  return tombstones;
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
