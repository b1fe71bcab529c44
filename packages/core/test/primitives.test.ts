/** The primitives against vectors that nobody here wrote (C2SP Wycheproof). */
import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import fc from "fast-check";
import {
  aesGcmOpen,
  aesGcmSeal,
  ed25519Sign,
  ed25519Verify,
  equalBytes,
  hmacSha256,
  hmacSha256Once,
  KEY_BYTES,
  NONCE_BYTES,
  randomBytes,
  secretKey,
  sha256,
} from "../src/primitives.ts";

interface WycheproofCase {
  readonly tcId: number;
  readonly comment: string;
  readonly result: "valid" | "invalid";
  readonly key: string;
  readonly iv: string;
  readonly aad: string;
  readonly msg: string;
  readonly ct: string;
  readonly tag: string;
  readonly sig: string;
}
interface WycheproofGroup {
  readonly keySize: number;
  readonly ivSize: number;
  readonly tagSize: number;
  readonly publicKeyDer: string;
  readonly tests: readonly WycheproofCase[];
}

/** The groups of one file, or `null` after marking the test as skipped. */
function wycheproof(t: TestContext, file: string): readonly WycheproofGroup[] | null {
  const folder = process.env["STRONGROOM_TEST_DATA"];
  if (folder === undefined) {
    t.skip("skipped: no test data (STRONGROOM_TEST_DATA is not set)");
    return null;
  }
  const path = join(folder, "crypto/wycheproof/testvectors_v1", file);
  return (JSON.parse(readFileSync(path, "utf8")) as { testGroups: WycheproofGroup[] }).testGroups;
}

const hex = (text: string): Buffer => Buffer.from(text, "hex");

describe("Wycheproof", () => {
  test("AES-256-GCM with the nonces of 12 bytes that we use", (t) => {
    const groups = wycheproof(t, "aes_gcm_test.json");
    if (groups === null) return;
    const seen = { valid: 0, invalid: 0 };
    for (const group of groups.filter(({ keySize, ivSize }) => keySize === 256 && ivSize === 8 * NONCE_BYTES)) {
      for (const vector of group.tests) {
        const key = secretKey(hex(vector.key));
        const sealed = hex(vector.ct + vector.tag);
        const opened = aesGcmOpen(key, hex(vector.iv), sealed, hex(vector.aad));
        const where = `tcId ${vector.tcId}: ${vector.comment}`;
        if (vector.result === "valid") {
          assert.deepEqual(opened, hex(vector.msg), where);
          assert.deepEqual(aesGcmSeal(key, hex(vector.iv), hex(vector.msg), hex(vector.aad)), sealed, where);
        } else {
          assert.equal(opened, null, where);
        }
        seen[vector.result]++;
      }
    }
    assert.deepEqual(seen, { valid: 39, invalid: 27 });
  });

  test("AES-256-GCM refuses an empty nonce", (t) => {
    const groups = wycheproof(t, "aes_gcm_test.json");
    if (groups === null) return;
    const vectors = groups
      .filter(({ keySize, ivSize }) => keySize === 256 && ivSize === 0)
      .flatMap(({ tests }) => tests);
    assert.equal(vectors.length, 2);
    for (const { key, msg, aad } of vectors) {
      assert.throws(() => aesGcmSeal(secretKey(hex(key)), Buffer.alloc(0), hex(msg), hex(aad)));
    }
  });

  test("HMAC-SHA-256, with a kept key and with a key used once", (t) => {
    const groups = wycheproof(t, "hmac_sha256_test.json");
    if (groups === null) return;
    const seen = { valid: 0, invalid: 0, refusedKeys: 0 };
    for (const group of groups) {
      for (const vector of group.tests) {
        const raw = hex(vector.key);
        const where = `tcId ${vector.tcId}: ${vector.comment}`;
        if (raw.length !== KEY_BYTES) {
          assert.throws(() => secretKey(raw), RangeError, where);
          assert.throws(() => hmacSha256Once(raw, hex(vector.msg)), RangeError, where);
          seen.refusedKeys++;
          continue;
        }
        for (const mac of [hmacSha256(secretKey(raw), hex(vector.msg)), hmacSha256Once(raw, hex(vector.msg))]) {
          assert.equal(
            equalBytes(mac.subarray(0, group.tagSize / 8), hex(vector.tag)),
            vector.result === "valid",
            where,
          );
        }
        assert.deepEqual(raw, hex(vector.key), "the key is the caller's and stays as it is");
        seen[vector.result]++;
      }
    }
    assert.deepEqual(seen, { valid: 54, invalid: 108, refusedKeys: 12 });
  });

  test("Ed25519", (t) => {
    const groups = wycheproof(t, "ed25519_test.json");
    if (groups === null) return;
    const seen = { valid: 0, invalid: 0 };
    for (const group of groups) {
      const key = createPublicKey({ key: hex(group.publicKeyDer), format: "der", type: "spki" });
      for (const vector of group.tests) {
        const verified = ed25519Verify(key, hex(vector.msg), hex(vector.sig));
        assert.equal(verified, vector.result === "valid", `tcId ${vector.tcId}: ${vector.comment}`);
        seen[vector.result]++;
      }
    }
    assert.deepEqual(seen, { valid: 88, invalid: 63 });
  });
});

describe("SHA-256 and HMAC", () => {
  test("SHA-256 of the examples of FIPS 180-4", () => {
    assert.equal(
      sha256(Buffer.alloc(0)).toString("hex"),
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
    assert.equal(
      sha256(Buffer.from("abc")).toString("hex"),
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });

  test("a key used once gives the same as a kept key, for any key and message", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 300 }),
        (raw, message) => {
          assert.deepEqual(hmacSha256Once(raw, message), hmacSha256(secretKey(raw), message));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("AES-256-GCM", () => {
  const key = secretKey(Buffer.alloc(32, 1));
  const nonce = Buffer.alloc(12);

  test("what is shorter than a tag does not open", () => {
    for (let bytes = 0; bytes < 16; bytes++)
      assert.equal(aesGcmOpen(key, nonce, Buffer.alloc(bytes), Buffer.alloc(0)), null);
  });

  test("a tag that is only a prefix does not open", () => {
    const sealed = aesGcmSeal(key, nonce, Buffer.alloc(0), Buffer.alloc(0));
    for (let bytes = 0; bytes < 16; bytes++)
      assert.equal(aesGcmOpen(key, nonce, sealed.subarray(0, bytes), Buffer.alloc(0)), null);
  });
});

describe("Ed25519", () => {
  test("a signature verifies; a changed, cut or longer one does not", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const message = Buffer.from("message");
    const signature = ed25519Sign(privateKey, message);
    assert.equal(ed25519Verify(publicKey, message, signature), true);
    assert.equal(ed25519Verify(publicKey, Buffer.from("messagf"), signature), false);
    assert.equal(ed25519Verify(publicKey, message, signature.subarray(0, 63)), false);
    assert.equal(ed25519Verify(publicKey, message, Buffer.concat([signature, Buffer.alloc(1)])), false);
  });
});

describe("random bytes", () => {
  test("are as many as asked for and given out once", () => {
    const seen = new Set<string>();
    for (let i = 0; i < 2_000; i++) seen.add(randomBytes(16).toString("hex"));
    assert.equal(seen.size, 2_000);
    for (const count of [0, 1, 15, 1_024, 1_025, 5_000]) assert.equal(randomBytes(count).length, count);
  });
});
