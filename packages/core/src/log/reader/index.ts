/**
 * The independent reader: what `strongroom audit` and anybody outside checks a log with.
 * It imports nothing of the writer's half; a test holds that.
 */
export { auditLog, type AuditLogOptions, type LogReport } from "./auditLog.ts";
export {
  auditSubject,
  type AuditSubjectOptions,
  type EntryHead,
  type ShownEntry,
  type SubjectReport,
} from "./auditSubject.ts";
export type { ReadCheckpoint } from "./checkpoint.ts";
export type { ReadEntry } from "./entry.ts";
export type { LogSource } from "./files.ts";
export { FINDINGS, FINDINGS_MAX, type Finding, type FindingCode, type FindingFacts } from "./findings.ts";
export type { ShownHead } from "./heads.ts";
export type { KeptPromise } from "./promises.ts";
