/** What a subject sees and changes. */
import type { ActionScope, ConsentRequestDraft, ConsentState } from "./application.ts";

/** `POST /v1/sessions`. The same error for a wrong name and a wrong password. */
export interface SessionRequest {
  readonly login: string;
  readonly password: string;
}
export interface SessionResponse {
  /** Bearer token, shown once. */
  readonly token: string;
  readonly expiresAt: number;
}

/** `POST /v1/me/tokens`: a token for the subject's own scripts. */
export interface ApiTokenDraft {
  readonly name: string;
  /** `read` sees rules, holdings and log; `write` changes them too. Neither can erase or change the password. */
  readonly scope: "read" | "write";
  readonly expiresAt: number | null;
}
export interface ApiToken {
  readonly id: string;
  readonly name: string;
  readonly scope: "read" | "write";
  readonly createdAt: number;
  readonly expiresAt: number | null;
}

/** `GET /v1/me`. */
export interface SubjectSummary {
  readonly id: string;
  readonly login: string;
  readonly createdAt: number;
  readonly locked: boolean;
  readonly pendingConsentRequests: number;
}

/** `POST /v1/me/connections`: a one-time code to hand to a controller. */
export interface ConnectionDraft {
  readonly controller: string;
}
export interface ConnectionCode {
  readonly code: string;
  readonly expiresAt: number;
}

export interface RuleDraft {
  readonly controller: string;
  /** Application ids; null: any application of the controller. */
  readonly applications: readonly string[] | null;
  readonly effect: "allow" | "deny";
  readonly types: readonly string[];
  readonly action: ActionScope;
  readonly from: number | null;
  readonly until: number | null;
  /** How long a released key may be kept, ms (default 0). */
  readonly retentionMs?: number;
  readonly note?: string;
}

export interface RuleView extends RuleDraft {
  readonly id: string;
  readonly createdAt: number;
  readonly origin: "subject" | "consent-request";
  readonly state: "live" | "not-yet-valid" | "expired";
}

/** One row of "which controllers hold which types": `GET /v1/me/holdings`. */
export interface Holding {
  readonly controller: string;
  readonly controllerName: string;
  readonly type: string;
  /** First lease granted for the type. */
  readonly since: number;
  readonly provenances: readonly string[];
  readonly lastSealedAt: number;
  /** Last allowed read; null: never. */
  readonly lastUsedAt: number | null;
}

/** `GET /v1/me/relationships`. */
export interface RelationshipView {
  readonly handle: string;
  readonly controller: string;
  readonly controllerName: string;
  readonly createdAt: number;
  readonly erasedAt: number | null;
  readonly epochs: readonly { readonly epoch: number; readonly createdAt: number; readonly erased: boolean }[];
}

/** One line of the subject's log, opened for the subject. */
export interface LogLine {
  /** The subject's own counter, from 1 without gaps. */
  readonly counter: number;
  /** Position in the agent's log. */
  readonly index: number;
  readonly at: number;
  readonly kind: string;
  readonly controller: string | null;
  readonly controllerName: string | null;
  readonly application: string | null;
  readonly applicationName: string | null;
  readonly type: string | null;
  readonly action: "read" | "update" | null;
  readonly use: string | null;
  readonly purpose: string | null;
  readonly provenance: string | null;
  readonly outcome: "allow" | "deny" | null;
  readonly reason: string | null;
  readonly rules: readonly string[];
  readonly objects: number;
  readonly decision: string | null;
}

/** Filters of `GET /v1/me/log`; `from` and `until` are both inclusive. */
export interface LogFilter {
  readonly controller?: string;
  readonly application?: string;
  /** Covers its descendants. */
  readonly type?: string;
  readonly action?: "read" | "update";
  readonly kind?: string;
  readonly use?: string;
  readonly purpose?: string;
  readonly provenance?: string;
  readonly outcome?: "allow" | "deny";
  readonly from?: number;
  readonly until?: number;
}

/** Newest first. `cursor` is null at the end; a page may be short while a cursor remains. */
export interface LogPage {
  readonly lines: readonly LogLine[];
  readonly cursor: string | null;
}

/** Raw entries for a reader that trusts nobody: `GET /v1/me/log/raw`. */
export interface RawEntry {
  readonly counter: number;
  readonly index: number;
  readonly sealed: string;
}
export interface RawLogPage {
  readonly entries: readonly RawEntry[];
  readonly cursor: string | null;
}

/** `GET /v1/me/log/key`: the subject's own log key, so that a reader outside can open and check the entries. */
export interface LogKeyResponse {
  readonly logKey: string;
}

/** `GET /v1/me/log/head?size=`: proof under a checkpoint that the last counter is the last. */
export interface HeadProofResponse {
  readonly checkpoint: string;
  readonly counter: number;
  readonly commitment: string;
  readonly bucket: readonly (readonly [string, string])[];
  readonly path: readonly string[];
}

export interface ConsentRequestView extends ConsentRequestDraft {
  readonly id: string;
  readonly controller: string;
  readonly controllerName: string;
  readonly application: string;
  readonly state: ConsentState;
  readonly createdAt: number;
}

/** `POST /v1/me/consent-requests/{id}/answer`: grants all, part or none; never more than was asked. */
export type ConsentAnswer =
  | { readonly answer: "refuse" }
  | {
      readonly answer: "grant";
      readonly types?: readonly string[];
      readonly action?: ActionScope;
      readonly until?: number | null;
      readonly retentionMs?: number;
    };

/** Answer to every erasure; `receipt` is a signed envelope (spec/receipt.md). */
export interface ErasureResponse {
  readonly receipt: string;
  /** When backups can no longer bring the keys back, ms. */
  readonly finalAt: number;
}
