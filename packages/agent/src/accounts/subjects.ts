/** Subjects as accounts: how one begins, and what the operator sees of it. */
import { toBase64url } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import type { SubjectDraft, SubjectView } from "@strongroom/core/wire";
import type { Directory } from "../authorize/directory.ts";
import type { Effects } from "../effects.ts";
import type { Keychain } from "../keys/keychain.ts";
import { LogUnit, type LogWriter } from "../log/writer.ts";
import type { SubjectRow } from "../storage/rows.ts";
import type { Store } from "../storage/store.ts";
import { readLogin, readPassword } from "./login.ts";
import type { Passwords } from "./passwords.ts";

export const SUBJECTS_PER_PAGE_MAX = 200;

export interface SubjectsOptions {
  readonly store: Store;
  readonly writer: LogWriter;
  readonly directory: Directory;
  readonly keychain: Keychain;
  readonly passwords: Passwords;
  readonly effects: Effects;
}

export class Subjects {
  readonly #options: SubjectsOptions;

  constructor(options: SubjectsOptions) {
    this.#options = options;
  }

  /**
   * Makes a subject with keys of its own; the first entry of its log says so.
   * @throws StrongroomError `account.bad-login`, `account.bad-password`, `account.login-taken`, `limit.busy`
   */
  async register(draft: SubjectDraft): Promise<SubjectView> {
    const { store, writer, directory, keychain, passwords, effects } = this.#options;
    const login = readLogin(draft.login);
    const password = readPassword(draft.password);
    if ((await store.subjectByLogin(login)) !== null) throw loginTaken();
    const id = toBase64url(effects.random(16));
    const createdAt = effects.now();
    const row: SubjectRow = {
      id,
      login,
      passwordHash: await passwords.hash(password, id),
      state: "active",
      createdAt,
      erasedAt: null,
      ...keychain.wrapSubject(id, "active", keychain.newSubjectKeys()),
    };
    const unit = new LogUnit(null, null, createdAt);
    unit.mutations.push({ op: "subject.add", row });
    unit.record(directory.adoptSubject(row, null), { kind: "account", reason: "created" });
    try {
      await writer.append(unit);
    } catch (cause) {
      // Two at once: one wins.
      throw cause instanceof StrongroomError && cause.code === "storage.conflict" ? loginTaken() : cause;
    }
    return { id, login, createdAt, state: "active" };
  }

  /** In the order of their ids. @param after id of the last subject of the page before */
  async page(after: string | null, limit: number): Promise<{ subjects: SubjectView[]; cursor: string | null }> {
    const { rows, next } = await this.#options.store.subjects(after, Math.min(limit, SUBJECTS_PER_PAGE_MAX));
    return { subjects: rows.map(subjectView), cursor: next };
  }
}

function subjectView({ id, login, createdAt, state }: SubjectRow): SubjectView {
  return { id, login: login ?? "", createdAt, state };
}

function loginTaken(): StrongroomError {
  return new StrongroomError("account.login-taken", "another subject has this login");
}
