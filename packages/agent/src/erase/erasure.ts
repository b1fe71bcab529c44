/**
 * Erasure: an epoch, a relationship or a whole subject. Immediate for this agent; final for backups when the KEK
 * epoch turns, and the receipt says when. Tombstones in the log let a restored older store destroy the same keys again.
 */
import { fromBase64url } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { encodeTombstoneLeaf, type KeyKind } from "@strongroom/core/log";
import { signReceipt, type ErasureContent } from "@strongroom/core/receipt";
import type { ErasureResponse } from "@strongroom/core/wire";
import type { LiveSubject } from "../authorize/live.ts";
import type { AgentContext } from "../context.ts";
import { kekEndsAt } from "../keys/rotate.ts";
import { LogUnit } from "../log/writer.ts";
import { openOwnRelationship, ownRelationship } from "../relationships/relationships.ts";
import type { WrappedKey } from "../storage/rows.ts";
import { rekeyRoot, rewrapEpochs, type Rekeyed } from "./rekey.ts";

/** Living epochs of one relationship: all of them are opened together. */
export const EPOCHS_PER_RELATIONSHIP_MAX = 1_000;
/** Epochs are two bytes of a sealed object's header. */
const EPOCH_MAX = 65_535;

interface Destroyed {
  readonly kind: KeyKind;
  readonly keyId: string;
}

/** Destroys one epoch: what was sealed in it never opens again. If it was the current one, a new epoch begins. */
export function eraseEpoch(
  context: AgentContext,
  subjectId: string,
  handle: string,
  epoch: number,
): Promise<ErasureResponse> {
  return context.turns.run(subjectId, async () => {
    const { keychain, effects } = context;
    const { live, row, epochs, key: oldKey, subjectRow } = await openOwnRelationship(context, subjectId, handle);
    const doomed = epochs.find((candidate) => candidate.epoch === epoch);
    if (doomed === undefined) throw new StrongroomError("seal.epoch-unknown", `the relationship has no epoch ${epoch}`);
    if (doomed.key === null) throw new StrongroomError("seal.epoch-erased", `epoch ${epoch} was erased before`);

    const at = effects.now();
    const newKey = keychain.newValue(oldKey);
    const rekeyed = await rekeyRoot(context, subjectRow, null, new Map([[handle, newKey]]));
    const unit = new LogUnit(null, null, at);
    unit.record(live.subject, { kind: "erasure", controller: row.controller, reason: "epoch" });
    unit.mutations.push(...rekeyed.mutations, ...rewrapEpochs(context, row, epochs, oldKey, newKey, epoch));
    unit.mutations.push({ op: "epoch.key", handle, epoch, key: null });
    const next =
      epoch === live.currentEpoch && epoch < EPOCH_MAX ? { number: epoch + 1, key: keychain.newKey() } : null;
    if (next !== null) {
      const wrapped = keychain.wrapEpoch(newKey.key, handle, next.number, next.key);
      unit.mutations.push({ op: "epoch.add", row: { handle, epoch: next.number, key: wrapped, createdAt: at } });
    }
    unit.onCommit.push(() => {
      followGenerations(context, rekeyed);
      live.epochs.set(epoch, null);
      if (next !== null) {
        live.epochs.set(next.number, next.key.key);
        live.currentEpoch = next.number;
      }
      context.events.publish(row.controller, { event: "revoked", handle, at });
    });
    return commit(context, subjectId, unit, [destroyed("epoch", doomed.key)], { scope: "epoch", handle, epoch });
  });
}

/** Destroys everything that one controller holds of the subject, and their relationship with it. */
export function eraseRelationship(context: AgentContext, subjectId: string, handle: string): Promise<ErasureResponse> {
  return context.turns.run(subjectId, async () => {
    // Its own key is not needed: what somebody damaged can be erased all the same.
    const { live, row, epochs, subjectRow } = await ownRelationship(context, subjectId, handle);
    if (row.key === null) throw new StrongroomError("relationship.unknown", "no such relationship");
    const at = context.effects.now();
    const rekeyed = await rekeyRoot(context, subjectRow, handle);
    const unit = new LogUnit(null, null, at);
    unit.record(live.subject, { kind: "erasure", controller: row.controller, reason: "relationship" });
    unit.mutations.push(...rekeyed.mutations, {
      op: "relationship.update",
      handle,
      expectGeneration: row.generation,
      set: { key: null, rulebook: null, erasedAt: at },
    });
    for (const { epoch, key } of epochs) {
      if (key !== null) unit.mutations.push({ op: "epoch.key", handle, epoch, key: null });
    }
    unit.mutations.push({ op: "relationship.forget", handle });
    unit.onCommit.push(() => {
      followGenerations(context, rekeyed);
      forgetLive(context, handle, at);
    });
    return commit(context, subjectId, unit, [destroyed("relationship", row.key)], {
      scope: "relationship",
      handle,
      epoch: null,
    });
  });
}

/**
 * Destroys the subject: every relationship, the log's content, login and password. Also where its rows do not open any
 * more: nobody could log in to that account or read its log, and its root would keep the old KEKs alive for ever.
 */
export function eraseSubject(context: AgentContext, subjectId: string): Promise<ErasureResponse> {
  return context.turns.run(subjectId, async () => {
    const row = await context.store.subject(subjectId);
    if (row === null || row.root === null || row.logKey === null)
      throw new StrongroomError("subject.unknown", "no such subject, or erased");
    const live = await liveUnlessDamaged(context, subjectId);
    const at = context.effects.now();
    const unit = new LogUnit(null, null, at);
    // Without the log key only the tombstones tell of it.
    if (live !== undefined) unit.record(live, { kind: "erasure", reason: "subject" });
    const relationships = await context.store.relationshipsOf(subjectId);
    for (const { handle, generation, key } of relationships) {
      if (key === null) continue;
      const set = { key: null, rulebook: null, erasedAt: at };
      unit.mutations.push({ op: "relationship.update", handle, expectGeneration: generation, set });
      for (const { epoch, key: epochKey } of await context.store.epochsOf(handle)) {
        if (epochKey !== null) unit.mutations.push({ op: "epoch.key", handle, epoch, key: null });
      }
    }
    unit.mutations.push(
      { op: "subject.forget", id: subjectId },
      {
        op: "subject.update",
        id: subjectId,
        expectRoot: row.root,
        set: { state: "erased", login: null, passwordHash: null, erasedAt: at, root: null, logKey: null },
      },
    );
    unit.onCommit.push(() => {
      for (const { handle } of relationships) forgetLive(context, handle, at);
      if (live === undefined) return;
      live.erased = true;
      live.logKey = null;
      live.generation += 1;
    });
    return commit(context, subjectId, unit, [destroyed("root", row.root), destroyed("log", row.logKey)], {
      scope: "subject",
      handle: null,
      epoch: null,
    });
  });
}

const DAMAGED: ReadonlySet<string> = new Set(["keys.wrap-broken", "keys.kek-missing", "log.damaged"]);

/** Undefined where the subject's rows were changed outside the agent, or their KEK is lost. */
async function liveUnlessDamaged({ directory }: AgentContext, subject: string): Promise<LiveSubject | undefined> {
  return directory.subject(subject).catch((error: unknown) => {
    if (error instanceof StrongroomError && DAMAGED.has(error.code)) return undefined;
    throw error;
  });
}

/** Begins a new epoch: what is sealed from now on can be erased apart from what was sealed before. */
export function beginEpoch(context: AgentContext, subjectId: string, handle: string): Promise<{ epoch: number }> {
  return context.turns.run(subjectId, async () => {
    const { live, row, epochs, key } = await openOwnRelationship(context, subjectId, handle);
    if (
      live.currentEpoch >= EPOCH_MAX ||
      epochs.filter(({ key }) => key !== null).length >= EPOCHS_PER_RELATIONSHIP_MAX
    ) {
      throw new StrongroomError(
        "relationship.epochs-used-up",
        `a relationship has at most ${EPOCHS_PER_RELATIONSHIP_MAX} living epochs`,
        {
          details: { max: EPOCHS_PER_RELATIONSHIP_MAX },
        },
      );
    }
    const [epoch, epochKey, at] = [live.currentEpoch + 1, context.keychain.newKey(), context.effects.now()];
    const unit = new LogUnit(null, null, at);
    unit.record(live.subject, { kind: "account", controller: row.controller, reason: "new-epoch" });
    const wrapped = context.keychain.wrapEpoch(key.key, handle, epoch, epochKey);
    unit.mutations.push({ op: "epoch.add", row: { handle, epoch, key: wrapped, createdAt: at } });
    unit.onCommit.push(() => {
      live.epochs.set(epoch, epochKey.key);
      live.currentEpoch = epoch;
      // Leases of the old epoch end: their holders ask again.
      context.events.publish(row.controller, { event: "revoked", handle, at });
    });
    await context.writer.append(unit);
    return { epoch };
  });
}

/** What was erased, as the receipt states it. */
type Erased = Pick<ErasureContent, "scope" | "handle" | "epoch">;

async function commit(
  context: AgentContext,
  subject: string,
  unit: LogUnit,
  keys: readonly Destroyed[],
  erased: Erased,
): Promise<ErasureResponse> {
  for (const { kind, keyId } of keys) {
    unit.leaves.push(encodeTombstoneLeaf({ keyKind: kind, keyId: fromBase64url(keyId), at: unit.at }));
  }
  const { first } = await context.writer.append(unit);
  await forgetLatecomers(context, unit);
  const finalAt = kekEndsAt(context, unit.at);
  const content: ErasureContent = {
    kind: "erasure",
    at: unit.at,
    subject,
    ...erased,
    // The tombstones follow the unit's entries.
    keys: keys.map(({ kind, keyId }, i) => ({ id: keyId, kind, index: first + unit.entryCount + i })),
    finalAt,
  };
  return { receipt: signReceipt(content, context.identity.signer), finalAt };
}

/**
 * What was decided before the erasure may have been committed after it: a lease's holding, a consent request, a code.
 * It is forgotten too; who comes later sees that there is nothing to write for. The erasure itself is done.
 */
async function forgetLatecomers({ writer }: AgentContext, { at, mutations }: LogUnit): Promise<void> {
  const again = new LogUnit(null, null, at);
  again.mutations.push(...mutations.filter(({ op }) => op === "relationship.forget" || op === "subject.forget"));
  if (!again.isEmpty) await writer.append(again).catch(() => undefined);
}

function destroyed(kind: KeyKind, key: WrappedKey): Destroyed {
  return { kind, keyId: key.keyId };
}

function followGenerations(context: AgentContext, { generations }: Rekeyed): void {
  for (const [handle, generation] of generations) {
    const live = context.directory.known(handle);
    if (live !== undefined) live.generation = generation;
  }
}

function forgetLive(context: AgentContext, handle: string, at: number): void {
  const live = context.directory.known(handle);
  if (live === undefined) return;
  live.erased = true;
  live.rules = null;
  for (const epoch of live.epochs.keys()) live.epochs.set(epoch, null);
  live.generation += 1;
  context.events.publish(live.controller, { event: "revoked", handle, at });
}
