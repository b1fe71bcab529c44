/**
 * Receipts as text: a statement and the log's signature on it (spec/receipt.md section 1).
 */
import { concat, fromBase64url, toBase64url, utf8 } from "../bytes.ts";
import { StrongroomError } from "../errors.ts";
import { keyIdText, type NoteKey, type NoteSigner } from "../log/noteKey.ts";
import { ed25519Sign, ed25519Verify } from "../primitives.ts";
import { decodeCanonical, encodeCanonical, type Json } from "./canonicalJson.ts";
import { checkStatement, RECEIPT_VERSION, type Statement, type StatementContent } from "./statements.ts";

const START = "srr1";
const DOMAIN = utf8("strongroom/receipt/v1\0");
export const RECEIPT_CHARACTERS_MAX = 1_400_000;

/**
 * @param signer of the agent's log.
 * @throws StrongroomError `receipt.malformed`, `receipt.unknown-kind` for content that no receipt may have.
 */
export function signReceipt(content: StatementContent, signer: NoteSigner): string {
  const issuer = { version: RECEIPT_VERSION, origin: signer.name, keyId: keyIdText(signer.id) };
  const statement: Json = JSON.parse(JSON.stringify({ ...content, ...issuer })) as Json;
  checkStatement(statement);
  const payload = encodeCanonical(statement);
  return `${START}.${toBase64url(payload)}.${toBase64url(ed25519Sign(signer.privateKey, concat(DOMAIN, payload)))}`;
}

/**
 * Checks a receipt and gives what it states. Nothing in it is read before its signature was verified.
 * @param log pinned key of the agent's log.
 * @throws StrongroomError `receipt.malformed`, `receipt.bad-signature`, `receipt.unknown-kind`, `receipt.wrong-log`
 */
export function verifyReceipt(receipt: string, log: NoteKey): Statement {
  const parts = receipt.length > RECEIPT_CHARACTERS_MAX ? [] : receipt.split(".");
  const [start, payloadText, signatureText] = parts;
  if (parts.length !== 3 || start !== START || payloadText === undefined || signatureText === undefined) {
    throw new StrongroomError(
      "receipt.malformed",
      `a receipt is ${START}, a statement and a signature, joined by dots`,
    );
  }
  const payload = decode(payloadText);
  const signature = decode(signatureText);
  if (log.type !== "ed25519" || !ed25519Verify(log.publicKey, concat(DOMAIN, payload), signature)) {
    throw new StrongroomError("receipt.bad-signature", "the receipt is not signed by this log key");
  }
  const statement = checkStatement(decodeCanonical(payload));
  if (statement.origin !== log.name || statement.keyId !== keyIdText(log.id)) {
    throw new StrongroomError("receipt.wrong-log", "the receipt names another log than the one whose key signed it");
  }
  return statement;
}

function decode(text: string): Buffer {
  try {
    return fromBase64url(text);
  } catch {
    throw new StrongroomError("receipt.malformed", "a part of the receipt is not canonical base64url");
  }
}
