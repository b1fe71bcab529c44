/**
 * Checkpoints (C2SP tlog-checkpoint): the log's signed word on its size and root, and witnesses' cosignatures on it.
 */
import { fromBase64, toBase64, type Bytes } from "../bytes.ts";
import { StrongroomError } from "../errors.ts";
import { addSignature, openNote, signatureLine, signNote, parseNote } from "./note.ts";
import { cosignedAt, type NoteKey, type NoteSigner, type Witness } from "./noteKey.ts";
import { HASH_BYTES, isTreeSize } from "./tree.ts";

export interface Checkpoint {
  /** Identity of the log; the name of its key. */
  readonly origin: string;
  readonly size: number;
  readonly root: Bytes;
}

export interface OpenedCheckpoint extends Checkpoint {
  /** Known witnesses whose cosignature was verified. */
  readonly cosignatures: readonly Cosignature[];
}

export interface Cosignature {
  readonly witness: string;
  /** When the witness saw it as the newest, in seconds since 1970: its own clock. */
  readonly at: number;
}

/** The text that is signed: origin, size and root, one line each. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  if (!isTreeSize(size) || root.length !== HASH_BYTES) throw new RangeError("not the size and root of a tree");
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** @returns the note, to be served as `checkpoint`. The signer's name is the origin. */
export function signCheckpoint(tree: Omit<Checkpoint, "origin">, signer: NoteSigner): string {
  return signNote(checkpointText({ origin: signer.name, ...tree }), signer);
}

/** The note with a witness's cosignature below. @param at seconds since 1970. */
export function cosignCheckpoint(note: string, witness: Witness, at: number): string {
  const { text } = parseNote(note);
  parseCheckpointText(text);
  return addSignature(note, signatureLine(witness.name, witness.id, witness.cosign(text, at)));
}

/**
 * Verifies a checkpoint of the log with this key. Cosignatures of unknown witnesses are ignored.
 * @param log key of type 0x01 whose name is the origin that is expected.
 * @throws StrongroomError `note.malformed`, `note.bad-key`, `note.bad-signature`, `note.unknown-signer`, `checkpoint.malformed`, `checkpoint.wrong-origin`
 */
export function openCheckpoint(
  note: string | Bytes,
  log: NoteKey,
  witnesses: readonly NoteKey[] = [],
): OpenedCheckpoint {
  if (log.type !== "ed25519") throw new StrongroomError("note.bad-key", "a witness's key was given as the log's key");
  const { text, verified } = openNote(note, [log, ...witnesses]);
  if (!verified.some(({ key }) => key === log)) {
    throw new StrongroomError("note.unknown-signer", "witnesses signed the checkpoint, but its log did not");
  }
  const { origin, size, root } = parseCheckpointText(text);
  if (origin !== log.name)
    throw new StrongroomError("checkpoint.wrong-origin", "the checkpoint is not of the log of this key");
  const cosignatures = verified
    .filter(({ key }) => key !== log && key.type === "cosignature")
    .map(({ key, signature }) => ({ witness: key.name, at: cosignedAt(signature) }));
  return { origin, size, root, cosignatures };
}

/**
 * Reads a checkpoint's text without verifying anything; extension lines are allowed and ignored.
 * @throws StrongroomError `checkpoint.malformed`
 */
export function parseCheckpointText(text: string): Checkpoint {
  const lines = text.split("\n");
  const [origin, sizeText, rootText] = lines;
  const last = lines.pop();
  if (!origin || !sizeText || !rootText || last !== "" || lines.includes("")) {
    throw malformed("a checkpoint has at least three lines, none of them empty");
  }
  const size = /^(0|[1-9][0-9]{0,15})$/.test(sizeText) ? Number(sizeText) : NaN;
  if (!isTreeSize(size)) throw malformed("the second line of a checkpoint is its size, in decimal digits");
  const root = decodeRoot(rootText);
  return { origin, size, root };
}

function decodeRoot(text: string): Buffer {
  let root: Buffer;
  try {
    root = fromBase64(text);
  } catch {
    throw malformed("the third line of a checkpoint is its root in base64");
  }
  if (root.length !== HASH_BYTES) throw malformed(`the root of a checkpoint has ${HASH_BYTES} bytes`);
  return root;
}

function malformed(message: string): StrongroomError {
  return new StrongroomError("checkpoint.malformed", message);
}
