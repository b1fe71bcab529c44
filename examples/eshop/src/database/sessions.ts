/** Sessions of the shop's visitors, under the hash of their secret: who reads the database cannot take one over. */
import type { DatabaseSync, StatementSync } from "node:sqlite";

export interface Session {
  /** SHA-256 of the secret in the cookie. */
  readonly hash: Buffer;
  /** Staff are signed in. */
  readonly staff: boolean;
  /** Number of the customer who is signed in. */
  readonly customer: number | null;
  /** Person whose connection code was taken in this session, until the sign-up is through or the time is over. */
  readonly person: string | null;
  readonly personUntil: number;
  /** One sentence for the next page. Never personal data. */
  readonly notice: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** Ended sessions removed at each new one. */
const SWEEP_MAX = 100;

export class Sessions {
  readonly #get: StatementSync;
  readonly #add: StatementSync;
  readonly #rename: StatementSync;
  readonly #setPerson: StatementSync;
  readonly #setNotice: StatementSync;
  readonly #end: StatementSync;
  readonly #sweep: StatementSync;

  constructor(database: DatabaseSync) {
    this.#get = database.prepare(
      `SELECT hash, staff, customer, person, person_until AS personUntil, notice, created_at AS createdAt, expires_at AS expiresAt
       FROM sessions WHERE hash = ? AND expires_at > ?`,
    );
    this.#add = database.prepare(
      "INSERT OR REPLACE INTO sessions (hash, staff, customer, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
    );
    this.#rename = database.prepare("UPDATE cart_lines SET session = ? WHERE session = ?");
    this.#setPerson = database.prepare("UPDATE sessions SET person = ?, person_until = ? WHERE hash = ?");
    this.#setNotice = database.prepare("UPDATE sessions SET notice = ? WHERE hash = ?");
    this.#end = database.prepare("DELETE FROM sessions WHERE hash = ?");
    this.#sweep = database.prepare(
      "DELETE FROM sessions WHERE hash IN (SELECT hash FROM sessions WHERE expires_at <= ? LIMIT ?)",
    );
  }

  get(hash: Buffer, now: number): Session | null {
    const row = this.#get.get(hash, now) as unknown as (Omit<Session, "staff"> & { staff: number }) | undefined;
    return row === undefined ? null : { ...row, hash: Buffer.from(row.hash), staff: row.staff === 1 };
  }

  add({ hash, staff, customer, createdAt, expiresAt }: Omit<Session, "person" | "personUntil" | "notice">): void {
    this.#sweep.run(createdAt, SWEEP_MAX);
    this.#add.run(hash, staff ? 1 : 0, customer, createdAt, expiresAt);
  }

  /** Moves the cart to another session: the one under a new secret after signing in. */
  moveCart(from: Buffer, to: Buffer): void {
    this.#rename.run(to, from);
  }

  setPerson(hash: Buffer, person: string, until: number): void {
    this.#setPerson.run(person, until, hash);
  }

  setNotice(hash: Buffer, notice: string | null): void {
    this.#setNotice.run(notice, hash);
  }

  end(hash: Buffer): void {
    this.#end.run(hash);
  }
}
