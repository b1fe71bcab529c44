/** A gibibyte goes through sealing and opening in constant memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { deriveObjectKeyFromEpoch, openStream, sealStream } from "../../src/seal/index.ts";
import { epochKey, lease } from "./fixtures.ts";

const MIB = 2 ** 20;

// The collector, so that what is measured is what is held and not what waits to be collected.
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function heldBytes(): number {
  collectGarbage();
  collectGarbage(); // the first only starts to free the memory of buffers
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function* source(plaintextBytes: number, pieceBytes: number): AsyncGenerator<Buffer> {
  const piece = Buffer.alloc(pieceBytes);
  for (let at = 0; at < plaintextBytes; at += pieceBytes) {
    const size = Math.min(pieceBytes, plaintextBytes - at);
    piece.writeUInt32BE(Math.floor(at / pieceBytes));
    yield piece.subarray(0, size);
  }
}

/** Seals and opens; returns the bytes that came out and the most that was held, measured eight times. */
async function run(plaintextBytes: number): Promise<{ openedBytes: number; heldBytesMax: number }> {
  const before = heldBytes();
  let openedBytes = 0;
  let heldBytesMax = 0;
  let measureAt = 0;
  const stream = sealStream(lease, source(plaintextBytes, 100_000));
  for await (const part of openStream(stream, (header) =>
    Promise.resolve(deriveObjectKeyFromEpoch(epochKey, header)),
  )) {
    openedBytes += part.length;
    if (openedBytes >= measureAt) {
      heldBytesMax = Math.max(heldBytesMax, heldBytes() - before);
      measureAt += plaintextBytes / 8;
    }
  }
  return { openedBytes, heldBytesMax };
}

for (const [name, plaintextBytes] of [
  ["64 MiB", 64 * MIB],
  ["1 GiB", 1024 * MIB],
] as const) {
  test(`${name} in less than 4 MiB`, async (t) => {
    const started = performance.now();
    const { openedBytes, heldBytesMax } = await run(plaintextBytes);
    t.diagnostic(`held at most ${Math.round(heldBytesMax / 1024)} KiB, ${Math.round(performance.now() - started)} ms`);
    assert.equal(openedBytes, plaintextBytes);
    assert.ok(heldBytesMax < 4 * MIB, `${heldBytesMax} bytes held`);
  });
}
