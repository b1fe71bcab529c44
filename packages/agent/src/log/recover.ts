/**
 * Taking up the log at start: is the store behind what the world has seen, and whose chains grew after the last checkpoint?
 */
import { asBuffer } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import {
  decodeLeaf,
  Frontier,
  leafHash,
  openCheckpoint,
  parseVerifierKey,
  type Checkpoint,
  type TombstoneLeaf,
} from "@strongroom/core/log";
import type { Directory } from "../authorize/directory.ts";
import type { ChainHead, LiveSubject } from "../authorize/live.ts";
import type { AgentIdentity } from "../keys/identity.ts";
import type { Store } from "../storage/store.ts";
import type { LogMirror } from "./mirror.ts";
import { packRecords } from "./records.ts";
import { scan } from "./scan.ts";
import { storedRoot } from "./storedTree.ts";

/**
 * A database restored from an older backup would fork the log and bring erased keys back: it must not serve.
 * @throws StrongroomError `log.store-behind`; `log.fork` when it is not behind but went another way.
 */
export async function refuseStoreBehind(store: Store, mirror: LogMirror, identity: AgentIdentity): Promise<void> {
  for (const note of mirror.notes()) {
    await refuseBehind(store, openCheckpoint(note, parseVerifierKey(identity.signer.verifierKey)));
  }
}

async function refuseBehind(store: Store, seen: Checkpoint): Promise<void> {
  const size = await store.logSize();
  if (size < seen.size) {
    throw new StrongroomError(
      "log.store-behind",
      `the database ends at log position ${size}, but a checkpoint over ${seen.size} was signed: it is an older copy`,
      { details: { stored: size, signed: seen.size } },
    );
  }
  if (!(await storedRoot(store, seen.size)).equals(asBuffer(seen.root))) throw forked();
}

/**
 * Brings a restored older store up to the published log: the leaves that it lacks are appended as they were published
 * (what the entries said is lost with the newer database), so that the tree goes on and does not fork. The keys that
 * their tombstones name are destroyed by `eraseAgain`, before the first checkpoint over them is made.
 * @throws StrongroomError `log.fork` when the store is not an older copy of this log, `log.damaged` when the mirror is
 *   not the log that its checkpoint signs.
 */
export async function catchUpWithMirror(store: Store, mirror: LogMirror, identity: AgentIdentity): Promise<void> {
  const [seen] = mirror
    .notes()
    .map((note) => openCheckpoint(note, parseVerifierKey(identity.signer.verifierKey)))
    .sort((a, b) => b.size - a.size);
  if (seen === undefined) return;
  if (mirror.size < seen.size) {
    throw new StrongroomError(
      "log.damaged",
      `the folder of the published log ends at ${mirror.size}, but a checkpoint over ${seen.size} was signed: put the newest copy of that folder there`,
      { details: { mirrored: mirror.size, signed: seen.size } },
    );
  }
  const size = await store.logSize();
  const tree = new Frontier();
  await scan(store, 0, Math.min(size, seen.size), (records) => {
    for (const { leaf } of records) tree.append(leafHash(leaf));
  });
  const published = new Frontier();
  const lacking: Buffer[] = [];
  for (const { leaf, index } of mirror.leaves(seen.size)) {
    const hash = leafHash(leaf);
    published.append(hash);
    if (index < size) continue;
    lacking.push(leaf);
    tree.append(hash);
  }
  // A changed file of the mirror is not the database's fault, and says nothing about it.
  if (!asBuffer(published.root()).equals(asBuffer(seen.root))) {
    throw new StrongroomError(
      "log.damaged",
      "the mirror of the log does not hold the entries that its checkpoint signs",
    );
  }
  if (!asBuffer(tree.root()).equals(asBuffer(seen.root))) throw forked();
  await store.write((tx) =>
    tx.appendChunks(
      packRecords(
        size,
        lacking.map((leaf) => ({ leaf, owner: null })),
      ),
    ),
  );
}

function forked(): StrongroomError {
  return new StrongroomError(
    "log.fork",
    "the database is not an older copy of the published log: their entries differ",
  );
}

/** What stands behind the last checkpoint. */
export interface Uncovered {
  /** Subjects whose chains grew, brought up to date in memory: their heads are to be stored. */
  readonly subjects: LiveSubject[];
  /** Keys that must not be alive. Where an agent destroyed them they are not; where leaves were taken over, they may be. */
  readonly tombstones: TombstoneLeaf[];
  /** Whether there are entries that were taken over from the mirror: what they changed is not in this database. */
  readonly takenOver: boolean;
}

/** Reads what was appended after the last checkpoint. */
export async function readUncovered(store: Store, directory: Directory, from: number): Promise<Uncovered> {
  const heads = new Map<string, ChainHead>();
  const tombstones: TombstoneLeaf[] = [];
  let takenOver = false;
  await scan(store, from, await store.logSize(), (records, first) => {
    records.forEach(({ leaf, owner }, i) => {
      const decoded = decodeLeaf(leaf);
      if (decoded.kind === "tombstone") tombstones.push(decoded);
      takenOver ||= owner === null && decoded.kind === "entry";
      if (owner === null) return;
      if (decoded.kind !== "entry")
        throw new StrongroomError("log.damaged", `the record at position ${first + i} has an owner but is no entry`);
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
  return { subjects, tombstones, takenOver };
}
