/** Rows as SQLite returns them, made into our rows. The only place that knows column names when reading. */
import { asBuffer } from "@strongroom/core/bytes";
import type { SQLOutputValue } from "node:sqlite";
import type * as Rows from "../rows.ts";
import type { KeyOwner, LoadedRelationship } from "../store.ts";
import type { Raw } from "./statements.ts";

type Column = SQLOutputValue | undefined;

export function bytes(value: Column): Buffer {
  return asBuffer(value as Uint8Array);
}

function optionalBytes(value: Column): Buffer | null {
  return value === null || value === undefined ? null : bytes(value);
}

function wrapped(id: Column, wrap: Column): Rows.WrappedKey | null {
  return id === null || id === undefined || wrap === null ? null : { keyId: id as string, wrap: bytes(wrap) };
}

export function subject(row: Raw): Rows.SubjectRow {
  return subjectOf(row, row.id, row.created_at, row.erased_at);
}

function subjectOf(row: Raw, id: Column, createdAt: Column, erasedAt: Column): Rows.SubjectRow {
  return {
    id: id as string,
    login: row.login as string | null,
    passwordHash: row.password_hash as string | null,
    state: row.state as Rows.SubjectState,
    createdAt: createdAt as number,
    erasedAt: erasedAt as number | null,
    kekEpoch: row.kek_epoch as number,
    root: wrapped(row.root_key_id, row.root_wrap),
    logKey: wrapped(row.log_key_id, row.log_wrap),
  };
}

export function head(row: Raw): Rows.HeadRow {
  return {
    subject: row.subject as string,
    counter: row.counter as number,
    commitment: bytes(row.commitment),
    index: row.position as number,
    blinded: bytes(row.blinded),
    value: bytes(row.value),
  };
}

export function relationship(row: Raw): Rows.RelationshipRow {
  return {
    handle: row.handle as string,
    subject: row.subject as string,
    controller: row.controller as string,
    key: wrapped(row.key_id, row.key_wrap),
    rulebook: optionalBytes(row.rulebook),
    generation: row.generation as number,
    createdAt: row.created_at as number,
    erasedAt: row.erased_at as number | null,
  };
}

export function epoch(row: Raw): Rows.EpochRow {
  return {
    handle: row.handle as string,
    epoch: row.epoch as number,
    key: wrapped(row.key_id, row.key_wrap),
    createdAt: row.created_at as number,
  };
}

/** Both rows of the join have an id and times: the subject's come as `s_…`. */
export function loaded(row: Raw, epochs: Raw[]): LoadedRelationship {
  return {
    relationship: relationship(row),
    epochs: epochs.map(epoch),
    subject: subjectOf(row, row.s_id, row.s_created_at, row.s_erased_at),
    head: row.counter === null ? null : head(row),
  };
}

export function keyOwner(row: Raw): KeyOwner {
  const subject = row.subject as string;
  const handle = row.handle as string;
  if (row.kind === "subject") return { kind: "subject", subject };
  if (row.kind === "relationship") return { kind: "relationship", subject, handle };
  return { kind: "epoch", subject, handle, epoch: row.epoch as number };
}

export function controller(row: Raw): Rows.ControllerRow {
  return {
    id: row.id as string,
    name: row.name as string,
    website: row.website as string | null,
    createdAt: row.created_at as number,
  };
}

export function application(row: Raw, keys: Rows.ApplicationKey[]): Rows.ApplicationRow {
  return {
    id: row.id as string,
    controller: row.controller as string,
    name: row.name as string,
    createdAt: row.created_at as number,
    disabled: row.disabled === 1,
    keys,
  };
}

export function applicationKey(row: Raw): Rows.ApplicationKey {
  return { kid: row.kid as string, jwk: row.jwk as string, createdAt: row.created_at as number };
}

export function token(row: Raw): Rows.TokenRow {
  return {
    hash: row.hash as string,
    id: row.id as string,
    subject: row.subject as string,
    kind: row.kind as Rows.TokenRow["kind"],
    name: row.name as string,
    scope: row.scope as Rows.TokenRow["scope"],
    createdAt: row.created_at as number,
    expiresAt: row.expires_at as number | null,
  };
}

export function connection(row: Raw): Rows.ConnectionRow {
  return {
    hash: row.hash as string,
    handle: row.handle as string,
    controller: row.controller as string,
    expiresAt: row.expires_at as number,
  };
}

export function consent(row: Raw): Rows.ConsentRow {
  return {
    id: row.id as string,
    handle: row.handle as string,
    subject: row.subject as string,
    controller: row.controller as string,
    application: row.application as string,
    draft: row.draft as string,
    state: row.state as Rows.ConsentRow["state"],
    createdAt: row.created_at as number,
    expiresAt: row.expires_at as number,
    answeredAt: row.answered_at as number | null,
  };
}

export function holding(row: Raw): Rows.HoldingRow {
  return {
    handle: row.handle as string,
    type: row.type as string,
    since: row.since as number,
    provenances: row.provenances as string,
    lastSealedAt: row.last_sealed_at as number,
    lastUsedAt: row.last_used_at as number | null,
  };
}

export function idempotency(row: Raw): Rows.IdempotencyRow {
  return {
    application: row.application as string,
    key: row.key as string,
    digest: bytes(row.digest),
    decision: row.decision as string,
    createdAt: row.created_at as number,
  };
}

export function chunk(row: Raw): Rows.ChunkRow {
  return { first: row.first as number, count: row.count as number, records: bytes(row.records) };
}

export function tile(row: Raw): Rows.TileRow {
  return { level: row.level as number, index: row.tile as number, hashes: bytes(row.hashes) };
}

export function checkpoint(row: Raw): Rows.CheckpointRow {
  return { size: row.size as number, at: row.at as number, note: row.note as string };
}
