/**
 * Witnesses: others who have seen a checkpoint and say so. The agent keeps the cosignatures of those that its operator
 * named, on the checkpoint that it serves.
 */
import { StrongroomError } from "@strongroom/core/errors";
import { addSignature, openCheckpoint, parseVerifierKey } from "@strongroom/core/log";
import type { AgentContext } from "../context.ts";

/**
 * @param line one signature line of a C2SP note, made over the checkpoint that is served now.
 * @throws StrongroomError `log.unknown-witness`, `note.*` when the signature does not verify, `log.out-of-range` without a checkpoint.
 */
export async function addCosignature(context: AgentContext, line: string): Promise<void> {
  const { publisher, identity, config } = context;
  const checkpoint = publisher.checkpoint;
  if (checkpoint === null) throw new StrongroomError("log.out-of-range", "there is no checkpoint yet");
  const witnesses = config.witnessKeys.map(parseVerifierKey);
  const log = parseVerifierKey(identity.signer.verifierKey);
  const before = openCheckpoint(checkpoint.note, log, witnesses);
  const note = addSignature(checkpoint.note, line);
  const after = openCheckpoint(note, log, witnesses);
  if (after.cosignatures.length <= before.cosignatures.length) {
    throw new StrongroomError("log.unknown-witness", "the cosignature is not of a witness that this agent knows");
  }
  await publisher.renote(checkpoint, note);
}
