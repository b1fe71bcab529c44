import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { toBase64url, utf8 } from "@strongroom/core/bytes";
import { openEntry } from "@strongroom/core/log";
import { sha256 } from "@strongroom/core/primitives";
import { API_TOKENS_MAX, SESSION_MS, SESSIONS_MAX } from "../../src/accounts/sessions.ts";
import { unpackRecords } from "../../src/log/records.ts";
import type { TokenRow } from "../../src/storage/rows.ts";
import { eraseSubject } from "../../src/erase/erasure.ts";
import { assertProblem, openSetting, type Person, type Setting } from "./setting.ts";

const PASSWORD = "correct horse battery";

/** What the person's own log says, as `kind reason`. */
async function entriesOf(setting: Setting, { id }: Person): Promise<string[]> {
  const { store, directory, writer } = setting.context;
  const live = await directory.subject(id);
  assert.ok(live?.logKey);
  const chunks = await store.chunks(0, writer.size, 10_000);
  return chunks.flatMap((chunk) =>
    unpackRecords(chunk).flatMap(({ owner }) => {
      if (owner === null || !owner.subject.equals(live.idBytes)) return [];
      const { entry } = openEntry(owner.sealed, owner.counter, live.logKey!);
      return [`${entry.kind} ${entry.reason}`];
    }),
  );
}

describe("accounts", () => {
  test("a subject registers, signs in, sees itself and signs out; its log tells all of it", async (t) => {
    const setting = await openSetting(t);
    const person = await setting.subject("Ada@Example.com");
    const me = await setting.as(person.token, "GET", "/v1/me");
    assert.deepEqual(me.body, {
      id: person.id,
      login: "ada@example.com",
      createdAt: setting.clock.now,
      locked: false,
      pendingConsentRequests: 0,
    });
    assert.equal((await setting.as(person.token, "DELETE", "/v1/sessions")).status, 204);
    assertProblem(await setting.as(person.token, "GET", "/v1/me"), 401, "auth.token-invalid");
    assert.deepEqual(await entriesOf(setting, person), ["account created", "session began", "session ended"]);
  });

  test("registering twice, also at once and in another spelling, is told", async (t) => {
    const setting = await openSetting(t);
    const add = (login: string) => setting.operator("POST", "/v1/subjects", { login, password: PASSWORD });
    const answers = await Promise.all([add("ada"), add("ADA")]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409]);
    assertProblem(await add("Ada"), 409, "account.login-taken");
    assertProblem(
      await setting.operator("POST", "/v1/subjects", { login: "a b", password: PASSWORD }),
      400,
      "account.bad-login",
    );
    assertProblem(
      await setting.operator("POST", "/v1/subjects", { login: "bob", password: "short" }),
      400,
      "account.bad-password",
    );
    assertProblem(await setting.operator("POST", "/v1/subjects", { login: "bob" }), 400, "request.invalid");
  });

  test("a wrong login and a wrong password are answered alike, to the byte", async (t) => {
    const setting = await openSetting(t);
    await setting.subject("ada");
    const [unknown, wrong] = [
      await setting.call("POST", "/v1/sessions", { body: { login: "nobody", password: PASSWORD } }),
      await setting.call("POST", "/v1/sessions", { body: { login: "ada", password: "wrong horse battery" } }),
    ];
    assertProblem(wrong, 401, "account.wrong-credentials");
    assert.deepEqual({ ...unknown.body, requestId: "" }, { ...wrong.body, requestId: "" });
  });

  test("guessing is slowed down with the time to wait, for unknown logins as well", async (t) => {
    const setting = await openSetting(t);
    await setting.subject("ada");
    for (const login of ["ada", "nobody"]) {
      const guess = () =>
        setting.call("POST", "/v1/sessions", {
          body: { login, password: "guess guess guess" },
          from: `192.0.2.${login.length}`,
        });
      for (let i = 0; i < 5; i += 1) assertProblem(await guess(), 401, "account.wrong-credentials");
      const slowed = await guess();
      assertProblem(slowed, 429, "limit.tries");
      assert.equal(slowed.headers["retry-after"], "1");
    }
    // Even the right password waits, and then works.
    const right = () =>
      setting.call("POST", "/v1/sessions", { body: { login: "ada", password: PASSWORD }, from: "192.0.2.3" });
    assertProblem(await right(), 429, "limit.tries");
    setting.clock.now += 1_000;
    assert.equal((await right()).status, 201);
  });

  test("a session ends after twelve hours", async (t) => {
    const setting = await openSetting(t);
    const person = await setting.subject();
    setting.clock.now += SESSION_MS - 1;
    assert.equal((await setting.as(person.token, "GET", "/v1/me")).status, 200);
    setting.clock.now += 1;
    assertProblem(await setting.as(person.token, "GET", "/v1/me"), 401, "auth.token-invalid");
  });

  test("sessions are listed and ended one by one; another subject's is as unknown as none", async (t) => {
    const setting = await openSetting(t);
    const [ada, bob] = [await setting.subject(), await setting.subject()];
    const second = await setting.call("POST", "/v1/sessions", { body: { login: ada.login, password: ada.password } });
    const { sessions } = (await setting.as(ada.token, "GET", "/v1/me/sessions")).body;
    assert.deepEqual(sessions.map(({ current }: { current: boolean }) => current).sort(), [false, true]);
    const other = sessions.find(({ current }: { current: boolean }) => !current);
    assertProblem(await setting.as(bob.token, "DELETE", `/v1/me/sessions/${other.id}`), 404, "account.unknown");
    assert.equal((await setting.as(ada.token, "DELETE", `/v1/me/sessions/${other.id}`)).status, 204);
    assertProblem(await setting.as(second.body.token, "GET", "/v1/me"), 401, "auth.token-invalid");
    assertProblem(await setting.as(ada.token, "DELETE", `/v1/me/sessions/${other.id}`), 404, "account.unknown");
  });

  test("one session too many ends the oldest", async (t) => {
    const setting = await openSetting(t);
    const person = await setting.subject();
    for (let count = 1; count <= SESSIONS_MAX; count += 1) {
      setting.clock.now += 1;
      await setting.call("POST", "/v1/sessions", { body: { login: person.login, password: person.password } });
    }
    assertProblem(await setting.as(person.token, "GET", "/v1/me"), 401, "auth.token-invalid");
  });

  test("an API token reaches as far as its scope, and only a session makes or ends one", async (t) => {
    const setting = await openSetting(t);
    const person = await setting.subject();
    const make = (scope: string, token = person.token) =>
      setting.as(token, "POST", "/v1/me/tokens", { name: `my ${scope}`, scope, expiresAt: null });
    const reader = (await make("read")).body;
    setting.clock.now += 1;
    const writer = (await make("write")).body;
    for (const { token } of [reader, writer]) {
      assert.equal((await setting.as(token, "GET", "/v1/me")).status, 200);
      const refused = await make("write", token);
      assertProblem(refused, 403, "auth.scope");
      assertProblem(await setting.as(token, "DELETE", "/v1/sessions"), 403, "auth.scope");
      assertProblem(
        await setting.as(token, "POST", "/v1/me/password", { current: PASSWORD, next: "another long one" }),
        403,
        "auth.scope",
      );
    }
    const { tokens } = (await setting.as(person.token, "GET", "/v1/me/tokens")).body;
    assert.deepEqual(
      tokens.map(({ name }: { name: string }) => name),
      ["my read", "my write"],
    );
    assert.ok(!JSON.stringify(tokens).includes(reader.token));
    assert.equal((await setting.as(person.token, "DELETE", `/v1/me/tokens/${reader.id}`)).status, 204);
    assertProblem(await setting.as(reader.token, "GET", "/v1/me"), 401, "auth.token-invalid");
    assert.deepEqual((await entriesOf(setting, person)).slice(-3), [
      "account token-made",
      "account token-made",
      "account token-ended",
    ]);
  });

  test("an API token ends when it says, and cannot begin in the past", async (t) => {
    const setting = await openSetting(t);
    const person = await setting.subject();
    const make = (expiresAt: unknown) =>
      setting.as(person.token, "POST", "/v1/me/tokens", { name: "cron", scope: "read", expiresAt });
    const { token } = (await make(setting.clock.now + 1_000)).body;
    setting.clock.now += 1_000;
    assertProblem(await setting.as(token, "GET", "/v1/me"), 401, "auth.token-invalid");
    assertProblem(await make(setting.clock.now), 400, "request.invalid");
    for (const bad of ["tomorrow", -1, 1.5, "2030-01-01", 2 ** 48])
      assertProblem(await make(bad), 400, "request.invalid");
  });

  test("API tokens have a limit", async (t) => {
    const setting = await openSetting(t);
    const person = await setting.subject();
    const make = () => setting.as(person.token, "POST", "/v1/me/tokens", { name: "t", scope: "read", expiresAt: null });
    for (let count = 0; count < API_TOKENS_MAX; count += 1) assert.equal((await make()).status, 201);
    assertProblem(await make(), 409, "account.too-many-tokens");
  });

  test("a new password counts at once, and ends the other sessions", async (t) => {
    const setting = await openSetting(t);
    const person = await setting.subject();
    const other = (
      await setting.call("POST", "/v1/sessions", { body: { login: person.login, password: person.password } })
    ).body.token;
    const change = (current: string, next: string) =>
      setting.as(person.token, "POST", "/v1/me/password", { current, next });
    assertProblem(await change("wrong horse battery", "another long one"), 401, "account.wrong-credentials");
    assertProblem(await change(person.password, "short"), 400, "account.bad-password");
    assert.equal((await change(person.password, "another long one")).status, 204);
    assert.equal((await setting.as(person.token, "GET", "/v1/me")).status, 200);
    assertProblem(await setting.as(other, "GET", "/v1/me"), 401, "auth.token-invalid");
    assertProblem(
      await setting.call("POST", "/v1/sessions", { body: { login: person.login, password: person.password } }),
      401,
      "account.wrong-credentials",
    );
    assert.equal(
      (await setting.call("POST", "/v1/sessions", { body: { login: person.login, password: "another long one" } }))
        .status,
      201,
    );
  });

  test("an erased subject's tokens are worth nothing", async (t) => {
    const setting = await openSetting(t);
    const person = await setting.subject();
    await eraseSubject(setting.context, person.id);
    assertProblem(await setting.as(person.token, "GET", "/v1/me"), 401, "auth.token-invalid");
    assertProblem(
      await setting.call("POST", "/v1/sessions", { body: { login: person.login, password: person.password } }),
      401,
      "account.wrong-credentials",
    );
    const { subjects } = (await setting.operator("GET", "/v1/subjects")).body;
    assert.deepEqual(
      subjects.map(({ login, state }: { login: string; state: string }) => [login, state]),
      [["", "erased"]],
    );
  });

  test("a token changed to another subject or scope opens nothing", async (t) => {
    const setting = await openSetting(t);
    const [ada, bob] = [await setting.subject(), await setting.subject()];
    const reader = (await setting.as(ada.token, "POST", "/v1/me/tokens", { name: "r", scope: "read", expiresAt: null }))
      .body.token as string;
    const tampered = [
      reader.replace("srr.", "srs."),
      reader.replace(ada.id, bob.id),
      reader.replace(/.$/, (last) => (last === "A" ? "E" : "A")),
    ];
    for (const token of tampered) assertProblem(await setting.as(token, "GET", "/v1/me"), 401, "auth.token-invalid");
  });

  test("who writes a token row into the database, or moves one, gets nothing", async (t) => {
    const setting = await openSetting(t);
    const [ada, bob] = [await setting.subject(), await setting.subject()];
    const { store } = setting.context;
    const put = (row: TokenRow) => store.write((tx) => tx.attempt([{ op: "token.add", row }]));
    const text = `srs.${bob.id}.${"A".repeat(43)}`;
    const facts = {
      id: "AAAAAAAAAAAAAAAAAAAAAA",
      kind: "session",
      name: "",
      scope: "all",
      createdAt: 0,
      expiresAt: null,
    } as const;
    assert.equal(await put({ ...facts, subject: bob.id, hash: toBase64url(sha256(utf8(text))) }), null);
    assertProblem(await setting.as(text, "GET", "/v1/me"), 401, "auth.token-invalid");

    const [row] = await store.tokensOf(ada.id);
    await store.write((tx) => tx.attempt([{ op: "token.remove", subject: ada.id, id: row!.id }]));
    assert.equal(await put({ ...row!, subject: bob.id }), null);
    assertProblem(await setting.as(ada.token, "GET", "/v1/me"), 401, "auth.token-invalid");
  });

  test("subjects are listed page by page", async (t) => {
    const setting = await openSetting(t);
    const made = new Set<string>();
    for (let count = 0; count < 5; count += 1) made.add((await setting.subject()).id);
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const { body } = await setting.operator("GET", `/v1/subjects?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`);
      seen.push(...body.subjects.map(({ id }: { id: string }) => id));
      cursor = body.cursor as string | null;
    }
    assert.deepEqual(seen, [...made].sort());
    for (const query of ["limit=0", "limit=201", "limit=2x", "limit=1&limit=2", "cursor=x", "other=1"]) {
      assertProblem(await setting.operator("GET", `/v1/subjects?${query}`), 400, "request.invalid");
    }
  });

  test("no password, token or login of a session is in the database", async (t) => {
    const setting = await openSetting(t);
    const person = await setting.subject();
    const rows = await setting.context.store.tokensOf(person.id);
    const subject = await setting.context.store.subject(person.id);
    const stored = JSON.stringify([rows, subject?.passwordHash]);
    for (const secret of [person.token, person.token.split(".")[2]!, person.password])
      assert.ok(!stored.includes(secret));
  });
});
