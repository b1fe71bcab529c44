/**
 * Destroying a key also replaces its parents, up to the root: what a backup holds of them no longer opens
 * anything that is alive today, and the backup's own root dies with its KEK epoch.
 */
import type { LiveKey } from "../keys/wrap.ts";
import type { AgentContext } from "../context.ts";
import { openRulebook, sealRulebook } from "../rules/rulebook.ts";
import type { EpochRow, RelationshipRow, SubjectRow } from "../storage/rows.ts";
import type { Mutation } from "../storage/store.ts";

export interface Rekeyed {
  readonly mutations: Mutation[];
  /** New generations of the relationships that stay, by handle: memory follows after the commit. */
  readonly generations: ReadonlyMap<string, number>;
}

/**
 * A new root for the subject, with everything that stays alive rewrapped under it.
 * @param without handle of the relationship that is being destroyed, if one is.
 * @param replaced relationships that get a new key value too: their epochs are rewrapped by the caller.
 */
export async function rekeyRoot(
  context: AgentContext,
  subject: SubjectRow,
  without: string | null,
  replaced: ReadonlyMap<string, LiveKey> = new Map(),
): Promise<Rekeyed> {
  const { keychain, store, effects } = context;
  const { root: oldRoot, logKey } = keychain.openSubject(subject);
  const root = keychain.newValue(oldRoot);
  const set = keychain.wrapSubject(subject.id, subject.state, { root, logKey });
  const mutations: Mutation[] = [{ op: "subject.update", id: subject.id, expectRoot: subject.root, set }];
  const generations = new Map<string, number>();
  for (const row of await store.relationshipsOf(subject.id)) {
    if (row.key === null || row.handle === without) continue;
    const oldKey = keychain.openRelationship(oldRoot, row);
    const key = replaced.get(row.handle) ?? oldKey;
    const generation = row.generation + 1;
    const rulebook = sealRulebook(key.key, row.handle, generation, openRulebook(oldKey.key, row), effects);
    mutations.push({
      op: "relationship.update",
      handle: row.handle,
      expectGeneration: row.generation,
      set: { key: keychain.wrapRelationship(root, row, key), rulebook },
    });
    generations.set(row.handle, generation);
  }
  return { mutations, generations };
}

/** The epochs of a relationship that stay, rewrapped under its new key. */
export function rewrapEpochs(
  context: AgentContext,
  row: RelationshipRow,
  epochs: readonly EpochRow[],
  oldKey: LiveKey,
  newKey: LiveKey,
  without: number,
): Mutation[] {
  return epochs
    .filter(({ epoch, key }) => key !== null && epoch !== without)
    .map((epochRow) => ({
      op: "epoch.key",
      handle: row.handle,
      epoch: epochRow.epoch,
      key: context.keychain.wrapEpoch(
        newKey.key,
        row.handle,
        epochRow.epoch,
        context.keychain.openEpoch(oldKey.key, epochRow),
      ),
    }));
}
