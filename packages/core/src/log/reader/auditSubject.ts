/**
 * The audit of one person's entries: all of them, as written, in the log, and none left out.
 */
import type { Bytes } from "../../bytes.ts";
import { equalBytes, type KeyObject } from "../../primitives.ts";
import { openCheckpointOf } from "./auditLog.ts";
import { pinnedKey, type ReadCheckpoint } from "./checkpoint.ts";
import { readEntry, unseal, type ReadEntry } from "./entry.ts";
import { LogFiles, type LogSource } from "./files.ts";
import { Findings, type Finding } from "./findings.ts";
import { placeOf, rootOfProof, valueIn, valueOf, type ShownHead } from "./heads.ts";
import { kindOfLeaf, leafOfEntry } from "./leaf.ts";
import { VerifiedTiles } from "./verifiedTiles.ts";

/** An entry as the agent hands it out. */
export interface ShownEntry {
  readonly counter: number;
  /** Position in the log. */
  readonly index: number;
  readonly sealed: Bytes;
}

export interface AuditSubjectOptions {
  /** Pinned key of the log: `origin+id+base64`. */
  readonly verifierKey: string;
  /** The person's own log key. */
  readonly logKey: KeyObject;
  /** All entries, ascending by counter. */
  readonly entries: Iterable<ShownEntry> | AsyncIterable<ShownEntry>;
  /** Proof of the head under the checkpoint; null (none was given) is a finding. */
  readonly head: ShownHead | null;
  /** The checkpoint note of the proof; without, the source's own. */
  readonly checkpoint?: string;
  /** The head of the last audit (`SubjectReport.head`): that entry must still be there, unchanged. */
  readonly remembered?: EntryHead;
  /** Called with every entry that opens and reads, in the order shown. */
  readonly onEntry?: (entry: ReadEntry, index: number) => void;
}

export interface SubjectReport {
  readonly ok: boolean;
  readonly checkpoint: ReadCheckpoint | null;
  /** Entries shown. */
  readonly entries: number;
  /** Of them, those that the checkpoint does not cover yet: not found in the log, and not judged. */
  readonly pending: number;
  /** The last entry shown that the checkpoint covers: remember it for the next audit if `ok`. */
  readonly head: EntryHead;
  readonly findings: readonly Finding[];
  readonly findingsTotal: number;
}

/** An entry by its number and what the log committed to; counter 0 and zeros: none. */
export interface EntryHead {
  readonly counter: number;
  readonly commitment: Bytes;
}

/**
 * Checks every entry shown and the head. Never throws for what source and agent give.
 * @throws StrongroomError `note.bad-key` when the pinned key itself is malformed.
 */
export async function auditSubject(source: LogSource, options: AuditSubjectOptions): Promise<SubjectReport> {
  const findings = new Findings();
  const files = new LogFiles(source, findings);
  const checkpoint = await openCheckpointOf(
    files,
    pinnedKey(options.verifierKey),
    [],
    findings,
    options.checkpoint ?? null,
  );
  const tiles =
    checkpoint === null ? null : await VerifiedTiles.open(files, checkpoint.size, checkpoint.root, findings);
  const size = checkpoint?.size ?? 0;

  const walk = new ChainWalk(findings, tiles, size, options);
  for await (const shown of options.entries) {
    await walk.take(shown);
    if (findings.full) break;
  }
  walk.checkRemembered();
  if (tiles !== null) await checkHead(tiles, size, walk.last, options, findings);
  return {
    ok: findings.total === 0,
    checkpoint,
    entries: walk.entries,
    pending: walk.pending,
    head: walk.last,
    findings: findings.list,
    findingsTotal: findings.total,
  };
}

/** Goes along the entries as shown, and says where they do not follow one another. */
class ChainWalk {
  entries = 0;
  pending = 0;
  last: EntryHead = { counter: 0, commitment: new Uint8Array(32) };
  readonly #findings: Findings;
  readonly #tiles: VerifiedTiles | null;
  readonly #size: number;
  readonly #options: AuditSubjectOptions;
  #counter = 0;
  #index = -1;
  /** Of the entry with the highest counter so far; null when that one did not open. */
  #commitment: Bytes | null = new Uint8Array(32);
  #rememberedSeen = false;

  constructor(findings: Findings, tiles: VerifiedTiles | null, size: number, options: AuditSubjectOptions) {
    this.#findings = findings;
    this.#tiles = tiles;
    this.#size = size;
    this.#options = options;
  }

  async take({ counter, index, sealed }: ShownEntry): Promise<void> {
    this.entries++;
    const where = { counter, index };
    if (!isU48(counter) || !isU48(index)) {
      this.#findings.add("audit.entry-order", "an entry was shown with a counter or position that no entry can have");
      return;
    }
    const follows = this.#checkOrder(counter, index);
    const before = this.#commitment;
    const opened = unseal(sealed, counter, this.#options.logKey);
    if (index > this.#index) this.#index = index;
    if (counter > this.#counter) {
      this.#counter = counter;
      this.#commitment = opened?.commitment ?? null;
    }
    if (index >= this.#size) this.pending++;
    if (counter === this.#options.remembered?.counter) {
      this.#rememberedSeen = opened !== null && equalBytes(opened.commitment, this.#options.remembered.commitment);
    }
    if (opened === null) {
      this.#findings.add("audit.entry-unreadable", `entry ${counter} does not open`, where);
      return;
    }
    const entry = readEntry(opened.bytes);
    if (entry === null || entry.counter !== counter) {
      this.#findings.add("audit.bad-entry", `entry ${counter} is malformed`, where);
    } else {
      if (follows && before !== null && !equalBytes(entry.previous, before)) {
        this.#findings.add("audit.chain-broken", `entry ${counter} does not name the one before it`, where);
      }
      this.#options.onEntry?.(entry, index);
    }
    if (index < this.#size) await this.#checkLeaf(counter, index, opened.commitment);
  }

  /** Called after the last entry. */
  checkRemembered(): void {
    const { remembered } = this.#options;
    if (remembered === undefined || remembered.counter === 0 || this.#rememberedSeen) return;
    this.#findings.add(
      "audit.entry-rewritten",
      `entry ${remembered.counter} was seen before, and now is gone or another`,
      {
        counter: remembered.counter,
      },
    );
  }

  /** Does it come right after the one before? */
  #checkOrder(counter: number, index: number): boolean {
    const where = { counter, index };
    if (counter <= this.#counter || index <= this.#index) {
      this.#findings.add(
        "audit.entry-order",
        `entry ${counter} at position ${index} comes after entry ${this.#counter} at ${this.#index}`,
        where,
      );
      return false;
    }
    if (counter > this.#counter + 1) {
      const missing =
        counter === this.#counter + 2
          ? `entry ${counter - 1} is`
          : `entries ${this.#counter + 1} to ${counter - 1} are`;
      this.#findings.add("audit.entry-missing", `${missing} not shown`, where);
      return false;
    }
    return true;
  }

  async #checkLeaf(counter: number, index: number, commitment: Bytes): Promise<void> {
    if (counter > this.last.counter) this.last = { counter, commitment };
    const leaf = (await this.#tiles?.leaf(index)) ?? null;
    if (leaf !== null && !equalBytes(leaf, leafOfEntry(commitment))) {
      this.#findings.add("audit.not-in-log", `the leaf at ${index} is not entry ${counter}`, { counter, index });
    }
  }
}

async function checkHead(
  tiles: VerifiedTiles,
  size: number,
  last: EntryHead,
  { head, logKey }: AuditSubjectOptions,
  findings: Findings,
): Promise<void> {
  const leaf = size === 0 ? null : await tiles.leaf(size - 1);
  if (leaf === null || kindOfLeaf(leaf) !== "heads") {
    findings.add("audit.no-heads", "the last leaf of the checkpoint is not a heads leaf, or cannot be had");
    return;
  }
  const place = placeOf(logKey);
  const root = head === null ? null : rootOfProof(place, head);
  if (head === null || root === null || !equalBytes(root, leaf.subarray(1))) {
    findings.add("audit.bad-head-proof", "the head proof is missing, or does not lead to the checkpoint's heads root");
    return;
  }
  const value = valueIn(head, place);
  if (value === null ? last.counter === 0 : equalBytes(value, valueOf(place, last.counter, last.commitment))) return;
  if (value !== null && isLater(head, last) && equalBytes(value, valueOf(place, head.counter, head.commitment))) {
    findings.add("audit.hidden-entry", `the head is entry ${head.counter}, the last one shown is ${last.counter}`, {
      counter: head.counter,
    });
  } else {
    findings.add("audit.head-mismatch", `entry ${last.counter}, the last one shown, is not the head`, {
      counter: last.counter,
    });
  }
}

/** A counter that the head's value can have been made of, after the last one shown. */
function isLater(head: ShownHead, last: EntryHead): boolean {
  return isU48(head.counter) && head.counter > last.counter;
}

function isU48(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 2 ** 48;
}
