/**
 * Proofs over the tree of the last checkpoint and over its heads map, out of stored tiles: their cost does not grow
 * with the log.
 */
import { toBase64url } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { blindedSubject, bucketOf, consistencyProof, inclusionProof, proveHead, TileHashReader, type HashReader } from "@strongroom/core/log";
import type { HeadProofResponse, ProofResponse } from "@strongroom/core/wire";
import type { LiveSubject } from "../authorize/live.ts";
import type { AgentContext } from "../context.ts";
import type { Store } from "../storage/store.ts";

/** @throws StrongroomError `log.out-of-range` for what no checkpoint covers yet. */
export async function proveInclusion(context: AgentContext, index: number, size: number): Promise<ProofResponse> {
  requireCovered(context, size);
  if (index >= size) throw outOfRange("the position is not below the size");
  return answer(await withTiles(context.store, size, (reader) => inclusionProof(index, size, reader)));
}

/** @throws StrongroomError `log.out-of-range`. */
export async function proveConsistency(context: AgentContext, from: number, to: number): Promise<ProofResponse> {
  requireCovered(context, to);
  if (from < 1 || from > to) throw outOfRange("sizes must be 1 ≤ from ≤ to");
  return answer(await withTiles(context.store, to, (reader) => consistencyProof(from, to, reader)));
}

/**
 * That the subject's stored head is its last entry under the last checkpoint. Read together with that checkpoint: the
 * map is kept for one checkpoint only.
 */
export async function proveOwnHead(context: AgentContext, subject: LiveSubject): Promise<HeadProofResponse> {
  const { publisher, store } = context;
  const checkpoint = publisher.checkpoint;
  if (checkpoint === null || subject.logKey === null) throw outOfRange("there is no checkpoint yet");
  const { index } = blindedSubject(subject.logKey);
  const head = await store.head(subject.id);
  const pairs = (await store.headsBucket(bucketOf(index))).map(([at, value]) => ({ index: at, value }));
  const proof = proveHead(publisher.heads, index, pairs);
  // A checkpoint made while this one was read would mix two maps.
  if (publisher.checkpoint !== checkpoint) return proveOwnHead(context, subject);
  return {
    checkpoint: checkpoint.note,
    counter: head?.counter ?? 0,
    commitment: toBase64url(head?.commitment ?? Buffer.alloc(32)),
    bucket: proof.bucket.map((pair) => [toBase64url(pair.index), toBase64url(pair.value)] as const),
    path: proof.path.map(toBase64url),
  };
}

/** Runs a proof over tiles that are read as it asks for them. */
async function withTiles<Result>(store: Store, size: number, prove: (reader: HashReader) => Result): Promise<Result> {
  const tiles = new Map<string, Buffer>();
  for (;;) {
    try {
      return prove(
        new TileHashReader(size, ({ level, index }) => {
          const hashes = tiles.get(`${level}/${index}`);
          if (hashes === undefined) throw new TileWanted(level, index);
          return hashes;
        }),
      );
    } catch (error) {
      if (!(error instanceof TileWanted)) throw error;
      const row = await store.tile(error.level, error.index);
      if (row === null) throw new StrongroomError("log.damaged", `tile ${error.level}/${error.index} is not in the database`);
      tiles.set(`${error.level}/${error.index}`, row.hashes);
    }
  }
}

class TileWanted extends Error {
  readonly level: number;
  readonly index: number;

  constructor(level: number, index: number) {
    super("tile wanted");
    this.level = level;
    this.index = index;
  }
}

function requireCovered({ publisher }: AgentContext, size: number): void {
  const covered = publisher.checkpoint?.size ?? 0;
  if (size > covered) throw outOfRange(`the last checkpoint covers ${covered} entries`);
}

function outOfRange(message: string): StrongroomError {
  return new StrongroomError("log.out-of-range", message);
}

function answer(proof: readonly Uint8Array[]): ProofResponse {
  return { proof: proof.map(toBase64url) };
}
