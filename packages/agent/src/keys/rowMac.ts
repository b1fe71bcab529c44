/**
 * Rows that the agent acts on later (a consent request, a connection code, a kept decision) are bound to a secret that
 * is not in the database: a row that was added, changed or moved to another owner by whoever can write there is none.
 * An older row of the same id still fits; what must not come back needs more than this.
 */
import { toBase64url, utf8 } from "@strongroom/core/bytes";
import { equalBytes, hmacSha256, secretKey, type KeyObject } from "@strongroom/core/primitives";

export type RowKind = "consent" | "connection" | "idempotency";

/** What the row is bound to, in a fixed order for each kind. */
export type RowFields = readonly (string | number)[];

/** Characters of a MAC in base64url. */
const MAC_CHARS = 43;

/** @param secret the agent's secret beside the KEKs; another key is derived from it for rows. @returns 32 bytes */
export function rowMac(secret: KeyObject, kind: RowKind, fields: RowFields): Buffer {
  const key = secretKey(hmacSha256(secret, utf8("strongroom/row/v1")));
  return hmacSha256(key, utf8(JSON.stringify([kind, ...fields])));
}

/** The form in which a text column is stored: `<MAC>.<text>`. */
export function bindText(secret: KeyObject, kind: RowKind, fields: RowFields, text: string): string {
  return `${toBase64url(rowMac(secret, kind, [...fields, text]))}.${text}`;
}

/** The text; null where the row is not one that the agent stored. */
export function boundText(secret: KeyObject, kind: RowKind, fields: RowFields, stored: string): string | null {
  const text = stored.slice(MAC_CHARS + 1);
  return equalBytes(utf8(stored), utf8(bindText(secret, kind, fields, text))) ? text : null;
}
