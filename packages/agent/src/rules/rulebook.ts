/**
 * The stored form of a relationship's rules: one JSON list, sealed under the relationship key and bound to the
 * handle and the generation. A rule added, changed or taken away in the database, or an older rulebook put back
 * beside the newer row, does not open; then every decision is a denial.
 */
import { fromUtf8, utf8 } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { aesGcmOpen, aesGcmSeal, NONCE_BYTES, type KeyObject } from "@strongroom/core/primitives";
import type { Effects } from "../effects.ts";
import type { RelationshipRow } from "../storage/rows.ts";

/** @param generation the generation that the row has once the rulebook is stored. */
export function sealRulebook(
  key: KeyObject,
  handle: string,
  generation: number,
  rules: readonly unknown[],
  effects: Effects,
): Buffer {
  const nonce = effects.random(NONCE_BYTES);
  return Buffer.concat([
    nonce,
    aesGcmSeal(key, nonce, utf8(JSON.stringify(rules)), additionalData(handle, generation)),
  ]);
}

/** @throws StrongroomError `rules.tampered` when the stored rulebook is not the one of this row. */
export function openRulebook(
  key: KeyObject,
  row: Pick<RelationshipRow, "handle" | "generation" | "rulebook">,
): unknown[] {
  // A relationship begins with an empty rulebook: a missing one was taken away.
  if (row.rulebook === null) throw tampered();
  const plain = aesGcmOpen(
    key,
    row.rulebook.subarray(0, NONCE_BYTES),
    row.rulebook.subarray(NONCE_BYTES),
    additionalData(row.handle, row.generation),
  );
  if (plain === null) throw tampered();
  return JSON.parse(fromUtf8(plain)) as unknown[];
}

function additionalData(handle: string, generation: number): Buffer {
  return utf8(`strongroom/rulebook/v1\0${handle}\0${generation}`);
}

function tampered(): StrongroomError {
  return new StrongroomError(
    "rules.tampered",
    "the stored rules of a relationship do not open: the row was changed outside the agent",
  );
}
