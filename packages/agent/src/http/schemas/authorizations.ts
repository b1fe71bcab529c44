/** Opening and sealing: what an application asks and what it gets. */
import { AUTHORIZATION_OBJECTS_MAX, LEASES_MAX, type DenialReason } from "@strongroom/core/wire";
import { IDEMPOTENCY_KEY_PATTERN } from "../idempotency.ts";
import { bytes, count, flag, id, list, object, oneOf, term, text, time, type Schema } from "./schema.ts";

/** Groups of one use and purpose in one request. */
export const READ_GROUPS_MAX = 256;
/** Rules that an explanation names. */
const RULES_MAX = 10_000;

/** Each reason once; the compiler notices one that is missing. */
const REASONS: Readonly<Record<DenialReason, true>> = {
  "denied-by-rule": true,
  "no-rule": true,
  locked: true,
  error: true,
  "malformed-object": true,
  "unknown-type": true,
  "unknown-object": true,
  "epoch-unknown": true,
  "epoch-erased": true,
  "relationship-erased": true,
  "subject-erased": true,
  "changed-meanwhile": true,
};

export const idempotencyHeaders: Schema = {
  type: "object",
  properties: {
    "idempotency-key": {
      type: "string",
      pattern: IDEMPOTENCY_KEY_PATTERN,
      description:
        "16 to 64 characters of base64url. The same key with the same body, sent again, decides and logs nothing a second time.",
    },
  },
};

const readGroup = object({
  use: term(),
  purpose: term(),
  // Each text is judged by itself, so that one bad one is one denied object and not a refused request.
  objects: {
    ...list({ type: "string" }, AUTHORIZATION_OBJECTS_MAX, "Header segments of sealed objects."),
    minItems: 1,
  },
});

export const authorizationRequest = object({
  reads: { ...list(readGroup, READ_GROUPS_MAX), minItems: 1 },
  "dryRun?": { ...flag, description: "Explain only: nothing is released and nothing is logged as a use." },
});

const explanation = object({
  rules: list(text(64), RULES_MAX, "Rules that made the decision."),
  others: list(object({ rule: text(64), why: text(500) }), RULES_MAX, "Why other rules did not matter."),
  othersTotal: count(),
});

const entry = {
  ...count(4_095),
  description: "Which entry of the promise records it: its position in the log is promise.first + entry.",
};

const denied = object({
  outcome: oneOf("deny"),
  reason: oneOf(...Object.keys(REASONS)),
  "entry?": entry,
  "explanation?": explanation,
});

const opened = object({
  outcome: oneOf("allow"),
  "key?": bytes(32, "Object key; absent in a dry run."),
  keepMs: { ...count(), description: "How long the key may be kept; 0 is for this use only." },
  "entry?": entry,
  "explanation?": explanation,
});

const promise = object(
  {
    at: time,
    first: count(),
    commitments: {
      type: "string",
      maxLength: 4_096 * 43,
      description: "Commitments of the entries in order, 32 bytes each, joined, base64url.",
    },
    signature: bytes(64),
  },
  "The agent's signed word that the entries of this answer are in its log.",
);

export const authorizationResponse = object({
  decision: id(),
  reads: list(
    list({ oneOf: [opened, denied] }, AUTHORIZATION_OBJECTS_MAX),
    READ_GROUPS_MAX,
    "Outcomes in the order of the request.",
  ),
  "promise?": promise,
});

const leaseItem = object({ handle: bytes(16), type: term(), provenance: term() });

export const leaseRequest = object({ leases: { ...list(leaseItem, LEASES_MAX), minItems: 1 } });

const granted = object({
  outcome: oneOf("allow"),
  lease: bytes(12),
  key: bytes(32, "Lease key: opens only what is sealed under this lease."),
  epoch: { type: "integer", minimum: 1, maximum: 65_535 },
  expiresAt: time,
  objectsMax: { type: "integer", minimum: 1 },
  "entry?": entry,
});

export const leaseResponse = object({
  decision: id(),
  leases: list({ oneOf: [granted, denied] }, LEASES_MAX),
  "promise?": promise,
});
