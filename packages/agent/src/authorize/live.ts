/**
 * Subjects and relationships in memory, with their keys opened and their rules compiled: what a decision needs
 * without touching the database. There is at most one object per subject and per relationship in the process,
 * and whoever changes one changes it for everybody (`stampOf` is how a decision notices).
 */
import type { RuleIndex } from "@strongroom/core/rules";
import type { KeyObject } from "@strongroom/core/primitives";

/** The end of a subject's chain of entries. */
export interface ChainHead {
  /** Counter of the last entry; 0 before the first. */
  readonly counter: number;
  /** Commitment of the last entry, 32 bytes; zeros before the first. */
  readonly commitment: Buffer;
  /** Its position; -1 before the first. */
  readonly index: number;
}

export const EMPTY_CHAIN: ChainHead = { counter: 0, commitment: Buffer.alloc(32), index: -1 };

export interface LiveSubject {
  readonly id: string;
  /** The id's 16 bytes, as log records hold it. */
  readonly idBytes: Buffer;
  /** Null once erased, and while the stored rows do not open: nothing can be logged for the subject, so nothing is released. */
  logKey: KeyObject | null;
  locked: boolean;
  erased: boolean;
  /** Changed by the log writer only. */
  head: ChainHead;
  /** Counts changes that matter to decisions. */
  generation: number;
}

export interface LiveRelationship {
  readonly handle: string;
  readonly handleBytes: Buffer;
  readonly subject: LiveSubject;
  readonly controller: string;
  /** Same as the stored row's. */
  generation: number;
  erased: boolean;
  /** Null when the stored rules could not be opened or read: every decision is then a denial. */
  rules: RuleIndex | null;
  /** Epoch keys by number; null once destroyed. */
  readonly epochs: Map<number, KeyObject | null>;
  currentEpoch: number;
}

/** Changes whenever anything that decides over the relationship changes. */
export function stampOf(relationship: LiveRelationship): number {
  return relationship.generation + relationship.subject.generation;
}
