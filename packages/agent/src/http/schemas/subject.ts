/** Bodies of what a subject sees and changes (core/wire/subject.ts). */
import { bytes, count, flag, id, list, nullable, object, oneOf, term, text, time, type Schema } from "./schema.ts";

const scope: Schema = {
  oneOf: [
    object({ kind: oneOf("read"), uses: list(term(), 32), purposes: list(term(), 32) }),
    object({ kind: oneOf("update"), provenances: list(term(), 32) }),
  ],
  description: "What the rule is about: reading for uses and purposes, or updating from provenances.",
};
const applications: Schema = {
  ...list(id(), 16, "Applications of the controller; null: any."),
  type: ["array", "null"],
};
const ruleFields = {
  controller: id(),
  applications,
  effect: oneOf("allow", "deny"),
  types: list(term(), 64),
  action: scope,
  from: nullable(time),
  until: nullable(time),
};

export const ruleDraft: Schema = object({ ...ruleFields, "retentionMs?": count(86_400_000), "note?": text(500) });
export const ruleView: Schema = object({
  ...ruleFields,
  retentionMs: count(86_400_000),
  "note?": text(500),
  id: id(),
  createdAt: time,
  origin: oneOf("subject", "consent-request"),
  state: oneOf("live", "not-yet-valid", "expired"),
});
export const rules: Schema = object({ rules: list(ruleView, 10_000 * 100) });

export const explainQuestion: Schema = object({
  controller: id(),
  application: id(),
  type: term(),
  "use?": term(),
  "purpose?": term(),
  "provenance?": term(),
});
export const explanation: Schema = object({
  rules: list(text(64), 16),
  others: list(object({ rule: text(64), why: text(64) }), 200),
  othersTotal: count(),
});
export const explained: Schema = object({
  outcome: oneOf("allow", "deny"),
  reason: text(64),
  retentionMs: count(),
  explanation,
});

export const holdings: Schema = object({
  holdings: list(
    object({
      controller: id(),
      controllerName: text(200),
      type: term(),
      since: time,
      provenances: list(term(), 64),
      lastSealedAt: time,
      lastUsedAt: nullable(time),
    }),
    100_000,
  ),
});
export const relationships: Schema = object({
  relationships: list(
    object({
      handle: id(),
      controller: id(),
      controllerName: text(200),
      createdAt: time,
      erasedAt: nullable(time),
      epochs: list(object({ epoch: count(65_535), createdAt: time, erased: flag }), 65_535),
    }),
    100_000,
  ),
});

export const connectionDraft: Schema = object({ controller: id() });
export const connectionCode: Schema = object({ code: text(64), expiresAt: time });

const consentFields = {
  handle: id(),
  types: list(term(), 64),
  action: scope,
  until: nullable(time),
  reason: text(500),
  ifRefused: text(500),
  expiresAt: time,
};
const consentState = oneOf("pending", "granted", "refused", "expired", "withdrawn");
export const consentDraft: Schema = object({ ...consentFields, "retentionMs?": count(86_400_000) });
export const consentStatus: Schema = object({
  id: id(),
  state: consentState,
  createdAt: time,
  answeredAt: nullable(time),
});
export const consentView: Schema = object({
  ...consentFields,
  retentionMs: count(86_400_000),
  id: id(),
  controller: id(),
  controllerName: text(200),
  application: id(),
  state: consentState,
  createdAt: time,
});
export const consentViews: Schema = object({ requests: list(consentView, 100_000) });
/** Its fields are checked by the code that knows what was asked: it names what is too wide. */
export const consentAnswer: Schema = object({
  answer: oneOf("grant", "refuse"),
  "types?": list(term(), 64),
  "action?": scope,
  "until?": nullable(time),
  "retentionMs?": count(86_400_000),
});

export const erasure: Schema = object({ receipt: text(16_384, "Signed receipt (spec/receipt.md)."), finalAt: time });
export const newEpoch: Schema = object({ epoch: count(65_535) });

const optionalText = { type: ["string", "null"], maxLength: 255 };
export const logLine: Schema = object({
  counter: count(),
  index: count(),
  at: time,
  kind: text(32),
  controller: optionalText,
  controllerName: optionalText,
  application: optionalText,
  applicationName: optionalText,
  type: optionalText,
  action: { type: ["string", "null"], enum: ["read", "update", null] },
  use: optionalText,
  purpose: optionalText,
  provenance: optionalText,
  outcome: { type: ["string", "null"], enum: ["allow", "deny", null] },
  reason: optionalText,
  rules: list(text(255), 16),
  objects: count(),
  decision: optionalText,
});
export const logPage: Schema = object({ lines: list(logLine, 200), cursor: optionalText });
export const logFilter = {
  "controller?": id(),
  "application?": id(),
  "type?": term("Covers its descendants."),
  "action?": oneOf("read", "update"),
  "kind?": text(32),
  "use?": term(),
  "purpose?": term(),
  "provenance?": term(),
  "outcome?": oneOf("allow", "deny"),
  "from?": { ...time, description: "First millisecond, inclusive." },
  "until?": { ...time, description: "Last millisecond, inclusive." },
};
export const logQuery: Schema = object({
  ...logFilter,
  "cursor?": text(16),
  "limit?": { type: "integer", minimum: 1, maximum: 200, default: 50 },
});
export const exportQuery: Schema = object({ ...logFilter, format: oneOf("csv", "json") });
export const rawQuery: Schema = object({
  "cursor?": text(16),
  "limit?": { type: "integer", minimum: 1, maximum: 200, default: 200 },
});
export const rawPage: Schema = object({
  entries: list(object({ counter: count(), index: count(), sealed: text(16_384) }), 200),
  cursor: optionalText,
});
export const logKey: Schema = object({ logKey: bytes(32) });
export const headProof: Schema = object({
  checkpoint: text(65_536),
  counter: count(),
  commitment: bytes(32),
  bucket: list({ type: "array", items: bytes(32), minItems: 2, maxItems: 2 }, 1_000_000),
  path: list(bytes(32), 12),
});
