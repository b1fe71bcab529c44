/**
 * The operator's key-encryption keys, one per KEK epoch. They never enter the database: a backup of the
 * database alone opens nothing, and destroying an old KEK makes every wrap made under it useless.
 */
import type { KeyObject } from "@strongroom/core/primitives";

export interface KekStore {
  /** The epoch under which new wraps are made, from 1. */
  readonly current: number;
  /** When the current epoch began, ms. */
  readonly currentSince: number;
  /** @throws StrongroomError `keys.kek-missing` when the epoch was destroyed or never was. */
  kek(epoch: number): KeyObject;
  /** Makes and stores the next epoch; the old ones stay until `destroyBefore`. */
  turn(now: number): Promise<number>;
  /** Destroys every KEK of an epoch before the one named; returns how many. */
  destroyBefore(epoch: number): Promise<number>;
}
