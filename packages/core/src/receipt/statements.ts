/**
 * What receipts state, kind by kind (spec/receipt.md sections 2 to 4). A new kind is one type and one row of CHECKS.
 */
import { fromBase64url } from "../bytes.ts";
import { StrongroomError } from "../errors.ts";
import { KEY_ID_BYTES, KEY_KINDS, U48_MAX, type KeyKind } from "../log/leaf.ts";
import type { Json } from "./canonicalJson.ts";

export const RECEIPT_VERSION = 1;
/** Destroyed keys in one receipt. */
export const ERASED_KEYS_MAX = 10_000;
const HANDLE_BYTES = 16;
const DIGEST_BYTES = 32;
const TEXT_BYTES_MAX = 1024;

export type StatementContent = ErasureContent | ExportContent;

/** Members of every statement, filled in from the signer's key. */
export interface StatementIssuer {
  readonly version: typeof RECEIPT_VERSION;
  /** The log's origin. */
  readonly origin: string;
  /** 8 hexadecimal digits. */
  readonly keyId: string;
}

export type Statement = StatementContent & StatementIssuer;

/** Keys were destroyed. Ids are base64url. */
export interface ErasureContent {
  readonly kind: "erasure";
  /** When it was done, ms. */
  readonly at: number;
  readonly scope: "epoch" | "relationship" | "subject";
  /** The subject's id at this agent. */
  readonly subject: string;
  /** Relationship handle; null when the scope is `subject`. */
  readonly handle: string | null;
  /** Null unless the scope is `epoch`. */
  readonly epoch: number | null;
  /** Ascending by index, none twice. */
  readonly keys: readonly ErasedKey[];
  /** When backups can no longer bring the keys back, ms. */
  readonly finalAt: number;
}

export interface ErasedKey {
  readonly id: string;
  readonly kind: KeyKind;
  /** Position of the tombstone in the log. */
  readonly index: number;
}

/** Everything about a subject was handed out to it. */
export interface ExportContent {
  readonly kind: "export";
  readonly at: number;
  readonly subject: string;
  /** Position of the log entry that records the export. */
  readonly index: number;
  /** Media type. */
  readonly format: string;
  /** Length of what was handed out (without this receipt, if it stands at its end), and its SHA-256 in base64url. */
  readonly bytes: number;
  readonly digest: string;
  /** Counter of the last log entry in it; 0: none. */
  readonly counter: number;
  /** Size of the log that it was taken from. */
  readonly size: number;
}

type Members = Readonly<Record<string, Json>>;
type Check = (value: Json | undefined, all: Members) => boolean;

const isText: Check = (value) =>
  typeof value === "string" && value.length > 0 && Buffer.byteLength(value) <= TEXT_BYTES_MAX;
const isU48: Check = (value) => typeof value === "number" && value <= U48_MAX;
const isBytes = (value: Json | undefined, length: number): boolean =>
  typeof value === "string" && decodedLength(value) === length;

const ISSUER: Record<keyof StatementIssuer | "kind" | "at", Check> = {
  version: (value) => value === RECEIPT_VERSION,
  kind: isText,
  origin: isText,
  keyId: (value) => typeof value === "string" && /^[0-9a-f]{8}$/.test(value),
  at: isU48,
};

/** The members of each kind besides those of every statement; no others are allowed. */
const CHECKS: { readonly [Kind in StatementContent["kind"]]: Record<Exclude<MembersOf<Kind>, "kind" | "at">, Check> } =
  {
    erasure: {
      scope: (value) => value === "epoch" || value === "relationship" || value === "subject",
      subject: isText,
      handle: (value, { scope }) => (scope === "subject" ? value === null : isBytes(value, HANDLE_BYTES)),
      epoch: (value, { scope }) => (scope === "epoch" ? typeof value === "number" && value >= 1 : value === null),
      keys: isKeys,
      finalAt: (value, { at }) => isU48(value, {}) && (value as number) >= (at as number),
    },
    export: {
      subject: isText,
      index: isU48,
      format: isText,
      bytes: (value) => typeof value === "number",
      digest: (value) => isBytes(value, DIGEST_BYTES),
      counter: isU48,
      size: isU48,
    },
  };
type MembersOf<Kind> = keyof Extract<StatementContent, { kind: Kind }>;

/**
 * Checks a decoded statement, member by member.
 * @throws StrongroomError `receipt.unknown-kind`, `receipt.malformed`
 */
export function checkStatement(value: Json): Statement {
  if (!isMembers(value)) throw malformed("a statement is an object");
  const { kind, version } = value;
  if (typeof kind !== "string" || !Object.hasOwn(CHECKS, kind) || version !== RECEIPT_VERSION) {
    throw new StrongroomError(
      "receipt.unknown-kind",
      "a statement of a kind or version that this release does not know",
    );
  }
  const checks: Record<string, Check> = { ...ISSUER, ...CHECKS[kind as StatementContent["kind"]] };
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(checks, name));
  if (unknown !== undefined) throw malformed(`the ${kind} receipt has a member that it must not have`);
  for (const [name, check] of Object.entries(checks)) {
    if (!check(value[name], value)) throw malformed(`${name} of the ${kind} receipt is missing or malformed`);
  }
  return value as unknown as Statement;
}

function isKeys(value: Json | undefined): boolean {
  if (!Array.isArray(value) || value.length < 1 || value.length > ERASED_KEYS_MAX) return false;
  const keys = value as readonly Json[];
  const ids = new Set<Json | undefined>();
  let before = -1;
  for (const key of keys) {
    if (!isMembers(key) || Object.keys(key).sort().join() !== "id,index,kind") return false;
    const { id, index, kind } = key;
    if (!isBytes(id, KEY_ID_BYTES) || !isU48(index, key) || !(KEY_KINDS as readonly Json[]).includes(kind as Json))
      return false;
    if ((index as number) <= before) return false;
    before = index as number;
    ids.add(id);
  }
  return ids.size === keys.length;
}

function isMembers(value: Json): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function decodedLength(text: string): number {
  try {
    return fromBase64url(text).length;
  } catch {
    return -1;
  }
}

function malformed(message: string): StrongroomError {
  return new StrongroomError("receipt.malformed", message);
}
