import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { before, describe, test } from "node:test";
import fc from "fast-check";
import {
  bundlesOf,
  consistencyProof,
  decodeBundle,
  encodeBundle,
  inclusionProof,
  leafHash,
  parseTilePath,
  rootAt,
  rootOf,
  TileEdge,
  TileHashReader,
  tilePath,
  tilesOf,
  verifyConsistency,
  verifyInclusion,
  type Tile,
} from "../../src/log/index.ts";
import { toHex, u32, type Bytes } from "../../src/bytes.ts";
import { hex, vectors } from "./vectors.ts";

describe("paths", () => {
  test("are written and read as in the specification", () => {
    for (const [level, index, width, path] of vectors.tilePaths.good) {
      assert.equal(tilePath({ level, index, width }), path);
      assert.deepEqual(parseTilePath(path), { level, index, width });
    }
  });

  for (const path of vectors.tilePaths.bad) {
    test(`refused: ${JSON.stringify(path)}`, () => assert.throws(() => parseTilePath(path), { code: "log.bad-tile" }));
  }

  test("come back for every tile", () => {
    const tile = fc.record(
      {
        level: fc.oneof(fc.integer({ min: 0, max: 63 }), fc.constant("entries" as const)),
        index: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
        width: fc.integer({ min: 1, max: 256 }),
      },
      { noNullPrototype: true },
    );
    fc.assert(fc.property(tile, (one) => assert.deepEqual(parseTilePath(tilePath(one)), one)));
  });

  test("nothing that is not canonical is read", () => {
    const piece = fc.constantFrom(
      "tile",
      "/",
      "0",
      "1",
      "000",
      "x",
      "x001",
      ".p",
      "255",
      "entries",
      ".",
      "-",
      "256",
      "0x1",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
        const path = pieces.join("");
        let tile: Tile;
        try {
          tile = parseTilePath(path);
        } catch {
          return;
        }
        assert.equal(tilePath(tile), path);
      }),
    );
  });
});

describe("which tiles a tree has", () => {
  test("the example of the specification: 70,000 leaves", () => {
    const tiles = [...tilesOf(70_000)];
    const widths = (level: number): number[] => tiles.filter((tile) => tile.level === level).map((tile) => tile.width);
    assert.equal(widths(0).filter((width) => width === 256).length, 273);
    assert.deepEqual(widths(0).at(-1), 112);
    assert.deepEqual(widths(1), [256, 17]);
    assert.deepEqual(widths(2), [1]);
    assert.equal(tiles.length, 274 + 2 + 1);
    assert.deepEqual([...bundlesOf(256)], [{ level: "entries", index: 0, width: 256 }]);
    assert.deepEqual([...tilesOf(256)].map(tilePath), ["tile/0/000", "tile/1/000.p/1"]);
    assert.deepEqual([...tilesOf(0)], []);
  });

  test("what is new since an older size, and no more", () => {
    assert.deepEqual([...tilesOf(300, 300)], []);
    assert.deepEqual([...tilesOf(300, 256)].map(tilePath), ["tile/0/001.p/44"]);
    assert.deepEqual([...tilesOf(512, 300)].map(tilePath), ["tile/0/001", "tile/1/000.p/2"]);
    assert.deepEqual([...bundlesOf(600, 255)].map(tilePath), [
      "tile/entries/000",
      "tile/entries/001",
      "tile/entries/002.p/88",
    ]);
    assert.throws(() => [...tilesOf(3, 4)], RangeError);
  });
});

describe("a tree of 70,000 leaves built tile by tile", () => {
  const files = new Map<string, Bytes>();
  const { size, roots, tiles, tileCounts, inclusion, consistency } = vectors.bigTree;
  const edge = TileEdge.empty();
  const source = (tile: Tile): Bytes => files.get(tilePath(tile)) ?? files.get(tilePath({ ...tile, width: 256 }))!;
  const publish = (): void => edge.takeTiles().forEach(({ tile, bytes }) => files.set(tilePath(tile), bytes));

  before(() => {
    for (let i = 0; i < size; i++) {
      const root = roots[i];
      if (root !== undefined) assert.equal(toHex(edge.root()), root, `root at ${i}`);
      if (i % 1000 === 0) publish();
      edge.append(leafHash(u32(i)));
    }
    publish();
  });

  test("has the root of the vectors", () => {
    assert.equal(toHex(edge.root()), roots[String(size)]);
    assert.equal(toHex(rootAt(size, new TileHashReader(size, source))), roots[String(size)]);
  });

  test("has exactly the tiles that it must have, with the right hashes", () => {
    for (const tile of tilesOf(size)) assert.ok(files.has(tilePath(tile)), tilePath(tile));
    for (const [level, count] of tileCounts.entries()) {
      assert.equal([...tilesOf(size)].filter((tile) => tile.level === level).length, count);
    }
    for (const { path, sha256 } of tiles) {
      assert.equal(createHash("sha256").update(files.get(path)!).digest("hex"), sha256, path);
    }
  });

  test("proofs out of tiles are those of the vectors, at sizes whose partial tiles are gone too", () => {
    const reader = new TileHashReader(size, source);
    for (const { index, proof } of inclusion) {
      assert.deepEqual(inclusionProof(index, size, reader).map(toHex), proof);
      assert.ok(verifyInclusion(leafHash(u32(index)), index, size, proof.map(hex), edge.root()));
    }
    for (const { from, proof } of consistency) assert.deepEqual(consistencyProof(from, size, reader).map(toHex), proof);
    const older = new TileHashReader(65_537, source);
    assert.deepEqual(toHex(rootAt(65_537, older)), roots["65537"]);
    assert.ok(
      verifyConsistency(600, 65_537, consistencyProof(600, 65_537, older), hex(roots["600"]!), hex(roots["65537"]!)),
    );
  });

  test("goes on from its stored tiles", () => {
    for (const [text, root] of Object.entries(roots)) {
      const resumed = TileEdge.restore(Number(text), source);
      assert.equal(toHex(resumed.root()), root);
      assert.deepEqual(resumed.takeTiles(), []);
    }
    const resumed = TileEdge.restore(65_535, source);
    for (let i = 65_535; i < size; i++) resumed.append(leafHash(u32(i)));
    assert.deepEqual(resumed.root(), edge.root());
    for (const { tile, bytes } of resumed.takeTiles())
      assert.deepEqual(Buffer.from(bytes), Buffer.from(files.get(tilePath(tile))!));
  });

  test("a tile of the wrong length is refused", () => {
    const cut = (tile: Tile): Bytes => source(tile).subarray(0, -1);
    assert.throws(() => rootAt(size, new TileHashReader(size, cut)), { code: "log.bad-tile" });
    assert.throws(() => TileEdge.restore(size, () => Buffer.alloc(0)), { code: "log.bad-tile" });
    assert.throws(() => TileEdge.restore(size, () => Buffer.alloc(8224)), { code: "log.bad-tile" });
  });
});

test("a copy of an edge grows by itself", () => {
  const edge = TileEdge.empty();
  for (let i = 0; i < 300; i++) edge.append(leafHash(u32(i)));
  const copy = edge.clone();
  for (let i = 300; i < 520; i++) copy.append(leafHash(Buffer.of(9)));
  for (let i = 300; i < 520; i++) edge.append(leafHash(u32(i)));
  assert.deepEqual(edge.root(), rootOf(Array.from({ length: 520 }, (_, i) => leafHash(u32(i)))));
  assert.notDeepEqual(copy.root(), edge.root());
  assert.deepEqual(
    edge.takeTiles().map(({ tile }) => tilePath(tile)),
    copy.takeTiles().map(({ tile }) => tilePath(tile)),
  );
});

describe("bundles", () => {
  const { bundle } = vectors;
  test("are written and read as in the vectors", () => {
    assert.equal(toHex(encodeBundle(bundle.leaves.map(hex))), bundle.hex);
    assert.deepEqual(decodeBundle(hex(bundle.hex), bundle.width).map(toHex), bundle.leaves);
  });

  for (const { name, width, hex: bytes } of bundle.bad) {
    test(`refused: ${name}`, () => assert.throws(() => decodeBundle(hex(bytes), width), { code: "log.bad-tile" }));
  }

  test("a leaf longer than any kind is refused, and so is one more leaf than fits", () => {
    assert.equal(decodeBundle(encodeBundle([Buffer.alloc(33)]), 1).length, 1);
    assert.throws(() => decodeBundle(encodeBundle([Buffer.alloc(34)]), 1), { code: "log.bad-tile" });
    assert.equal(decodeBundle(encodeBundle(Array(256).fill(Buffer.alloc(1))), 256).length, 256);
    assert.throws(() => encodeBundle(Array(257).fill(Buffer.alloc(1))), RangeError);
    assert.throws(() => encodeBundle([]), RangeError);
  });
});
