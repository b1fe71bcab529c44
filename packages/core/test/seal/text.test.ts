/** Sealed texts: every change is refused, limits hold at the limit and one over, errors tell nothing. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { describe, test } from "node:test";
import type { ErrorCode } from "../../src/errors.ts";
import { randomBytes, secretKey } from "../../src/primitives.ts";
import {
  commitmentFits,
  CONTEXT_BYTES_MAX,
  decodeHeaderText,
  deriveObjectKeyFromEpoch,
  HEADER_BYTES_MAX,
  HEADER_TEXT_CHARS_MAX,
  headerTextOf,
  openSealed,
  parseHeader,
  parseSealed,
  PLAINTEXT_BYTES_MAX,
  sealContext,
  SealingLease,
  sealUnderLease,
  TYPE_BYTES_MAX,
} from "../../src/seal/index.ts";
import { context, epochKey, flipped, lease, leaseFor, refusal } from "./fixtures.ts";

const objects = [
  { name: "a short value", text: sealUnderLease(lease, "Ada"), context: undefined },
  { name: "a bound value", text: sealUnderLease(lease, "Ada Lovelace", { context }), context },
  { name: "an empty value", text: sealUnderLease(leaseFor("sensitive.health"), "", { context }), context },
].map((object) => ({ ...object, key: deriveObjectKeyFromEpoch(epochKey, parseSealed(object.text).header) }));

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

describe("every change is refused", () => {
  for (const { name, text, key, context } of objects) {
    const { header, body } = parseSealed(text);

    test(`${name}: it opens as it is`, () => {
      assert.doesNotThrow(() => openSealed(text, key, { context }));
    });

    test(`${name}: every bit of header and body, with the old key`, () => {
      for (let bit = 0; bit < header.bytes.length * 8; bit++) {
        const changed = `sr1.${flipped(header.bytes, bit).toString("base64url")}.${body.toString("base64url")}`;
        assert.match(refusal(() => openSealed(changed, key, { context })).code, /^seal\./);
      }
      for (let bit = 0; bit < body.length * 8; bit++) {
        const changed = `sr1.${header.bytes.toString("base64url")}.${flipped(body, bit).toString("base64url")}`;
        assert.equal(refusal(() => openSealed(changed, key, { context })).code, "seal.tampered");
      }
    });

    test(`${name}: every bit of the header, with the key that an agent would derive from it`, () => {
      const codes = new Set<ErrorCode>();
      for (let bit = 0; bit < header.bytes.length * 8; bit++) {
        const changed = `sr1.${flipped(header.bytes, bit).toString("base64url")}.${body.toString("base64url")}`;
        const error = refusal(() => {
          const parsed = parseSealed(changed);
          const derived = deriveObjectKeyFromEpoch(epochKey, parsed.header);
          assert.equal(commitmentFits(parsed.header, derived), false, `bit ${bit}`);
          return openSealed(parsed, derived, { context });
        });
        codes.add(error.code);
      }
      assert.ok(codes.has("seal.wrong-key") && !codes.has("seal.tampered"), [...codes].join());
    });

    test(`${name}: every bit of the text's characters`, () => {
      const bytes = Buffer.from(text, "latin1");
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const changed = flipped(bytes, bit).toString("latin1");
        assert.match(refusal(() => openSealed(changed, key, { context })).code, /^seal\./);
      }
    });

    test(`${name}: every character replaced, taken away, doubled`, () => {
      for (let at = 0; at < text.length; at++) {
        const before = text.slice(0, at);
        const after = text.slice(at + 1);
        for (const other of ALPHABET + ".+/= \n\0é\ud800") {
          if (other === text[at]) continue;
          refusal(() => openSealed(before + other + after, key, { context }));
        }
        refusal(() => openSealed(before + after, key, { context }));
        refusal(() => openSealed(before + text.charAt(at) + text.slice(at), key, { context }));
      }
    });

    test(`${name}: cut at every place, with the word for it`, () => {
      for (let chars = 0; chars < text.length; chars++) {
        const { code } = refusal(() => openSealed(text.slice(0, chars), key, { context }));
        assert.equal(code, chars < 4 ? "seal.not-sealed" : "seal.cut", `${chars} characters`);
      }
    });
  }

  test("header and body of two objects do not mix", () => {
    const other = sealUnderLease(lease, "Bob");
    const [, header] = objects[0]!.text.split(".");
    const [, , body] = other.split(".");
    assert.equal(refusal(() => openSealed(`sr1.${header}.${body}`, objects[0]!.key)).code, "seal.tampered");
  });
});

describe("keys", () => {
  test("the key of another lease, epoch, type or relationship is a wrong key", () => {
    const sealed = parseSealed(objects[0]!.text);
    const otherEpoch = deriveObjectKeyFromEpoch(secretKey(Buffer.alloc(32, 9)), sealed.header);
    assert.equal(refusal(() => openSealed(sealed, otherEpoch)).code, "seal.wrong-key");
    for (const field of ["relationship", "leaseId", "salt", "locator"] as const) {
      const bytes = Buffer.from(sealed.header.bytes);
      bytes[sealed.header[field].byteOffset - sealed.header.bytes.byteOffset]! ^= 1;
      const key = deriveObjectKeyFromEpoch(epochKey, parseHeader(bytes));
      assert.equal(refusal(() => openSealed(sealed, key)).code, "seal.wrong-key", field);
    }
  });

  test("a key given as bytes or as a KeyObject opens, and stays the caller's", () => {
    const { text, key } = objects[0]!;
    const copy = Buffer.from(key);
    assert.equal(openSealed(text, key).toString(), "Ada");
    assert.equal(openSealed(text, new Uint8Array(key)).toString(), "Ada");
    assert.equal(openSealed(text, secretKey(key)).toString(), "Ada");
    assert.deepEqual(key, copy);
  });
});

describe("limits", () => {
  const atLimit = Buffer.alloc(PLAINTEXT_BYTES_MAX, 7);

  test(`a text holds ${PLAINTEXT_BYTES_MAX} bytes and not one more`, () => {
    const sealed = parseSealed(sealUnderLease(lease, atLimit));
    assert.deepEqual(openSealed(sealed, deriveObjectKeyFromEpoch(epochKey, sealed.header)), atLimit);
    const over = refusal(() => sealUnderLease(lease, Buffer.alloc(PLAINTEXT_BYTES_MAX + 1)));
    assert.equal(over.code, "seal.too-large");
    assert.match(over.message, /sealStream/);
    assert.equal(
      refusal(() => sealUnderLease(lease, "é".repeat(PLAINTEXT_BYTES_MAX / 2) + "a")).code,
      "seal.too-large",
    );
    assert.equal(refusal(() => sealUnderLease(lease, "a".repeat(PLAINTEXT_BYTES_MAX + 1))).code, "seal.too-large");
    assert.doesNotThrow(() => sealUnderLease(lease, "é".repeat(PLAINTEXT_BYTES_MAX / 2)));
  });

  test(`a context has 1 to ${CONTEXT_BYTES_MAX} bytes`, () => {
    assert.doesNotThrow(() => sealUnderLease(lease, "x", { context: Buffer.alloc(CONTEXT_BYTES_MAX) }));
    for (const bytes of [0, CONTEXT_BYTES_MAX + 1]) {
      assert.equal(
        refusal(() => sealUnderLease(lease, "x", { context: Buffer.alloc(bytes) })).code,
        "seal.bad-context",
      );
    }
  });

  test("the longest header is as long as the limit says, and its text too", () => {
    const sealed = parseSealed(sealUnderLease(leaseFor("a".repeat(TYPE_BYTES_MAX)), "x", { context }));
    assert.equal(sealed.header.bytes.length, HEADER_BYTES_MAX);
    assert.equal(sealed.headerText.length, HEADER_TEXT_CHARS_MAX);
    const longer = refusal(() => parseHeader(Buffer.alloc(HEADER_BYTES_MAX + 1, 1)));
    assert.deepEqual([longer.code, longer.details], ["seal.malformed-header", { field: "length" }]);
    assert.equal(refusal(() => decodeHeaderText("A".repeat(HEADER_TEXT_CHARS_MAX + 1))).code, "seal.malformed-header");
  });

  test("a lease whose fields do not fit is refused by name", () => {
    const good = {
      locator: Buffer.alloc(8),
      relationship: Buffer.alloc(16),
      epoch: 1,
      leaseId: Buffer.alloc(12),
      type: "a",
      key: epochKey,
    };
    assert.doesNotThrow(() => new SealingLease(good));
    const bad = [
      { locator: Buffer.alloc(7) },
      { relationship: Buffer.alloc(17) },
      { epoch: 0 },
      { epoch: 65_536 },
      { epoch: 1.5 },
      { leaseId: Buffer.alloc(11) },
      { type: "" },
      { type: "a".repeat(65) },
      { type: "Identity" },
    ];
    for (const field of bad) {
      const error = refusal(() => new SealingLease({ ...good, ...field }));
      assert.deepEqual([error.code, error.details["field"]], ["seal.bad-lease", Object.keys(field)[0]]);
    }
  });

  test("a source of randomness that gives too little is not used", () => {
    assert.throws(() => sealUnderLease(lease, "x", { random: () => Buffer.alloc(15) }), RangeError);
  });
});

describe("what is stored is not believed", () => {
  test("values that are no texts are not sealed objects", () => {
    const values: readonly unknown[] = [null, undefined, 7, {}, Buffer.from(objects[0]!.text)];
    for (const value of values) {
      assert.equal(refusal(() => openSealed(value as string, objects[0]!.key)).code, "seal.not-sealed");
      assert.equal(refusal(() => headerTextOf(value as string)).code, "seal.not-sealed");
    }
  });

  test("a parsed header does not change with the bytes that it was read from", () => {
    const bytes = Buffer.from(parseSealed(objects[0]!.text).header.bytes);
    const header = parseHeader(bytes);
    bytes.fill(0);
    assert.deepEqual(header, parseSealed(objects[0]!.text).header);
  });

  test("a text with a lone surrogate is refused, it would not come back", () => {
    assert.equal(refusal(() => sealUnderLease(lease, "a\ud800")).code, "encoding.not-text");
  });

  test("no error tells plaintext, key or context", () => {
    const secretContext = Buffer.from("row of alice@example.org");
    const text = sealUnderLease(lease, "PLAINTEXT-7f3a", { context: secretContext });
    const key = deriveObjectKeyFromEpoch(epochKey, parseSealed(text).header);
    const { header, body } = parseSealed(text);
    const errors = [
      refusal(() => openSealed(text, randomBytes(32), { context: secretContext })),
      refusal(() =>
        openSealed(`sr1.${header.bytes.toString("base64url")}.${flipped(body, 0).toString("base64url")}`, key, {
          context: secretContext,
        }),
      ),
      refusal(() => openSealed(text.slice(0, -1), key, { context: secretContext })),
      refusal(() => openSealed(text, key, { context: Buffer.from("row of bob@example.org") })),
      refusal(() => openSealed(text, key)),
      refusal(() => sealUnderLease(lease, "PLAINTEXT-7f3a".repeat(100_000))),
      refusal(() => sealUnderLease(lease, "PLAINTEXT-7f3a\ud800")),
      refusal(() => openSealed("PLAINTEXT-7f3a", key)),
      refusal(() => sealContext({ table: "t", column: "", row: "alice@example.org" })),
    ];
    for (const error of errors) {
      const shown = inspect(error, { depth: 9 }) + JSON.stringify(error);
      for (const secret of ["PLAINTEXT-7f3a", "example.org", key.toString("hex"), key.toString("base64url")]) {
        // The stack names this file's source lines; only what the error itself says counts.
        assert.ok(!shown.replaceAll(error.stack ?? "", error.message).includes(secret), error.code);
      }
    }
  });
});
