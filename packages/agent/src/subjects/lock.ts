/** "Make my data inaccessible", at once and for everybody, and its undo. */
import type { AgentContext } from "../context.ts";
import { LogUnit } from "../log/writer.ts";
import { requireSubject } from "../relationships/relationships.ts";

/** Idempotent. The state is bound into the wrap of the log key: changing the stored column alone opens nothing. */
export async function setLocked(context: AgentContext, subjectId: string, locked: boolean): Promise<void> {
  return context.turns.run(subjectId, () => change(context, subjectId, locked));
}

async function change(context: AgentContext, subjectId: string, locked: boolean): Promise<void> {
  const { row, live } = await requireSubject(context, subjectId);
  const state = locked ? "locked" : "active";
  if (row.state === state) return;
  const keys = context.keychain.openSubject(row);
  const at = context.effects.now();
  const unit = new LogUnit(null, null, at);
  unit.record(live, { kind: locked ? "lock" : "unlock" });
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
