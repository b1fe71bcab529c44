/** Proofs that the agent gives, checked with what a client has: a verifier key and what it remembers. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fromBase64url } from "@strongroom/core/bytes";
import {
  decodeLeaf,
  leafHash,
  openCheckpoint,
  parseVerifierKey,
  verifyConsistency,
  verifyInclusion,
  type OpenedCheckpoint,
} from "@strongroom/core/log";
import { DatabaseSync } from "node:sqlite";
import { proveConsistency, proveInclusion, proveOwnHead } from "../../src/log/proofs.ts";
import { scan } from "../../src/log/scan.ts";
import { LogUnit } from "../../src/log/writer.ts";
import { eraseSubject } from "../../src/erase/erasure.ts";
import { setLocked } from "../../src/subjects/lock.ts";
import { assertWhole, auditedLog } from "../auditing.ts";
import { code, createWorld, type World } from "../world.ts";

function checkpoint({ context }: World): OpenedCheckpoint {
  return openCheckpoint(
    context.publisher.checkpoint?.note ?? "",
    parseVerifierKey(context.identity.signer.verifierKey),
  );
}

async function sessions(world: World, subject: string, count: number): Promise<void> {
  const unit = new LogUnit(null, null, world.now);
  const live = await world.live(subject);
  for (let i = 0; i < count; i += 1) unit.record(live, { kind: "session", reason: "signed-in" });
  await world.context.writer.append(unit);
}

async function leavesOf(world: World): Promise<Buffer[]> {
  const leaves: Buffer[] = [];
  await scan(world.context.store, 0, world.context.writer.size, (records) =>
    leaves.push(...records.map(({ leaf }) => leaf)),
  );
  return leaves;
}

const bytesOf = ({ proof }: { proof: readonly string[] }): Buffer[] => proof.map(fromBase64url);

test("every leaf is proven to be in the tree of the last checkpoint, and of older ones", async (t) => {
  const world = await createWorld(t);
  const subject = await world.person();
  const seen: OpenedCheckpoint[] = [];
  for (const count of [1, 254, 3, 300]) {
    await sessions(world, subject, count);
    await world.publish();
    seen.push(checkpoint(world));
  }
  const leaves = await leavesOf(world);
  for (const { size, root } of seen) {
    for (const index of [0, 1, 254, 255, 256, 257, 511, 512, size - 1].filter((index) => index < size)) {
      const proof = bytesOf(await proveInclusion(world.context, index, size));
      assert.ok(
        verifyInclusion(leafHash(leaves[index] ?? Buffer.alloc(0)), index, size, proof, root),
        `${index} of ${size}`,
      );
    }
  }
  for (const [i, older] of seen.entries()) {
    for (const newer of seen.slice(i)) {
      const proof = bytesOf(await proveConsistency(world.context, older.size, newer.size));
      assert.ok(
        verifyConsistency(older.size, newer.size, proof, older.root, newer.root),
        `${older.size} to ${newer.size}`,
      );
    }
  }
});

test("what no checkpoint covers has no proof", async (t) => {
  const world = await createWorld(t);
  const subject = await world.person();
  // The first checkpoint is made at the start, over an empty log and its heads.
  assert.equal(checkpoint(world).size, 1);
  await assert.rejects(proveInclusion(world.context, 1, 2), code("log.out-of-range"));
  await world.publish();
  const { size } = checkpoint(world);
  await sessions(world, subject, 1);
  const refused: [number, number][] = [
    [0, size + 1],
    [size, size],
    [size + 5, size],
  ];
  for (const [index, of] of refused)
    await assert.rejects(proveInclusion(world.context, index, of), code("log.out-of-range"));
  for (const [from, to] of [
    [0, size],
    [2, 1],
    [1, size + 1],
  ] as const) {
    await assert.rejects(proveConsistency(world.context, from, to), code("log.out-of-range"));
  }
});

describe("the head proof", () => {
  test("names the last entry under the checkpoint, also while newer entries wait for the next one", async (t) => {
    const world = await createWorld(t);
    const [ada, bob] = [await world.person(), await world.person()];
    await sessions(world, ada, 3);
    await assertWhole(world, [ada, bob]);
    await sessions(world, ada, 2);
    const { counter } = await proveOwnHead(world.context, await world.live(ada));
    assert.equal(counter, 4);
  });

  test("read while a checkpoint is made is of one map", async (t) => {
    const world = await createWorld(t);
    const people = await Promise.all(Array.from({ length: 8 }, () => world.person()));
    await world.publish();
    const ada = people[0] ?? "";
    for (const call of ["head", "headsBucket"] as const) {
      for (const when of ["before", "after"] as const) {
        for (const subject of people) await sessions(world, subject, 1);
        const reading = world.stage.hold(call, when);
        const proof = proveOwnHead(world.context, await world.live(ada));
        await reading.reached;
        await world.publish();
        reading.release();
        const { checkpoint: note, counter } = await proof;
        assert.equal(note, world.context.publisher.checkpoint?.note, `${call} ${when}`);
        assert.equal(counter, (await world.live(ada)).head.counter);
      }
    }
    await assertWhole(world, people);
  });

  test("read before the commit of a checkpoint is the older one's", async (t) => {
    const world = await createWorld(t);
    const ada = await world.person();
    await world.publish();
    const older = checkpoint(world).size;
    await sessions(world, ada, 1);
    const committing = world.stage.hold("write");
    const published = world.publish();
    await committing.reached;
    const { counter, checkpoint: note } = await proveOwnHead(world.context, await world.live(ada));
    assert.equal(counter, 1);
    assert.equal(openCheckpoint(note, parseVerifierKey(world.context.identity.signer.verifierKey)).size, older);
    committing.release();
    await published;
  });

  test("of a changed row is not given", async (t) => {
    const world = await createWorld(t);
    const ada = await world.person();
    await world.publish();
    const head = await world.context.store.head(ada);
    assert.ok(head !== null);
    await world.context.store.write((tx) => tx.putHeads([{ ...head, value: Buffer.alloc(32, 1) }]));
    await assert.rejects(proveOwnHead(world.context, await world.live(ada)), code("log.damaged"));
  });
});

describe("checkpoints", () => {
  test("are made only when there is something new, and always end with a heads leaf", async (t) => {
    const world = await createWorld(t);
    await world.person();
    await world.publish();
    const first = checkpoint(world).size;
    await world.publish();
    assert.equal(checkpoint(world).size, first);
    assert.equal(decodeLeaf((await leavesOf(world)).at(-1) ?? Buffer.alloc(0)).kind, "heads");
  });

  test("that cannot be stored leave tree, heads and mirror as they were, and the next one is whole", async (t) => {
    const world = await createWorld(t);
    const people = [await world.person(), await world.person()];
    await world.publish();
    const before = checkpoint(world);
    for (const subject of people) await sessions(world, subject, 2);
    world.stage.failNextCommit(new Error("disk full"));
    await assert.rejects(world.publish(), /disk full/);
    assert.deepEqual(checkpoint(world), before);
    // One of those whose head would have been stored is erased before the next try.
    await eraseSubject(world.context, people[1] ?? "");
    await assertWhole(world, people.slice(0, 1));
    await world.restart();
    await assertWhole(world, people.slice(0, 1));
  });

  test("cover an erased subject's entries, which nobody can read any more", async (t) => {
    const world = await createWorld(t);
    const [ada, bob] = [await world.person(), await world.person()];
    await setLocked(world.context, ada, true);
    await eraseSubject(world.context, ada);
    const report = await auditedLog(world);
    assert.deepEqual([report.findings, report.counts.tombstone], [[], 2]);
    await assert.rejects(world.log(ada));
    await assertWhole(world, [bob]);
  });

  test("whose stored heads were changed or put back are refused at the next start", async (t) => {
    const world = await createWorld(t);
    const ada = await world.person();
    await world.publish();
    const old = await world.context.store.head(ada);
    assert.ok(old !== null);
    await sessions(world, ada, 1);
    await world.publish();
    await world.context.store.write((tx) => tx.putHeads([old]));
    await world.close();
    await assert.rejects(world.start(), code("log.damaged"));
  });

  test("whose stored tiles were changed are refused at the next start", async (t) => {
    const world = await createWorld(t);
    await world.person();
    await world.publish();
    await world.close();
    const database = new DatabaseSync(world.databaseFile);
    database.exec("UPDATE log_tiles SET hashes = zeroblob(length(hashes))");
    database.close();
    await assert.rejects(world.start(), code("log.damaged"));
  });
});
