/** Erasures that a restored older database has forgotten, done again from the tombstones of the published log. */
import { toBase64url } from "@strongroom/core/bytes";
import type { TombstoneLeaf } from "@strongroom/core/log";
import type { AgentContext } from "../context.ts";
import { eraseEpoch, eraseRelationship, eraseSubject } from "./erasure.ts";

/** @returns how many keys were alive again and are destroyed now. */
export async function eraseAgain(context: AgentContext, tombstones: readonly TombstoneLeaf[]): Promise<number> {
  let erased = 0;
  for (const { keyId } of tombstones) {
    // Looked up one after the other: erasing a subject takes its relationships along.
    const owner = await context.store.ownerOfKey(toBase64url(keyId));
    if (owner === null) continue;
    if (owner.kind === "subject") await eraseSubject(context, owner.subject);
    else if (owner.kind === "relationship") await eraseRelationship(context, owner.subject, owner.handle);
    else await eraseEpoch(context, owner.subject, owner.handle, owner.epoch);
    erased += 1;
  }
  return erased;
}
