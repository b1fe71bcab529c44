import { after, describe, test } from "node:test";
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { matches, runPage } from "../tools/doc-blocks.ts";
import { brokenLinks } from "../tools/doc-links.ts";
import { withTables } from "../tools/errors-doc.ts";
import { anchors, fences, links } from "../tools/markdown.ts";
import { ROOT } from "../tools/tree.ts";

mkdirSync(join(ROOT, ".docs-run"), { recursive: true });
const folder = mkdtempSync(join(ROOT, ".docs-run", "test-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const fenced = (info: string, ...body: string[]) => ["```" + info, ...body, "```", ""].join("\n");

describe("fences", () => {
  test("body, words of the opening line, and line number", () => {
    const text = `# Title\n${fenced("ts run", "const a = 1;", "", "a;")}`;
    assert.deepEqual(fences(text), [{ info: ["ts", "run"], body: "const a = 1;\n\na;\n", line: 2 }]);
  });
  test("a longer fence holds shorter ones as text", () => {
    assert.deepEqual(fences("````md\n```ts\n```\n````\n")[0]!.body, "```ts\n```\n");
  });
  test("an indented block, as in a list, loses its indentation", () => {
    assert.equal(fences("1. do\n   ```sh run\n   ls\n     -l\n   ```\n")[0]!.body, "ls\n  -l\n");
  });
  test("one that is never closed is refused", () => assert.throws(() => fences("```ts\nx"), SyntaxError));
});

describe("anchors and links", () => {
  test("anchors are made as GitHub makes them", () => {
    const text = "# One authorization, top to bottom\n## Key `epochs`\n## Key epochs\n```\n# not a heading\n```\n";
    assert.deepEqual([...anchors(text)], ["one-authorization-top-to-bottom", "key-epochs", "key-epochs-1"]);
  });
  test("links of every kind with their lines, none out of code", () => {
    const text = '[a](a.md) ![b](<b.svg> "B")\n`[no](c.md)`\n```\n[no](d.md)\n```\n[e]: e.md#x\n';
    assert.deepEqual(links(text), [
      { target: "a.md", line: 1 },
      { target: "b.svg", line: 1 },
      { target: "e.md#x", line: 6 },
    ]);
  });
});

describe("broken links", () => {
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  mkdirSync(join(folder, "inner"));
  write("inner/there.md", "# A Heading\n");

  for (const [target, why] of [
    ["inner/there.md", null],
    ["inner/there.md#a-heading", null],
    ["inner", null],
    ["#here", null],
    ["https://example.org/nowhere", null],
    ["inner/gone.md", /no such file/],
    ["inner/there.md#another", /#another/],
    ["#nowhere", /#nowhere/],
    ["/etc/hostname", /root/],
    ["../../../../outside.md", /out of the repository/],
    ["javascript:alert(1)", /scheme/],
  ] as const) {
    test(`${target} ${why === null ? "leads somewhere" : "is found"}`, () => {
      write("page.md", `# Here\n[link](${target})\n`);
      const found = brokenLinks(folder, "page.md");
      if (why === null) return assert.deepEqual(found, []);
      assert.equal(found.length, 1);
      assert.match(found[0]!, why);
      assert.match(found[0]!, /^page\.md:2 /);
    });
  }
});

describe("blocks that are run", () => {
  const run = (text: string, timeoutMs?: number) => runPage("page.md", text, join(folder, "run"), timeoutMs);

  test("TypeScript finds the workspace's packages, and prints what the page says", async () => {
    const code = ['import { toHex } from "@strongroom/core/bytes";', "console.log(toHex(new Uint8Array([1, 255])));"];
    const page = fenced("ts run", ...code) + fenced("text output", "01ff");
    assert.deepEqual(await run(page), { ran: 1, problems: [] });
  });
  test("shell blocks share the page's folder, in order", async () => {
    const page = fenced("sh run", "echo kept > file") + fenced("sh run", "cat file") + fenced("text output", "kept");
    assert.deepEqual(await run(page), { ran: 2, problems: [] });
  });
  test("blocks not marked are left alone", async () => {
    assert.deepEqual(await run(fenced("ts", "throw 1") + fenced("sh", "exit 9")), { ran: 0, problems: [] });
  });
  test("other output is told", async () => {
    const { problems } = await run(fenced("sh run", "echo one") + fenced("text output", "two"));
    assert.match(problems.join(), /page\.md:1: the block did not print what line 4 says, but:\none/);
  });
  for (const [why, block] of [
    ["an exit code", fenced("sh run", "exit 3")],
    ["a failure in the middle", fenced("sh run", "false", "true")],
    ["a failure in a pipe", fenced("sh run", "false | cat")],
    ["a thrown error", fenced("ts run", 'throw new Error("thrown");')],
  ] as const) {
    test(`${why} is a problem, and ends the page`, async () => {
      const { ran, problems } = await run(block + fenced("sh run", "true"));
      assert.deepEqual([ran, problems.length], [1, 1]);
      assert.match(problems[0]!, /ended with exit code [13]/);
    });
  }
  test("output that follows no run block is a problem, not silence", async () => {
    assert.match((await run(fenced("ts", "1") + fenced("text output", "1"))).problems.join(), /belongs right after/);
  });
  test("a block without end is ended", async () => {
    assert.match((await run(fenced("sh run", "sleep 600"), 100)).problems.join(), /was ended after 100 ms/);
  });
  test("what runs in the background lives until the end of the page, and no longer", async () => {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    const closed = new Promise<void>((done) => {
      server.on("connection", (socket) =>
        socket
          .resume()
          .on("error", () => undefined)
          .on("close", () => done()),
      );
    });
    const page =
      fenced("sh run", `(exec 3<>/dev/tcp/127.0.0.1/${port}; touch connected; sleep 600) &`, "echo $! > id") +
      fenced("sh run", "until [ -e connected ]; do sleep 0.01; done", 'kill -0 "$(cat id)"');
    assert.deepEqual((await run(page)).problems, []);
    await closed;
    server.close();
  });
});

describe("output is compared", () => {
  for (const [expected, actual, same] of [
    ["a\nb\n", "a\nb", true],
    ["a  \nb", "a\nb\n\n", true],
    ["a", "a b", false],
    ["a.c", "abc", false],
    ["id … done", "id 8f3 done", true],
    ["id … done", "id 8\n3 done", false],
    ["first\n…\nlast", "first\n2\n3\nlast", true],
    ["first\n…\nlast", "first\nlast", false],
  ] as const) {
    test(`${JSON.stringify(expected)} ${same ? "is" : "is not"} ${JSON.stringify(actual)}`, () => {
      assert.equal(matches(expected, actual), same);
    });
  }
});

describe("the tables of errors", () => {
  const errors = {
    "a.one": { status: 400, cause: "Has a | in it.", fix: "Do\nthis." },
    "b.two": { status: 500, cause: "Two.", fix: "That." },
    "a.three": { status: 404, cause: "Three.", fix: "It." },
  };
  const page = "intro\n<!-- errors: begin (npm run errors-doc) -->\nstale\n<!-- errors: end -->\noutro\n";

  test("one row per code, one table per area, the rest of the page untouched", () => {
    const made = withTables(page, errors);
    assert.deepEqual(made.split("\n"), [
      "intro",
      "<!-- errors: begin (npm run errors-doc) -->",
      "",
      "## a",
      "",
      "| code | status | cause | what to do |",
      "|---|---|---|---|",
      "| `a.one` | 400 | Has a \\| in it. | Do this. |",
      "| `a.three` | 404 | Three. | It. |",
      "",
      "## b",
      "",
      "| code | status | cause | what to do |",
      "|---|---|---|---|",
      "| `b.two` | 500 | Two. | That. |",
      "",
      "<!-- errors: end -->",
      "outro",
      "",
    ]);
    assert.equal(withTables(made, errors), made);
  });
  test("a page without its markers, or with two pairs, is refused", () => {
    for (const bad of ["", page + page, page.replace("begin", "start"), page.replace("errors: end", "end")]) {
      assert.throws(() => withTables(bad, errors), /exactly one/);
    }
  });
});
