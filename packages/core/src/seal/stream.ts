/**
 * The stream form, for values of any size in constant memory: spec/sealed-object.md section 7.
 * Chunks of 64 KiB under one key, with a counter and a last mark in the nonce (the STREAM construction).
 */
import { u16, type Bytes } from "../bytes.ts";
import { StrongroomError } from "../errors.ts";
import { aesGcmOpen, aesGcmSeal, NONCE_BYTES, TAG_BYTES, type KeyObject } from "../primitives.ts";
import { BlockReader } from "./blocks.ts";
import { additionalData } from "./context.ts";
import { adoptHeader, HEADER_BYTES_MAX, type SealedHeader } from "./header.ts";
import type { SealingLease } from "./lease.ts";
import { checkExpectations, checkKey, type OpenOptions } from "./open.ts";
import { beginObject, type SealOptions } from "./seal.ts";

export const STREAM_CHUNK_BYTES = 65_536;
/** 1 TiB. */
export const STREAM_PLAINTEXT_BYTES_MAX = 2 ** 40;

const MAGIC = Buffer.from("srs1");

export interface StreamLimit {
  /** A lower limit of the caller's own, in bytes of plaintext. Default 1 TiB. */
  readonly plaintextBytesMax?: number | undefined;
}

/**
 * Seals a source of any length and any pieces. The same plaintext in other pieces gives a stream of the same form.
 * @throws StrongroomError `seal.too-large`, `seal.bad-context`; what the source throws passes through, and what
 *   was yielded by then is a cut stream.
 */
export async function* sealStream(
  lease: SealingLease,
  source: AsyncIterable<Bytes>,
  options: SealOptions & StreamLimit = {},
): AsyncGenerator<Buffer, void, undefined> {
  const limit = Math.min(options.plaintextBytesMax ?? Infinity, STREAM_PLAINTEXT_BYTES_MAX);
  const { header, key } = beginObject(lease, { stream: true, plaintextBytes: 0 }, options);
  const aad = additionalData(header, options.context);
  const reader = new BlockReader(source);
  const block = Buffer.alloc(STREAM_CHUNK_BYTES);
  try {
    yield Buffer.concat([MAGIC, u16(header.bytes.length), header.bytes]);
    for (let index = 0, total = 0, last = false; !last; index++) {
      const count = await reader.fill(block);
      total += count;
      if (total > limit) throw tooLarge(limit);
      last = await reader.atEnd();
      yield aesGcmSeal(key, chunkNonce(index, last), block.subarray(0, count), aad);
    }
  } finally {
    block.fill(0);
    await reader.close();
  }
}

/**
 * Opens a stream chunk by chunk. Every byte yielded is authentic and in its place, but **the value is
 * complete only when the iteration ends without an error**: do not act on a part of it.
 * `getKey` gets the checked header and returns what the agent released for it; the key stays the caller's.
 * @throws StrongroomError as the table in section 7 says; what the source or `getKey` throws passes through.
 */
export async function* openStream(
  source: AsyncIterable<Bytes>,
  getKey: (header: SealedHeader) => Promise<Bytes | KeyObject>,
  options: OpenOptions & StreamLimit = {},
): AsyncGenerator<Buffer, void, undefined> {
  const limit = Math.min(options.plaintextBytesMax ?? Infinity, STREAM_PLAINTEXT_BYTES_MAX);
  const reader = new BlockReader(source);
  try {
    const header = await readHeader(reader);
    checkExpectations(header, options);
    const key = checkKey(header, await getKey(header));
    const aad = additionalData(header, options.context);
    const block = Buffer.alloc(STREAM_CHUNK_BYTES + TAG_BYTES);
    for (let index = 0, total = 0, last = false; !last; index++) {
      const count = await reader.fill(block);
      last = await reader.atEnd();
      total += count - TAG_BYTES;
      if (total > limit) throw tooLarge(limit);
      if (count < TAG_BYTES + (index === 0 ? 0 : 1))
        throw new StrongroomError("seal.cut", "the stream ends within a chunk");
      const chunk = block.subarray(0, count);
      const plaintext = aesGcmOpen(key, chunkNonce(index, last), chunk, aad);
      if (plaintext === null) throw whyChunkFailed(key, index, last, chunk, aad);
      if (plaintext.length > 0) yield plaintext;
    }
  } finally {
    await reader.close();
  }
}

/** Reads and checks all that comes before the first chunk. */
async function readHeader(reader: BlockReader): Promise<SealedHeader> {
  const start = Buffer.alloc(MAGIC.length);
  await reader.fill(start);
  if (!start.equals(MAGIC)) throw notAStream(start.toString("latin1"));

  const length = Buffer.alloc(2);
  if ((await reader.fill(length)) < length.length) throw cutHeader();
  const headerBytes = length.readUInt16BE();
  if (headerBytes > HEADER_BYTES_MAX) {
    throw new StrongroomError("seal.malformed-header", `a header has at most ${HEADER_BYTES_MAX} bytes`, {
      details: { field: "length" },
    });
  }
  const bytes = Buffer.alloc(headerBytes);
  if ((await reader.fill(bytes)) < headerBytes) throw cutHeader();

  const header = adoptHeader(bytes);
  if (!header.stream) throw new StrongroomError("seal.wrong-form", "the header is a text object's");
  return header;
}

/** STREAM: 7 zero bytes, the chunk's number, and whether it is the last. */
function chunkNonce(index: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUInt32BE(index, 7);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

/** The chunk is refused; this only finds the word for it, by trying whether the other last mark fits. */
function whyChunkFailed(key: KeyObject, index: number, last: boolean, chunk: Buffer, aad: Buffer): StrongroomError {
  const asOther = aesGcmOpen(key, chunkNonce(index, !last), chunk, aad);
  if (asOther === null)
    return new StrongroomError("seal.tampered", `chunk ${index} was changed, moved or cut`, {
      details: { chunk: index },
    });
  asOther.fill(0);
  return last
    ? new StrongroomError("seal.cut", `the stream ends after chunk ${index}, which is not its last`, {
        details: { chunk: index },
      })
    : new StrongroomError("seal.extended", `bytes follow chunk ${index}, which is the stream's last`, {
        details: { chunk: index },
      });
}

function notAStream(start: string): StrongroomError {
  if (start === "sr1.") return new StrongroomError("seal.wrong-form", "this is a text object, not a stream");
  if (/^srs[0-9]$/.test(start)) return new StrongroomError("seal.unknown-version", "the stream has an unknown version");
  return new StrongroomError("seal.not-sealed", "the bytes do not begin as a sealed stream");
}

function cutHeader(): StrongroomError {
  return new StrongroomError("seal.cut", "the stream ends within its header");
}

function tooLarge(plaintextBytesMax: number): StrongroomError {
  return new StrongroomError("seal.too-large", `a stream holds at most ${plaintextBytesMax} bytes here`, {
    details: { plaintextBytesMax },
  });
}
