/** The demo as a newcomer runs it: a process of its own, on a folder of its own, twice. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

const DEMO = join(import.meta.dirname, "../demo/main.ts");

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function demo(...args: string[]): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [DEMO, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    const [stdout, stderr] = [[], []] as [Buffer[], Buffer[]];
    child.stdout.on("data", (part: Buffer) => stdout.push(part));
    child.stderr.on("data", (part: Buffer) => stderr.push(part));
    child.on("error", reject);
    child.on("close", (code) =>
      resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
  });
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "strongroom-demo-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test("the demo tells the whole story, and again on its own data", async (t) => {
  const data = join(folder(t), "data");
  const first = await demo("--once", "--data", data, "--agent-port", "0", "--shop-port", "0");
  assert.equal(first.code, 0, first.stderr);
  const label = "     | Maria Lindqvist\n     | Storgatan 12\n     | 753 31 Uppsala\n     | Sweden\n";
  assert.ok(first.stdout.includes(label), "the label is printed");
  assert.match(first.stdout, /maria: \(not available: this person has not allowed it\)/, "the advert is denied");
  assert.match(
    first.stdout,
    /order 1: \(not available: this person has not allowed it\)/,
    "the label is denied once revoked",
  );
  assert.match(first.stdout, /leaves, root recomputed, signature of .* good, nothing found/, "the log is audited");
  for (const file of ["shop.db", "agent/agent.db"]) {
    const bytes = readFileSync(join(data, file));
    for (const secret of ["Lindqvist", "Storgatan", "4000 0566", "400005665566"])
      assert.ok(!bytes.includes(secret), `${secret} is in ${file}`);
  }

  const second = await demo("--once", "--data", data, "--shop-port", "0");
  assert.equal(second.code, 0, second.stderr);
  assert.match(second.stdout, /customer of the shop since an earlier run/);
  assert.match(second.stdout, /She places order 3/);
  assert.ok(second.stdout.includes(label), "what was revoked is allowed anew, and the label is printed");
});

test("a taken port and a folder that cannot be used are told with what to do, without a stack", async (t) => {
  const base = folder(t);
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  t.after(() => taken.close());
  const { port } = taken.address() as { port: number };
  writeFileSync(join(base, "file"), "");
  const runs = await Promise.all([
    demo("--once", "--data", join(base, "a"), "--agent-port", String(port), "--shop-port", "0"),
    demo("--once", "--data", join(base, "b"), "--agent-port", "0", "--shop-port", String(port)),
    demo("--once", "--data", join(base, "file")),
    demo("--agent-port", "x"),
  ]);
  assert.match(
    runs[0].stderr,
    /^demo: port \d+ of 127\.0\.0\.1 is taken by another program; stop that program .*--agent-port 0/,
  );
  assert.match(
    runs[1].stderr,
    /^demo: port \d+ of 127\.0\.0\.1 is taken by another program; choose another with: npm run demo -- --shop-port 0/,
  );
  assert.match(
    runs[2].stderr,
    /^demo: the folder .*file cannot be written \(\w+\); name another with: npm run demo -- --data/,
  );
  assert.match(runs[3].stderr, /^demo: --agent-port takes a port from 0 to 65535, not "x"/);
  for (const { code, stderr } of runs) {
    assert.equal(code, 1);
    assert.equal(stderr.trim().split("\n").length, 1, stderr);
  }
});
