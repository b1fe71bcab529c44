/**
 * `@strongroom/sdk`: keep personal fields sealed, and use them through the person's agent.
 * Start with `defineRecord` and `Strongroom.connect`; docs/sdk.md shows the rest.
 */
export { Strongroom } from "./strongroom.ts";
export { defineRecord, RecordSchema } from "./record.ts";
export type {
  Columns,
  Field,
  FieldDeclaration,
  FieldDeclarations,
  RowId,
  SealedFields,
  SealedRow,
  Values,
} from "./record.ts";
export { Sealed } from "./sealed.ts";
export { PersonRef } from "./person.ts";
export { Denied, Failed, isDenied, isFailed, isOpened, NOT_AVAILABLE, type Opened } from "./outcome.ts";
export type { Plain, PlainOf, SealedValues, UseInput } from "./plain.ts";
export type { OpenedRow, OpenOptions, SealJob, SealOptions, SealPlace, SealResult, UsePurpose } from "./types.ts";
export type { Consent, ConsentAsk } from "./consent.ts";
export type { Explained, ExplainedRow } from "./open/explain.ts";
export type { LogReport } from "./log/watch.ts";
export type { AgentPin, ApplicationCredentials, BatchOptions, ConnectOptions, LogOptions } from "./options.ts";
export { StrongroomError } from "@strongroom/core/errors";
