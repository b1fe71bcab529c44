/** Streams: the vectors, any pieces, every kind of damage. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import fc from "fast-check";
import { secretKey } from "../../src/primitives.ts";
import {
  deriveObjectKeyFromEpoch,
  encodeHeaderText,
  decodeHeaderText,
  openStream,
  parseSealed,
  SealingLease,
  sealStream,
  sealUnderLease,
  STREAM_CHUNK_BYTES,
  type SealedHeader,
} from "../../src/seal/index.ts";
import { deriveLeaseKey } from "../../src/seal/index.ts";
import {
  collect,
  context,
  epochKey,
  flipped,
  hex,
  hexOrUndefined,
  inPieces,
  lease,
  refusal,
  vectorFile,
  type StreamVectors,
} from "./fixtures.ts";
import { referenceChunks, referenceStream } from "./reference.ts";

const vectors = JSON.parse(vectorFile("sealed-stream.json")) as StreamVectors;
const SEALED_CHUNK_BYTES = STREAM_CHUNK_BYTES + 16;

/** Byte i is i mod 251, as in the vectors. */
function pattern(bytes: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: bytes }, (_, i) => i % 251));
}

async function seal(
  plaintext: Uint8Array,
  options: Parameters<typeof sealStream>[2] = {},
  sizes: readonly number[] = [10_000],
): Promise<Buffer> {
  const sealed = await collect(sealStream(lease, inPieces(plaintext, sizes), options));
  assert.ok(Buffer.isBuffer(sealed));
  return sealed;
}

function askAgent(header: SealedHeader): Promise<Buffer> {
  return Promise.resolve(deriveObjectKeyFromEpoch(epochKey, header));
}

function open(
  stream: Uint8Array,
  options: Parameters<typeof openStream>[2] = {},
  sizes: readonly number[] = [10_000],
): ReturnType<typeof collect> {
  return collect(openStream(inPieces(stream, sizes), askAgent, options));
}

describe("good streams", () => {
  for (const vector of vectors.good) {
    const plaintext = pattern(vector.plaintextBytes);
    const vectorContext = hexOrUndefined(vector.context);

    test(`${vector.name}: sealing gives this stream`, async () => {
      const leaseId = hex(vector.leaseId);
      const vectorLease = new SealingLease({
        locator: hex(vector.locator),
        relationship: hex(vector.relationship),
        epoch: vector.epoch,
        leaseId,
        type: vector.type,
        key: deriveLeaseKey(secretKey(hex(vector.epochKey)), vector.type, leaseId),
      });
      const options = { context: vectorContext, random: () => hex(vector.salt) };
      const sealed = await collect(sealStream(vectorLease, inPieces(plaintext, [50_000, 0, 7]), options));
      assert.ok(Buffer.isBuffer(sealed));
      assert.equal(sealed.length, vector.streamBytes);
      assert.equal(createHash("sha256").update(sealed).digest("hex"), vector.streamSha256);
      if (vector.stream !== undefined) assert.equal(sealed.toString("hex"), vector.stream);
    });

    test(`${vector.name}: opening gives the plaintext, whatever the pieces`, async () => {
      const stream = rebuild(vector.name);
      const small = stream.length < 70_000 ? [[1], [6]] : [[97]];
      for (const sizes of [...small, [stream.length + 1], [0, 1, 65_552, 3], [SEALED_CHUNK_BYTES], [4_096]]) {
        const opened = await collect(
          openStream(inPieces(stream, sizes), () => Promise.resolve(hex(vector.objectKey)), {
            context: vectorContext,
            expectedType: vector.type,
          }),
        );
        assert.ok(Buffer.isBuffer(opened) && opened.equals(plaintext), `pieces of ${sizes.join()}`);
      }
    });
  }
});

/** A good stream of the vectors, by the plain second reading of the page. */
function rebuild(name: string): Buffer {
  const vector = vectors.good.find((good) => good.name === name);
  assert.ok(vector);
  const { body } = referenceStream(
    hex(vector.epochKey),
    {
      locator: hex(vector.locator),
      relationship: hex(vector.relationship),
      epoch: vector.epoch,
      leaseId: hex(vector.leaseId),
      salt: hex(vector.salt),
      type: vector.type,
    },
    referenceChunks(pattern(vector.plaintextBytes)),
    hexOrUndefined(vector.context),
  );
  assert.equal(createHash("sha256").update(body).digest("hex"), vector.streamSha256);
  return body;
}

describe("bad streams", () => {
  for (const vector of vectors.bad) {
    test(`${vector.error}: ${vector.name}`, async () => {
      const good = vectors.good.find(({ name }) => name === vector.from);
      assert.ok(good);
      const from = rebuild(vector.from);
      const edited = Buffer.concat([
        ...vector.ranges.map(([start, end]) => from.subarray(start, end)),
        hex(vector.append),
      ]);
      const bad = vector.flip === null ? edited : flipped(edited, vector.flip);
      const getKey = (): Promise<Buffer> => Promise.resolve(hex(good.objectKey));
      for (const sizes of [[bad.length + 1], [977]]) {
        assert.equal(
          await collect(openStream(inPieces(bad, sizes), getKey, { context: hexOrUndefined(good.context) })),
          vector.error,
        );
      }
    });
  }
});

describe("any pieces", () => {
  test("an empty stream yields no piece at all", async () => {
    for await (const part of openStream(inPieces(await seal(Buffer.alloc(0)), [64]), askAgent)) {
      assert.fail(`a piece of ${part.length} bytes`);
    }
  });

  test("any length, cut in any way on both sides, comes back", async () => {
    const around = fc.integer({ min: -2, max: 2 });
    const length = fc
      .tuple(fc.integer({ min: 0, max: 3 }), around)
      .map(([chunks, more]) => Math.max(0, chunks * STREAM_CHUNK_BYTES + more));
    const sizes = fc
      .array(fc.integer({ min: 0, max: 150_000 }), { minLength: 1, maxLength: 5 })
      .filter((list) => list.some((size) => size > 100));
    await fc.assert(
      fc.asyncProperty(
        length,
        sizes,
        sizes,
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        async (bytes, pieces, otherPieces, salt) => {
          const plaintext = pattern(bytes);
          const stream = await seal(plaintext, { random: () => salt }, pieces);
          assert.ok(stream.equals(await seal(plaintext, { random: () => salt }, otherPieces)));
          const opened = await open(stream, {}, otherPieces);
          assert.ok(Buffer.isBuffer(opened) && opened.equals(plaintext));
        },
      ),
      { numRuns: 60 },
    );
  });

  test("a source may reuse its buffer for every piece", async () => {
    async function* reusing(bytes: Buffer): AsyncGenerator<Buffer> {
      const piece = Buffer.alloc(1_000);
      for (let at = 0; at < bytes.length; at += piece.length) {
        yield piece.subarray(0, bytes.copy(piece, 0, at));
        piece.fill(0xee);
      }
    }
    const plaintext = pattern(150_000);
    const stream = await collect(sealStream(lease, reusing(plaintext)));
    assert.ok(Buffer.isBuffer(stream));
    const opened = await collect(openStream(reusing(stream), askAgent));
    assert.ok(Buffer.isBuffer(opened) && opened.equals(plaintext));
  });
});

describe("every damage is refused", () => {
  test("every bit of a short stream", async () => {
    const stream = await seal(pattern(40), { context });
    for (let bit = 0; bit < stream.length * 8; bit++) {
      const refused = await open(flipped(stream, bit), { context });
      assert.match(String(refused), /^seal\./, `bit ${bit}`);
    }
  });

  test("one bit in every thousand of a stream of three chunks", async () => {
    const stream = await seal(pattern(2 * STREAM_CHUNK_BYTES + 500));
    for (let bit = 0; bit < stream.length * 8; bit += 16_001) {
      assert.match(String(await open(flipped(stream, bit), {}, [stream.length])), /^seal\./, `bit ${bit}`);
    }
  });

  test("cut at every place of a short stream, and around every chunk's end of a long one", async () => {
    const short = await seal(pattern(40));
    for (let bytes = 0; bytes < short.length; bytes++)
      assert.match(String(await open(short.subarray(0, bytes))), /^seal\./);

    const long = await seal(pattern(3 * STREAM_CHUNK_BYTES));
    const start = long.length - 3 * SEALED_CHUNK_BYTES;
    for (const chunk of [0, 1, 2]) {
      for (const offset of [-17, -16, -1, 0, 1, 15, 16, 17, 18]) {
        const end = start + chunk * SEALED_CHUNK_BYTES + offset;
        assert.match(String(await open(long.subarray(0, end))), /^seal\./, `${end} bytes`);
      }
      assert.equal(await open(long.subarray(0, start + chunk * SEALED_CHUNK_BYTES)), "seal.cut");
    }
    assert.equal(await open(long.subarray(0, long.length - 1)), "seal.tampered");
  });

  test("chunks of two streams do not mix", async () => {
    const [one, two] = [await seal(pattern(100_000)), await seal(pattern(100_000))];
    const start = one.length - (100_000 + 32);
    const mixed = Buffer.concat([
      one.subarray(0, start + SEALED_CHUNK_BYTES),
      two.subarray(start + SEALED_CHUNK_BYTES),
    ]);
    assert.equal(await open(mixed), "seal.tampered");
  });

  test("a text's key and a stream's key differ for the same salt", async () => {
    const random = (): Buffer => Buffer.alloc(16, 5);
    const stream = await seal(Buffer.alloc(0), { random });
    const text = parseSealed(sealUnderLease(lease, "", { random }));
    const header = decodeHeaderText(stream.subarray(6, -16).toString("base64url"));
    assert.notDeepEqual(deriveObjectKeyFromEpoch(epochKey, header), deriveObjectKeyFromEpoch(epochKey, text.header));
  });
});

describe("what the caller expects", () => {
  test("mismatches are told before the agent is asked", async () => {
    const [bound, free] = [await seal(pattern(10), { context }), await seal(pattern(10))];
    const never = (): Promise<Buffer> => assert.fail("the agent was asked");
    const read = (stream: Buffer, options: Parameters<typeof openStream>[2]): ReturnType<typeof collect> =>
      collect(openStream(inPieces(stream, [64]), never, options));
    assert.equal(await read(free, { expectedType: "identity.surname" }), "seal.wrong-type");
    assert.equal(await read(free, { expectedRelationship: Buffer.alloc(16, 9) }), "seal.wrong-relationship");
    assert.equal(await read(bound, {}), "seal.context-missing");
    assert.equal(await read(free, { context }), "seal.context-unexpected");
    assert.equal(await read(bound, { context: Buffer.from("elsewhere") }), "seal.wrong-context");
    assert.equal(await read(bound, { context: Buffer.alloc(0) }), "seal.bad-context");
  });

  test("the header that the agent is asked with is the stream's", async () => {
    const stream = await seal(pattern(10));
    const asked: string[] = [];
    await collect(
      openStream(inPieces(stream, [64]), (header) => {
        asked.push(encodeHeaderText(header));
        return askAgent(header);
      }),
    );
    assert.deepEqual(asked, [stream.subarray(6, -26).toString("base64url")]);
  });

  test("a wrong key fails loudly; a key given stays the caller's", async () => {
    const stream = await seal(pattern(10));
    assert.equal(
      await collect(openStream(inPieces(stream, [64]), () => Promise.resolve(Buffer.alloc(32)))),
      "seal.wrong-key",
    );
    const header = decodeHeaderText(stream.subarray(6, -26).toString("base64url"));
    const key = await askAgent(header);
    const opened = await collect(openStream(inPieces(stream, [64]), () => Promise.resolve(key)));
    assert.ok(Buffer.isBuffer(opened) && opened.equals(pattern(10)));
    assert.deepEqual(key, await askAgent(header));
  });

  test("a stream where a text is expected, and a text where a stream is", async () => {
    const stream = await seal(pattern(10));
    assert.equal(refusal(() => parseSealed(stream.toString("latin1"))).code, "seal.wrong-form");
    assert.equal(await open(Buffer.from(sealUnderLease(lease, "Ada"))), "seal.wrong-form");
  });
});

describe("limits and endings", () => {
  test("a caller's own limit holds at the limit and refuses one byte more, on both sides", async () => {
    for (const plaintextBytesMax of [0, 10, STREAM_CHUNK_BYTES, STREAM_CHUNK_BYTES + 10]) {
      const atLimit = await seal(pattern(plaintextBytesMax), { plaintextBytesMax });
      const over = await seal(pattern(plaintextBytesMax + 1));
      assert.ok(Buffer.isBuffer(await open(atLimit, { plaintextBytesMax })));
      assert.equal(await open(over, { plaintextBytesMax }), "seal.too-large");
      const sealing = sealStream(lease, inPieces(pattern(plaintextBytesMax + 1), [100]), { plaintextBytesMax });
      assert.equal(await collect(sealing), "seal.too-large");
    }
  });

  test("a source that fails passes its failure on, and leaves a stream that does not open", async () => {
    async function* failing(): AsyncGenerator<Buffer> {
      yield pattern(STREAM_CHUNK_BYTES + 1);
      throw new Error("disk gone");
    }
    const written: Buffer[] = [];
    await assert.rejects(async () => {
      for await (const part of sealStream(lease, failing())) written.push(part);
    }, /disk gone/);
    assert.equal(written.length, 2);
    assert.equal(await open(Buffer.concat(written)), "seal.cut");
    await assert.rejects(async () => {
      for await (const part of openStream(failing(), askAgent)) assert.fail(`${part.length} bytes`);
    });
  });

  test("who stops early lets the source go", async () => {
    let closed = 0;
    async function* endless(start: Buffer): AsyncGenerator<Buffer> {
      try {
        yield start;
        for (;;) yield Buffer.alloc(1_000);
      } finally {
        closed++;
      }
    }
    for await (const part of sealStream(lease, endless(Buffer.alloc(1)))) if (part.length > 1_000) break;
    assert.equal(closed, 1);
    const stream = await seal(pattern(300_000));
    for await (const part of openStream(endless(stream), askAgent)) if (part.length > 0) break;
    assert.equal(closed, 2);
    assert.equal(await collect(openStream(endless(Buffer.from("nothing sealed")), askAgent)), "seal.not-sealed");
    assert.equal(closed, 3);
  });

  test("a refusal of the agent passes through", async () => {
    const stream = await seal(pattern(10));
    const refuse = (): Promise<Buffer> => Promise.reject(new TypeError("denied"));
    await assert.rejects(async () => {
      for await (const part of openStream(inPieces(stream, [64]), refuse)) assert.fail(`${part.length} bytes`);
    }, /denied/);
  });

  test("nothing is yielded for a chunk that does not fit", async () => {
    const stream = flipped(await seal(pattern(STREAM_CHUNK_BYTES + 100)), 8 * (200 + STREAM_CHUNK_BYTES));
    let yielded = 0;
    await assert.rejects(
      async () => {
        for await (const part of openStream(inPieces(stream, [5_000]), askAgent)) yielded += part.length;
      },
      { code: "seal.tampered" },
    );
    assert.equal(yielded, STREAM_CHUNK_BYTES);
  });
});
