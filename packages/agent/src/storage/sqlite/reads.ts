/** The reads of the contract as SQL, over a connection that can only read: it sees what is committed. */
import type { DatabaseSync } from "node:sqlite";
import type * as Rows from "../rows.ts";
import type { KeyOwner, LoadedRelationship, Page } from "../store.ts";
import * as decode from "./decode.ts";
import { storageError } from "./errors.ts";
import { Statements, type Raw, type Value } from "./statements.ts";

const SUBJECT_COLUMNS =
  "s.login, s.password_hash, s.state, s.kek_epoch, root.key_id AS root_key_id, root.wrap AS root_wrap," +
  " log.key_id AS log_key_id, log.wrap AS log_wrap";
const SUBJECT_WRAPS = "LEFT JOIN wraps root ON root.slot = s.root_slot LEFT JOIN wraps log ON log.slot = s.log_slot";
const SUBJECTS = `SELECT s.id, s.created_at, s.erased_at, ${SUBJECT_COLUMNS} FROM subjects s ${SUBJECT_WRAPS}`;

const RELATIONSHIP_COLUMNS =
  "r.handle, r.subject, r.controller, r.rulebook, r.generation, r.created_at, r.erased_at, key.key_id, key.wrap AS key_wrap";
const RELATIONSHIPS = `SELECT ${RELATIONSHIP_COLUMNS} FROM relationships r LEFT JOIN wraps key ON key.slot = r.key_slot`;

const LOADED =
  `SELECT ${RELATIONSHIP_COLUMNS}, s.id AS s_id, s.created_at AS s_created_at, s.erased_at AS s_erased_at,` +
  ` ${SUBJECT_COLUMNS}, h.counter, h.commitment, h.position, h.blinded, h.value` +
  ` FROM relationships r JOIN subjects s ON s.id = r.subject LEFT JOIN wraps key ON key.slot = r.key_slot` +
  ` ${SUBJECT_WRAPS} LEFT JOIN heads h ON h.subject = r.subject WHERE r.handle = ?`;

const EPOCHS =
  "SELECT e.handle, e.epoch, e.created_at, key.key_id, key.wrap AS key_wrap" +
  " FROM epochs e LEFT JOIN wraps key ON key.slot = e.key_slot WHERE e.handle = ? ORDER BY e.epoch";

/** A slot that nothing refers to any more keeps the id of the key that it held. */
const OWNERS =
  "SELECT 'subject' AS kind, s.id AS subject, NULL AS handle, NULL AS epoch" +
  " FROM wraps w JOIN subjects s ON s.root_slot = w.slot OR s.log_slot = w.slot WHERE w.key_id = ?1" +
  " UNION ALL SELECT 'relationship', r.subject, r.handle, NULL" +
  " FROM wraps w JOIN relationships r ON r.key_slot = w.slot WHERE w.key_id = ?1" +
  " UNION ALL SELECT 'epoch', r.subject, r.handle, e.epoch" +
  " FROM wraps w JOIN epochs e ON e.key_slot = w.slot JOIN relationships r ON r.handle = e.handle WHERE w.key_id = ?1";

const BUCKETS = 4096;

export class SqliteReads {
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  readonly #file: string;

  constructor(database: DatabaseSync, file: string) {
    this.#database = database;
    this.#statements = new Statements(database);
    this.#file = file;
  }

  async loadRelationships(handles: readonly string[]): Promise<LoadedRelationship[]> {
    return this.#reading((statements) => {
      const load = statements.of(LOADED);
      const epochs = statements.of(EPOCHS);
      const found: LoadedRelationship[] = [];
      // One transaction: one snapshot, and no lock to take and give back for each statement.
      this.#database.exec("BEGIN");
      try {
        for (const handle of new Set(handles)) {
          const row = load.get(handle);
          if (row !== undefined) found.push(decode.loaded(row, epochs.all(handle)));
        }
      } finally {
        if (this.#database.isTransaction) this.#database.exec("COMMIT");
      }
      return found;
    });
  }

  async relationship(handle: string): Promise<Rows.RelationshipRow | null> {
    return this.#one(decode.relationship, `${RELATIONSHIPS} WHERE r.handle = ?`, handle);
  }

  async relationshipsOf(subject: string): Promise<Rows.RelationshipRow[]> {
    const sql = `${RELATIONSHIPS} WHERE r.subject = ? ORDER BY r.created_at, r.handle`;
    return this.#all(decode.relationship, sql, subject);
  }

  async relationshipBetween(subject: string, controller: string): Promise<Rows.RelationshipRow | null> {
    const sql = `${RELATIONSHIPS} WHERE r.subject = ? AND r.controller = ? AND r.erased_at IS NULL`;
    return this.#one(decode.relationship, sql, subject, controller);
  }

  async epochsOf(handle: string): Promise<Rows.EpochRow[]> {
    return this.#all(decode.epoch, EPOCHS, handle);
  }

  async subject(id: string): Promise<Rows.SubjectRow | null> {
    return this.#one(decode.subject, `${SUBJECTS} WHERE s.id = ?`, id);
  }

  async subjectByLogin(login: string): Promise<Rows.SubjectRow | null> {
    return this.#one(decode.subject, `${SUBJECTS} WHERE s.login = ?`, login);
  }

  async subjects(after: string | null, limit: number): Promise<Page<Rows.SubjectRow>> {
    const sql = `${SUBJECTS} WHERE s.id > ? ORDER BY s.id LIMIT ?`;
    const rows = this.#all(decode.subject, sql, after ?? "", limit + 1);
    const more = rows.length > limit;
    if (more) rows.pop();
    return { rows, next: more ? (rows.at(-1)?.id ?? null) : null };
  }

  async subjectsBehindKek(kekEpoch: number, limit: number): Promise<Rows.SubjectRow[]> {
    const sql = `${SUBJECTS} WHERE s.kek_epoch < ? AND s.root_slot IS NOT NULL ORDER BY s.kek_epoch, s.id LIMIT ?`;
    return this.#all(decode.subject, sql, kekEpoch, limit);
  }

  async head(subject: string): Promise<Rows.HeadRow | null> {
    return this.#one(decode.head, "SELECT * FROM heads WHERE subject = ?", subject);
  }

  async ownerOfKey(keyId: string): Promise<KeyOwner | null> {
    return this.#one(decode.keyOwner, OWNERS, keyId);
  }

  async controllers(): Promise<Rows.ControllerRow[]> {
    return this.#all(decode.controller, "SELECT * FROM controllers ORDER BY created_at, id");
  }

  async controller(id: string): Promise<Rows.ControllerRow | null> {
    return this.#one(decode.controller, "SELECT * FROM controllers WHERE id = ?", id);
  }

  async applications(controller: string | null): Promise<Rows.ApplicationRow[]> {
    return this.#reading((statements) => {
      const rows =
        controller === null
          ? statements.all("SELECT * FROM applications ORDER BY created_at, id")
          : statements.all("SELECT * FROM applications WHERE controller = ? ORDER BY created_at, id", controller);
      return rows.map((row) => application(statements, row));
    });
  }

  async application(id: string): Promise<Rows.ApplicationRow | null> {
    return this.#reading((statements) => {
      const row = statements.get("SELECT * FROM applications WHERE id = ?", id);
      return row === undefined ? null : application(statements, row);
    });
  }

  async token(hash: string): Promise<Rows.TokenRow | null> {
    return this.#one(decode.token, "SELECT * FROM tokens WHERE hash = ?", hash);
  }

  async tokensOf(subject: string): Promise<Rows.TokenRow[]> {
    return this.#all(decode.token, "SELECT * FROM tokens WHERE subject = ? ORDER BY created_at, id", subject);
  }

  async connection(hash: string): Promise<Rows.ConnectionRow | null> {
    return this.#one(decode.connection, "SELECT * FROM connections WHERE hash = ?", hash);
  }

  async consent(id: string): Promise<Rows.ConsentRow | null> {
    return this.#one(decode.consent, "SELECT * FROM consents WHERE id = ?", id);
  }

  async consentsOf(subject: string): Promise<Rows.ConsentRow[]> {
    return this.#all(decode.consent, "SELECT * FROM consents WHERE subject = ? ORDER BY created_at DESC, id", subject);
  }

  async consentsPendingCount(handle: string): Promise<number> {
    const sql = "SELECT count(*) AS n FROM consents WHERE handle = ? AND state = 'pending'";
    return this.#one((row) => row.n as number, sql, handle) ?? 0;
  }

  async holdingsOf(handle: string): Promise<Rows.HoldingRow[]> {
    return this.#all(decode.holding, "SELECT * FROM holdings WHERE handle = ? ORDER BY type", handle);
  }

  async idempotency(application: string, key: string): Promise<Rows.IdempotencyRow | null> {
    return this.#one(
      decode.idempotency,
      "SELECT * FROM idempotency WHERE application = ? AND key = ?",
      application,
      key,
    );
  }

  async logSize(): Promise<number> {
    return this.#reading(logEnd);
  }

  async chunks(first: number, end: number, limit: number): Promise<Rows.ChunkRow[]> {
    // The chunk that holds `first` begins at or before it.
    return this.#all(
      decode.chunk,
      `SELECT * FROM log_chunks
        WHERE first >= coalesce((SELECT max(first) FROM log_chunks WHERE first <= ?1), 0)
          AND first < ?2 AND first + count > ?1 AND ?1 < ?2
        ORDER BY first LIMIT ?3`,
      first,
      end,
      limit,
    );
  }

  async tile(level: number, index: number): Promise<Rows.TileRow | null> {
    return this.#one(decode.tile, "SELECT * FROM log_tiles WHERE level = ? AND tile = ?", level, index);
  }

  async checkpoint(): Promise<Rows.CheckpointRow | null> {
    return this.#one(decode.checkpoint, "SELECT * FROM checkpoints ORDER BY size DESC LIMIT 1");
  }

  async headsBucket(bucket: number): Promise<readonly (readonly [Buffer, Buffer])[]> {
    if (!Number.isInteger(bucket) || bucket < 0 || bucket >= BUCKETS) throw new RangeError("buckets go from 0 to 4095");
    // Longer than any place in the map, and above them all.
    const end = bucket + 1 === BUCKETS ? Buffer.alloc(33, 0xff) : bucketStart(bucket + 1);
    return this.#all(
      (row) => [decode.bytes(row.blinded), decode.bytes(row.value)] as const,
      "SELECT blinded, value FROM heads WHERE blinded >= ? AND blinded < ? ORDER BY blinded",
      bucketStart(bucket),
      end,
    );
  }

  #one<Row>(from: (row: Raw) => Row, sql: string, ...values: Value[]): Row | null {
    return this.#reading((statements) => {
      const row = statements.get(sql, ...values);
      return row === undefined ? null : from(row);
    });
  }

  #all<Row>(from: (row: Raw) => Row, sql: string, ...values: Value[]): Row[] {
    return this.#reading((statements) => statements.all(sql, ...values).map(from));
  }

  #reading<Result>(read: (statements: Statements) => Result): Result {
    try {
      return read(this.#statements);
    } catch (cause) {
      throw storageError(cause, this.#file);
    }
  }
}

/** The position after the last record of the log. */
export function logEnd(statements: Statements): number {
  const last = statements.get("SELECT first + count AS size FROM log_chunks ORDER BY first DESC LIMIT 1");
  return (last?.size as number | undefined) ?? 0;
}

/** The first 12 bits of all places in the bucket; a prefix sorts before what it begins. */
function bucketStart(bucket: number): Buffer {
  return Buffer.from([bucket >> 4, (bucket & 15) << 4]);
}

function application(statements: Statements, row: Raw): Rows.ApplicationRow {
  const sql = "SELECT * FROM application_keys WHERE application = ? ORDER BY created_at, kid";
  return decode.application(row, statements.all(sql, row.id ?? null).map(decode.applicationKey));
}
