/**
 * Promises (spec/log.md section 10): the agent's signed word that the entries of an answer are in the log.
 * Who keeps one can show that an entry was dropped.
 */
import { concat, u16, u48, utf8, type Bytes } from "../bytes.ts";
import { StrongroomError } from "../errors.ts";
import { ed25519Sign, ed25519Verify } from "../primitives.ts";
import { DECISION_BYTES } from "./entry.ts";
import { COMMITMENT_BYTES, U48_MAX } from "./leaf.ts";
import type { NoteKey, NoteSigner } from "./noteKey.ts";

export const PROMISE_ENTRIES_MAX = 4096;
const DOMAIN = utf8("strongroom/promise/v1\0");

export interface PromisedEntry {
  /** Position in the log. */
  readonly index: number;
  readonly commitment: Bytes;
}

export interface PromiseContent {
  /** When it was given, ms. */
  readonly at: number;
  /** Decision id of the answer, 16 bytes. */
  readonly decision: Bytes;
  /** At least one, positions strictly ascending. */
  readonly entries: readonly PromisedEntry[];
}

/** @returns the signature. @throws StrongroomError `log.bad-promise` */
export function signPromise(content: PromiseContent, signer: NoteSigner): Buffer {
  return ed25519Sign(signer.privateKey, promiseBytes(content, signer.name));
}

/** Did the log with this key sign this promise? @throws StrongroomError `log.bad-promise` for one that nobody can sign. */
export function verifyPromise(content: PromiseContent, signature: Bytes, log: NoteKey): boolean {
  return log.type === "ed25519" && ed25519Verify(log.publicKey, promiseBytes(content, log.name), signature);
}

/** The bytes that are signed. */
export function promiseBytes({ at, decision, entries }: PromiseContent, origin: string): Buffer {
  const name = utf8(origin);
  if (name.length < 1 || name.length > 255) throw badPromise("an origin has 1 to 255 bytes");
  if (!isU48(at) || decision.length !== DECISION_BYTES)
    throw badPromise(`a promise has a time and a decision id of ${DECISION_BYTES} bytes`);
  if (entries.length < 1 || entries.length > PROMISE_ENTRIES_MAX)
    throw badPromise(`a promise has 1 to ${PROMISE_ENTRIES_MAX} entries`);
  const list = Buffer.allocUnsafe(entries.length * (6 + COMMITMENT_BYTES));
  let end = 0;
  let before = -1;
  for (const { index, commitment } of entries) {
    if (!isU48(index) || index <= before || commitment.length !== COMMITMENT_BYTES) {
      throw badPromise("positions ascend, and commitments have 32 bytes");
    }
    list.writeUIntBE(index, end, 6);
    list.set(commitment, end + 6);
    end += 6 + COMMITMENT_BYTES;
    before = index;
  }
  return concat(DOMAIN, Uint8Array.of(name.length), name, u48(at), decision, u16(entries.length), list);
}

function isU48(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= U48_MAX;
}

function badPromise(message: string): StrongroomError {
  return new StrongroomError("log.bad-promise", message);
}
