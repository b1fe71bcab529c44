/**
 * Sealed objects (spec/sealed-object.md): one personal value, encrypted, with a header that says
 * whose it is, of which type, and how an agent finds its key.
 *
 * A controller seals under a lease (`sealUnderLease`, `sealStream`), stores the text, and later asks
 * the agent with its header (`headerTextOf`). The agent reads it (`decodeHeaderText`), decides, and
 * derives the one key (`deriveObjectKeyFromEpoch`). The controller opens (`openSealed`, `openStream`).
 */
export { CONTEXT_BYTES_MAX, sealContext, type Place } from "./context.ts";
export { HEADER_BYTES_MAX, parseHeader, PLAINTEXT_BYTES_MAX, TYPE_BYTES_MAX, type SealedHeader } from "./header.ts";
export { commitmentFits, deriveLeaseKey, deriveObjectKey, deriveObjectKeyFromEpoch } from "./keys.ts";
export { SealingLease, type SealingLeaseFields } from "./lease.ts";
export { openSealed, type OpenOptions } from "./open.ts";
export { sealUnderLease, type SealOptions } from "./seal.ts";
export { openStream, sealStream, STREAM_CHUNK_BYTES, STREAM_PLAINTEXT_BYTES_MAX, type StreamLimit } from "./stream.ts";
export {
  decodeHeaderText,
  encodeHeaderText,
  HEADER_TEXT_CHARS_MAX,
  headerTextOf,
  parseSealed,
  type SealedText,
} from "./text.ts";
