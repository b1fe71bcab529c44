/** Whole or not at all, one at a time, and seen by nobody before the commit. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import type { Mutation, WriteTx } from "../../../src/storage/store.ts";
import type { Check } from "../contract.ts";
import {
  attempt,
  checkpointRow,
  chunkRow,
  coded,
  connectionRow,
  controllerRow,
  headRow,
  id,
  put,
  subjectRow,
} from "../samples.ts";

const add = (label: string): Mutation => ({ op: "controller.add", row: controllerRow(label) });

export function transactions(check: Check): void {
  check("a write returns what its work returns, and is there after a restart", async ({ store, reopen }) => {
    const result = await store.write(async (tx) => {
      assert.equal(await tx.attempt([add("shop")]), null);
      await tx.appendChunks([chunkRow(0, 3)]);
      await tx.putHeads([headRow("ada")]);
      await tx.putTiles([{ level: 0, index: 0, hashes: Buffer.alloc(96, 7) }]);
      await tx.putCheckpoint(checkpointRow(3));
      return "done";
    });
    assert.equal(result, "done");
    const again = await reopen();
    assert.deepEqual(await again.controller(id("shop")), controllerRow("shop"));
    assert.deepEqual(await again.chunks(0, 3, 10), [chunkRow(0, 3)]);
    assert.deepEqual(await again.head(id("ada")), headRow("ada"));
    assert.deepEqual((await again.tile(0, 0))?.hashes, Buffer.alloc(96, 7));
    assert.deepEqual(await again.checkpoint(), checkpointRow(3));
  });

  check("a conflict undoes its own list of mutations and no other", async ({ store }) => {
    await store.write(async (tx) => {
      assert.equal(await tx.attempt([add("before"), add("taken")]), null);
      const conflict = await tx.attempt([add("lost"), add("taken"), add("never tried")]);
      assert.equal(conflict?.code, "storage.conflict");
      assert.equal(await tx.attempt([add("after")]), null);
    });
    assert.deepEqual(
      new Set((await store.controllers()).map(({ name }) => name)),
      new Set(["before", "taken", "after"]),
    );
  });

  check("a write of which every list conflicts still commits the log", async ({ store }) => {
    await put(store, add("taken"));
    await store.write(async (tx) => {
      assert.equal((await tx.attempt([add("taken")]))?.code, "storage.conflict");
      await tx.appendChunks([chunkRow(0, 1)]);
    });
    assert.equal(await store.logSize(), 1);
  });

  check("no mutations are no conflict", async ({ store }) => {
    assert.equal(await attempt(store), null);
  });

  check("what a work throws comes out as it is, and nothing of its write stays", async ({ store, readBack }) => {
    const reason = new Error("the work's own reason");
    const failing = store.write(async (tx) => {
      await tx.attempt([add("shop")]);
      await tx.appendChunks([chunkRow(0, 1)]);
      await tx.putHeads([headRow("ada")]);
      await tx.putTiles([{ level: 0, index: 0, hashes: Buffer.alloc(32) }]);
      await tx.putCheckpoint(checkpointRow(1));
      throw reason;
    });
    await assert.rejects(failing, (error) => error === reason);
    await readBack(async (now) => {
      assert.deepEqual(await now.controllers(), []);
      assert.equal(await now.logSize(), 0);
      assert.equal(await now.head(id("ada")), null);
      assert.equal(await now.tile(0, 0), null);
      assert.equal(await now.checkpoint(), null);
    });
  });

  check("a failed write does not hold up the next one", async ({ store }) => {
    const failing = store.write(async () => {
      throw new Error("no");
    });
    const next = put(store, add("shop"));
    await assert.rejects(failing, /no/);
    await next;
    assert.equal((await store.controllers()).length, 1);
  });

  check("an error of the log undoes the write even where the work swallows it", async ({ store }) => {
    const write = store.write(async (tx) => {
      await tx.attempt([add("shop")]);
      await assert.rejects(tx.appendChunks([chunkRow(5, 1)]), coded("storage.stale"));
      await assert.rejects(tx.attempt([add("bank")]), coded("storage.stale"));
      return "swallowed";
    });
    await assert.rejects(write, coded("storage.stale"));
    assert.deepEqual(await store.controllers(), []);
  });

  check("a transaction that is over writes nothing", async ({ store }) => {
    let committed: WriteTx | undefined;
    let undone: WriteTx | undefined;
    await store.write(async (tx) => void (committed = tx));
    await assert.rejects(
      store.write(async (tx) => {
        undone = tx;
        throw new Error("no");
      }),
    );
    for (const tx of [committed, undone]) {
      assert.ok(tx !== undefined);
      await assert.rejects(tx.attempt([add("late")]), coded("storage.unavailable"));
      await assert.rejects(tx.appendChunks([chunkRow(0, 1)]), coded("storage.unavailable"));
      await assert.rejects(tx.putHeads([headRow("late")]), coded("storage.unavailable"));
    }
    assert.deepEqual(await store.controllers(), []);
    assert.equal(await store.logSize(), 0);
  });

  check("writes run one at a time, in the order of the calls", async ({ store }) => {
    const events: string[] = [];
    const one = (name: number): Promise<void> =>
      store.write(async (tx) => {
        events.push(`begin ${name}`);
        for (let turn = 0; turn <= name % 3; turn += 1) await setImmediate();
        await tx.attempt([add(`shop ${name}`)]);
        await setImmediate();
        events.push(`end ${name}`);
      });
    await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(one));
    assert.deepEqual(
      events,
      [0, 1, 2, 3, 4, 5, 6, 7].flatMap((name) => [`begin ${name}`, `end ${name}`]),
    );
    assert.equal((await store.controllers()).length, 8);
  });

  check("lists that are attempted together do not mix", async ({ store }) => {
    const errors = await store.write((tx) =>
      Promise.all([
        tx.attempt([add("a"), add("b")]),
        tx.attempt([add("c"), add("b"), add("d")]),
        tx.attempt([add("e"), add("c")]),
      ]),
    );
    assert.deepEqual(
      errors.map((error) => error?.code ?? null),
      [null, "storage.conflict", null],
    );
    assert.deepEqual(new Set((await store.controllers()).map(({ name }) => name)), new Set(["a", "b", "e", "c"]));
  });

  check("readers see nothing of a write before its commit, and all of it after", async ({ store }) => {
    const seen = async (): Promise<unknown[]> => [
      await store.controller(id("shop")),
      await store.subject(id("ada")),
      (await store.controllers()).length,
      await store.logSize(),
      (await store.chunks(0, 10, 10)).length,
      await store.head(id("ada")),
      await store.checkpoint(),
    ];
    const before = await seen();
    await store.write(async (tx) => {
      await tx.attempt([add("shop"), { op: "subject.add", row: subjectRow("ada") }]);
      assert.deepEqual(await seen(), before);
      await tx.appendChunks([chunkRow(0, 2)]);
      await tx.putHeads([headRow("ada")]);
      await tx.putCheckpoint(checkpointRow(2));
      await setImmediate();
      assert.deepEqual(await seen(), before);
    });
    assert.deepEqual(await seen(), [
      controllerRow("shop"),
      subjectRow("ada"),
      1,
      2,
      1,
      headRow("ada"),
      checkpointRow(2),
    ]);
  });

  check("of two who take a one-time code at once, one gets it", async ({ store }) => {
    const row = connectionRow("code");
    await put(store, { op: "connection.add", row });
    const take: Mutation = { op: "connection.take", hash: row.hash };
    const outcomes = await Promise.all([attempt(store, take), attempt(store, take), attempt(store, take)]);
    assert.deepEqual(outcomes, [null, "storage.conflict", "storage.conflict"]);
    assert.equal(await store.connection(row.hash), null);
  });

  check("any mix of good, conflicting and failing writes leaves what a simple model says", async ({ store }) => {
    const name = fc.integer({ min: 0, max: 40 }).map((number) => `shop ${number}`);
    const write = fc.record({
      lists: fc.array(fc.array(name, { maxLength: 4 }), { maxLength: 4 }),
      fails: fc.boolean(),
    });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 8 }), async (writes) => {
        // One store serves all rounds, so names carry the round.
        const prefix = `${(round += 1)} `;
        const model = new Set<string>();
        for (const { lists, fails } of writes) {
          const draft = new Set(model);
          const run = store.write(async (tx) => {
            for (const list of lists) {
              const conflict = new Set(list).size < list.length || list.some((label) => draft.has(label));
              const error = await tx.attempt(list.map((label) => add(prefix + label)));
              assert.equal(error?.code ?? null, conflict ? "storage.conflict" : null);
              if (!conflict) for (const label of list) draft.add(label);
            }
            if (fails) throw new Error("fails");
          });
          if (fails) await assert.rejects(run, /^Error: fails$/);
          else await run.then(() => draft.forEach((label) => model.add(label)));
        }
        const stored = (await store.controllers()).map((row) => row.name).filter((label) => label.startsWith(prefix));
        assert.deepEqual(new Set(stored), new Set([...model].map((label) => prefix + label)));
      }),
      { numRuns: 25 },
    );
  });

  check("a ping writes nothing that can be seen", async ({ store }) => {
    await store.ping();
    assert.deepEqual(await store.controllers(), []);
    assert.equal(await store.logSize(), 0);
  });

  check("closing waits for the writes asked for before it, and refuses later calls", async ({ store, reopen }) => {
    const written = put(store, add("shop"));
    const closing = store.close();
    const late = put(store, add("late"));
    await assert.rejects(late, coded("storage.unavailable"));
    await written;
    await closing;
    await store.close();
    await assert.rejects(store.ping(), coded("storage.unavailable"));
    await assert.rejects(store.controllers(), coded("storage.unavailable"));
    await assert.rejects(store.loadRelationships([id("shop of ada")]), coded("storage.unavailable"));
    const again = await reopen();
    assert.deepEqual(
      (await again.controllers()).map(({ name }) => name),
      ["shop"],
    );
  });
}
