import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parseSignerKey, parseVerifierKey, signPromise } from "../../src/log/index.ts";
import {
  ERASED_KEYS_MAX,
  RECEIPT_CHARACTERS_MAX,
  signReceipt,
  verifyReceipt,
  type ErasureContent,
  type ExportContent,
  type Statement,
} from "../../src/receipt/index.ts";
import { decodeCanonical, encodeCanonical, type Json } from "../../src/receipt/canonicalJson.ts";
import { u48 } from "../../src/bytes.ts";

interface Vectors {
  readonly signerKey: string;
  readonly verifierKey: string;
  readonly good: readonly { readonly statement: Statement; readonly receipt: string }[];
  readonly bad: readonly { readonly name: string; readonly receipt: string; readonly code: string }[];
}
const file = new URL("../../../../spec/vectors/receipt.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8")) as Vectors;
const signer = parseSignerKey(vectors.signerKey);
const log = parseVerifierKey(vectors.verifierKey);

function contentOf({
  version: _version,
  origin: _origin,
  keyId: _keyId,
  ...content
}: Statement): ErasureContent | ExportContent {
  return content;
}

describe("receipts of the vectors", () => {
  for (const { statement, receipt } of vectors.good) {
    test(`${statement.kind}: signed byte for byte, and verified`, () => {
      assert.equal(signReceipt(contentOf(statement), signer), receipt);
      assert.deepEqual(verifyReceipt(receipt, log), statement);
    });
  }

  for (const { name, receipt, code } of vectors.bad) {
    test(`refused: ${name}`, () => assert.throws(() => verifyReceipt(receipt, log), { code }));
  }
});

describe("a receipt", () => {
  const [{ statement, receipt }] = vectors.good as [Vectors["good"][number]];
  const erasure = contentOf(statement) as ErasureContent;

  test("with any character changed is refused", () => {
    for (let i = 0; i < receipt.length; i++) {
      const other = receipt[i] === "A" ? "B" : "A";
      assert.throws(() => verifyReceipt(receipt.slice(0, i) + other + receipt.slice(i + 1), log), /StrongroomError/);
    }
  });

  test("of another agent, or under a witness's key, is refused", () => {
    const other = parseVerifierKey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
    assert.throws(() => verifyReceipt(receipt, other), { code: "receipt.bad-signature" });
    assert.throws(() => verifyReceipt(receipt, { ...log, type: "cosignature" }), { code: "receipt.bad-signature" });
  });

  test("cannot be made out of a promise's signature", () => {
    const promise = { at: 1, decision: Buffer.alloc(16), entries: [{ index: 0, commitment: Buffer.alloc(32) }] };
    const [start, payload] = receipt.split(".");
    const signature = signPromise(promise, signer).toString("base64url");
    assert.throws(() => verifyReceipt(`${start}.${payload}.${signature}`, log), { code: "receipt.bad-signature" });
  });

  test("holds up to 10,000 keys, and no more", () => {
    const keys = (count: number): ErasureContent["keys"] =>
      Array.from({ length: count }, (_, index) => ({
        id: Buffer.concat([Buffer.alloc(10), u48(index)]).toString("base64url"),
        index: 2 ** 47 + index,
        kind: "relationship" as const,
      }));
    const largest = signReceipt({ ...erasure, keys: keys(ERASED_KEYS_MAX) }, signer);
    assert.ok(largest.length <= RECEIPT_CHARACTERS_MAX);
    assert.equal((verifyReceipt(largest, log) as ErasureContent).keys.length, ERASED_KEYS_MAX);
    assert.throws(() => signReceipt({ ...erasure, keys: keys(ERASED_KEYS_MAX + 1) }, signer), {
      code: "receipt.malformed",
    });
    assert.throws(() => verifyReceipt(`srr1.${"A".repeat(RECEIPT_CHARACTERS_MAX)}.AA`, log), {
      code: "receipt.malformed",
    });
  });

  test("that nobody could verify cannot be signed", () => {
    const bad: Partial<Record<keyof ErasureContent, unknown>>[] = [
      { finalAt: erasure.at - 1 },
      { finalAt: 1.5 },
      { at: -1 },
      { at: 2 ** 48 },
      { subject: "" },
      { subject: "\ud800" },
      { subject: "x".repeat(1025) },
      { handle: undefined },
      { scope: "epoch" },
      { keys: [] },
    ];
    for (const change of bad) {
      const content = { ...erasure, ...change } as ErasureContent;
      assert.throws(() => signReceipt(content, signer), { code: "receipt.malformed" }, JSON.stringify(change));
    }
    assert.throws(() => signReceipt({ ...erasure, kind: "other" as "erasure" }, signer), {
      code: "receipt.unknown-kind",
    });
    assert.throws(() => signReceipt({ ...erasure, more: 1 } as ErasureContent, signer), { code: "receipt.malformed" });
  });

  test("takes origin and key id from the signer, whatever the content says", () => {
    const forged = { ...erasure, origin: "other.example", keyId: "00000000" } as ErasureContent;
    assert.deepEqual(verifyReceipt(signReceipt(forged, signer), log), statement);
  });
});

describe("canonical JSON", () => {
  const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, depthIdentifier: "json" },
      fc.constantFrom(null, true, false),
      fc.maxSafeNat(),
      fc.string({ unit: "grapheme" }).filter((text) => text.isWellFormed()),
      fc.array(tie("tree"), { maxLength: 4, depthIdentifier: "json" }),
      fc.dictionary(fc.string(), tie("tree"), { maxKeys: 4, depthIdentifier: "json", noNullPrototype: true }),
    ),
  }));

  test("comes back, and does not depend on the order in which members were set", () => {
    fc.assert(
      fc.property(tree, (value) => {
        const bytes = encodeCanonical(value);
        assert.deepEqual(encodeCanonical(decodeCanonical(bytes)), bytes);
        assert.deepEqual(JSON.parse(bytes.toString()), JSON.parse(JSON.stringify(value)));
        if (typeof value === "object" && value !== null && !Array.isArray(value)) {
          const reversed = Object.fromEntries(Object.entries(value as Record<string, Json>).reverse());
          assert.deepEqual(encodeCanonical(reversed), bytes);
        }
      }),
    );
  });

  test("refuses what JSON or the restriction does not have", () => {
    for (const value of [1.5, -1, -0, NaN, Infinity, 2 ** 53, "\udfff", undefined, [undefined], { a: () => 1 }]) {
      assert.throws(() => encodeCanonical(value as Json), { code: "receipt.malformed" });
    }
    let deep: Json = 1;
    for (let i = 0; i < 20; i++) deep = [deep];
    assert.throws(() => encodeCanonical(deep), { code: "receipt.malformed" });
  });
});
