import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { scryptSync } from "node:crypto";
import { fromBase64url } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { hmacSha256, randomBytes, secretKey } from "@strongroom/core/primitives";
import { PASSWORD_CHARS_MAX, readLogin, readPassword } from "../../src/accounts/login.ts";
import { Passwords, SCRYPT_COST } from "../../src/accounts/passwords.ts";

const effects = { now: () => 0, random: randomBytes };
const pepper = secretKey(Buffer.alloc(32, 1));
const cost = { log2N: 8, r: 8, p: 1 };
const cheap = () => new Passwords({ pepper, effects, cost });

const throwsCode = (work: () => unknown, code: string) =>
  assert.throws(work, (error) => error instanceof StrongroomError && error.code === code);

describe("password hashes", () => {
  test("the right password fits, another, another subject's and nobody's do not", async () => {
    const passwords = cheap();
    const passwordHash = await passwords.hash("correct horse", "subject-1");
    assert.ok(await passwords.verify("correct horse", { id: "subject-1", passwordHash }));
    assert.ok(!(await passwords.verify("correct hors", { id: "subject-1", passwordHash })));
    assert.ok(!(await passwords.verify("correct horse", { id: "subject-2", passwordHash })));
    assert.ok(!(await passwords.verify("correct horse", null)));
  });

  test("without the secret beside the KEKs nothing can be checked or forged", async () => {
    const passwordHash = await cheap().hash("correct horse", "subject-1");
    const other = new Passwords({ pepper: secretKey(Buffer.alloc(32, 2)), effects, cost });
    assert.ok(!(await other.verify("correct horse", { id: "subject-1", passwordHash })));
  });

  test("is scrypt with the stored cost and salt, then HMAC with the subject's id", async () => {
    const stored = await cheap().hash("correct horse", "subject-1");
    const [name, log2N, r, p, salt = "", mac = ""] = stored.split("$");
    assert.deepEqual([name, log2N, r, p], ["scrypt", "8", "8", "1"]);
    const derived = scryptSync("correct horse", fromBase64url(salt), 32, { N: 256, r: 8, p: 1 });
    assert.deepEqual(fromBase64url(mac), hmacSha256(pepper, Buffer.concat([derived, Buffer.from("subject-1")])));
  });

  test("hashes of another cost still fit; ones that were not written by us never do", async () => {
    const passwordHash = await new Passwords({ pepper, effects, cost: { log2N: 9, r: 4, p: 2 } }).hash(
      "correct horse",
      "s",
    );
    assert.ok(await cheap().verify("correct horse", { id: "s", passwordHash }));
    for (const bad of [
      "",
      "plain",
      "scrypt$8$8$1$AA$",
      "scrypt$30$8$1$AAAA$AAAA",
      "scrypt$8$99$1$AAAA$AAAA",
      "scrypt$0$8$1$AAAA$AAAA",
      "scrypt$8$8$1$A$A",
    ]) {
      assert.ok(!(await cheap().verify("correct horse", { id: "s", passwordHash: bad })), bad);
    }
  });

  test("the default costs at least what OWASP asks for", () => {
    // Equivalents of N = 2^17, r = 8, p = 1 in the Password Storage Cheat Sheet.
    assert.deepEqual(SCRYPT_COST, { log2N: 15, r: 8, p: 3 });
  });

  test("two are made at once, some wait, and more are refused", async () => {
    const passwords = cheap();
    const all = await Promise.allSettled(Array.from({ length: 70 }, () => passwords.verify("x", null)));
    const refused = all.filter(({ status }) => status === "rejected");
    assert.equal(refused.length, 70 - 2 - 64);
    assert.ok(
      refused.every((each) => each.status === "rejected" && (each.reason as StrongroomError).code === "limit.busy"),
    );
    assert.equal(await passwords.verify("x", null), false);
  });
});

describe("logins and passwords as people type them", () => {
  test("a login has one form", () => {
    assert.equal(readLogin("Ada@Example.com"), "ada@example.com");
    assert.equal(readLogin("ﬁona"), "fiona");
    assert.equal(readLogin("A\u030asa"), "åsa");
  });

  test("other logins are refused", () => {
    for (const text of ["", "ab", ".ada", "ada lovelace", "ada\n", "ada\u202e", "a".repeat(129), "ada/", "ada\u0000"]) {
      throwsCode(() => readLogin(text), "account.bad-login");
    }
    assert.equal(readLogin("a".repeat(128)).length, 128);
  });

  test("passwords have 10 to 256 characters, counted as people do", () => {
    throwsCode(() => readPassword("123456789"), "account.bad-password");
    assert.equal(readPassword("1234567890"), "1234567890");
    throwsCode(() => readPassword("🐎".repeat(9)), "account.bad-password");
    readPassword("🐎".repeat(PASSWORD_CHARS_MAX));
    throwsCode(() => readPassword("x".repeat(PASSWORD_CHARS_MAX + 1)), "account.bad-password");
    throwsCode(() => readPassword(`\ud800${"x".repeat(10)}`), "account.bad-password");
    assert.equal(readPassword("e\u0301".repeat(10)), "é".repeat(10));
  });
});
