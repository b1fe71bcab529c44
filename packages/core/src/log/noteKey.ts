/**
 * Keys of notes, as the texts that people pin in configurations (C2SP signed-note, tlog-cosignature):
 * type 0x01 signs a note's text with Ed25519; type 0x04 is a witness's cosignature with its time.
 */
import { createPrivateKey, createPublicKey } from "node:crypto";
import { asBuffer, concat, fromBase64, toBase64, u64, utf8, type Bytes } from "../bytes.ts";
import { StrongroomError } from "../errors.ts";
import { ed25519Sign, ed25519Verify, sha256, type KeyObject } from "../primitives.ts";

export type NoteKeyType = "ed25519" | "cosignature";
const TYPE_BYTES: Readonly<Record<NoteKeyType, number>> = { ed25519: 0x01, cosignature: 0x04 };
const SIGNER_KEY_START = "PRIVATE+KEY+";
const ED25519_KEY_BYTES = 32;
/** A cosignature is u64 seconds ‖ 64 bytes. */
export const COSIGNATURE_BYTES = 72;

/** The public half: verifies. */
export interface NoteKey {
  readonly type: NoteKeyType;
  readonly name: string;
  /** 32-bit key id. */
  readonly id: number;
  readonly publicKey: KeyObject;
  /** Does this signature (without key id) fit the note's text? */
  verifyNote(text: string, signature: Bytes): boolean;
}

/** The private half of a type 0x01 key: a log. */
export interface NoteSigner {
  readonly name: string;
  readonly id: number;
  readonly privateKey: KeyObject;
  /** The text to pin. */
  readonly verifierKey: string;
  signNote(text: string): Bytes;
}

/** The private half of a type 0x04 key: a witness. */
export interface Witness {
  readonly name: string;
  readonly id: number;
  readonly verifierKey: string;
  /** Cosignature of a checkpoint's text. @param at time of the cosignature, in seconds. */
  cosign(text: string, at: number): Bytes;
}

/**
 * Reads `name+id+base64(type ‖ public key)`.
 * @throws StrongroomError `note.bad-key`
 */
export function parseVerifierKey(text: string): NoteKey {
  const { name, id, type, material } = parseKey(text);
  const publicKey = publicKeyFrom(material);
  if (keyId(name, type, material) !== id) throw badKey("the key id does not fit the name and key");
  const verifyNote =
    type === "ed25519"
      ? (noteText: string, signature: Bytes) => ed25519Verify(publicKey, utf8(noteText), signature)
      : (noteText: string, signature: Bytes) => verifyCosignature(publicKey, noteText, signature);
  return { type, name, id, publicKey, verifyNote };
}

/**
 * Reads `PRIVATE+KEY+name+id+base64(type ‖ seed)` of a log (type 0x01).
 * @throws StrongroomError `note.bad-key`
 */
export function parseSignerKey(text: string): NoteSigner {
  const { key, name } = parsePrivate(text, "ed25519");
  return noteSigner(name, key);
}

/** @throws StrongroomError `note.bad-key` */
export function parseWitnessKey(text: string): Witness {
  const { key, name } = parsePrivate(text, "cosignature");
  return witness(name, key);
}

/** A log's signer. @param name the log's origin. @throws StrongroomError `note.bad-key` for a name that no key can have. */
export function noteSigner(name: string, privateKey: KeyObject): NoteSigner {
  return {
    ...identity(name, "ed25519", privateKey),
    privateKey,
    signNote: (text) => ed25519Sign(privateKey, utf8(text)),
  };
}

export function witness(name: string, privateKey: KeyObject): Witness {
  const cosign = (text: string, at: number): Bytes => concat(u64(at), ed25519Sign(privateKey, cosignedBytes(text, at)));
  return { ...identity(name, "cosignature", privateKey), cosign };
}

/** The text that keeps a signer: it is a secret. */
export function signerKeyText(name: string, privateKey: KeyObject, type: NoteKeyType = "ed25519"): string {
  const material = rawPublicKey(privateKey);
  const seed = asBuffer(privateKey.export({ format: "der", type: "pkcs8" })).subarray(-ED25519_KEY_BYTES);
  return SIGNER_KEY_START + keyText(name, type, keyId(name, type, material), seed);
}

/** Seconds since 1970 at which a cosignature says that it was made. */
export function cosignedAt(signature: Bytes): number {
  return Number(asBuffer(signature).readBigUInt64BE(0));
}

const NOT_IN_KEY_NAMES = new RegExp("[\\u0000-\\u001f\\p{White_Space}+]", "u");

/** Not empty, no Unicode space, no plus sign, no control character. */
export function isKeyName(name: string): boolean {
  return name.length > 0 && name.isWellFormed() && !NOT_IN_KEY_NAMES.test(name);
}

/** 8 hexadecimal digits, as in the key's text. */
export function keyIdText(id: number): string {
  return id.toString(16).padStart(8, "0");
}

function verifyCosignature(publicKey: KeyObject, text: string, signature: Bytes): boolean {
  if (signature.length !== COSIGNATURE_BYTES) return false;
  const at = cosignedAt(signature);
  return Number.isSafeInteger(at) && ed25519Verify(publicKey, cosignedBytes(text, at), signature.subarray(8));
}

/** tlog-cosignature: the time line is signed with the checkpoint's whole text. */
function cosignedBytes(text: string, at: number): Buffer {
  if (!Number.isSafeInteger(at) || at < 0) throw new RangeError("a cosignature's time is whole seconds");
  return utf8(`cosignature/v1\ntime ${at}\n${text}`);
}

function identity(
  name: string,
  type: NoteKeyType,
  privateKey: KeyObject,
): { name: string; id: number; verifierKey: string } {
  if (!isKeyName(name)) throw badKey("a key name is not empty and has no spaces and no plus sign");
  const material = rawPublicKey(privateKey);
  const id = keyId(name, type, material);
  return { name, id, verifierKey: keyText(name, type, id, material) };
}

function keyText(name: string, type: NoteKeyType, id: number, material: Bytes): string {
  return `${name}+${keyIdText(id)}+${toBase64(concat(Uint8Array.of(TYPE_BYTES[type]), material))}`;
}

/** First 4 bytes of SHA-256(name ‖ newline ‖ type ‖ public key). */
function keyId(name: string, type: NoteKeyType, publicKey: Bytes): number {
  return sha256(concat(utf8(`${name}\n`), Uint8Array.of(TYPE_BYTES[type]), publicKey)).readUInt32BE();
}

function parseKey(text: string): { name: string; id: number; type: NoteKeyType; material: Buffer } {
  // The base64 part may hold plus signs too: only the first two separate.
  const [, name, idText, encoded] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text) ?? [];
  if (name === undefined || idText === undefined || encoded === undefined || !isKeyName(name)) {
    throw badKey("a note key is a name, 8 hexadecimal digits and base64, joined by plus signs");
  }
  let bytes: Buffer;
  try {
    bytes = fromBase64(encoded);
  } catch {
    throw badKey("a note key ends in canonical base64");
  }
  const type = (Object.keys(TYPE_BYTES) as NoteKeyType[]).find((known) => TYPE_BYTES[known] === bytes[0]);
  if (type === undefined) throw badKey("unknown type of note key: Ed25519 (0x01) and cosignature (0x04) are supported");
  if (bytes.length !== 1 + ED25519_KEY_BYTES) throw badKey(`an Ed25519 key has ${ED25519_KEY_BYTES} bytes`);
  return { name, id: Number.parseInt(idText, 16), type, material: bytes.subarray(1) };
}

function parsePrivate(text: string, expected: NoteKeyType): { key: KeyObject; name: string } {
  if (!text.startsWith(SIGNER_KEY_START)) throw badKey(`a private note key starts with ${SIGNER_KEY_START}`);
  const { name, id, type, material } = parseKey(text.slice(SIGNER_KEY_START.length));
  if (type !== expected) throw badKey(`the private key is not of type ${expected}`);
  const key = privateKeyFrom(material);
  if (keyId(name, type, rawPublicKey(key)) !== id) throw badKey("the key id does not fit the name and key");
  return { key, name };
}

// The fixed DER wrapping of a raw Ed25519 key (RFC 8410): node:crypto has no raw import.
const PKCS8_START = Buffer.from("302e020100300506032b657004220420", "hex");
const SPKI_START = Buffer.from("302a300506032b6570032100", "hex");

function privateKeyFrom(seed: Bytes): KeyObject {
  return createPrivateKey({ key: concat(PKCS8_START, seed), format: "der", type: "pkcs8" });
}

function publicKeyFrom(raw: Bytes): KeyObject {
  return createPublicKey({ key: concat(SPKI_START, raw), format: "der", type: "spki" });
}

function rawPublicKey(key: KeyObject): Buffer {
  const half = key.type === "private" ? createPublicKey(key) : key;
  if (half.asymmetricKeyType !== "ed25519") throw badKey("a note key is an Ed25519 key");
  return asBuffer(half.export({ format: "der", type: "spki" })).subarray(-ED25519_KEY_BYTES);
}

function badKey(message: string): StrongroomError {
  return new StrongroomError("note.bad-key", message);
}
