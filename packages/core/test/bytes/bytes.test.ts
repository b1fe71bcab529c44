import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromBase64, fromBase64url, fromHex, fromUtf8, toBase64url, utf8 } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";

/** The plain way to say it: a text is canonical when encoding its bytes gives it again. */
function isCanonical(text: string): boolean {
  return /^[A-Za-z0-9_-]*$/.test(text) && Buffer.from(text, "base64url").toString("base64url") === text;
}

function accepts(text: string): boolean {
  try {
    fromBase64url(text);
    return true;
  } catch (error) {
    assert.ok(error instanceof StrongroomError && error.code === "encoding.not-canonical");
    return false;
  }
}

test("bytes come back from base64url", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => fromBase64url(toBase64url(bytes)).equals(bytes)));
});

test("every text of up to 3 characters of a hostile alphabet is judged as the plain definition does", () => {
  const alphabet = [..."AQgwBEIM489_-+/= \n.\u00e9\u4e2d\u{1F600}\0"];
  for (const a of ["", ...alphabet]) {
    for (const b of ["", ...alphabet]) {
      for (const c of ["", ...alphabet])
        for (const d of ["", "A", "=", "-"])
          assert.equal(accepts(a + b + c + d), isCanonical(a + b + c + d), JSON.stringify(a + b + c + d));
    }
  }
});

test("a long text with anything changed is judged as the plain definition does", () => {
  const base = fc.uint8Array({ minLength: 1, maxLength: 120 }).map(toBase64url);
  fc.assert(
    fc.property(base, fc.nat(), fc.string({ unit: "binary", minLength: 1, maxLength: 2 }), (text, at, piece) => {
      const place = at % text.length;
      const changed = text.slice(0, place) + piece + text.slice(place + 1);
      return accepts(changed) === isCanonical(changed);
    }),
    { numRuns: 2000 },
  );
});

test("texts that are not UTF-8 or not well formed are refused", () => {
  assert.throws(() => fromUtf8(Uint8Array.of(0xc3)), { code: "encoding.not-text" });
  assert.throws(() => utf8("\ud800"), { code: "encoding.not-text" });
  assert.throws(() => fromHex("AB"), { code: "encoding.not-canonical" });
  assert.throws(() => fromBase64("AB"), { code: "encoding.not-canonical" });
});
