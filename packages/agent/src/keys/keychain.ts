/**
 * The tree of keys below a KEK (docs/architecture.md, Keys): making, opening and replacing them.
 * It knows nothing of storage or of who asks; callers turn what it returns into rows.
 */
import { StrongroomError } from "@strongroom/core/errors";
import type { KeyObject } from "@strongroom/core/primitives";
import type { Effects } from "../effects.ts";
import type { EpochRow, RelationshipRow, SubjectRow, SubjectState, WrappedKey } from "../storage/rows.ts";
import type { KekStore } from "./kekStore.ts";
import { newKey, newSecret, unwrapKey, wrapKey, type LiveKey } from "./wrap.ts";

export interface SubjectKeys {
  readonly root: LiveKey;
  readonly logKey: LiveKey;
}

type RelationshipIdentity = Pick<RelationshipRow, "handle" | "subject" | "controller">;

export class Keychain {
  readonly #keks: KekStore;
  readonly #effects: Effects;

  constructor(keks: KekStore, effects: Effects) {
    this.#keks = keks;
    this.#effects = effects;
  }

  newSubjectKeys(): SubjectKeys {
    return { root: newKey(this.#effects), logKey: newKey(this.#effects) };
  }

  newKey(): LiveKey {
    return newKey(this.#effects);
  }

  /**
   * A new value for a key that stays what it is: it keeps its id, so that a tombstone still names it in a copy of the
   * database from before.
   */
  newValue({ keyId }: LiveKey): LiveKey {
    return { keyId, key: newSecret(this.#effects) };
  }

  /** The key columns of a subject's row, under the current KEK. The state is part of the log key's wrap: changing the column alone locks nothing open. */
  wrapSubject(id: string, state: SubjectState, keys: SubjectKeys): Pick<SubjectRow, "kekEpoch" | "root" | "logKey"> {
    const kekEpoch = this.#keks.current;
    return {
      kekEpoch,
      root: wrapKey(this.#keks.kek(kekEpoch), keys.root, "subject-root", id, this.#effects),
      logKey: wrapKey(keys.root.key, keys.logKey, "subject-log", `${id}\0${state}`, this.#effects),
    };
  }

  /** @throws StrongroomError `keys.wrap-broken`, `keys.kek-missing`, or `keys.erased` when the subject has no keys any more. */
  openSubject(row: SubjectRow): SubjectKeys {
    if (row.root === null || row.logKey === null) throw erased("subject");
    const root = unwrapKey(this.#keks.kek(row.kekEpoch), row.root, "subject-root", row.id);
    const logKey = unwrapKey(root.key, row.logKey, "subject-log", `${row.id}\0${row.state}`);
    return { root, logKey };
  }

  wrapRelationship(root: LiveKey, of: RelationshipIdentity, key: LiveKey): WrappedKey {
    return wrapKey(root.key, key, "relationship", relationshipBinding(of), this.#effects);
  }

  openRelationship(root: LiveKey, row: RelationshipRow): LiveKey {
    if (row.key === null) throw erased("relationship");
    return unwrapKey(root.key, row.key, "relationship", relationshipBinding(row));
  }

  wrapEpoch(relationshipKey: KeyObject, handle: string, epoch: number, key: LiveKey): WrappedKey {
    return wrapKey(relationshipKey, key, "epoch", `${handle}\0${epoch}`, this.#effects);
  }

  openEpoch(relationshipKey: KeyObject, row: EpochRow): LiveKey {
    if (row.key === null) throw erased("epoch");
    return unwrapKey(relationshipKey, row.key, "epoch", `${row.handle}\0${row.epoch}`);
  }
}

function relationshipBinding(of: RelationshipIdentity): string {
  return `${of.handle}\0${of.subject}\0${of.controller}`;
}

function erased(what: string): StrongroomError {
  return new StrongroomError("keys.erased", `the ${what}'s keys were destroyed`);
}
