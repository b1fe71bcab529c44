/**
 * Proofs over the tree of the last checkpoint and over its heads map, out of stored tiles: their cost does not grow
 * with the log.
 */
import { toBase64url } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import {
  blindedSubject,
  bucketOf,
  consistencyProof,
  inclusionProof,
  NO_HEAD,
  proveHead,
  verifyHead,
} from "@strongroom/core/log";
import type { HeadProofResponse, ProofResponse } from "@strongroom/core/wire";
import type { LiveSubject } from "../authorize/live.ts";
import type { AgentContext } from "../context.ts";
import { withTiles } from "./storedTree.ts";

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
 * @throws StrongroomError `log.out-of-range` before the first checkpoint, `log.damaged` when the stored heads are not
 *   those of the checkpoint.
 */
export async function proveOwnHead(
  { publisher, store }: AgentContext,
  subject: LiveSubject,
): Promise<HeadProofResponse> {
  for (let tries = 1; ; tries += 1) {
    if (subject.logKey === null) throw new StrongroomError("subject.unknown", "no such subject, or erased");
    const place = blindedSubject(subject.logKey);
    const head = (await store.head(subject.id)) ?? NO_HEAD;
    const bucket = (await store.headsBucket(bucketOf(place.index))).map(([index, value]) => ({ index, value }));
    const { checkpoint, heads } = publisher;
    if (checkpoint === null) throw outOfRange("there is no checkpoint yet");
    const proof = proveHead(heads, place.index, bucket);
    // Where a checkpoint was made meanwhile, rows of one map and the tree of another do not fit: read again.
    if (verifyHead(heads.root(), place, head, proof)) {
      return {
        checkpoint: checkpoint.note,
        counter: head.counter,
        commitment: toBase64url(head.commitment),
        bucket: proof.bucket.map((pair) => [toBase64url(pair.index), toBase64url(pair.value)] as const),
        path: proof.path.map(toBase64url),
      };
    }
    if (tries === TRIES_MAX)
      throw new StrongroomError("log.damaged", "the stored heads are not those that the checkpoint commits to");
    await publisher.settled();
  }
}

const TRIES_MAX = 5;

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
