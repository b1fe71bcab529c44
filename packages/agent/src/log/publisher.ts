/**
 * Checkpoints. At fixed intervals, while there is something new: store the heads of the subjects whose chains grew,
 * append the heads leaf, sign the tree, store its tiles; then bring the mirror up to it. One transaction does the first
 * four: after a crash the log is either at the old checkpoint with entries behind it, or at the new one.
 */
import { asBuffer } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import {
  blindedSubject,
  bucketHash,
  bucketOf,
  encodeHeadsLeaf,
  headValue,
  HEADS_BUCKETS,
  HeadsTree,
  leafHash,
  openCheckpoint,
  parseVerifierKey,
  signCheckpoint,
  TileEdge,
  type HeadPair,
  type NoteSigner,
} from "@strongroom/core/log";
import type { LiveSubject } from "../authorize/live.ts";
import type { Effects } from "../effects.ts";
import type { CheckpointRow, HeadRow, TileRow } from "../storage/rows.ts";
import type { Store } from "../storage/store.ts";
import type { LogMirror } from "./mirror.ts";
import { packRecords } from "./records.ts";
import { scan } from "./scan.ts";
import { restoreEdge } from "./storedTree.ts";
import type { UseNotes } from "./useNotes.ts";
import type { LogWriter } from "./writer.ts";

export interface PublisherOptions {
  readonly store: Store;
  readonly signer: NoteSigner;
  readonly effects: Effects;
  readonly mirror: LogMirror | null;
  readonly useNotes: UseNotes;
}

export class LogPublisher {
  readonly #options: PublisherOptions;
  /** The tree over the durable leaves but for those that wait. */
  #edge: TileEdge;
  /** Durable leaves that the tree has not taken in yet: that is work for the checkpoint, not for the request. */
  #waiting: (readonly Buffer[])[] = [];
  /** The heads map of the last checkpoint. */
  #heads: HeadsTree;
  #checkpoint: CheckpointRow | null;
  #running: Promise<void> | null = null;

  private constructor(options: PublisherOptions, edge: TileEdge, heads: HeadsTree, checkpoint: CheckpointRow | null) {
    this.#options = options;
    this.#edge = edge;
    this.#heads = heads;
    this.#checkpoint = checkpoint;
  }

  /**
   * Takes up the stored log: the tree of the last checkpoint and what was appended after it.
   * @throws StrongroomError `log.damaged` when the stored tiles do not give the signed root, or the stored heads are
   *   not those that the checkpoint's last leaf commits to.
   */
  static async open(options: PublisherOptions): Promise<LogPublisher> {
    const checkpoint = await options.store.checkpoint();
    const edge = checkpoint === null ? TileEdge.empty() : await restoreEdge(options.store, checkpoint.size);
    if (checkpoint !== null) {
      const signed = openCheckpoint(checkpoint.note, parseVerifierKey(options.signer.verifierKey));
      if (signed.size !== checkpoint.size || !asBuffer(signed.root).equals(edge.root())) {
        throw new StrongroomError(
          "log.damaged",
          "the stored tiles do not give the root that the last checkpoint signs",
        );
      }
    }
    const heads = await loadHeads(options.store);
    if (checkpoint !== null) await requireHeads(options.store, checkpoint, heads);
    await scan(options.store, edge.size, await options.store.logSize(), (records) => {
      for (const { leaf } of records) edge.append(leafHash(leaf));
    });
    return new LogPublisher(options, edge, heads, checkpoint);
  }

  /** The last checkpoint; null before the first. */
  get checkpoint(): CheckpointRow | null {
    return this.#checkpoint;
  }

  /** Replaces the checkpoint's note by one with more signatures, unless a newer checkpoint came meanwhile. */
  async renote(checkpoint: CheckpointRow, note: string): Promise<void> {
    if (this.#checkpoint !== checkpoint) return;
    this.#checkpoint = { ...checkpoint, note };
    await this.#options.store.setCheckpointNote(checkpoint.size, note);
    await this.#options.mirror?.bringUpTo(this.#checkpoint);
  }

  /** The heads map of the last checkpoint: another object for each. */
  get heads(): HeadsTree {
    return this.#heads;
  }

  /** Waits for the checkpoint that is being made, if one is. */
  async settled(): Promise<void> {
    await this.#running?.catch(() => undefined);
  }

  /** The writer tells of durable leaves, in order. */
  readonly appended = (leaves: readonly Buffer[]): void => {
    this.#waiting.push(leaves);
  };

  /** Makes a checkpoint if there is something that the last one does not cover. Calls at once share one. */
  publish(writer: LogWriter): Promise<void> {
    this.#running ??= this.#publish(writer).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #publish(writer: LogWriter): Promise<void> {
    // The first one is made over an empty log: whoever asks finds a signed log from the first moment on.
    if (this.#checkpoint === null || writer.size > this.#checkpoint.size) await this.#checkpointNow(writer);
    if (this.#checkpoint !== null) await this.#options.mirror?.bringUpTo(this.#checkpoint);
  }

  #takeIn(): void {
    for (const leaves of this.#waiting) for (const leaf of leaves) this.#edge.append(leafHash(leaf));
    this.#waiting = [];
  }

  async #checkpointNow(writer: LogWriter): Promise<void> {
    const { signer, effects, useNotes } = this.#options;
    const uses = useNotes.take();
    try {
      await writer.exclusive(async (tx, { size, dirty }) => {
        const heads = headRows(dirty);
        const map = await this.#grownHeads(heads);
        const leaf = encodeHeadsLeaf(map.root());
        this.#takeIn();
        const edge = this.#edge.clone();
        edge.append(leafHash(leaf));
        const tiles: TileRow[] = edge
          .takeTiles()
          .map(({ tile, bytes }) => ({ level: tile.level, index: tile.index, hashes: asBuffer(bytes) }));
        const checkpoint: CheckpointRow = {
          size: size + 1,
          at: effects.now(),
          note: signCheckpoint({ size: size + 1, root: edge.root() }, signer),
        };
        await tx.appendChunks(packRecords(size, [{ leaf, owner: null }]));
        await tx.putHeads(heads);
        await tx.putTiles(tiles);
        await tx.putCheckpoint(checkpoint);
        const refused = await tx.attempt(uses.mutations);
        if (refused !== null) throw refused;
        return {
          leaves: [leaf],
          onCommit: () => {
            this.#edge = edge;
            this.#heads = map;
            this.#checkpoint = checkpoint;
          },
        };
      });
    } catch (error) {
      uses.giveBack();
      throw error;
    }
  }

  /** The map with the new heads in the buckets that they belong to. */
  async #grownHeads(heads: readonly HeadRow[]): Promise<HeadsTree> {
    const map = this.#heads.clone();
    const byBucket = new Map<number, HeadRow[]>();
    for (const head of heads) {
      const bucket = bucketOf(head.blinded);
      const rows = byBucket.get(bucket);
      if (rows === undefined) byBucket.set(bucket, [head]);
      else rows.push(head);
    }
    for (const [bucket, rows] of byBucket) {
      const pairs = new Map<string, HeadPair>();
      for (const [index, value] of await this.#options.store.headsBucket(bucket))
        pairs.set(index.toString("hex"), { index, value });
      for (const { blinded, value } of rows) pairs.set(blinded.toString("hex"), { index: blinded, value });
      const sorted = [...pairs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pair]) => pair);
      map.setBucket(bucket, bucketHash(bucket, sorted));
    }
    return map;
  }
}

/** Heads as they are stored. An erased subject has no key left to stand in the map with: its place stays as it was. */
function headRows(subjects: readonly LiveSubject[]): HeadRow[] {
  const rows: HeadRow[] = [];
  for (const { id, logKey, head } of subjects) {
    if (logKey === null) continue;
    const { index: blinded, blind } = blindedSubject(logKey);
    rows.push({ subject: id, ...head, blinded: asBuffer(blinded), value: headValue(blind, head) });
  }
  return rows;
}

/** The last leaf of every checkpoint commits to the heads map: rows that were changed or put back do not give its root. */
async function requireHeads(store: Store, { size }: CheckpointRow, heads: HeadsTree): Promise<void> {
  let leaf: Buffer | undefined;
  await scan(store, size - 1, size, ([record]) => {
    leaf = record?.leaf;
  });
  if (leaf === undefined || !leaf.equals(encodeHeadsLeaf(heads.root()))) {
    throw new StrongroomError("log.damaged", "the stored heads are not those that the last checkpoint commits to");
  }
}

async function loadHeads(store: Store): Promise<HeadsTree> {
  const tree = new HeadsTree();
  for (let bucket = 0; bucket < HEADS_BUCKETS; bucket += 1) {
    const pairs = await store.headsBucket(bucket);
    if (pairs.length > 0) {
      tree.setBucket(
        bucket,
        bucketHash(
          bucket,
          pairs.map(([index, value]) => ({ index, value })),
        ),
      );
    }
  }
  return tree;
}
