import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  commitmentOf,
  decodeEntry,
  decodeLeaf,
  encodeEntry,
  encodeEntryLeaf,
  encodeHeadsLeaf,
  encodeTombstoneLeaf,
  ENTRY_BYTES_MAX,
  ENTRY_KINDS,
  FIRST_PREVIOUS,
  leafHash,
  objectsDigest,
  openEntry,
  sealEntry,
  SEALED_ENTRY_BYTES_MAX,
  type Entry,
  type Leaf,
} from "../../src/log/index.ts";
import { toHex, type Bytes } from "../../src/bytes.ts";
import { secretKey } from "../../src/primitives.ts";
import { entryOf, hex, vectors } from "./vectors.ts";

describe("leaves", () => {
  const encode = (leaf: Leaf): Buffer => {
    if (leaf.kind === "entry") return encodeEntryLeaf(leaf.commitment);
    return leaf.kind === "heads" ? encodeHeadsLeaf(leaf.root) : encodeTombstoneLeaf(leaf);
  };

  for (const { hex: bytes, leaf: written, leafHash: hash } of vectors.leaves.good) {
    test(`${String(written["kind"])}: read, written and hashed as in the vectors`, () => {
      const leaf = decodeLeaf(hex(bytes));
      const hexed = Object.fromEntries(
        Object.entries(leaf).map(([name, value]) => [
          name,
          value instanceof Uint8Array ? toHex(value) : (value as unknown),
        ]),
      );
      assert.deepEqual(hexed, written);
      assert.equal(toHex(encode(leaf)), bytes);
      assert.equal(toHex(leafHash(hex(bytes))), hash);
    });
  }

  for (const { name, hex: bytes } of vectors.leaves.bad) {
    test(`refused: ${name}`, () => assert.throws(() => decodeLeaf(hex(bytes)), { code: "log.bad-leaf" }));
  }

  test("a leaf with parts of the wrong length cannot be made", () => {
    assert.throws(() => encodeEntryLeaf(Buffer.alloc(31)), RangeError);
    assert.throws(() => encodeHeadsLeaf(Buffer.alloc(33)), RangeError);
    assert.throws(() => encodeTombstoneLeaf({ keyKind: "root", keyId: Buffer.alloc(15), at: 1 }), RangeError);
    assert.throws(() => encodeTombstoneLeaf({ keyKind: "root", keyId: Buffer.alloc(16), at: 2 ** 48 }), RangeError);
  });
});

const bytesOf = (length: number): fc.Arbitrary<Bytes> => fc.uint8Array({ minLength: length, maxLength: length });
const text = fc.option(
  fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 30 })
    .filter((t) => t.isWellFormed() && Buffer.byteLength(t) <= 255),
);
const arbitraryEntry: fc.Arbitrary<Entry> = fc
  .record({
    kind: fc.constantFrom(...ENTRY_KINDS),
    outcome: fc.constantFrom("allow" as const, "deny" as const, null),
    counter: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 2 ** 48 - 1 })),
    previous: bytesOf(32).filter((bytes) => bytes.some((byte) => byte !== 0)),
    at: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
    decision: fc.option(bytesOf(16)),
    controller: text,
    application: text,
    type: text,
    use: text,
    purpose: text,
    provenance: text,
    reason: text,
    rules: fc.array(fc.string({ minLength: 1, maxLength: 40, unit: "grapheme-ascii" }), { maxLength: 16 }),
    objects: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 0xffffffff })),
    digest: bytesOf(32),
    detail: fc.option(fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 }).filter((t) => t.isWellFormed())),
  })
  .map((entry) => ({
    ...entry,
    outcome: entry.kind === "use" || entry.kind === "seal" ? (entry.outcome ?? "deny") : entry.outcome,
    previous: entry.counter === 1 ? FIRST_PREVIOUS : entry.previous,
    digest: entry.objects === 0 ? null : entry.digest,
  }));

const plain = (entry: Entry): unknown =>
  JSON.parse(
    JSON.stringify(entry, (_, value: unknown) =>
      value instanceof Uint8Array ? toHex(value) : isBuffer(value) ? toHex(Buffer.from(value.data)) : value,
    ),
  );
const isBuffer = (value: unknown): value is { data: number[] } =>
  typeof value === "object" && value !== null && "type" in value && value.type === "Buffer";

describe("entries", () => {
  for (const { entry: written, salt, bytes, commitment } of vectors.entries.good) {
    test(`${written.kind} ${written.counter}: read, written and committed to as in the vectors`, () => {
      assert.equal(toHex(encodeEntry(entryOf(written))), bytes);
      assert.deepEqual(plain(decodeEntry(hex(bytes))), plain(entryOf(written)));
      assert.equal(toHex(commitmentOf(hex(salt), hex(bytes))), commitment);
    });
  }

  for (const { name, hex: bytes, code } of vectors.entries.bad) {
    test(`refused: ${name}`, () => assert.throws(() => decodeEntry(hex(bytes)), { code }));
  }

  test("the digest of objects is that of the vectors, and tells where a header ends", () => {
    const { headers, digest } = vectors.objectsDigest;
    assert.equal(toHex(objectsDigest(headers.map(hex))), digest);
    assert.notDeepEqual(
      objectsDigest([Buffer.from("ab"), Buffer.from("c")]),
      objectsDigest([Buffer.from("a"), Buffer.from("bc")]),
    );
  });

  test("every entry comes back", () => {
    fc.assert(
      fc.property(arbitraryEntry, (entry) => {
        const bytes = encodeEntry(entry);
        assert.ok(bytes.length <= ENTRY_BYTES_MAX);
        assert.deepEqual(plain(decodeEntry(bytes)), plain(entry));
      }),
      { numRuns: 300 },
    );
  });

  test("whatever is read is written the same: a changed byte is refused or is another entry", () => {
    const change = fc.record({ entry: arbitraryEntry, at: fc.nat(), byte: fc.integer({ min: 1, max: 255 }) });
    fc.assert(
      fc.property(change, ({ entry, at, byte }) => {
        const bytes = encodeEntry(entry);
        bytes[at % bytes.length]! ^= byte;
        let read: Entry;
        try {
          read = decodeEntry(bytes);
        } catch (error) {
          assert.match((error as { code: string }).code, /^log\.(bad-entry|unknown-entry-version)$/);
          return;
        }
        assert.deepEqual(encodeEntry(read), bytes);
      }),
      { numRuns: 500 },
    );
  });

  test("limits hold at the limit and refuse one more", () => {
    const base = entryOf(vectors.entries.good[0]!.entry);
    for (const field of ["controller", "application", "type", "use", "purpose", "provenance", "reason"] as const) {
      assert.equal(decodeEntry(encodeEntry({ ...base, [field]: "x".repeat(255) }))[field]?.length, 255);
      assert.throws(() => encodeEntry({ ...base, [field]: "x".repeat(256) }), { code: "log.bad-entry" });
      assert.throws(() => encodeEntry({ ...base, [field]: "λ".repeat(128) }), { code: "log.bad-entry" });
      assert.throws(() => encodeEntry({ ...base, [field]: "" }), { code: "log.bad-entry" });
      assert.throws(() => encodeEntry({ ...base, [field]: "\ud800" }), { code: "log.bad-entry" });
    }
    const bad: Partial<Entry>[] = [
      { rules: Array<string>(17).fill("r") },
      { rules: [""] },
      { detail: "x".repeat(4097) },
      { detail: "" },
      { counter: 2 ** 48 },
      { counter: 1.5 },
      { at: -1 },
      { at: NaN },
      { objects: 2 ** 32 },
      { objects: 0 },
      { digest: Buffer.alloc(31) },
      { decision: Buffer.alloc(0) },
      { outcome: null },
      { kind: "other" as "use" },
      { previous: Buffer.alloc(32, 1) },
      { previous: Buffer.alloc(31) },
    ];
    for (const change of bad)
      assert.throws(() => encodeEntry({ ...base, ...change }), { code: "log.bad-entry" }, JSON.stringify(change));
    const longest: Entry = {
      ...base,
      rules: Array<string>(16).fill("r".repeat(255)),
      detail: "d".repeat(4096),
      ...Object.fromEntries(
        ["controller", "application", "type", "use", "purpose", "provenance", "reason"].map((field) => [
          field,
          "x".repeat(255),
        ]),
      ),
    };
    assert.equal(encodeEntry(longest).length, ENTRY_BYTES_MAX);
    const key = secretKey(Buffer.alloc(32, 1));
    assert.equal(sealEntry(longest, key).sealed.length, SEALED_ENTRY_BYTES_MAX);
    assert.deepEqual(plain(openEntry(sealEntry(longest, key).sealed, 1, key).entry), plain(longest));
  });
});

describe("sealed entries", () => {
  const { logKey, good, bad } = vectors.sealedEntries;
  const key = secretKey(hex(logKey));

  test("are made and opened as in the vectors", () => {
    for (const [i, { counter, nonce, salt, bytes, sealed }] of good.entries()) {
      const drawn = Buffer.concat([hex(salt), hex(nonce)]);
      const random = (count: number): Bytes => {
        assert.equal(count, drawn.length);
        return drawn;
      };
      const made = sealEntry(entryOf(vectors.entries.good[i]!.entry), key, random);
      assert.equal(toHex(made.sealed), sealed);
      assert.equal(toHex(made.commitment), vectors.entries.good[i]!.commitment);
      const opened = openEntry(hex(sealed), counter, key);
      assert.equal(toHex(opened.salt), salt);
      assert.equal(toHex(opened.bytes), bytes);
      assert.deepEqual(opened.commitment, made.commitment);
    }
  });

  for (const { name, counter, sealed } of bad) {
    test(`refused: ${name}`, () =>
      assert.throws(() => openEntry(hex(sealed), counter, key), { code: "log.entry-unreadable" }));
  }

  test("any changed bit is refused, and so is another key", () => {
    const { counter, sealed } = good[0]!;
    for (let bit = 0; bit < hex(sealed).length * 8; bit++) {
      const changed = hex(sealed);
      changed[bit >> 3]! ^= 1 << (bit % 8);
      assert.throws(() => openEntry(changed, counter, key), { code: "log.entry-unreadable" });
    }
    assert.throws(() => openEntry(hex(sealed), counter, secretKey(Buffer.alloc(32))), { code: "log.entry-unreadable" });
  });

  test("the same entry twice has another salt, nonce and commitment", () => {
    const entry = entryOf(vectors.entries.good[0]!.entry);
    const [one, two] = [sealEntry(entry, key), sealEntry(entry, key)];
    assert.notDeepEqual(one.commitment, two.commitment);
    assert.notDeepEqual(one.sealed.subarray(1, 13), two.sealed.subarray(1, 13));
    assert.notDeepEqual(openEntry(one.sealed, 1, key).salt, openEntry(two.sealed, 1, key).salt);
  });
});
