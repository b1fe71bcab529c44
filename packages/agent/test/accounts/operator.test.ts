import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { randomBytes } from "@strongroom/core/primitives";
import { OPERATOR_FILE, openOperatorToken, readOperatorToken } from "../../src/accounts/operator.ts";

const effects = { now: () => 0, random: randomBytes };

function file(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "strongroom-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, OPERATOR_FILE);
}

describe("the operator's token", () => {
  test("is made once, only for the agent's user, and stays", (t) => {
    const path = file(t);
    const token = openOperatorToken(path, effects);
    const text = readOperatorToken(path);
    if (process.platform !== "win32") assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.ok(token.matches(text));
    assert.ok(!token.matches(`${text}x`));
    assert.ok(!token.matches(""));
    assert.ok(openOperatorToken(path, effects).matches(text));
    assert.equal(Buffer.from(text.slice(4), "base64url").length, 32);
  });

  test("a file that others can read, or that is something else, is refused", (t) => {
    const path = file(t);
    openOperatorToken(path, effects);
    writeFileSync(path, "hunter2");
    assert.throws(() => openOperatorToken(path, effects), { code: "agent.operator-file" });
    assert.throws(() => readOperatorToken(join(path, "nowhere")), { code: "agent.operator-file" });
    assert.throws(() => openOperatorToken(join(path, "nowhere"), effects), { code: "agent.operator-file" });
    if (process.platform === "win32") return;
    const open = file(t);
    openOperatorToken(open, effects);
    chmodSync(open, 0o640);
    assert.throws(() => openOperatorToken(open, effects), { code: "agent.operator-file" });
  });
});
