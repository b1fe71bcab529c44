/**
 * The audit of a whole log by somebody who trusts nothing but a pinned key: `strongroom audit`.
 * It shares no code with the log's writer but hashing, signature verification and encodings of bytes.
 */
import { equalBytes } from "../../primitives.ts";
import type { Bytes } from "../../bytes.ts";
import { isRefused, pinnedKey, readCheckpoint, type PinnedKey, type ReadCheckpoint } from "./checkpoint.ts";
import { LogFiles, type LogSource } from "./files.ts";
import { Findings, type Finding } from "./findings.ts";
import { promisedEntries, type KeptPromise, type Promised } from "./promises.ts";
import { scanLog, type ScanResult } from "./scan.ts";

export interface AuditLogOptions {
  /** Pinned key of the log: `origin+id+base64`. */
  readonly verifierKey: string;
  /** Keys of known witnesses. */
  readonly witnessKeys?: readonly string[];
  /** How many of them must have cosigned; default 0. */
  readonly witnessesMin?: number;
  /** The checkpoint note that this reader saw last. */
  readonly remembered?: string;
  /** Promises that were kept, to be found in the log. */
  readonly promises?: readonly KeptPromise[];
  /** Time of the audit, ms, and what is too old by then; without, age is not judged. */
  readonly freshness?: {
    readonly now: number;
    /** Most that the newest cosignature may be old, ms. */
    readonly cosignatureAgeMaxMs?: number;
    /** Most that a promised entry may wait for a checkpoint, ms. */
    readonly promiseAgeMaxMs?: number;
  };
  /** Called after every bundle of 256 leaves. */
  readonly onProgress?: (leaves: number, size: number) => void;
}

export interface LogReport {
  /** No finding at all. */
  readonly ok: boolean;
  readonly checkpoint: ReadCheckpoint | null;
  /** The leaves were read and give the signed root. */
  readonly rootVerified: boolean;
  /** Size of the remembered checkpoint that this log was shown to continue; null: none was given, or it does not. */
  readonly continues: number | null;
  readonly counts: ScanResult["counts"];
  readonly findings: readonly Finding[];
  /** More than `findings` holds, when there are very many. */
  readonly findingsTotal: number;
}

/**
 * Reads the whole log and reports. Never throws for what the source gives.
 * @throws StrongroomError `note.bad-key` when a pinned key itself is malformed.
 */
export async function auditLog(source: LogSource, options: AuditLogOptions): Promise<LogReport> {
  const findings = new Findings();
  const files = new LogFiles(source, findings);
  const log = pinnedKey(options.verifierKey);
  const witnesses = (options.witnessKeys ?? []).map(pinnedKey);

  const checkpoint = await openCheckpointOf(files, log, witnesses, findings);
  if (checkpoint === null)
    return report(findings, { checkpoint, rootVerified: false, continues: null, counts: NO_LEAVES });
  checkWitnesses(checkpoint, options, findings);
  const remembered = readRemembered(options.remembered, log, findings);
  if (remembered !== null && remembered.size > checkpoint.size) {
    findings.add("audit.shrunk", `the log had ${remembered.size} leaves and now has ${checkpoint.size}`);
  }
  const promised = promisedEntries(options.promises ?? [], log, findings);

  const scan = await scanLog(files, findings, {
    size: checkpoint.size,
    olderSize: remembered !== null && remembered.size > 0 && remembered.size < checkpoint.size ? remembered.size : null,
    promised,
    onProgress: options.onProgress ?? (() => undefined),
  });
  if (scan.lastLeaf !== "heads") findings.add("audit.no-heads", "the last leaf of the checkpoint is not a heads leaf");
  const rootVerified = scan.root !== null && equalBytes(scan.root, checkpoint.root);
  if (scan.root !== null && !rootVerified) {
    findings.add("audit.root-mismatch", `the ${checkpoint.size} leaves do not give the signed root`);
  }
  const continues = checkHistory(remembered, checkpoint, scan, findings);
  checkOverdue(promised, checkpoint.size, options, findings);
  // What was read continues the remembered tree only if it is what the log signed.
  const shown = rootVerified || remembered?.size === checkpoint.size ? continues : null;
  return report(findings, { checkpoint, rootVerified, continues: shown, counts: scan.counts });
}

/** The source's checkpoint, verified; what is wrong with it is a finding. */
export async function openCheckpointOf(
  files: LogFiles,
  log: PinnedKey,
  witnesses: readonly PinnedKey[],
  findings: Findings,
  given: string | null = null,
): Promise<ReadCheckpoint | null> {
  const note: Bytes | string | null = given ?? (await files.checkpoint());
  if (note === null) {
    findings.add("audit.bad-checkpoint", "there is no checkpoint", { path: "checkpoint" });
    return null;
  }
  const read = readCheckpoint(note, log, witnesses);
  if (!isRefused(read)) return read;
  findings.add(read.code, `checkpoint refused: ${read.why}`, { path: "checkpoint" });
  return null;
}

function checkWitnesses({ witnesses }: ReadCheckpoint, options: AuditLogOptions, findings: Findings): void {
  const wanted = options.witnessesMin ?? 0;
  if (witnesses.length < wanted) {
    findings.add("audit.no-witness", `${witnesses.length} known witnesses cosigned, ${wanted} were asked for`);
  }
  const ageMax = options.freshness?.cosignatureAgeMaxMs;
  if (options.freshness === undefined || ageMax === undefined) return;
  const newest = Math.max(...witnesses.map(({ at }) => at * 1000));
  if (options.freshness.now - newest > ageMax) {
    const age =
      witnesses.length === 0
        ? "no known witness cosigned it"
        : `its newest cosignature is of ${newest / 1000} s since 1970`;
    findings.add("audit.stale", `the checkpoint is too old: ${age}`);
  }
}

function readRemembered(note: string | undefined, log: PinnedKey, findings: Findings): ReadCheckpoint | null {
  if (note === undefined) return null;
  const read = readCheckpoint(note, log);
  if (!isRefused(read)) return read;
  findings.add("audit.bad-remembered", `the remembered checkpoint was refused: ${read.why}`);
  return null;
}

/** The tree at the remembered size must have the remembered root. */
function checkHistory(
  remembered: ReadCheckpoint | null,
  checkpoint: ReadCheckpoint,
  scan: ScanResult,
  findings: Findings,
): number | null {
  if (remembered === null || remembered.size > checkpoint.size) return null;
  // An equal size is judged by the signed roots themselves: two signed roots for one size are a fork whatever the leaves say.
  const root = remembered.size === checkpoint.size ? checkpoint.root : scan.olderRoot;
  if (remembered.size === 0) return 0;
  if (root === null) return null;
  if (equalBytes(root, remembered.root)) return remembered.size;
  findings.add("audit.fork", `the tree of the first ${remembered.size} leaves has another root than was signed before`);
  return null;
}

function checkOverdue(
  promised: ReadonlyMap<number, readonly Promised[]>,
  size: number,
  options: AuditLogOptions,
  findings: Findings,
): void {
  const ageMax = options.freshness?.promiseAgeMaxMs;
  if (options.freshness === undefined || ageMax === undefined) return;
  for (const [index, promises] of promised) {
    if (index >= size && promises.some(({ at }) => options.freshness!.now - at > ageMax)) {
      findings.add("audit.promise-overdue", `position ${index} was promised and no checkpoint covers it`, { index });
    }
  }
}

const NO_LEAVES: LogReport["counts"] = { entry: 0, tombstone: 0, heads: 0 };

function report(
  findings: Findings,
  facts: Pick<LogReport, "checkpoint" | "rootVerified" | "continues" | "counts">,
): LogReport {
  return { ok: findings.total === 0, ...facts, findings: findings.list, findingsTotal: findings.total };
}
