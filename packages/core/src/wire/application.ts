/** What an application of a controller asks an agent. */

/** How many objects one authorization may name. */
export const AUTHORIZATION_OBJECTS_MAX = 2_000;
/** How many leases one request may ask for. */
export const LEASES_MAX = 500;
/** Largest body of any request, bytes. */
export const BODY_BYTES_MAX = 1_048_576;

/** Why an item was not allowed. Stable; `docs/errors.md` explains each. */
export type DenialReason =
  /** A deny rule covers it. */
  | "denied-by-rule"
  /** No allow rule covers it. */
  | "no-rule"
  /** The subject has made everything inaccessible. */
  | "locked"
  /** A rule, key or log step failed: an error means no. */
  | "error"
  /** The text is not the header of a sealed object. */
  | "malformed-object"
  /** The object's data type is not in this agent's vocabulary. */
  | "unknown-type"
  /** The header is not that of a sealed object of this agent, or the handle is not one of the asking controller. */
  | "unknown-object"
  | "epoch-unknown"
  | "epoch-erased"
  | "relationship-erased"
  | "subject-erased"
  /** The rules changed while the decision was being logged: ask again. */
  | "changed-meanwhile";

/** `POST /v1/authorizations`: may these objects be opened for this use and purpose? */
export interface AuthorizationRequest {
  readonly reads: readonly ReadGroup[];
  /** Explain only: nothing is released and nothing is logged as a use. */
  readonly dryRun?: boolean;
}

export interface ReadGroup {
  readonly use: string;
  readonly purpose: string;
  /** Header segments of sealed objects (the text between the two dots). */
  readonly objects: readonly string[];
}

export interface AuthorizationResponse {
  /** Decision id, 16 bytes. */
  readonly decision: string;
  /** Outcomes in the order of the request: one list per group, one outcome per object. */
  readonly reads: readonly (readonly ObjectOutcome[])[];
  /** Absent in a dry run. */
  readonly promise?: LogPromise;
}

export type ObjectOutcome = AllowedObject | DeniedItem;

export interface AllowedObject {
  readonly outcome: "allow";
  /** Object key, 32 bytes; absent in a dry run. */
  readonly key?: string;
  /** How long the client may keep the key, ms; 0 is for this use only. */
  readonly keepMs: number;
  /** Which entry of the promise records this object: its position in the log is `promise.first + entry`. */
  readonly entry?: number;
  /** Only in a dry run. */
  readonly explanation?: Explanation;
}

export interface DeniedItem {
  readonly outcome: "deny";
  readonly reason: DenialReason;
  readonly entry?: number;
  readonly explanation?: Explanation;
}

export interface Explanation {
  /** Ids of the rules that made the decision. */
  readonly rules: readonly string[];
  /** Why other rules of the relationship did not matter. */
  readonly others: readonly { readonly rule: string; readonly why: string }[];
  readonly othersTotal: number;
}

/** The agent's signed word that the entries of an answer are in the log (spec/log.md, Promise). */
export interface LogPromise {
  /** When it was given, ms. */
  readonly at: number;
  /** Position in the log of the answer's first entry; the others follow it without gaps. */
  readonly first: number;
  /** Commitments of the entries in order, 32 bytes each, joined, base64url. */
  readonly commitments: string;
  readonly signature: string;
}

/** `POST /v1/leases`: permission to seal. An update decision for each. */
export interface LeaseRequest {
  readonly leases: readonly LeaseItem[];
}

export interface LeaseItem {
  readonly handle: string;
  readonly type: string;
  readonly provenance: string;
}

export interface LeaseResponse {
  readonly decision: string;
  readonly leases: readonly LeaseOutcome[];
  readonly promise?: LogPromise;
}

export type LeaseOutcome = GrantedLease | DeniedItem;

export interface GrantedLease {
  readonly outcome: "allow";
  /** Lease id, 12 bytes. */
  readonly lease: string;
  /** Lease key, 32 bytes: opens only what is sealed under this lease. */
  readonly key: string;
  readonly epoch: number;
  /** End of the lease, ms; at most LEASE_MS_MAX after now. */
  readonly expiresAt: number;
  /** How many objects may be sealed under it. */
  readonly objectsMax: number;
  readonly entry?: number;
}

/** `POST /v1/connections`: a subject's one-time connection code becomes a handle. */
export interface ConnectionRequest {
  readonly code: string;
}
export interface ConnectionResponse {
  readonly handle: string;
}

/** `POST /v1/consent-requests`: ask a subject for a rule. */
export interface ConsentRequestDraft {
  readonly handle: string;
  readonly types: readonly string[];
  readonly action: ActionScope;
  /** How long released keys may be kept, ms. */
  readonly retentionMs?: number;
  /** End of the rule that would result; null: no end. */
  readonly until: number | null;
  /** Why, in the controller's words (at most 500 characters). */
  readonly reason: string;
  /** What happens when the subject refuses (at most 500 characters). */
  readonly ifRefused: string;
  /** When the request lapses unanswered. */
  readonly expiresAt: number;
}

export type ActionScope =
  | { readonly kind: "read"; readonly uses: readonly string[]; readonly purposes: readonly string[] }
  | { readonly kind: "update"; readonly provenances: readonly string[] };

export type ConsentState = "pending" | "granted" | "refused" | "expired" | "withdrawn";

/** `GET /v1/consent-requests/{id}`. */
export interface ConsentRequestStatus {
  readonly id: string;
  readonly state: ConsentState;
  readonly createdAt: number;
  readonly answeredAt: number | null;
}

/** Events of `GET /v1/events` (server-sent). Keys kept for the named handle must be forgotten at once. */
export type ApplicationEvent =
  | { readonly event: "revoked"; readonly handle: string; readonly at: number }
  | { readonly event: "consent"; readonly id: string; readonly state: ConsentState; readonly at: number }
  /** First event of a stream: forget every kept key, because events may have been missed. */
  | { readonly event: "hello"; readonly at: number };
