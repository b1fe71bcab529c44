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
import { sealRulebook } from "../rules/rulebook.ts";
import type { EpochRow, RelationshipRow, SubjectRow } from "../storage/rows.ts";

/** @throws StrongroomError `subject.unknown` for one that never was or was erased. */
export async function requireSubject(
  context: AgentContext,
  id: string,
): Promise<{ row: SubjectRow; live: LiveSubject }> {
  const row = await context.store.subject(id);
  const live = row === null || row.root === null ? undefined : await context.directory.subject(id);
  if (row === null || live === undefined) throw new StrongroomError("subject.unknown", "no such subject, or erased");
  return { row, live };
}

/** The living relationship of the two, made if there is none. @throws StrongroomError `controller.unknown`. */
export async function ensureRelationship(
  context: AgentContext,
  subjectId: string,
  controllerId: string,
): Promise<LiveRelationship> {
  const known = await context.store.relationshipBetween(subjectId, controllerId);
  if (known !== null) return requireLive(context, known.handle);
  if ((await context.store.controller(controllerId)) === null) {
    throw new StrongroomError("controller.unknown", "no controller with this id is registered at the agent");
  }
  const handle = await context.turns
    .run(subjectId, () => createRelationship(context, subjectId, controllerId))
    .catch(async (error: unknown) => {
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
    views.push({
      handle,
      controller,
      controllerName: names.get(controller) ?? controller,
      createdAt,
      erasedAt,
      epochs,
    });
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
      rulebook: sealRulebook(key.key, handle, 0, [], effects),
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

/** A subject's own living relationship and its stored rows, for changing it. Holding `live` keeps it the one object in the process. */
export interface OwnRelationship {
  readonly live: LiveRelationship;
  readonly row: RelationshipRow;
  /** Oldest first, destroyed ones too. */
  readonly epochs: readonly EpochRow[];
  readonly subjectRow: SubjectRow;
}

export interface OpenRelationship extends OwnRelationship {
  readonly key: LiveKey;
}

/**
 * The rows are of one moment; they stay as they are while the caller has the subject's turn.
 * @throws StrongroomError `relationship.unknown` also for another subject's: nobody learns which handles exist.
 */
export async function ownRelationship(
  context: AgentContext,
  subjectId: string,
  handle: string,
): Promise<OwnRelationship> {
  const live = await context.directory.relationship(handle);
  if (live === undefined || live.subject.id !== subjectId || live.erased) throw unknownRelationship();
  const [loaded] = await context.store.loadRelationships([handle]);
  if (loaded === undefined || loaded.relationship.key === null || loaded.subject.root === null)
    throw unknownRelationship();
  return { live, row: loaded.relationship, epochs: loaded.epochs, subjectRow: loaded.subject };
}

/** The same with its key. @throws StrongroomError also `keys.wrap-broken` where a row was changed outside the agent. */
export async function openOwnRelationship(
  context: AgentContext,
  subjectId: string,
  handle: string,
): Promise<OpenRelationship> {
  for (let tries = 1; ; tries += 1) {
    const own = await ownRelationship(context, subjectId, handle);
    try {
      const { root } = context.keychain.openSubject(own.subjectRow);
      return { ...own, key: context.keychain.openRelationship(root, own.row) };
    } catch (error) {
      // Who has not the subject's turn may have read the row before a KEK turned and opens it after.
      if (!(error instanceof StrongroomError && error.code === "keys.kek-missing") || tries === TRIES_MAX) throw error;
    }
  }
}

const TRIES_MAX = 3;

function unknownRelationship(): StrongroomError {
  return new StrongroomError("relationship.unknown", "no such relationship");
}
