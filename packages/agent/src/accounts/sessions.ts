/**
 * Signing in: sessions of a person and API tokens of a person's scripts. Every session and token that begins
 * or ends is in the person's log.
 */
import { toBase64url } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import type { KeyObject } from "@strongroom/core/primitives";
import type { ApiToken, ApiTokenDraft, SessionResponse } from "@strongroom/core/wire";
import type { Directory } from "../authorize/directory.ts";
import type { Effects } from "../effects.ts";
import { LogUnit, type LogWriter } from "../log/writer.ts";
import type { SubjectRow, TokenRow } from "../storage/rows.ts";
import type { Mutation, Store } from "../storage/store.ts";
import { readPassword } from "./login.ts";
import type { Passwords } from "./passwords.ts";
import { newSubjectToken, readSubjectToken, tokenMac, type Scope } from "./subjectTokens.ts";
import type { SignInThrottle } from "./throttle.ts";

export const SESSION_MS = 12 * 60 * 60_000;
/** One session more ends the oldest. */
export const SESSIONS_MAX = 32;
/** One API token more is refused. */
export const API_TOKENS_MAX = 32;

export interface SessionsOptions {
  readonly store: Store;
  readonly writer: LogWriter;
  readonly directory: Directory;
  readonly passwords: Passwords;
  readonly throttle: SignInThrottle;
  /** For the MACs of tokens; kept beside the KEKs. */
  readonly tokenKey: KeyObject;
  readonly effects: Effects;
}

/** Who a bearer token stands for. */
export interface Bearer {
  readonly subject: string;
  readonly scope: Scope;
  /** Id of the session or token. */
  readonly id: string;
}

export interface SessionView {
  readonly id: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Whether it is the one that asks. */
  readonly current: boolean;
}

export class Sessions {
  readonly #options: SessionsOptions;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** @throws StrongroomError `account.wrong-credentials` (the same for a wrong login), `limit.tries`, `limit.busy` */
  async begin(login: string, password: string, address: string): Promise<SessionResponse> {
    const { store, effects } = this.#options;
    const name = login.normalize("NFKC").toLowerCase();
    const row = await this.#signIn(name, await store.subjectByLogin(name), password, address);
    const sessions = await this.#living(row.id, "session");
    const ended = sessions.slice(0, Math.max(0, sessions.length + 1 - SESSIONS_MAX));
    const expiresAt = effects.now() + SESSION_MS;
    const token = await this.#issue(
      { subject: row.id, kind: "session", name: "", scope: "all", expiresAt },
      "began",
      ended,
    );
    return { token: token.text, expiresAt };
  }

  /** @throws StrongroomError `auth.token-invalid` */
  async authenticate(text: string): Promise<Bearer> {
    const { store, effects, tokenKey } = this.#options;
    const token = readSubjectToken(text);
    const row = await store.token(tokenMac(tokenKey, token));
    const fits = row !== null && row.subject === token.subject && row.scope === token.scope;
    if (!fits || (row.expiresAt !== null && row.expiresAt <= effects.now())) {
      throw new StrongroomError("auth.token-invalid", "the token has ended or was never given");
    }
    return { subject: row.subject, scope: row.scope, id: row.id };
  }

  async sessionsOf(bearer: Bearer): Promise<SessionView[]> {
    return (await this.#living(bearer.subject, "session")).map(({ id, createdAt, expiresAt }) => ({
      id,
      createdAt,
      expiresAt: expiresAt ?? 0,
      current: id === bearer.id,
    }));
  }

  async apiTokensOf(subject: string): Promise<ApiToken[]> {
    return (await this.#living(subject, "api")).map(apiToken);
  }

  /** The text is shown this once. @throws StrongroomError `account.too-many-tokens`, `request.invalid` for an end that has passed */
  async makeApiToken(
    subject: string,
    { name, scope, expiresAt }: ApiTokenDraft,
  ): Promise<ApiToken & { readonly token: string }> {
    if (expiresAt !== null && expiresAt <= this.#options.effects.now()) {
      throw new StrongroomError("request.invalid", "body/expiresAt has passed already", {
        details: { path: "body/expiresAt" },
      });
    }
    if ((await this.#living(subject, "api")).length >= API_TOKENS_MAX) {
      throw new StrongroomError("account.too-many-tokens", `a subject has at most ${API_TOKENS_MAX} API tokens`, {
        details: { tokensMax: API_TOKENS_MAX },
      });
    }
    const token = await this.#issue({ subject, kind: "api", name, scope, expiresAt }, "token-made", []);
    return { ...apiToken(token.row), token: token.text };
  }

  /** Ends a session or an API token. @throws StrongroomError `account.unknown` */
  async end(subject: string, kind: TokenRow["kind"], id: string): Promise<void> {
    const row = (await this.#living(subject, kind)).find((living) => living.id === id);
    if (row === undefined)
      throw new StrongroomError("account.unknown", `there is no such ${kind === "session" ? "session" : "API token"}`);
    await this.#commit(
      subject,
      [removal(row)],
      kind === "session" ? ["session", "ended"] : ["account", "token-ended"],
      row.name,
    );
  }

  /**
   * Changes the password and ends all sessions but the one that asks. API tokens stay: they are listed and ended one by one.
   * @throws StrongroomError `account.wrong-credentials`, `account.bad-password`, `limit.tries`, `limit.busy`
   */
  async changePassword(bearer: Bearer, current: string, next: string, address: string): Promise<void> {
    const { store, passwords } = this.#options;
    const password = readPassword(next);
    const row = await store.subject(bearer.subject);
    const subject = await this.#signIn(row?.login ?? "", row, current, address);
    const passwordHash = await passwords.hash(password, subject.id);
    const others = (await this.#living(subject.id, "session")).filter(({ id }) => id !== bearer.id);
    const mutations: Mutation[] = [
      { op: "subject.update", id: subject.id, set: { passwordHash } },
      ...others.map(removal),
    ];
    await this.#commit(subject.id, mutations, ["account", "password-changed"], "");
  }

  /** The same work and the same answer whether the login or the password is wrong. */
  async #signIn(login: string, row: SubjectRow | null, password: string, address: string): Promise<SubjectRow> {
    const { passwords, throttle } = this.#options;
    const attempt = throttle.begin(login, address);
    const account = row === null || row.passwordHash === null ? null : { id: row.id, passwordHash: row.passwordHash };
    const right = await passwords.verify(password.normalize("NFKC"), account).catch((error: unknown) => {
      attempt.withdraw();
      throw error;
    });
    if (!right || row === null)
      throw new StrongroomError("account.wrong-credentials", "login and password do not belong together");
    attempt.succeeded();
    return row;
  }

  /** Those that have not ended, oldest first. */
  async #living(subject: string, kind: TokenRow["kind"]): Promise<TokenRow[]> {
    const now = this.#options.effects.now();
    const rows = await this.#options.store.tokensOf(subject);
    return rows.filter((row) => row.kind === kind && (row.expiresAt === null || row.expiresAt > now));
  }

  async #issue(
    draft: Pick<TokenRow, "subject" | "kind" | "name" | "scope" | "expiresAt">,
    event: "began" | "token-made",
    ended: readonly TokenRow[],
  ): Promise<{ text: string; row: TokenRow }> {
    const { effects, tokenKey } = this.#options;
    const token = newSubjectToken(draft.subject, draft.scope, effects);
    const row: TokenRow = {
      ...draft,
      hash: tokenMac(tokenKey, token),
      id: toBase64url(effects.random(16)),
      createdAt: effects.now(),
    };
    const entry = event === "began" ? (["session", event] as const) : (["account", event] as const);
    await this.#commit(draft.subject, [{ op: "token.add", row }, ...ended.map(removal)], entry, draft.name);
    return { text: token.text, row };
  }

  async #commit(
    subject: string,
    mutations: readonly Mutation[],
    [kind, reason]: readonly ["session" | "account", string],
    name: string,
  ): Promise<void> {
    const { directory, effects, writer } = this.#options;
    const live = await directory.subject(subject);
    if (live === undefined) throw new StrongroomError("account.unknown", "the subject has no keys any more");
    const unit = new LogUnit(null, null, effects.now());
    unit.mutations.push(...mutations);
    unit.record(live, { kind, reason, ...(name === "" ? {} : { detail: JSON.stringify({ name }) }) });
    await writer.append(unit);
  }
}

function removal({ subject, id }: TokenRow): Mutation {
  return { op: "token.remove", subject, id };
}

function apiToken({ id, name, scope, createdAt, expiresAt }: TokenRow): ApiToken {
  return { id, name, scope: scope === "write" ? "write" : "read", createdAt, expiresAt };
}
