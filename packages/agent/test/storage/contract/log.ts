/** The log's records, tiles and checkpoints. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { ChunkRow } from "../../../src/storage/rows.ts";
import type { Check } from "../contract.ts";
import { checkpointRow, chunkRow, coded } from "../samples.ts";

/** Chunks of these counts, one after the other from 0. */
function chain(counts: readonly number[]): ChunkRow[] {
  let first = 0;
  return counts.map((count) => {
    const chunk = chunkRow(first, count);
    first += count;
    return chunk;
  });
}

/** The slow, readable model of `Store.chunks`. */
function touching(all: readonly ChunkRow[], first: number, end: number, limit: number): ChunkRow[] {
  const positions = (chunk: ChunkRow): number[] =>
    Array.from({ length: chunk.count }, (_, index) => chunk.first + index);
  return all.filter((chunk) => positions(chunk).some((at) => at >= first && at < end)).slice(0, limit);
}

export function log(check: Check): void {
  check("the log grows at its end, and nowhere else", async ({ store, readBack }) => {
    assert.equal(await store.logSize(), 0);
    assert.deepEqual(await store.chunks(0, 100, 10), []);
    await store.write((tx) => tx.appendChunks(chain([2, 1])));
    assert.equal(await store.logSize(), 3);
    for (const wrong of [[chunkRow(0, 1)], [chunkRow(2, 1)], [chunkRow(4, 1)], [chunkRow(3, 0)]]) {
      await assert.rejects(
        store.write((tx) => tx.appendChunks(wrong)),
        coded("storage.stale"),
      );
    }
    const gap = [chunkRow(3, 2), chunkRow(6, 1)];
    await assert.rejects(
      store.write((tx) => tx.appendChunks(gap)),
      coded("storage.stale"),
    );
    await store.write(async (tx) => {
      await tx.appendChunks([]);
      await tx.appendChunks([chunkRow(3, 1)]);
      await tx.appendChunks([chunkRow(4, 5)]);
    });
    await readBack(async (now) => {
      assert.equal(await now.logSize(), 9);
      assert.deepEqual(await now.chunks(0, 9, 10), [...chain([2, 1]), chunkRow(3, 1), chunkRow(4, 5)]);
    });
  });

  check("a range gives the chunks that it touches, at every boundary", async ({ store }) => {
    const all = chain([1, 4, 2, 1, 1, 6]);
    const size = 15;
    await store.write((tx) => tx.appendChunks(all));
    for (let first = 0; first <= size + 1; first += 1) {
      for (let end = 0; end <= size + 1; end += 1) {
        for (const limit of [1, 2, 100]) {
          assert.deepEqual(
            await store.chunks(first, end, limit),
            touching(all, first, end, limit),
            `from ${first} to ${end}, at most ${limit}`,
          );
        }
      }
    }
  });

  check("any range over any chunks gives what a list would", async ({ store }) => {
    const all: ChunkRow[] = [];
    let size = 0;
    const step = fc.record({
      counts: fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 3 }),
      first: fc.nat(400),
      length: fc.nat(60),
      limit: fc.integer({ min: 1, max: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(step, async ({ counts, first, length, limit }) => {
        const added = counts.map((count) => {
          const chunk = chunkRow(size, count);
          size += count;
          return chunk;
        });
        await store.write((tx) => tx.appendChunks(added));
        all.push(...added);
        assert.equal(await store.logSize(), size);
        assert.deepEqual(await store.chunks(first, first + length, limit), touching(all, first, first + length, limit));
      }),
      // The store grows from run to run, so a failing run is not shrunk to another one.
      { numRuns: 60, endOnFailure: true },
    );
  });

  check("tiles are replaced as they fill", async ({ store, readBack }) => {
    const full = Buffer.alloc(256 * 32, 5);
    await store.write((tx) =>
      tx.putTiles([
        { level: 0, index: 0, hashes: full.subarray(0, 64) },
        { level: 0, index: 1, hashes: full.subarray(0, 32) },
        { level: 1, index: 0, hashes: full.subarray(0, 96) },
      ]),
    );
    await store.write((tx) => tx.putTiles([{ level: 0, index: 0, hashes: full }]));
    await readBack(async (now) => {
      assert.deepEqual(await now.tile(0, 0), { level: 0, index: 0, hashes: full });
      assert.equal((await now.tile(0, 1))?.hashes.length, 32);
      assert.equal((await now.tile(1, 0))?.hashes.length, 96);
      assert.equal(await now.tile(1, 1), null);
      assert.equal(await now.tile(2, 0), null);
    });
  });

  check("the newest checkpoint is kept and never goes back", async ({ store, reopen }) => {
    assert.equal(await store.checkpoint(), null);
    await store.write((tx) => tx.putCheckpoint(checkpointRow(9)));
    await store.write((tx) => tx.putCheckpoint(checkpointRow(100)));
    assert.deepEqual(await store.checkpoint(), checkpointRow(100));
    await assert.rejects(
      store.write((tx) => tx.putCheckpoint(checkpointRow(99))),
      coded("storage.stale"),
    );
    await store.write((tx) => tx.putCheckpoint(checkpointRow(100, { note: "again" })));
    assert.equal((await (await reopen()).checkpoint())?.note, "again");
  });

  check("a note is replaced while its checkpoint is the newest", async ({ store, readBack }) => {
    await store.write((tx) => tx.putCheckpoint(checkpointRow(9)));
    await store.setCheckpointNote(9, "with a witness");
    assert.deepEqual(await store.checkpoint(), checkpointRow(9, { note: "with a witness" }));
    await store.write((tx) => tx.putCheckpoint(checkpointRow(10)));
    await store.setCheckpointNote(9, "too late");
    await readBack(async (now) => assert.deepEqual(await now.checkpoint(), checkpointRow(10)));
  });
}
