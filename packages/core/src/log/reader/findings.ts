/**
 * What an audit can find, each with its code, cause and what to do. A finding is a result, not an error:
 * an audit goes on after it as far as it can.
 */

export interface FindingFacts {
  readonly cause: string;
  readonly fix: string;
}

const EVIDENCE = "Keep the files as they are: signed by the log, they are evidence against the agent.";
const RETRY = "Fetch the log again or from another mirror; if it stays so, the log is damaged or incomplete.";

/** In the order in which they are looked for (spec/log.md section 11). */
export const FINDINGS = {
  "audit.bad-checkpoint": { cause: "There is no checkpoint, or it is not one.", fix: RETRY },
  "audit.bad-signature": {
    cause: "The checkpoint is not signed by the log's key.",
    fix: "Check the pinned key; if it is right, do not trust this source.",
  },
  "audit.no-witness": {
    cause: "Fewer known witnesses than asked for have cosigned the checkpoint.",
    fix: "Wait for the next checkpoint, or ask the operator which witnesses see the log.",
  },
  "audit.stale": {
    cause: "The newest cosignature of a known witness is older than allowed.",
    fix: "Ask the operator why the log does not go on; look at another mirror.",
  },
  "audit.bad-remembered": {
    cause: "The remembered checkpoint is not one of this log.",
    fix: "Check that the remembered file belongs to this log and was not changed.",
  },
  "audit.bad-promise": {
    cause: "A kept promise is not signed by this log.",
    fix: "Check that the promise belongs to this log and was kept as it was sent.",
  },
  "audit.shrunk": { cause: "The log is smaller than it was.", fix: EVIDENCE },
  "audit.missing-tile": { cause: "A tile or entry bundle that a log of this size has is not there.", fix: RETRY },
  "audit.bad-bundle": { cause: "An entry bundle cannot be decoded.", fix: RETRY },
  "audit.bad-leaf": { cause: "A leaf is of no kind that a log may hold.", fix: EVIDENCE },
  "audit.bad-tile": { cause: "A hash tile is not what the leaves below it give.", fix: RETRY },
  "audit.no-heads": { cause: "The checkpoint's last leaf is not a heads leaf.", fix: EVIDENCE },
  "audit.root-mismatch": { cause: "The leaves do not give the root that the checkpoint signs.", fix: EVIDENCE },
  "audit.fork": {
    cause: "The tree at a remembered size has another root: history was rewritten, or shown differently to others.",
    fix: EVIDENCE,
  },
  "audit.promise-broken": { cause: "A promised entry is not at its position in the log.", fix: EVIDENCE },
  "audit.promise-overdue": {
    cause: "No checkpoint covers a promised position within the time allowed.",
    fix: "Fetch the log again; if it stays so, the entry was dropped or the log stands still.",
  },
  "audit.entry-unreadable": {
    cause: "A sealed entry does not open under the log key and its counter.",
    fix: "Check the log key; if it is right, the stored entry was changed.",
  },
  "audit.bad-entry": { cause: "An opened entry is malformed.", fix: EVIDENCE },
  "audit.entry-missing": { cause: "A counter is left out of the entries shown.", fix: EVIDENCE },
  "audit.entry-order": {
    cause: "A counter comes twice, or counters and positions do not both ascend.",
    fix: EVIDENCE,
  },
  "audit.chain-broken": { cause: "An entry does not name the entry before it.", fix: EVIDENCE },
  "audit.not-in-log": { cause: "The leaf at an entry's position is not the entry's.", fix: EVIDENCE },
  "audit.entry-rewritten": {
    cause: "An entry that was seen at an earlier audit is gone, or is another.",
    fix: EVIDENCE,
  },
  "audit.bad-head-proof": { cause: "A head proof is missing, or does not lead to the heads root.", fix: EVIDENCE },
  "audit.hidden-entry": { cause: "The person's head is a later entry than the last one shown.", fix: EVIDENCE },
  "audit.head-mismatch": { cause: "The person's head is not the last entry shown.", fix: EVIDENCE },
} as const satisfies Record<string, FindingFacts>;

export type FindingCode = keyof typeof FINDINGS;

export interface Finding {
  readonly code: FindingCode;
  /** One sentence; holds positions and paths, no personal data. */
  readonly message: string;
  /** Position in the log. */
  readonly index?: number;
  /** File of the log. */
  readonly path?: string;
  /** Counter of the subject's entry. */
  readonly counter?: number;
}

/** More are counted, not kept: a hostile log must not fill the reader's memory. */
export const FINDINGS_MAX = 1000;

export class Findings {
  readonly list: Finding[] = [];
  total = 0;

  add(code: FindingCode, message: string, where: Omit<Finding, "code" | "message"> = {}): void {
    this.total++;
    if (this.list.length < FINDINGS_MAX) this.list.push({ code, message, ...where });
  }

  get full(): boolean {
    return this.total >= FINDINGS_MAX;
  }
}
