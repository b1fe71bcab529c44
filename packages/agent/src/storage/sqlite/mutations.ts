/** Each mutation of the contract as SQL. With `wraps.ts` the only place that knows column names when writing. */
import { StrongroomError } from "@strongroom/core/errors";
import type * as Rows from "../rows.ts";
import type { Mutation } from "../store.ts";
import type { Statements, Value } from "./statements.ts";
import { addWrap, replaceWrap } from "./wraps.ts";

/** @throws StrongroomError `storage.stale` or `storage.conflict` as the contract says, or SQLite's own error. */
export function applyMutation(statements: Statements, mutation: Mutation): void {
  switch (mutation.op) {
    case "subject.add":
      return addSubject(statements, mutation.row);
    case "subject.update":
      return updateSubject(statements, mutation);
    case "subject.forget":
      return forgetSubject(statements, mutation.id);
    case "relationship.add":
      addRelationship(statements, mutation.row);
      return addEpoch(statements, mutation.epoch);
    case "relationship.update":
      return updateRelationship(statements, mutation);
    case "relationship.forget":
      for (const table of ["connections", "holdings", "consents"]) {
        statements.run(`DELETE FROM ${table} WHERE handle = ?`, mutation.handle);
      }
      return;
    case "epoch.add":
      return addEpoch(statements, mutation.row);
    case "epoch.key":
      return updateEpoch(statements, mutation);
    case "controller.add": {
      const { id, name, website, createdAt } = mutation.row;
      statements.insert("controllers", { id, name, website, created_at: createdAt });
      return;
    }
    case "application.add": {
      const { id, controller, name, createdAt, disabled, keys } = mutation.row;
      statements.insert("applications", { id, controller, name, created_at: createdAt, disabled: disabled ? 1 : 0 });
      for (const key of keys) addApplicationKey(statements, id, key);
      return;
    }
    case "application.disable":
      return stale(
        statements.run("UPDATE applications SET disabled = ? WHERE id = ?", mutation.disabled ? 1 : 0, mutation.id),
      );
    case "application.key.add":
      return addApplicationKey(statements, mutation.id, mutation.key);
    case "application.key.remove":
      return stale(
        statements.run("DELETE FROM application_keys WHERE application = ? AND kid = ?", mutation.id, mutation.kid),
      );
    case "token.add": {
      const { hash, id, subject, kind, name, scope, createdAt, expiresAt } = mutation.row;
      const times = { created_at: createdAt, expires_at: expiresAt };
      statements.insert("tokens", { hash, id, subject, kind, name, scope, ...times });
      return;
    }
    case "token.remove":
      return stale(statements.run("DELETE FROM tokens WHERE subject = ? AND id = ?", mutation.subject, mutation.id));
    case "connection.add": {
      const { hash, handle, controller, expiresAt } = mutation.row;
      statements.insert("connections", { hash, handle, controller, expires_at: expiresAt });
      return;
    }
    case "connection.take":
      if (statements.run("DELETE FROM connections WHERE hash = ?", mutation.hash) > 0) return;
      throw new StrongroomError("storage.conflict", "the one-time code was used already, or never given out");
    case "consent.add": {
      const { id, handle, subject, controller, application, draft, state, ...times } = mutation.row;
      statements.insert("consents", {
        ...{ id, handle, subject, controller, application, draft, state },
        ...{ created_at: times.createdAt, expires_at: times.expiresAt, answered_at: times.answeredAt },
      });
      return;
    }
    case "consent.settle":
      return stale(
        statements.run(
          "UPDATE consents SET state = ?, answered_at = ? WHERE id = ? AND state = 'pending'",
          mutation.state,
          mutation.answeredAt,
          mutation.id,
        ),
      );
    case "holding.put":
      return putHolding(statements, mutation.row);
    case "holding.used":
      statements.run(
        "UPDATE holdings SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE handle = ? AND type = ?",
        mutation.at,
        mutation.handle,
        mutation.type,
      );
      return;
    case "idempotency.put": {
      const { application, key, digest, decision, createdAt } = mutation.row;
      statements.insert("idempotency", { application, key, digest, decision, created_at: createdAt });
      return;
    }
    default:
      throw new TypeError(`no such mutation: ${(mutation satisfies never as Mutation).op}`);
  }
}

type Of<Op extends Mutation["op"]> = Extract<Mutation, { readonly op: Op }>;

function addSubject(statements: Statements, row: Rows.SubjectRow): void {
  statements.insert("subjects", {
    ...{ id: row.id, login: row.login, password_hash: row.passwordHash, state: row.state },
    ...{ created_at: row.createdAt, erased_at: row.erasedAt, kek_epoch: row.kekEpoch },
    ...{ root_slot: addWrap(statements, row.root), log_slot: addWrap(statements, row.logKey) },
  });
}

function updateSubject(statements: Statements, { id, expectRoot, set }: Of<"subject.update">): void {
  const slots = found(
    statements.get(
      "SELECT root_slot, log_slot, wrap FROM subjects LEFT JOIN wraps ON slot = root_slot WHERE id = ?",
      id,
    ),
  );
  if (expectRoot !== undefined) {
    const stored = slots.root_slot === null ? null : (slots.wrap as Uint8Array);
    const same = stored === null || expectRoot === null ? stored === expectRoot : expectRoot.wrap.equals(stored);
    if (!same) stale(0);
  }
  const rootSlot = slots.root_slot as number | null;
  const logSlot = slots.log_slot as number | null;
  update(statements, "subjects", "id", id, {
    ...{ login: set.login, password_hash: set.passwordHash, state: set.state },
    ...{ erased_at: set.erasedAt, kek_epoch: set.kekEpoch },
    ...(set.root === undefined ? {} : { root_slot: replaceWrap(statements, rootSlot, set.root) }),
    ...(set.logKey === undefined ? {} : { log_slot: replaceWrap(statements, logSlot, set.logKey) }),
  });
}

function forgetSubject(statements: Statements, id: string): void {
  const handles = "(SELECT handle FROM relationships WHERE subject = ?)";
  statements.run("UPDATE subjects SET login = NULL, password_hash = NULL WHERE id = ?", id);
  statements.run("DELETE FROM tokens WHERE subject = ?", id);
  statements.run(`DELETE FROM connections WHERE handle IN ${handles}`, id);
  statements.run(`DELETE FROM holdings WHERE handle IN ${handles}`, id);
  statements.run("DELETE FROM consents WHERE subject = ?", id);
}

function addRelationship(statements: Statements, row: Rows.RelationshipRow): void {
  statements.insert("relationships", {
    ...{ handle: row.handle, subject: row.subject, controller: row.controller },
    ...{ key_slot: addWrap(statements, row.key), rulebook: row.rulebook, generation: row.generation },
    ...{ created_at: row.createdAt, erased_at: row.erasedAt },
  });
}

function updateRelationship(statements: Statements, mutation: Of<"relationship.update">): void {
  const { handle, expectGeneration, set } = mutation;
  const row = found(
    statements.get(
      "SELECT key_slot, generation FROM relationships WHERE handle = ? AND generation = ?",
      handle,
      expectGeneration,
    ),
  );
  const slot = row.key_slot as number | null;
  update(statements, "relationships", "handle", handle, {
    ...{ rulebook: set.rulebook, erased_at: set.erasedAt, generation: expectGeneration + 1 },
    ...(set.key === undefined ? {} : { key_slot: replaceWrap(statements, slot, set.key) }),
  });
}

function addEpoch(statements: Statements, row: Rows.EpochRow): void {
  const keySlot = addWrap(statements, row.key);
  statements.insert("epochs", { handle: row.handle, epoch: row.epoch, key_slot: keySlot, created_at: row.createdAt });
}

function updateEpoch(statements: Statements, { handle, epoch, key }: Of<"epoch.key">): void {
  const row = found(statements.get("SELECT key_slot FROM epochs WHERE handle = ? AND epoch = ?", handle, epoch));
  const slot = replaceWrap(statements, row.key_slot as number | null, key);
  statements.run("UPDATE epochs SET key_slot = ? WHERE handle = ? AND epoch = ?", slot, handle, epoch);
}

function addApplicationKey(statements: Statements, application: string, key: Rows.ApplicationKey): void {
  statements.insert("application_keys", { application, kid: key.kid, jwk: key.jwk, created_at: key.createdAt });
}

function putHolding(statements: Statements, row: Rows.HoldingRow): void {
  statements.run(
    `INSERT INTO holdings (handle, type, since, provenances, last_sealed_at, last_used_at) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (handle, type) DO UPDATE SET since = excluded.since, provenances = excluded.provenances,
            last_sealed_at = excluded.last_sealed_at,
            last_used_at = coalesce(max(last_used_at, excluded.last_used_at), last_used_at, excluded.last_used_at)`,
    row.handle,
    row.type,
    row.since,
    row.provenances,
    row.lastSealedAt,
    row.lastUsedAt,
  );
}

/** Sets the columns that are given, if any. */
function update(
  statements: Statements,
  table: string,
  idColumn: string,
  id: string,
  columns: Readonly<Record<string, Value | undefined>>,
): void {
  const given = Object.entries(columns).filter((pair): pair is [string, Value] => pair[1] !== undefined);
  if (given.length === 0) return;
  const assignments = given.map(([name]) => `${name} = ?`).join(", ");
  statements.run(`UPDATE ${table} SET ${assignments} WHERE ${idColumn} = ?`, ...given.map(([, value]) => value), id);
}

function found<Row>(row: Row | undefined): Row {
  if (row === undefined) throw staleError();
  return row;
}

function stale(changed: number): void {
  if (changed === 0) throw staleError();
}

function staleError(): StrongroomError {
  return new StrongroomError("storage.stale", "the record was changed or removed meanwhile");
}
