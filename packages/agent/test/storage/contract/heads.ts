/** The last entry of each subject's chain, and the buckets of the heads map. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { HeadRow } from "../../../src/storage/rows.ts";
import type { Check } from "../contract.ts";
import { coded, digest, headRow, id } from "../samples.ts";

/** A place in the map from its first bytes; the rest is one byte over and over. */
function place(prefix: string, rest: number): Buffer {
  const blinded = Buffer.alloc(32, rest);
  blinded.set(Buffer.from(prefix, "hex"));
  return blinded;
}

const PLACES: readonly (readonly [bucket: number, blinded: Buffer])[] = [
  [0, place("0000", 0x00)],
  [0, place("000f", 0xff)],
  [1, place("0010", 0x00)],
  [1, place("001f", 0xff)],
  [15, place("00ff", 0xff)],
  [16, place("0100", 0x00)],
  [0x7ff, place("7fff", 0xff)],
  [0x800, place("8000", 0x00)],
  [4079, place("feff", 0xff)],
  [4080, place("ff00", 0x00)],
  [4094, place("ffe0", 0x00)],
  [4094, place("ffef", 0xff)],
  [4095, place("fff0", 0x00)],
  [4095, place("ffff", 0x00)],
  [4095, place("ffff", 0xff)],
];

export function heads(check: Check): void {
  check("a head is replaced by the next one of its subject", async ({ store, readBack }) => {
    const first = headRow("ada");
    await store.write((tx) => tx.putHeads([first, headRow("bob")]));
    assert.deepEqual(await store.head(id("ada")), first);
    const next = { ...first, counter: 2, commitment: digest("next"), index: 2 ** 40, value: digest("next value") };
    await store.write((tx) => tx.putHeads([next]));
    await readBack(async (now) => {
      assert.deepEqual(await now.head(id("ada")), next);
      assert.deepEqual(await now.head(id("bob")), headRow("bob"));
      assert.equal(await now.head(id("unknown")), null);
      assert.deepEqual(await now.headsBucket(next.blinded.readUInt16BE() >> 4), [[next.blinded, next.value]]);
    });
  });

  check("two subjects never have one place, and a subject never has two", async ({ store }) => {
    await store.write((tx) => tx.putHeads([headRow("ada")]));
    const same = headRow("bob", { blinded: headRow("ada").blinded });
    await assert.rejects(
      store.write((tx) => tx.putHeads([same])),
      coded("storage.conflict"),
    );
    const moved = headRow("ada", { blinded: digest("elsewhere") });
    await assert.rejects(
      store.write((tx) => tx.putHeads([headRow("cy"), moved])),
      coded("storage.conflict"),
    );
    assert.deepEqual(await store.head(id("ada")), headRow("ada"));
    assert.equal(await store.head(id("bob")), null);
    assert.equal(await store.head(id("cy")), null);
  });

  check("a bucket holds the places of its 12 bits, from the first to the last", async ({ store }) => {
    const rows = PLACES.map(([, blinded], index): HeadRow => headRow(`subject ${index}`, { blinded }));
    await store.write((tx) => tx.putHeads([...rows].reverse()));
    const wanted = new Set(PLACES.flatMap(([bucket]) => [bucket - 1, bucket, bucket + 1]));
    for (const bucket of [...wanted].filter((number) => number >= 0 && number < 4096)) {
      const expected = rows.filter((_, index) => PLACES[index]?.[0] === bucket).map((row) => [row.blinded, row.value]);
      assert.deepEqual(await store.headsBucket(bucket), expected, `bucket ${bucket}`);
    }
  });

  check("buckets are numbered from 0 to 4095", async ({ store }) => {
    for (const bucket of [-1, 4096, 0.5, Number.NaN]) await assert.rejects(store.headsBucket(bucket), RangeError);
  });

  check("all buckets together hold every head once, sorted", async ({ store }) => {
    const seeds = fc.uniqueArray(fc.uint8Array({ minLength: 32, maxLength: 32 }), {
      minLength: 200,
      maxLength: 300,
      selector: (bytes) => Buffer.from(bytes).toString("hex"),
    });
    const places = (fc.sample(seeds, { numRuns: 1 })[0] ?? []).map((bytes) => Buffer.from(bytes));
    assert.ok(places.length >= 200);
    const rows = places.map((blinded, index) => headRow(`subject ${index}`, { blinded }));
    await store.write((tx) => tx.putHeads(rows));
    const read = [];
    for (let bucket = 0; bucket < 4096; bucket += 1) {
      const found = await store.headsBucket(bucket);
      for (const [blinded] of found) assert.equal(blinded.readUInt16BE() >> 4, bucket);
      read.push(...found);
    }
    const sorted = [...rows].sort((a, b) => a.blinded.compare(b.blinded));
    assert.deepEqual(
      read,
      sorted.map((row) => [row.blinded, row.value]),
    );
  });
}
