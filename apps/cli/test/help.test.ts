/** Every command: help with examples that are true, --json, one form of refusal, and no way to pass a secret. */
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { ERRORS, type ErrorCode } from "@strongroom/core/errors";
import { EXIT, EXIT_CODES_TEXT, exitCodeOf } from "../src/exitCodes.ts";
import { processIo } from "../src/io.ts";
import { program } from "../src/main.ts";
import { Place } from "./cli.ts";

const cli = program(processIo, false).program;
const place = new Place();

/** Commands that do something, with their names from the start. */
function leaves(command: Command, name: string[] = []): { name: string[]; command: Command }[] {
  if (command.commands.length === 0) return [{ name, command }];
  return command.commands
    .filter((each) => each.name() !== "help")
    .flatMap((each) => leaves(each, [...name, each.name()]));
}

const all = leaves(cli);

/** Words of a command line; quotes hold words together. */
const words = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);

test("there are the commands that were promised", () => {
  const promised = [
    ["init", "up", "doctor", "subject add", "subject list", "subject erase", "subject export", "subject connect"],
    ["controller add", "controller list", "application add", "application list"],
    [
      "rule add",
      "rule list",
      "rule edit",
      "rule revoke",
      "authorize",
      "consent list",
      "consent answer",
      "lock",
      "unlock",
    ],
    ["log show", "log verify", "keys rotate", "audit", "recover"],
  ].flat();
  const names = all.map(({ name }) => name.join(" "));
  assert.deepEqual(
    promised.filter((name) => !names.includes(name)),
    [],
  );
});

for (const { name, command } of all) {
  test(`${name.join(" ")}: --json, exit codes, and examples that this command understands`, async () => {
    const { stdout, stderr, code } = await place.run([...name, "--help"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.ok(stdout.includes(EXIT_CODES_TEXT));
    assert.match(stdout, /^ +--json /m);
    const [, section = ""] = /\nExamples:\n([^]*?)\n\n/.exec(stdout) ?? [];
    const examples = section.split("\n").map((line) => words(line.trim()));
    assert.ok(examples.length >= 1);
    for (const [first, ...rest] of examples) {
      assert.deepEqual([first, ...rest.slice(0, name.length)], ["strongroom", ...name]);
      const { unknown, operands } = command.parseOptions(rest.slice(name.length));
      assert.deepEqual(unknown, [], "it has these options");
      assert.ok(operands.length >= command.registeredArguments.filter(({ required }) => required).length);
      assert.ok(operands.length <= command.registeredArguments.length);
      const given = rest.filter((word) => word.startsWith("--"));
      const missing = command.options.filter(({ mandatory, long }) => mandatory && !given.includes(long!));
      assert.deepEqual(
        missing.map(({ long }) => long),
        [],
      );
    }
  });
}

describe("a secret in the arguments", () => {
  for (const flag of ["--password", "--passphrase", "--token", "--operator-token", "--private-key", "-password"]) {
    test(`${flag} is refused with the reason, and not repeated`, async () => {
      for (const args of [[flag, "hunter2-hunter2"], [`${flag}=hunter2-hunter2`]]) {
        const { code, stdout, stderr } = await place.run(["subject", "add", "ann", ...args]);
        assert.deepEqual([code, stdout], [EXIT.usage, ""]);
        assert.match(stderr, /every program on this machine can read the arguments/);
        assert.match(stderr, /what to do: .*change it; give it at the prompt/);
        assert.ok(!stderr.includes("hunter2"));
      }
    });
  }

  test("a word after -- is a name", async () => {
    const { problem } = await place
      .problem(["controller", "add", "--json", "--", "--password"])
      .catch(() => ({ problem: null }));
    assert.notEqual(problem?.code, "cli.secret-in-arguments");
  });
});

describe("a wrong command line", () => {
  for (const [args, says] of [
    [[], /not complete/],
    [["subject"], /not complete/],
    [["subjct", "list"], /unknown command 'subjct'[^]*Did you mean subject/],
    [["rule", "lst"], /unknown command 'lst'[^]*Did you mean list/],
    [["rule", "list", "--contoller", "x"], /unknown option '--contoller'[^]*Did you mean --controller/],
    [["application", "add", "web"], /required option '--controller/],
    [["controller", "add"], /missing required argument 'name'/],
    [["controller", "add", "a", "b"], /too many arguments/],
    [["log", "show", "--action", "steal"], /Allowed choices are read, update/],
    [["rule", "add", "--allow", "--deny", "--controller", "x"], /cannot be used with/],
  ] as const) {
    test(`${args.join(" ") || "(nothing)"}: exit code 2, and what is wrong`, async () => {
      const { code, stdout, stderr } = await place.run(args);
      assert.deepEqual([code, stdout], [EXIT.usage, ""]);
      assert.match(stderr, says);
      const { code: same, problem } = await place.problem(args);
      assert.deepEqual([same, problem.code], [EXIT.usage, "cli.usage"]);
    });
  }

  test("the guard against an old Node, which the bin runs first, leaves the arguments alone", async () => {
    const { code, stderr } = await place.spawn(["12.0.0"]);
    assert.equal(code, EXIT.usage);
    assert.match(stderr, /unknown command '12\.0\.0'/);
  });

  test("the version and the help of all are no errors", async () => {
    assert.match((await place.run(["--version"])).stdout, /^\d+\.\d+\.\d+\n$/);
    const { code, stdout } = await place.run(["--help"]);
    assert.equal(code, 0);
    for (const each of cli.commands) assert.ok(stdout.includes(`\n  ${each.name()}`), each.name());
  });
});

describe("exit codes", () => {
  test("are those of docs/cli.md", () => {
    const page = readFileSync(new URL("../../../docs/cli.md", import.meta.url), "utf8");
    const rows = [...page.matchAll(/^\| (\d+) \| (\S[^|]*) \|$/gm)].map(([, number]) => Number(number));
    assert.deepEqual(rows, Object.values(EXIT));
  });

  for (const [code, expected] of [
    ["cli.usage", EXIT.usage],
    ["vocabulary.unknown-type", EXIT.usage],
    ["account.wrong-credentials", EXIT.refused],
    ["auth.scope", EXIT.refused],
    ["auth.operator", EXIT.refused],
    ["client.name-taken", EXIT.failed],
    ["agent.port-taken", EXIT.failed],
    ["cli.file", EXIT.failed],
    ["cli.cancelled", EXIT.failed],
    ["cli.unreachable", EXIT.unreachable],
    ["cli.not-an-agent", EXIT.unreachable],
  ] as const satisfies readonly (readonly [ErrorCode, number])[]) {
    test(`${code} is ${expected}`, () => assert.equal(exitCodeOf({ code, status: ERRORS[code].status }), expected));
  }
});
