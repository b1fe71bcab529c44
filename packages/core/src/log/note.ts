/**
 * Signed notes (C2SP signed-note): text, and below it lines of who signed it.
 * The text of a note means nothing until a pinned key's signature on it was verified: use `openNote`.
 */
import { fromBase64, fromUtf8, toBase64, type Bytes } from "../bytes.ts";
import { StrongroomError } from "../errors.ts";
import { isKeyName, type NoteKey, type NoteSigner } from "./noteKey.ts";

export const NOTE_BYTES_MAX = 1_000_000;
export const NOTE_SIGNATURES_MAX = 100;
const SIGNATURE_START = "\u2014 ";

/** One signature line. Unverified until `openNote` says so. */
export interface NoteSignature {
  readonly name: string;
  /** The signer's 32-bit key id. */
  readonly id: number;
  /** What follows the key id; its form is that of the key's type. */
  readonly signature: Bytes;
}

export interface UnverifiedNote {
  /** With its final newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface OpenedNote {
  readonly text: string;
  /** The keys whose signatures were verified, each once, with the signature. */
  readonly verified: readonly { readonly key: NoteKey; readonly signature: Bytes }[];
}

/**
 * A note over `text`, which must end in a newline and hold no other control character.
 * @throws StrongroomError `note.malformed`
 */
export function signNote(text: string, signer: NoteSigner): string {
  checkText(text);
  if (!text.endsWith("\n")) throw malformed("the text of a note ends in a newline");
  return `${text}\n${signatureLine(signer.name, signer.id, signer.signNote(text))}`;
}

/**
 * The note with one more signature line, such as that of a witness; an older line of the same key goes.
 * @throws StrongroomError `note.malformed`
 */
export function addSignature(note: string, line: string): string {
  const { text, signatures } = parseNote(note);
  const longer = parseNote(note + line);
  const added = longer.signatures.at(-1);
  if (longer.text !== text || longer.signatures.length !== signatures.length + 1 || added === undefined) {
    throw malformed("one signature line is added at a time");
  }
  const kept = signatures.filter(({ name, id }) => name !== added.name || id !== added.id);
  return `${text}\n${kept.map((other) => signatureLine(other.name, other.id, other.signature)).join("")}${line}`;
}

/** `— name base64(id ‖ signature)` and a newline. */
export function signatureLine(name: string, id: number, signature: Bytes): string {
  const bytes = Buffer.allocUnsafe(4 + signature.length);
  bytes.writeUInt32BE(id);
  bytes.set(signature, 4);
  return `${SIGNATURE_START}${name} ${toBase64(bytes)}\n`;
}

/**
 * Takes a note apart without verifying anything.
 * @throws StrongroomError `note.malformed`
 */
export function parseNote(note: string | Bytes): UnverifiedNote {
  const whole = checkText(note);
  const split = whole.lastIndexOf("\n\n");
  if (split < 0 || !whole.endsWith("\n")) throw malformed("a note has a text, an empty line, and signature lines");
  const lines = whole.slice(split + 2, -1).split("\n");
  if (lines.length > NOTE_SIGNATURES_MAX) throw malformed(`a note has at most ${NOTE_SIGNATURES_MAX} signatures`);
  return { text: whole.slice(0, split + 1), signatures: lines.map(parseSignatureLine) };
}

/**
 * Verifies a note under the given keys. Unknown signers are ignored, as the specification demands; a known key's
 * signature that does not fit refuses the whole note.
 * @throws StrongroomError `note.malformed`, `note.bad-signature`, `note.unknown-signer`
 */
export function openNote(note: string | Bytes, keys: readonly NoteKey[]): OpenedNote {
  const { text, signatures } = parseNote(note);
  const verified: { key: NoteKey; signature: Bytes }[] = [];
  for (const line of signatures) {
    const key = keys.find((known) => known.name === line.name && known.id === line.id);
    if (key === undefined) continue;
    if (!key.verifyNote(text, line.signature)) {
      throw new StrongroomError("note.bad-signature", `the signature by ${key.name} does not fit the note`);
    }
    if (!verified.some((other) => other.key === key)) verified.push({ key, signature: line.signature });
  }
  if (verified.length === 0) throw new StrongroomError("note.unknown-signer", "no expected key signed the note");
  return { text, verified };
}

function parseSignatureLine(line: string): NoteSignature {
  const [dash, name, encoded, ...more] = line.split(" ");
  if (`${dash} ` !== SIGNATURE_START || name === undefined || encoded === undefined || more.length > 0) {
    throw malformed("a signature line is a dash, a key name and a signature");
  }
  if (!isKeyName(name)) throw malformed("a key name is not empty and has no spaces and no plus sign");
  const bytes = decodeBase64(encoded);
  if (bytes.length < 5) throw malformed("a signature is a key id and at least one byte");
  return { name, id: bytes.readUInt32BE(), signature: bytes.subarray(4) };
}

/** Well-formed UTF-8 without control characters other than newline, of bounded size. */
function checkText(note: string | Bytes): string {
  if (note.length > NOTE_BYTES_MAX) throw malformed(`a note has at most ${NOTE_BYTES_MAX} bytes`);
  const whole = typeof note === "string" ? note : decodeUtf8(note);
  if (!whole.isWellFormed()) throw malformed("a note is UTF-8 text");
  if (Buffer.byteLength(whole) > NOTE_BYTES_MAX) throw malformed(`a note has at most ${NOTE_BYTES_MAX} bytes`);
  if (CONTROL_EXCEPT_NEWLINE.test(whole)) throw malformed("a note has no control characters");
  return whole;
}

function decodeUtf8(note: Bytes): string {
  try {
    return fromUtf8(note);
  } catch {
    throw malformed("a note is UTF-8 text");
  }
}

const CONTROL_EXCEPT_NEWLINE = new RegExp("[\\u0000-\\u0009\\u000b-\\u001f]");

function decodeBase64(text: string): Buffer {
  try {
    return fromBase64(text);
  } catch {
    throw malformed("a signature is canonical base64");
  }
}

function malformed(message: string): StrongroomError {
  return new StrongroomError("note.malformed", message);
}
