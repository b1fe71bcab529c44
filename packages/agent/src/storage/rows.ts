/**
 * What is stored, as rows. Ids are random, 16 bytes in base64url; times are ms since 1970.
 * Nothing here is usable by itself: keys are wrapped, rules are sealed under the relationship's key,
 * passwords are scrypt hashes, tokens and codes are stored as SHA-256.
 */

/** A key as it is stored: AES-256-GCM under its parent (keys/wrap.ts). */
export interface WrappedKey {
  /** Random id, 16 bytes, base64url; tombstones in the log name it. */
  readonly keyId: string;
  /** nonce ‖ ciphertext ‖ tag. */
  readonly wrap: Buffer;
}

export type SubjectState = "active" | "locked" | "erased";

export interface SubjectRow {
  readonly id: string;
  /** Null once erased. */
  readonly login: string | null;
  readonly passwordHash: string | null;
  readonly state: SubjectState;
  readonly createdAt: number;
  readonly erasedAt: number | null;
  readonly kekEpoch: number;
  /** Null once erased. */
  readonly root: WrappedKey | null;
  readonly logKey: WrappedKey | null;
}

/** The last entry of a subject's chain. */
export interface HeadRow {
  readonly subject: string;
  readonly counter: number;
  /** Commitment of the last entry, 32 bytes. */
  readonly commitment: Buffer;
  /** Its position in the log. */
  readonly index: number;
  /** Place and value in the heads map (spec/log.md), 32 bytes each. */
  readonly blinded: Buffer;
  readonly value: Buffer;
}

export interface RelationshipRow {
  readonly handle: string;
  readonly subject: string;
  readonly controller: string;
  /** Null once erased. */
  readonly key: WrappedKey | null;
  /** The rulebook: JSON sealed under the relationship key, bound to handle and generation. Null once erased. */
  readonly rulebook: Buffer | null;
  /** Counts every change of rules or keys. */
  readonly generation: number;
  readonly createdAt: number;
  readonly erasedAt: number | null;
}

export interface EpochRow {
  readonly handle: string;
  readonly epoch: number;
  /** Null once erased. */
  readonly key: WrappedKey | null;
  readonly createdAt: number;
}

export interface ControllerRow {
  readonly id: string;
  readonly name: string;
  readonly website: string | null;
  readonly createdAt: number;
}

export interface ApplicationRow {
  readonly id: string;
  readonly controller: string;
  readonly name: string;
  readonly createdAt: number;
  readonly disabled: boolean;
  readonly keys: readonly ApplicationKey[];
}

export interface ApplicationKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  /** Public JWK as JSON. */
  readonly jwk: string;
  readonly createdAt: number;
}

/** A session of a person at a page, or an API token of a subject's script. */
export interface TokenRow {
  /** SHA-256 of the token, base64url. */
  readonly hash: string;
  readonly id: string;
  readonly subject: string;
  readonly kind: "session" | "api";
  readonly name: string;
  readonly scope: "read" | "write" | "all";
  readonly createdAt: number;
  readonly expiresAt: number | null;
}

export interface ConnectionRow {
  /** SHA-256 of the one-time code, which is bound to the row (keys/rowMac.ts), base64url. */
  readonly hash: string;
  readonly handle: string;
  readonly controller: string;
  readonly expiresAt: number;
}

export interface ConsentRow {
  readonly id: string;
  readonly handle: string;
  readonly subject: string;
  readonly controller: string;
  readonly application: string;
  /** Draft as JSON (core/wire ConsentRequestDraft), bound to the row (keys/rowMac.ts). */
  readonly draft: string;
  readonly state: "pending" | "granted" | "refused" | "expired" | "withdrawn";
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly answeredAt: number | null;
}

/** Which types a controller holds, by the leases it was granted. */
export interface HoldingRow {
  readonly handle: string;
  readonly type: string;
  readonly since: number;
  /** JSON list. */
  readonly provenances: string;
  readonly lastSealedAt: number;
  readonly lastUsedAt: number | null;
}

/** A decision kept so that the same request, sent again, gets the same answer. Holds no key. */
export interface IdempotencyRow {
  readonly application: string;
  readonly key: string;
  /** SHA-256 of method, path and body. */
  readonly digest: Buffer;
  /** JSON of the decision without keys, bound to the row (keys/rowMac.ts). */
  readonly decision: string;
  readonly createdAt: number;
}

/** A run of neighbouring log records, packed (log/records.ts). */
export interface ChunkRow {
  readonly first: number;
  readonly count: number;
  readonly records: Buffer;
}

export interface TileRow {
  readonly level: number;
  readonly index: number;
  /** Concatenated 32-byte hashes, 1 to 256. */
  readonly hashes: Buffer;
}

export interface CheckpointRow {
  readonly size: number;
  readonly at: number;
  /** Signed note, with witness signatures as they arrive. */
  readonly note: string;
}
