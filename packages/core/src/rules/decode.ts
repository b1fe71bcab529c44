/**
 * From what came over a boundary (a request's body, a row of the database) to a frozen rule, or an error.
 * Nothing here trusts its input: every field is read once, and an unknown one is refused, because a misspelt
 * `until` that is ignored would be a permission without an end.
 */
import { StrongroomError, type ErrorCode } from "../errors.ts";
import type { Vocabulary, VocabularyKind } from "../vocabulary/index.ts";
import * as limits from "./rule.ts";
import type { ActionScope, Rule, RuleDraft } from "./rule.ts";

const DRAFT_FIELDS = ["effect", "applications", "types", "action", "from", "until", "retentionMs", "note"];
const RULE_FIELDS = [...DRAFT_FIELDS, "id", "origin", "requestId", "createdAt"];

/**
 * A draft as a subject sends it. `retentionMs` and `note` may be left out; `applications`, `from` and `until` must
 * be said, with `null` for "any" and "no end".
 * @throws StrongroomError with `details.path`: `rule.malformed`, `rule.empty-list`, `rule.over-limit`,
 * `rule.bad-validity`, `rule.bad-retention`; `vocabulary.unknown-*` for an id that the vocabulary lacks.
 */
export function decodeRuleDraft(vocabulary: Vocabulary, value: unknown): RuleDraft {
  return Object.freeze(readDraft(vocabulary, readFields(value, "$", DRAFT_FIELDS)));
}

/** A rule as it is stored. @throws as `decodeRuleDraft`. */
export function decodeRule(vocabulary: Vocabulary, value: unknown): Rule {
  const fields = readFields(value, "$", RULE_FIELDS);
  const draft = readDraft(vocabulary, fields);
  const origin = readOneOf(fields.get("origin"), "$.origin", ["subject", "consent-request"] as const);
  const requestId = fields.get("requestId");
  if ((origin === "consent-request") !== (requestId !== undefined)) {
    refuse("rule.malformed", "$.requestId", 'goes with the origin "consent-request", and with no other');
  }
  return Object.freeze({
    id: readId(fields.get("id"), "$.id"),
    ...draft,
    origin,
    ...(requestId !== undefined && { requestId: readId(requestId, "$.requestId") }),
    createdAt: readInstant(fields.get("createdAt"), "$.createdAt"),
  });
}

function readDraft(vocabulary: Vocabulary, fields: ReadonlyMap<string, unknown>): RuleDraft {
  const effect = readOneOf(fields.get("effect"), "$.effect", ["allow", "deny"] as const);
  const action = readActionScope(vocabulary, fields.get("action"), "$.action");
  const from = readInstantOrNull(fields.get("from"), "$.from");
  const until = readInstantOrNull(fields.get("until"), "$.until");
  if (from !== null && until !== null && until < from) {
    refuse("rule.bad-validity", "$.until", "lies before $.from");
  }
  const retentionMs = readRetention(fields.get("retentionMs") ?? 0, "$.retentionMs");
  if (retentionMs > 0 && (effect === "deny" || action.kind === "update")) {
    refuse(
      "rule.bad-retention",
      "$.retentionMs",
      "must be 0 here: only a rule that allows reading releases a key to keep",
    );
  }
  const note = fields.get("note");
  return {
    effect,
    applications: readApplications(fields.get("applications"), "$.applications"),
    types: readTerms(vocabulary, "type", fields.get("types"), "$.types"),
    action,
    from,
    until,
    retentionMs,
    ...(note !== undefined && { note: readText(note, "$.note") }),
  };
}

/** A read or update scope, frozen. @throws as `decodeRuleDraft`. */
export function readActionScope(vocabulary: Vocabulary, value: unknown, path: string): ActionScope {
  const fields = readFields(value, path, ["kind", "uses", "purposes", "provenances"]);
  const kind = readOneOf(fields.get("kind"), `${path}.kind`, ["read", "update"] as const);
  for (const foreign of kind === "read" ? ["provenances"] : ["uses", "purposes"]) {
    if (fields.has(foreign)) refuse("rule.malformed", `${path}.${foreign}`, `does not go with the kind "${kind}"`);
  }
  if (kind === "update") {
    const provenances = readTerms(vocabulary, "provenance", fields.get("provenances"), `${path}.provenances`);
    return Object.freeze({ kind, provenances });
  }
  return Object.freeze({
    kind,
    uses: readTerms(vocabulary, "use", fields.get("uses"), `${path}.uses`),
    purposes: readTerms(vocabulary, "purpose", fields.get("purposes"), `${path}.purposes`),
  });
}

const TERMS_MAX: Readonly<Record<VocabularyKind, number>> = {
  type: limits.TYPES_PER_RULE_MAX,
  use: limits.USES_PER_RULE_MAX,
  purpose: limits.PURPOSES_PER_RULE_MAX,
  provenance: limits.PROVENANCES_PER_RULE_MAX,
};

/** A list of known ids of one kind, without repetitions, in the order given, frozen. */
export function readTerms(
  vocabulary: Vocabulary,
  kind: VocabularyKind,
  value: unknown,
  path: string,
): readonly string[] {
  const instead = (): string => {
    const roots = vocabulary.roots(kind).map((term) => term.id);
    return `name what is meant; ${roots.join(", ")} together cover every ${kind}`;
  };
  return readList(value, path, TERMS_MAX[kind], instead, (item, where) => {
    if (typeof item !== "string") refuse("rule.malformed", where, "must be a text");
    return vocabulary.require(kind, item).id;
  });
}

function readApplications(value: unknown, path: string): readonly string[] | null {
  if (value === null) return null;
  const instead = (): string => "write null for any application of the controller, or revoke the rule for none";
  return readList(value, path, limits.APPLICATIONS_PER_RULE_MAX, instead, readId);
}

function readList(
  value: unknown,
  path: string,
  max: number,
  insteadOfEmpty: () => string,
  readItem: (item: unknown, path: string) => string,
): readonly string[] {
  if (!Array.isArray(value)) refuse("rule.malformed", path, "must be a list");
  const items: unknown[] = value;
  if (items.length === 0) refuse("rule.empty-list", path, `is empty, which would mean nothing: ${insteadOfEmpty()}`);
  if (items.length > max) refuse("rule.over-limit", path, `has ${items.length} items, more than ${max}`, { max });
  // A Set keeps the order of first mention: saying a thing twice is harmless and says it once.
  return Object.freeze([...new Set(items.map((item, index) => readItem(item, `${path}[${index}]`)))]);
}

const ID = /^[A-Za-z0-9_-]+$/;

export function readId(value: unknown, path: string): string {
  if (typeof value !== "string" || value.length > limits.ID_CHARACTERS_MAX || !ID.test(value)) {
    refuse("rule.malformed", path, `must be an id: 1 to ${limits.ID_CHARACTERS_MAX} letters, digits, "-" and "_"`);
  }
  return value;
}

export function readInstantOrNull(value: unknown, path: string): number | null {
  return value === null ? null : readInstant(value, path);
}

export function readInstant(value: unknown, path: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) {
    refuse(
      "rule.malformed",
      path,
      "must be a whole number of milliseconds since 1970 UTC, or null where that is allowed",
    );
  }
  if (value < limits.INSTANT_MS_MIN) {
    refuse("rule.bad-validity", path, "lies before the year 2000: were seconds given for milliseconds?");
  }
  if (value > limits.INSTANT_MS_MAX)
    refuse("rule.bad-validity", path, "lies after the year 2199: write null for no end");
  return value;
}

export function readRetention(value: unknown, path: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    refuse("rule.bad-retention", path, "must be a whole number of milliseconds, 0 for not at all");
  }
  if (value > limits.RETENTION_MS_MAX) {
    refuse("rule.bad-retention", path, `is longer than a day (${limits.RETENTION_MS_MAX} ms)`, {
      max: limits.RETENTION_MS_MAX,
    });
  }
  return value + 0; // -0 becomes 0
}

/** Control characters, and marks that turn the direction of what follows: these texts stand on a page that asks for consent. */
const UNSHOWABLE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

export function readText(value: unknown, path: string): string {
  if (typeof value !== "string" || value.trim() === "")
    refuse("rule.malformed", path, "must be a text that says something");
  // Code units first: counting code points takes time that grows with the text.
  if (value.length > 2 * limits.TEXT_CHARACTERS_MAX || [...value].length > limits.TEXT_CHARACTERS_MAX) {
    refuse("rule.over-limit", path, `is longer than ${limits.TEXT_CHARACTERS_MAX} characters`, {
      max: limits.TEXT_CHARACTERS_MAX,
    });
  }
  if (!value.isWellFormed() || UNSHOWABLE.test(value)) {
    refuse("rule.malformed", path, "has characters that cannot be shown (line breaks, control or direction marks)");
  }
  return value;
}

export function readOneOf<T extends string>(value: unknown, path: string, known: readonly T[]): T {
  const found = known.find((one) => one === value);
  if (found === undefined) refuse("rule.malformed", path, `must be one of ${known.join(", ")}`);
  return found;
}

/** A snapshot of an object's own fields, each read once. */
export function readFields(value: unknown, path: string, known: readonly string[]): ReadonlyMap<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    refuse("rule.malformed", path, "must be an object");
  const fields = new Map<string, unknown>(Object.entries(value));
  for (const key of fields.keys()) {
    // The key itself is not shown: it may be a value put in the wrong place.
    if (!known.includes(key)) refuse("rule.malformed", path, `has a field that is none of ${known.join(", ")}`);
  }
  return fields;
}

export function refuse(
  code: ErrorCode,
  path: string,
  problem: string,
  facts: Readonly<Record<string, unknown>> = {},
): never {
  throw new StrongroomError(code, `${path} ${problem}`, { details: { path, ...facts } });
}
