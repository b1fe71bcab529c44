/** Which controllers hold which types of a subject's data, since when, from where, and when each was last used. */
import type { Holding } from "@strongroom/core/wire";
import type { AgentContext } from "../context.ts";

export async function listHoldings(context: AgentContext, subject: string): Promise<Holding[]> {
  const names = new Map((await context.store.controllers()).map(({ id, name }) => [id, name]));
  const noted = context.useNotes;
  const holdings: Holding[] = [];
  for (const { handle, controller, erasedAt } of await context.store.relationshipsOf(subject)) {
    if (erasedAt !== null) continue;
    for (const row of await context.store.holdingsOf(handle)) {
      const { type, since, lastSealedAt } = row;
      const lastUsedAt = noted.lastUse(handle, type) ?? row.lastUsedAt;
      const provenances = JSON.parse(row.provenances) as string[];
      holdings.push({
        controller,
        controllerName: names.get(controller) ?? controller,
        type,
        since,
        provenances,
        lastSealedAt,
        lastUsedAt,
      });
    }
  }
  return holdings;
}
