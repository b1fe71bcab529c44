/** "Make my data inaccessible", at once and for everybody, and its undo. */
import { StrongroomError } from "@strongroom/core/errors";
import type { AgentContext } from "../context.ts";
import { LogUnit } from "../log/writer.ts";
import { requireSubject } from "../relationships/relationships.ts";

/** Idempotent. The state is bound into the wrap of the log key: changing the stored column alone opens nothing. */
export async function setLocked(context: AgentContext, subjectId: string, locked: boolean): Promise<void> {
  return context.turns.run(subjectId, () => change(context, subjectId, locked, null));
}

/** How many subjects are locked at once: they share commits. */
const LOCKED_AT_ONCE = 200;

/**
 * Locks every subject: their rules may be older than what they decided since. Each undoes it after a look at its rules.
 * @returns how many were not locked before
 */
export async function lockEverybody(context: AgentContext, reason: string): Promise<number> {
  let locked = 0;
  for (let after: string | null = null; ;) {
    const { rows, next } = await context.store.subjects(after, LOCKED_AT_ONCE);
    const active = rows.filter(({ state }) => state === "active");
    await Promise.all(active.map(({ id }) => lockForSafety(context, id, reason)));
    locked += active.length;
    if (next === null) return locked;
    after = next;
  }
}

async function lockForSafety(context: AgentContext, id: string, reason: string): Promise<void> {
  try {
    await context.turns.run(id, () => change(context, id, true, reason));
  } catch (error) {
    // Whose keys do not open is denied as it is.
    if (!(error instanceof StrongroomError && error.code === "keys.wrap-broken")) throw error;
  }
}

async function change(context: AgentContext, subjectId: string, locked: boolean, reason: string | null): Promise<void> {
  const { row, live } = await requireSubject(context, subjectId);
  const state = locked ? "locked" : "active";
  if (row.state === state) return;
  const keys = context.keychain.openSubject(row);
  const at = context.effects.now();
  const unit = new LogUnit(null, null, at);
  unit.record(live, { kind: locked ? "lock" : "unlock", reason });
  const set = { state, ...context.keychain.wrapSubject(subjectId, state, keys) } as const;
  unit.mutations.push({ op: "subject.update", id: subjectId, expectRoot: row.root, set });
  unit.onCommit.push(() => {
    live.locked = locked;
    live.generation += 1;
  });
  await context.writer.append(unit);
  if (!locked) return;
  for (const { handle, controller, erasedAt } of await context.store.relationshipsOf(subjectId)) {
    if (erasedAt === null) context.events.publish(controller, { event: "revoked", handle, at });
  }
}
