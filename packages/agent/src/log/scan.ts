/** Reading the stored log in order. */
import { StrongroomError } from "@strongroom/core/errors";
import type { Store } from "../storage/store.ts";
import { unpackRecords, type LogRecord } from "./records.ts";

/** Chunks read at once. */
const SCAN_CHUNKS = 512;

/**
 * Reads the records of positions `first` up to and without `end`, in bounded memory.
 * @throws StrongroomError `log.damaged` when one is missing or not whole.
 */
export async function scan(
  store: Store,
  first: number,
  end: number,
  onRecords: (records: readonly LogRecord[], first: number) => void,
): Promise<void> {
  for (let at = first; at < end;) {
    const chunks = await store.chunks(at, end, SCAN_CHUNKS);
    for (const chunk of chunks) {
      if (chunk.first > at) throw missing(at);
      const records = unpackRecords(chunk).slice(at - chunk.first, end - chunk.first);
      onRecords(records, at);
      at += records.length;
    }
    if (chunks.length === 0) throw missing(at);
  }
}

function missing(at: number): StrongroomError {
  return new StrongroomError("log.damaged", `the log record at position ${at} is not in the database`, {
    details: { at },
  });
}
