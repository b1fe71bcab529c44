/**
 * What a rule is, and its limits. Meaning: spec/decision.md.
 *
 * A rule belongs to one relationship (a subject and a controller), which is known from where it is stored and is
 * therefore not repeated in it. Times are milliseconds since 1970 UTC, and **both ends are inclusive**: a rule is
 * valid at `now` when `from <= now` and `now <= until`.
 */

/** What a rule speaks about: reading for uses and purposes, or updating (sealing) data of certain provenances. */
export type ActionScope = ReadScope | UpdateScope;

export interface ReadScope {
  readonly kind: "read";
  /** Use ids; each covers what hangs below it. */
  readonly uses: readonly string[];
  /** Purpose ids; each covers what hangs below it. */
  readonly purposes: readonly string[];
}

export interface UpdateScope {
  readonly kind: "update";
  /** Provenance ids; each covers what hangs below it. */
  readonly provenances: readonly string[];
}

export type RuleEffect = "allow" | "deny";
export type RuleOrigin = "subject" | "consent-request";

/** What a subject decides on. Made by `decodeRuleDraft` or by a granted consent request; frozen. */
export interface RuleDraft {
  readonly effect: RuleEffect;
  /** Application ids; `null`: any application of the controller, also one registered later. */
  readonly applications: readonly string[] | null;
  /** Data type ids; each covers what hangs below it. */
  readonly types: readonly string[];
  readonly action: ActionScope;
  /** First millisecond in which it is valid; `null`: since ever. */
  readonly from: number | null;
  /** Last millisecond in which it is valid; `null`: no end. */
  readonly until: number | null;
  /** How long a client may keep a key that was released under this rule, ms. Other than 0 only where reading is allowed. */
  readonly retentionMs: number;
  /** The subject's own words. */
  readonly note?: string;
}

/** A rule as it is stored. Frozen. */
export interface Rule extends RuleDraft {
  readonly id: string;
  readonly origin: RuleOrigin;
  /** The consent request that it came from; only with that origin. */
  readonly requestId?: string;
  readonly createdAt: number;
}

/** Rules stored for one relationship, expired ones included. */
export const RULES_PER_RELATIONSHIP_MAX = 10_000;
export const TYPES_PER_RULE_MAX = 64;
export const USES_PER_RULE_MAX = 32;
export const PURPOSES_PER_RULE_MAX = 32;
export const PROVENANCES_PER_RULE_MAX = 32;
export const APPLICATIONS_PER_RULE_MAX = 16;
/** Length of a rule's, application's or consent request's id: letters, digits, `-` and `_`. */
export const ID_CHARACTERS_MAX = 64;
/** Length of a note or of a controller's words, in Unicode code points. */
export const TEXT_CHARACTERS_MAX = 500;
/** Longest time that a released key may be kept: one day. */
export const RETENTION_MS_MAX = 86_400_000;
/** 2000-01-01: an earlier date is a mistake, most often seconds taken for milliseconds. */
export const INSTANT_MS_MIN = Date.UTC(2000, 0, 1);
/** 2200-01-01: a later date means "no end", which is written `null`. */
export const INSTANT_MS_MAX = Date.UTC(2200, 0, 1);
/** Rules that one decision names. */
export const RULES_NAMED_MAX = 4;
