/** What is typed at a prompt: never echoed, never taken from anywhere else, and no answer is no. */
import { describe, test, type TestContext } from "node:test";
import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { setImmediate } from "node:timers/promises";
import type { Io } from "../src/io.ts";
import { Output } from "../src/output.ts";
import { startProgress } from "../src/progress.ts";
import { confirm, readSecret } from "../src/prompt.ts";

/** A terminal on which somebody types. */
function terminal(): { io: Io; type: (text: string) => Promise<void>; seen: () => string } {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  let seen = "";
  stderr.on("data", (part: Buffer) => (seen += part.toString()));
  const io: Io = { stdin, stdout: new PassThrough(), stderr, env: {}, cwd: ".", now: () => 0 };
  return {
    io,
    seen: () => seen,
    async type(text) {
      if (stdin.listenerCount("keypress") + stdin.listenerCount("data") === 0) await once(stdin, "newListener");
      stdin.write(text);
      await setImmediate();
    },
  };
}

const silent = (io: Io): Output => new Output(io, false);
const password = { what: "password", file: undefined, option: "--password-file" };

describe("a secret", () => {
  test("is asked for without echo, and may be corrected", async () => {
    const { io, type, seen } = terminal();
    const answer = readSecret(io, silent(io), password);
    await type("correct hors\u007fse\n");
    assert.equal(await answer, "correct horse");
    assert.equal(seen(), "password: \n");
  });

  test("that is new is asked for twice, and must be the same", async () => {
    const { io, type } = terminal();
    const same = readSecret(io, silent(io), { ...password, confirm: true });
    await type("correct horse\n");
    await type("correct horse\n");
    assert.equal(await same, "correct horse");
    const other = terminal();
    const different = readSecret(other.io, silent(other.io), { ...password, confirm: true });
    const refused = assert.rejects(different, { code: "cli.cancelled" });
    await other.type("correct horse\n");
    await other.type("correct hose\n");
    await refused;
  });

  test("is cancelled by Ctrl-C and by the end of the input", async () => {
    for (const keys of ["secre\u0003", null]) {
      const { io, type, seen } = terminal();
      const refused = assert.rejects(readSecret(io, silent(io), password), {
        code: "cli.cancelled",
        details: { interrupted: true },
      });
      if (keys === null) (io.stdin as PassThrough).end();
      else await type(keys);
      await refused;
      assert.ok(!seen().includes("secre"));
    }
  });

  test("empty, of several lines, or without a terminal to ask on, is refused", async () => {
    const { io, type } = terminal();
    const empty = assert.rejects(readSecret(io, silent(io), password), { code: "cli.usage" });
    await type("\n");
    await empty;
    const piped = { ...terminal().io, stdin: PassThrough.from([]) as unknown as PassThrough };
    await assert.rejects(readSecret(piped, silent(piped), password), {
      code: "cli.no-terminal",
      message: /--password-file/,
    });
    const lines = { ...piped, stdin: PassThrough.from(["two\nlines\n"]) as unknown as PassThrough };
    await assert.rejects(readSecret(lines, silent(lines), { ...password, file: "-" }), { code: "cli.usage" });
    const endless = { ...piped, stdin: PassThrough.from(["x".repeat(5_000)]) as unknown as PassThrough };
    await assert.rejects(readSecret(endless, silent(endless), { ...password, file: "-" }), { code: "cli.file" });
    await assert.rejects(readSecret(piped, silent(piped), { ...password, file: "nowhere" }), { code: "cli.file" });
  });
});

test("a confirmation is a yes or nothing is done", async () => {
  for (const [answer, yes] of [
    ["y", true],
    ["Yes", true],
    ["", false],
    ["n", false],
    ["yesterday", false],
  ] as const) {
    const { io, type, seen } = terminal();
    const asked = confirm(io, "Erase?", false).then(
      () => true,
      () => false,
    );
    await type(`${answer}\n`);
    assert.equal(await asked, yes, answer);
    assert.match(seen(), /^Erase\? \[y\/N\] /);
  }
});

describe("progress", () => {
  const shown = (isTTY: boolean, silenced: boolean, t: TestContext) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const stderr = Object.assign(new PassThrough(), { isTTY, columns: 40 });
    let now = 0;
    const progress = startProgress({ stderr, now: () => now } as unknown as Io, "reading the log", silenced);
    const pass = (ms: number) => {
      now += ms;
      t.mock.timers.tick(ms);
    };
    return { progress, pass, text: () => String(stderr.read() ?? "") };
  };

  test("is silent for a second, then one line that is written over, and gone at the end", (t) => {
    const { progress, pass, text } = shown(true, true, t);
    pass(999);
    assert.equal(text(), "");
    progress.update("200 of 4,000 leaves");
    pass(1);
    assert.equal(text(), "\r\u001b[2Kreading the log …  200 of 4,000 leaves ");
    pass(150);
    assert.match(text(), /^\r[^\n]*$/);
    progress.done();
    assert.equal(text(), "\r\u001b[2K");
    pass(60_000);
    assert.equal(text(), "");
  });

  test("is an occasional line where nobody looks on, and nothing where a program reads", (t) => {
    const { progress, pass, text } = shown(false, false, t);
    pass(1_000);
    assert.equal(text(), "reading the log …  1 s\n");
    pass(9_999);
    assert.equal(text(), "");
    pass(1);
    assert.equal(text(), "reading the log …  11 s\n");
    progress.done();
    t.mock.timers.reset();
    const quiet = shown(false, true, t);
    quiet.pass(60_000);
    assert.equal(quiet.text(), "");
  });
});
