/**
 * Promises that the reader's owner kept (spec/log.md section 10): which leaf must stand where.
 */
import { concat, u16, u48, utf8, type Bytes } from "../../bytes.ts";
import { ed25519Verify } from "../../primitives.ts";
import type { PinnedKey } from "./checkpoint.ts";
import type { Findings } from "./findings.ts";

export interface KeptPromise {
  /** ms */
  readonly at: number;
  readonly decision: Bytes;
  readonly entries: readonly { readonly index: number; readonly commitment: Bytes }[];
  readonly signature: Bytes;
}

export interface Promised {
  readonly commitment: Bytes;
  /** When it was promised, ms. */
  readonly at: number;
}

/** The promised commitments by position. A promise that this log did not sign is a finding, and obliges nobody. */
export function promisedEntries(
  promises: readonly KeptPromise[],
  log: PinnedKey,
  findings: Findings,
): Map<number, Promised[]> {
  const byIndex = new Map<number, Promised[]>();
  for (const promise of promises) {
    if (!isSigned(promise, log)) {
      findings.add("audit.bad-promise", `the promise over ${promise.entries.length} entries is not signed by this log`);
      continue;
    }
    for (const { index, commitment } of promise.entries) {
      const others = byIndex.get(index);
      if (others === undefined) byIndex.set(index, [{ commitment, at: promise.at }]);
      else others.push({ commitment, at: promise.at });
    }
  }
  return byIndex;
}

function isSigned({ at, decision, entries, signature }: KeptPromise, log: PinnedKey): boolean {
  const origin = utf8(log.name);
  try {
    const list = entries.flatMap(({ index, commitment }) => [u48(index), commitment]);
    const head = concat(
      utf8("strongroom/promise/v1\0"),
      Uint8Array.of(origin.length),
      origin,
      u48(at),
      decision,
      u16(entries.length),
    );
    return ed25519Verify(log.publicKey, concat(head, ...list), signature);
  } catch {
    // A number that no field can hold was signed by nobody.
    return false;
  }
}
