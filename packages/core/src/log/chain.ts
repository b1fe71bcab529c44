/**
 * A subject's entries as a chain (spec/log.md section 6): counters without gaps, each linked to the one before.
 */
import type { Bytes } from "../bytes.ts";
import { equalBytes } from "../primitives.ts";
import type { OpenedEntry } from "./sealedEntry.ts";
import { FIRST_PREVIOUS } from "./entry.ts";

/** The last entry of a subject. */
export interface Head {
  readonly counter: number;
  readonly commitment: Bytes;
}

/** The head of a subject without entries. */
export const NO_HEAD: Head = { counter: 0, commitment: FIRST_PREVIOUS };

export interface ChainLink extends Pick<OpenedEntry, "entry" | "commitment"> {
  /** Position of the entry's leaf in the log. */
  readonly index: number;
}

export type ChainResult =
  | { readonly ok: true; readonly head: Head }
  /** @param at counter of the first entry that does not continue the chain. */
  | { readonly ok: false; readonly at: number; readonly why: "counter" | "previous" | "position" };

/**
 * Do these entries, in this order, continue the chain after `start`? Gives the new head, or where it breaks first.
 * What is missing at the end cannot be seen here: see the heads map.
 * @param links from `openEntry`, whose commitments it computed.
 */
export function verifyChain(
  links: Iterable<ChainLink>,
  start: Head & { readonly index?: number } = NO_HEAD,
): ChainResult {
  let { counter, commitment } = start;
  let position = start.index ?? -1;
  for (const { index, entry, commitment: own } of links) {
    if (entry.counter !== counter + 1) return { ok: false, at: entry.counter, why: "counter" };
    if (!equalBytes(entry.previous, commitment)) return { ok: false, at: entry.counter, why: "previous" };
    if (index <= position) return { ok: false, at: entry.counter, why: "position" };
    counter = entry.counter;
    commitment = own;
    position = index;
  }
  return { ok: true, head: { counter, commitment } };
}
