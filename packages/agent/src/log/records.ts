/**
 * How log records are packed in storage: neighbours share a row, because small scattered rows cost an order
 * of magnitude more. A record is the public leaf, and for an entry also whose it is, where that subject's
 * previous entry stands (so that a subject's page is a walk and needs no index), and the sealed entry.
 *
 *   record = u16 leaf length ‖ leaf ‖ u16 sealed length ‖ [ subject 16 ‖ u48 counter ‖ u48 previous + 1 ‖ sealed ]
 */
import { StrongroomError } from "@strongroom/core/errors";
import type { ChunkRow } from "../storage/rows.ts";

/** Records in one row: a page of a subject reads one row per entry, a scan reads them in order. */
export const RECORDS_PER_CHUNK_MAX = 32;

const OWNER_BYTES = 16 + 6 + 6;

export interface LogRecord {
  readonly leaf: Buffer;
  /** Only for entries. */
  readonly owner: RecordOwner | null;
}

export interface RecordOwner {
  /** 16 bytes. */
  readonly subject: Buffer;
  readonly counter: number;
  /** Position of the subject's previous entry; -1 for none. */
  readonly previous: number;
  readonly sealed: Buffer;
}

/** Packs records that begin at position `first` into rows. */
export function packRecords(first: number, records: readonly LogRecord[]): ChunkRow[] {
  const chunks: ChunkRow[] = [];
  for (let start = 0; start < records.length; start += RECORDS_PER_CHUNK_MAX) {
    const part = records.slice(start, start + RECORDS_PER_CHUNK_MAX);
    chunks.push({ first: first + start, count: part.length, records: packOne(part) });
  }
  return chunks;
}

function packOne(records: readonly LogRecord[]): Buffer {
  let size = 0;
  for (const { leaf, owner } of records)
    size += 4 + leaf.length + (owner === null ? 0 : OWNER_BYTES + owner.sealed.length);
  const out = Buffer.allocUnsafe(size);
  let at = 0;
  for (const { leaf, owner } of records) {
    at = out.writeUInt16BE(leaf.length, at);
    at += leaf.copy(out, at);
    at = out.writeUInt16BE(owner === null ? 0 : owner.sealed.length, at);
    if (owner !== null) {
      at += owner.subject.copy(out, at);
      at = out.writeUIntBE(owner.counter, at, 6);
      at = out.writeUIntBE(owner.previous + 1, at, 6);
      at += owner.sealed.copy(out, at);
    }
  }
  return out;
}

/** The records of a row, as views of its bytes. @throws StrongroomError `log.damaged` when the row is not whole. */
export function unpackRecords(chunk: ChunkRow): LogRecord[] {
  const { records } = chunk;
  const out: LogRecord[] = [];
  let at = 0;
  const take = (count: number): Buffer => {
    if (at + count > records.length) throw damaged(chunk);
    at += count;
    return records.subarray(at - count, at);
  };
  for (let i = 0; i < chunk.count; i += 1) {
    const leaf = take(take(2).readUInt16BE());
    const sealedBytes = take(2).readUInt16BE();
    if (sealedBytes === 0) {
      out.push({ leaf, owner: null });
      continue;
    }
    const subject = take(16);
    const counter = take(6).readUIntBE(0, 6);
    const previous = take(6).readUIntBE(0, 6) - 1;
    out.push({ leaf, owner: { subject, counter, previous, sealed: take(sealedBytes) } });
  }
  if (at !== records.length) throw damaged(chunk);
  return out;
}

function damaged(chunk: ChunkRow): StrongroomError {
  return new StrongroomError("log.damaged", `the stored log records from position ${chunk.first} are not whole`, {
    details: { first: chunk.first },
  });
}
