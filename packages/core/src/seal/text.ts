/**
 * The text form: sr1.<header>.<body>. spec/sealed-object.md sections 3 and 5 (checks 1 to 8).
 * The text comes out of a database that somebody else may have written to.
 */
import { fromBase64url, toBase64url } from "../bytes.ts";
import { StrongroomError, type ErrorCode } from "../errors.ts";
import { TAG_BYTES } from "../primitives.ts";
import { adoptHeader, HEADER_BYTES_MAX, type SealedHeader } from "./header.ts";

const PREFIX = "sr1.";
export const HEADER_TEXT_CHARS_MAX = charsOf(HEADER_BYTES_MAX);

/** A text that has the form of a sealed object and nothing missing; whether it is authentic, `openSealed` says. */
export class SealedText {
  readonly header: SealedHeader;
  /** The second segment: what an agent is asked with. */
  readonly headerText: string;
  /** Ciphertext and tag. */
  readonly body: Buffer;

  /** Only for parts that were checked: see `parseSealed`. */
  constructor(header: SealedHeader, headerText: string, body: Buffer) {
    this.header = header;
    this.headerText = headerText;
    this.body = body;
  }
}

/**
 * Checks the form of a sealed text and decodes it.
 * @throws StrongroomError `seal.not-sealed`, `seal.unknown-version`, `seal.wrong-form`, `seal.cut`,
 *   `seal.extended`, `seal.malformed-header`, `seal.malformed-body`.
 */
export function parseSealed(text: string): SealedText {
  const headerText = headerTextOf(text);
  const header = decodeHeaderText(headerText);
  if (header.stream) throw new StrongroomError("seal.wrong-form", "the header is a stream's");

  const bodyStart = PREFIX.length + headerText.length + 1;
  const excess = text.length - bodyStart - charsOf(header.plaintextBytes + TAG_BYTES);
  if (excess < 0) throw new StrongroomError("seal.cut", "the text is shorter than its header says");
  if (excess > 0) throw new StrongroomError("seal.extended", "the text is longer than its header says");
  const body = decode(text.slice(bodyStart), "seal.malformed-body", "the body is not canonical base64url");

  return new SealedText(header, headerText, body);
}

/**
 * The header's segment, without decoding it.
 * @throws StrongroomError `seal.not-sealed`, `seal.unknown-version`, `seal.wrong-form`, `seal.cut`, `seal.malformed-header`.
 */
export function headerTextOf(text: string): string {
  if (typeof text !== "string" || !text.startsWith(PREFIX)) throw notThisForm(text);
  const end = text.indexOf(".", PREFIX.length);
  if (end < 0) throw new StrongroomError("seal.cut", "the text ends within its header");
  return text.slice(PREFIX.length, end);
}

/**
 * Decodes and checks one header segment; agents call it a thousand times per request.
 * @throws StrongroomError `seal.malformed-header`, `seal.unknown-version`.
 */
export function decodeHeaderText(headerText: string): SealedHeader {
  if (headerText.length > HEADER_TEXT_CHARS_MAX) {
    throw new StrongroomError("seal.malformed-header", `a header has at most ${HEADER_TEXT_CHARS_MAX} characters`, {
      details: { field: "length" },
    });
  }
  return adoptHeader(decode(headerText, "seal.malformed-header", "the header is not canonical base64url"));
}

/** The segment of a header that came from elsewhere, such as a stream. */
export function encodeHeaderText(header: SealedHeader): string {
  return toBase64url(header.bytes);
}

export function encodeSealed(header: SealedHeader, body: Buffer): string {
  return `${PREFIX}${toBase64url(header.bytes)}.${toBase64url(body)}`;
}

/** Characters of base64url without padding. */
function charsOf(bytes: number): number {
  return Math.ceil((bytes * 4) / 3);
}

function decode(text: string, code: ErrorCode, message: string): Buffer {
  try {
    return fromBase64url(text);
  } catch (cause) {
    throw new StrongroomError(code, message, { cause, details: { field: "encoding" } });
  }
}

function notThisForm(text: unknown): StrongroomError {
  if (typeof text === "string" && text.startsWith("srs1"))
    return new StrongroomError("seal.wrong-form", "this is a stream, not a text object");
  if (typeof text === "string" && /^sr[0-9]+\./.test(text))
    return new StrongroomError("seal.unknown-version", "the text has an unknown version");
  return new StrongroomError("seal.not-sealed", "the value does not begin as a sealed object");
}
