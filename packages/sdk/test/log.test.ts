import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { inclusionProof, leafHash, rootAt } from "@strongroom/core/log";
import type { Strongroom, StrongroomError } from "@strongroom/sdk";
import { verifyRun } from "../src/log/run.ts";
import { FakeLog } from "./fakeLog.ts";
import type { FakeAgent } from "./fakeAgent.ts";
import { connect, customer, DELIVER, EXPLICIT, startAgent, until } from "./setting.ts";

async function useOnce(strongroom: Strongroom, agent: FakeAgent, people = 1): Promise<void> {
  const jobs = Array.from({ length: people }, (_, row) => ({
    person: agent.person(`p${row}`),
    row,
    values: { surname: "Rossi" },
  }));
  await strongroom.openMany(customer, await strongroom.sealMany(customer, jobs, { provenance: EXPLICIT }), DELIVER);
}

const finding =
  (code: string, details: object = {}) =>
  (error: StrongroomError): boolean => {
    assert.equal(error.code, code);
    assert.partialDeepStrictEqual(error.details, details);
    return true;
  };

describe("verifyLog", () => {
  test("finds what was promised in a log that only grows", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    assert.deepEqual(await strongroom.verifyLog(), [
      { issuer: agent.issuer, size: 0, continues: null, entriesFound: 0, entriesWaiting: 0 },
    ]);
    await useOnce(strongroom, agent, 5);
    assert.partialDeepStrictEqual(await strongroom.verifyLog(), [{ size: 0, entriesFound: 0, entriesWaiting: 10 }]);
    agent.log.publish();
    assert.partialDeepStrictEqual(await strongroom.verifyLog(), [
      { size: 11, continues: null, entriesFound: 10, entriesWaiting: 0 },
    ]);
    await useOnce(strongroom, agent);
    agent.log.publish();
    await useOnce(strongroom, agent);
    assert.partialDeepStrictEqual(await strongroom.verifyLog(), [
      { size: 13, continues: 11, entriesFound: 1, entriesWaiting: 1 },
    ]);
    assert.equal(agent.to("/v1/log/consistency").length, 1);
    assert.ok(
      agent.calls
        .filter(({ path }) => path.includes("log/"))
        .every(({ headers }) => headers.authorization === undefined),
    );
  });

  test("finds an entry that was dropped or changed", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    await useOnce(strongroom, agent, 3);
    agent.log.leaves[4] = leafHash(Buffer.from("another entry"));
    agent.log.publish();
    await assert.rejects(strongroom.verifyLog(), finding("sdk.log-entry-missing", { promise: { first: 3 } }));
    await assert.rejects(strongroom.verifyLog(), finding("sdk.log-entry-missing"), "evidence is not forgotten");
  });

  test("finds entries that were put in another order", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    await useOnce(strongroom, agent, 3);
    agent.log.leaves.reverse();
    agent.log.publish();
    await assert.rejects(strongroom.verifyLog(), finding("sdk.log-entry-missing"));
  });

  test("finds a log that was rewritten, cut, or shows two roots for one size", async (t) => {
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    await useOnce(strongroom, agent, 3);
    agent.log.publish();
    await strongroom.verifyLog();
    const honest = [...agent.log.leaves];
    const size = agent.log.published;

    agent.log.leaves = [leafHash(Buffer.from("rewritten")), ...honest.slice(1), ...honest];
    agent.log.published = agent.log.leaves.length;
    await assert.rejects(strongroom.verifyLog(), finding("sdk.log-fork"));
    agent.log.published = size;
    await assert.rejects(strongroom.verifyLog(), finding("sdk.log-fork"));
    agent.log.leaves = honest;
    agent.log.published = size - 1;
    await assert.rejects(strongroom.verifyLog(), (error: StrongroomError) => {
      assert.match(String(error.details["remembered"]), new RegExp(`\n${size}\n`));
      assert.match(String(error.details["shown"]), new RegExp(`\n${size - 1}\n`));
      return error.code === "sdk.log-fork";
    });
    agent.log.published = 0;
    await assert.rejects(strongroom.verifyLog(), finding("sdk.log-fork"));
    agent.log.published = size;
    await strongroom.verifyLog();
  });

  test("finds an entry that never gets under a checkpoint", async (t) => {
    const agent = await startAgent(t);
    let now = Date.now();
    agent.now = () => now;
    const strongroom = await connect(t, [agent], { clock: () => now, log: { checkEveryMs: 0, lateAfterMs: 60_000 } });
    agent.log.publish();
    await useOnce(strongroom, agent);
    now += 60_000;
    await strongroom.verifyLog();
    now += 1;
    await assert.rejects(strongroom.verifyLog(), finding("sdk.log-late", { size: 1 }));
  });

  test("takes no checkpoint but the pinned log's, and no proof that is none", async (t) => {
    const [agent, other] = [await startAgent(t), await startAgent(t)];
    const strongroom = await connect(t, [agent]);
    await useOnce(strongroom, agent);
    agent.log.publish();
    other.log.publish();
    for (const note of [other.log.checkpoint(), agent.log.checkpoint().replace("\n3\n", "\n2\n"), "", "<html>"]) {
      agent.intercept = (call) => (call.path === "/log/checkpoint" ? { status: 200, body: note } : undefined);
      await assert.rejects(strongroom.verifyLog(), finding("sdk.log-checkpoint"));
    }
    for (const body of ["<html>", { proof: "x" }, { proof: [7] }, { proof: Array.from({ length: 129 }, () => "") }]) {
      agent.intercept = (call) => (call.path === "/v1/log/inclusion" ? { status: 200, body } : undefined);
      await assert.rejects(strongroom.verifyLog(), finding("sdk.bad-answer"));
    }
    agent.intercept = (call) =>
      call.path === "/v1/log/inclusion" ? { status: 200, body: { proof: ["AAAA"] } } : undefined;
    await assert.rejects(strongroom.verifyLog(), finding("sdk.log-entry-missing"));
  });
});

describe("in the background", () => {
  test("what is found is told once, what is well is not", async (t) => {
    const agent = await startAgent(t);
    const found: string[] = [];
    const log = {
      checkEveryMs: 5,
      onFinding: (error: StrongroomError, issuer: string) => void found.push(`${error.code} ${issuer}`),
    };
    const strongroom = await connect(t, [agent], { log });
    await useOnce(strongroom, agent);
    agent.log.publish();
    await until(() => agent.to("/v1/log/inclusion").length >= 2);
    assert.deepEqual(found, []);
    await useOnce(strongroom, agent);
    agent.log.leaves[agent.log.leaves.length - 1] = leafHash(Buffer.from("another entry"));
    agent.log.publish();
    await until(() => found.length > 0);
    const rounds = agent.to("/log/checkpoint").length;
    await until(() => agent.to("/log/checkpoint").length >= rounds + 3);
    assert.deepEqual(found, [`sdk.log-entry-missing ${agent.issuer}`]);
  });
});

describe("the file of what is remembered", () => {
  const folder = (t: { after(end: () => void): void }): string => {
    const path = mkdtempSync(join(tmpdir(), "sdk-"));
    t.after(() => rmSync(path, { recursive: true }));
    return join(path, "log.json");
  };

  test("carries checkpoint and promises over a restart", async (t) => {
    const agent = await startAgent(t);
    const log = { file: folder(t), checkEveryMs: 0 };
    const before = await connect(t, [agent], { log });
    await useOnce(before, agent, 2);
    agent.log.publish();
    await before.verifyLog();
    await useOnce(before, agent);
    await before.close();

    agent.log.publish();
    const after = await connect(t, [agent], { log });
    assert.partialDeepStrictEqual(await after.verifyLog(), [{ continues: 5, entriesFound: 1, entriesWaiting: 0 }]);
    await after.close();

    agent.log.leaves[0] = leafHash(Buffer.from("rewritten"));
    agent.log.publish();
    const later = await connect(t, [agent], { log });
    await assert.rejects(later.verifyLog(), finding("sdk.log-fork"));
    await later.close();
  });

  test("is refused where it is damaged, another file, or not the pinned log's", async (t) => {
    const [agent, other] = [await startAgent(t), await startAgent(t)];
    const file = folder(t);
    const log = { file, checkEveryMs: 0 };
    for (const content of [
      "",
      "{}",
      '{"version":2,"agents":{}}',
      '{"version":1,"agents":{"x":{"checkpoint":7,"promises":[]}}}',
      '{"version":1,"agents":{"x":{"checkpoint":null,"promises":[{}]}}}',
    ]) {
      writeFileSync(file, content);
      await assert.rejects(connect(t, [agent], { log }), { code: "sdk.log-memory" });
    }
    other.log.publish();
    writeFileSync(
      file,
      JSON.stringify({
        version: 1,
        agents: { [agent.locator.toString("base64url")]: { checkpoint: other.log.checkpoint(), promises: [] } },
      }),
    );
    await assert.rejects(connect(t, [agent], { log }), { code: "sdk.log-memory" });
    assert.match(readFileSync(file, "utf8"), /checkpoint/);
    await assert.rejects(connect(t, [agent], { log: { file: tmpdir(), checkEveryMs: 0 } }), { code: "sdk.log-memory" });
  });
});

describe("a run of leaves", () => {
  test("is in the tree exactly when every leaf is, for every run of every small tree", () => {
    const log = new FakeLog();
    for (let size = 1; size <= 18; size++) {
      log.leaves.push(leafHash(Buffer.from([size])));
      const root = rootAt(size, log);
      for (let first = 0; first < size; first++) {
        for (let end = first + 1; end <= size; end++) {
          const proofs = [inclusionProof(first, size, log), inclusionProof(end - 1, size, log)] as const;
          const hashes = log.leaves.slice(first, end);
          assert.ok(verifyRun({ first, hashes }, size, root, ...proofs), `${first}..${end} of ${size}`);
          for (const at of hashes.keys()) {
            const changed = hashes.with(at, leafHash(Buffer.from("other")));
            assert.ok(!verifyRun({ first, hashes: changed }, size, root, ...proofs));
          }
        }
      }
    }
  });

  test("that is elsewhere, or whose proofs are changed, cut or swapped, is not", () => {
    const log = new FakeLog();
    for (let leaf = 0; leaf < 40; leaf++) log.leaves.push(leafHash(Buffer.from([leaf])));
    const root = rootAt(40, log);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 39 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: -40, max: 40 }),
        fc.nat(5),
        (first, count, shift, cut) => {
          const end = Math.min(first + count, 40);
          const hashes = log.leaves.slice(first, end);
          const [ofFirst, ofLast] = [inclusionProof(first, 40, log), inclusionProof(end - 1, 40, log)];
          if (shift !== 0) assert.ok(!verifyRun({ first: first + shift, hashes }, 40, root, ofFirst, ofLast));
          assert.ok(
            !verifyRun({ first, hashes }, 40, root, ofFirst.slice(0, -1 - cut), ofLast.slice(0, -1 - cut)) ||
              hashes.length === 40,
          );
          assert.ok(!verifyRun({ first, hashes: [] }, 40, root, ofFirst, ofLast));
          const odd = ofFirst.map(() => Buffer.alloc(7));
          assert.ok(!verifyRun({ first, hashes }, 40, root, odd, odd) || hashes.length === 40);
        },
      ),
    );
  });
});
