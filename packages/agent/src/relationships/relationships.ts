/**
 * A relationship is a subject and a controller. It is made before any data exists: when the subject writes its first
 * rule for the controller, or makes a connection code for it. The handle is all that the controller ever learns.
 */
import { StrongroomError } from "@strongroom/core/errors";
import type { LiveRelationship, LiveSubject } from "../authorize/live.ts";
import type { RelationshipView } from "@strongroom/core/wire";
import type { AgentContext } from "../context.ts";
import type { LiveKey } from "../keys/wrap.ts";
import { LogUnit } from "../log/writer.ts";
import type { RelationshipRow, SubjectRow } from "../storage/rows.ts";

/** @throws StrongroomError `subject.unknown` for one that never was or was erased. */
export async function requireSubject(context: AgentContext, id: string): Promise<{ row: SubjectRow; live: LiveSubject }> {
  const row = await context.store.subject(id);
  const live = row === null || row.root === null ? undefined : await context.directory.subject(id);
  if (row === null || live === undefined) throw new StrongroomError("subject.unknown", "no such subject, or erased");
  return { row, live };
}

/** The living relationship of the two, made if there is none. @throws StrongroomError `controller.unknown`. */
export async function ensureRelationship(context: AgentContext, subjectId: string, controllerId: string): Promise<LiveRelationship> {
  const known = await context.store.relationshipBetween(subjectId, controllerId);
  if (known !== null) return requireLive(context, known.handle);
  if ((await context.store.controller(controllerId)) === null) {
    throw new StrongroomError("controller.unknown", "no controller with this id is registered at the agent");
  }
  const handle = await context.turns.run(subjectId, () => createRelationship(context, subjectId, controllerId)).catch(async (error: unknown) => {
    // Two requests at once: the other one made it.
    const made = await context.store.relationshipBetween(subjectId, controllerId);
    if (made === null) throw error;
    return made.handle;
  });
  return requireLive(context, handle);
}

/** Every relationship of a subject, erased ones included, with its epochs. */
export async function listRelationships(context: AgentContext, subject: string): Promise<RelationshipView[]> {
  const names = new Map((await context.store.controllers()).map(({ id, name }) => [id, name]));
  const views: RelationshipView[] = [];
  for (const { handle, controller, createdAt, erasedAt } of await context.store.relationshipsOf(subject)) {
    const epochs = (await context.store.epochsOf(handle)).map((row) => ({
      epoch: row.epoch,
      createdAt: row.createdAt,
      erased: row.key === null,
    }));
    views.push({ handle, controller, controllerName: names.get(controller) ?? controller, createdAt, erasedAt, epochs });
  }
  return views;
}

async function createRelationship(context: AgentContext, subjectId: string, controllerId: string): Promise<string> {
  const { keychain, effects } = context;
  const { row: subjectRow, live: subject } = await requireSubject(context, subjectId);
  const { root } = keychain.openSubject(subjectRow);
  const handle = effects.random(16).toString("base64url");
  const identity = { handle, subject: subjectId, controller: controllerId };
  const [key, epochKey] = [keychain.newKey(), keychain.newKey()];
  const at = effects.now();
  const unit = new LogUnit(null, null, at);
  unit.record(subject, { kind: "connection", controller: controllerId, reason: "opened" });
  unit.mutations.push({
    op: "relationship.add",
    row: {
      ...identity,
      key: keychain.wrapRelationship(root, identity, key),
      rulebook: null,
      generation: 0,
      createdAt: at,
      erasedAt: null,
    },
    epoch: { handle, epoch: 1, key: keychain.wrapEpoch(key.key, handle, 1, epochKey), createdAt: at },
  });
  await context.writer.append(unit);
  return handle;
}

async function requireLive(context: AgentContext, handle: string): Promise<LiveRelationship> {
  const live = await context.directory.relationship(handle);
  if (live === undefined) throw unknownRelationship();
  return live;
}

/** A living relationship, its stored row and its opened key, for changing it. */
export interface OpenRelationship {
  readonly live: LiveRelationship;
  readonly row: RelationshipRow;
  readonly key: LiveKey;
  readonly root: LiveKey;
  readonly subjectRow: SubjectRow;
}

/**
 * Opens a subject's own relationship for a change. Holding `live` keeps it the one object in the process.
 * @throws StrongroomError `relationship.unknown` also for another subject's: nobody learns which handles exist.
 */
export async function openOwnRelationship(context: AgentContext, subjectId: string, handle: string): Promise<OpenRelationship> {
  const live = await context.directory.relationship(handle);
  if (live === undefined || live.subject.id !== subjectId || live.erased) throw unknownRelationship();
  const [row, subjectRow] = [await context.store.relationship(handle), await context.store.subject(subjectId)];
  if (row === null || subjectRow === null || row.key === null || subjectRow.root === null) throw unknownRelationship();
  const { root } = context.keychain.openSubject(subjectRow);
  return { live, row, key: context.keychain.openRelationship(root, row), root, subjectRow };
}

function unknownRelationship(): StrongroomError {
  return new StrongroomError("relationship.unknown", "no such relationship");
}
