/** Rows to store, all different, made from a label: the same label gives the same row. */
import assert from "node:assert/strict";
import { sha256 } from "@strongroom/core/primitives";
import { utf8 } from "@strongroom/core/bytes";
import type { ErrorCode, StrongroomError } from "@strongroom/core/errors";
import type * as Rows from "../../src/storage/rows.ts";
import type { Mutation, Store } from "../../src/storage/store.ts";

export const NOW = 1_750_000_000_000;

/** 16 bytes in base64url. */
export function id(label: string): string {
  return digest(label).subarray(0, 16).toString("base64url");
}

export function digest(label: string): Buffer {
  return sha256(utf8(label));
}

/** As long as a real wrap: nonce, key, tag. */
export function wrapped(label: string): Rows.WrappedKey {
  const wrap = Buffer.concat([digest(`${label} a`), digest(`${label} b`)]).subarray(0, 60);
  return { keyId: id(`${label} key id`), wrap };
}

export function subjectRow(label: string, set: Partial<Rows.SubjectRow> = {}): Rows.SubjectRow {
  return {
    id: id(label),
    login: `${label}@example.org`,
    passwordHash: `scrypt of ${label}`,
    state: "active",
    createdAt: NOW,
    erasedAt: null,
    kekEpoch: 1,
    root: wrapped(`${label} root`),
    logKey: wrapped(`${label} log`),
    ...set,
  };
}

export function relationshipRow(label: string, set: Partial<Rows.RelationshipRow> = {}): Rows.RelationshipRow {
  return {
    handle: id(label),
    subject: id("ada"),
    controller: id(`controller of ${label}`),
    key: wrapped(`${label} relationship`),
    rulebook: null,
    generation: 1,
    createdAt: NOW,
    erasedAt: null,
    ...set,
  };
}

export function epochRow(label: string, epoch = 1, set: Partial<Rows.EpochRow> = {}): Rows.EpochRow {
  return { handle: id(label), epoch, key: wrapped(`${label} epoch ${epoch}`), createdAt: NOW + epoch, ...set };
}

export function controllerRow(label: string, set: Partial<Rows.ControllerRow> = {}): Rows.ControllerRow {
  return { id: id(label), name: label, website: `https://${label}.example`, createdAt: NOW, ...set };
}

export function applicationKey(label: string, createdAt = NOW): Rows.ApplicationKey {
  return { kid: digest(label).toString("base64url"), jwk: JSON.stringify({ kty: "OKP", label }), createdAt };
}

export function applicationRow(label: string, set: Partial<Rows.ApplicationRow> = {}): Rows.ApplicationRow {
  return { id: id(label), controller: id("shop"), name: label, createdAt: NOW, disabled: false, keys: [], ...set };
}

export function tokenRow(label: string, set: Partial<Rows.TokenRow> = {}): Rows.TokenRow {
  return {
    hash: digest(label).toString("base64url"),
    id: id(label),
    subject: id("ada"),
    kind: "session",
    name: label,
    scope: "all",
    createdAt: NOW,
    expiresAt: NOW + 1000,
    ...set,
  };
}

export function connectionRow(label: string, set: Partial<Rows.ConnectionRow> = {}): Rows.ConnectionRow {
  const hash = digest(label).toString("base64url");
  return { hash, handle: id("shop of ada"), controller: id("shop"), expiresAt: NOW + 1000, ...set };
}

export function consentRow(label: string, set: Partial<Rows.ConsentRow> = {}): Rows.ConsentRow {
  return {
    id: id(label),
    handle: id("shop of ada"),
    subject: id("ada"),
    controller: id("shop"),
    application: id("web"),
    draft: JSON.stringify({ types: ["identity.email"], label }),
    state: "pending",
    createdAt: NOW,
    expiresAt: NOW + 1000,
    answeredAt: null,
    ...set,
  };
}

export function holdingRow(type: string, set: Partial<Rows.HoldingRow> = {}): Rows.HoldingRow {
  return {
    handle: id("shop of ada"),
    type,
    since: NOW,
    provenances: '["subject"]',
    lastSealedAt: NOW,
    lastUsedAt: null,
    ...set,
  };
}

export function idempotencyRow(key: string, set: Partial<Rows.IdempotencyRow> = {}): Rows.IdempotencyRow {
  return { application: id("web"), key, digest: digest(key), decision: '{"items":[]}', createdAt: NOW, ...set };
}

export function headRow(label: string, set: Partial<Rows.HeadRow> = {}): Rows.HeadRow {
  return {
    subject: id(label),
    counter: 1,
    commitment: digest(`${label} commitment`),
    index: 0,
    blinded: digest(`${label} blinded`),
    value: digest(`${label} value`),
    ...set,
  };
}

export function chunkRow(first: number, count: number): Rows.ChunkRow {
  return { first, count, records: Buffer.concat([digest(`chunk ${first}`), Buffer.alloc(count, first)]) };
}

export function checkpointRow(size: number, set: Partial<Rows.CheckpointRow> = {}): Rows.CheckpointRow {
  return { size, at: NOW + size, note: `origin\n${size}\n`, ...set };
}

/** Applies mutations in one write, which must go well. */
export async function put(store: Store, ...mutations: Mutation[]): Promise<void> {
  assert.equal(await attempt(store, ...mutations), null);
}

/** Applies mutations in one write; the code of the conflict that they ran into, else null. */
export async function attempt(store: Store, ...mutations: Mutation[]): Promise<ErrorCode | null> {
  const error = await store.write((tx) => tx.attempt(mutations));
  return error?.code ?? null;
}

/** The subject `ada` and her relationship to the controller `shop`. */
export async function putAdaAndShop(store: Store): Promise<void> {
  await put(
    store,
    { op: "subject.add", row: subjectRow("ada") },
    { op: "controller.add", row: controllerRow("shop") },
    {
      op: "relationship.add",
      row: relationshipRow("shop of ada", { controller: id("shop") }),
      epoch: epochRow("shop of ada"),
    },
  );
}

/** For `assert.rejects` and `assert.throws`. */
export function coded(code: ErrorCode, message?: RegExp): (error: unknown) => true {
  return (error) => {
    assert.equal((error as StrongroomError).code, code, String(error));
    if (message !== undefined) assert.match((error as Error).message, message);
    return true;
  };
}
