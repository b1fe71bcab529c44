/** What holds for any bytes, contexts and places. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { builtinVocabulary } from "../../src/vocabulary/index.ts";
import {
  deriveObjectKeyFromEpoch,
  openSealed,
  parseSealed,
  sealContext,
  sealUnderLease,
} from "../../src/seal/index.ts";
import { epochKey, lease, leaseFor, refusal } from "./fixtures.ts";
import { referenceText } from "./reference.ts";

const anyContext = fc.option(fc.uint8Array({ minLength: 1, maxLength: 100 }), { nil: undefined });
const anyBytes = fc.uint8Array({ maxLength: 2_000 });
const anyPart = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom("a", "b", "7", "\0", ".", "é", " ") });
const anyPlace = fc.record({ table: anyPart, column: anyPart, row: anyPart });

function keyOf(text: string): Buffer {
  return deriveObjectKeyFromEpoch(epochKey, parseSealed(text).header);
}

describe("sealing and opening", () => {
  test("any bytes come back", () => {
    fc.assert(
      fc.property(anyBytes, anyContext, (plaintext, context) => {
        const text = sealUnderLease(lease, plaintext, { context });
        assert.deepEqual(openSealed(text, keyOf(text), { context }), Buffer.from(plaintext));
      }),
      { numRuns: 500 },
    );
  });

  test("any text comes back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (plaintext) => {
        const text = sealUnderLease(lease, plaintext);
        assert.equal(openSealed(text, keyOf(text)).toString("utf8"), plaintext);
      }),
    );
  });

  test("the plain second reading of the page gives the same text", () => {
    fc.assert(
      fc.property(anyBytes, anyContext, fc.uint8Array({ minLength: 16, maxLength: 16 }), (plaintext, context, salt) => {
        const mine = sealUnderLease(lease, plaintext, { context, random: () => salt });
        const { header } = parseSealed(mine);
        const fields = {
          locator: header.locator,
          relationship: header.relationship,
          epoch: 1,
          leaseId: header.leaseId,
          salt: header.salt,
          type: header.type,
        };
        const theirs = referenceText(
          epochKey.export(),
          fields,
          Buffer.from(plaintext),
          context && Buffer.from(context),
        );
        assert.equal(mine, theirs.text);
      }),
    );
  });

  test("the same plaintext twice gives unlike texts", () => {
    fc.assert(
      fc.property(anyBytes, anyContext, (plaintext, context) => {
        const first = parseSealed(sealUnderLease(lease, plaintext, { context }));
        const second = parseSealed(sealUnderLease(lease, plaintext, { context }));
        assert.notDeepEqual(first.header.salt, second.header.salt);
        assert.notDeepEqual(first.body, second.body);
        assert.notDeepEqual(first.header.commitment, second.header.commitment);
      }),
    );
  });

  test("any other key fails loudly", () => {
    fc.assert(
      fc.property(anyBytes, fc.uint8Array({ maxLength: 64 }), (plaintext, key) => {
        const text = sealUnderLease(lease, plaintext);
        assert.equal(refusal(() => openSealed(text, Buffer.from(key))).code, "seal.wrong-key");
      }),
    );
  });

  test("any other context fails loudly", () => {
    fc.assert(
      fc.property(anyPlace, anyPlace, (place, other) => {
        const [context, otherContext] = [sealContext(place), sealContext(other)];
        fc.pre(!context.equals(otherContext));
        const text = sealUnderLease(lease, "x", { context });
        assert.equal(
          refusal(() => openSealed(text, keyOf(text), { context: otherContext })).code,
          "seal.wrong-context",
        );
      }),
    );
  });

  test("any text at all is opened or refused by name, never another failure", () => {
    const text = sealUnderLease(lease, "Ada");
    const key = keyOf(text);
    const piece = fc.constantFrom("sr1", "srs1", ".", text.slice(4, 100), text.slice(-20), "=", "\n", "Müller");
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 10 })), { maxLength: 6 }), (pieces) => {
        refusal(() => openSealed(pieces.join(""), key));
      }),
    );
  });
});

describe("places", () => {
  test("two places have the same context only when they are the same place", () => {
    fc.assert(
      fc.property(anyPlace, anyPlace, (a, b) => {
        const same = a.table === b.table && a.column === b.column && a.row === b.row;
        assert.equal(sealContext(a).equals(sealContext(b)), same);
      }),
      { numRuns: 1_000 },
    );
  });

  test("a row id is the same as number, bigint and text", () => {
    const contexts = [7, 7n, "7"].map((row) => sealContext({ table: "t", column: "c", row }).toString("hex"));
    assert.equal(new Set(contexts).size, 1);
  });

  test("parts that are empty, too long or no safe number are refused", () => {
    const bad = [
      { table: "", column: "c", row: 1 },
      { table: "t", column: "", row: 1 },
      { table: "t", column: "c", row: "" },
      { table: "t", column: "c", row: Number.NaN },
      { table: "t", column: "c", row: 1.5 },
      { table: "t", column: "c", row: 2 ** 53 },
      { table: "t", column: "c", row: "r".repeat(4_097) },
      { table: "t".repeat(4_000), column: "c", row: "r".repeat(96) },
    ];
    for (const place of bad) assert.equal(refusal(() => sealContext(place)).code, "seal.bad-context");
    assert.equal(sealContext({ table: "t".repeat(4_000), column: "c", row: "r".repeat(89) }).length, 4_096);
    assert.equal(
      refusal(() => sealContext({ table: "t".repeat(4_000), column: "c", row: "r".repeat(90) })).code,
      "seal.bad-context",
    );
  });
});

describe("size", () => {
  test("a sealed object has at most 140 bytes more than its plaintext, for every built-in type", () => {
    const types = builtinVocabulary()
      .terms("type")
      .map(({ id }) => id);
    for (const type of [...types, "a".repeat(34)]) {
      for (const context of [undefined, sealContext({ table: "customer", column: "given_name", row: 7 })]) {
        const { header, body } = parseSealed(sealUnderLease(leaseFor(type), "Ada", { context }));
        const overheadBytes = header.bytes.length + body.length - 3;
        assert.equal(overheadBytes, (context === undefined ? 100 : 104) + type.length);
        assert.ok(overheadBytes <= 140, `${type}: ${overheadBytes} bytes`);
      }
    }
  });
});
