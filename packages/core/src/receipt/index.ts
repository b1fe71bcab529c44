/** Signed statements of what an agent did once and for all: erasures and exports. */
export * from "./envelope.ts";
export {
  ERASED_KEYS_MAX,
  RECEIPT_VERSION,
  type ErasedKey,
  type ErasureContent,
  type ExportContent,
  type Statement,
  type StatementContent,
  type StatementIssuer,
} from "./statements.ts";
