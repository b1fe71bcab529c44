import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { calculateJwkThumbprint } from "jose";
import { StrongroomError } from "@strongroom/core/errors";
import { readPublicJwk } from "../../src/clients/publicKey.ts";

const ed25519 = generateKeyPairSync("ed25519");
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });
const edJwk = ed25519.publicKey.export({ format: "jwk" });
const ecJwk = p256.publicKey.export({ format: "jwk" });

const refuses = (value: unknown, code: string) =>
  assert.throws(
    () => readPublicJwk(value),
    (error) => error instanceof StrongroomError && error.code === code,
  );

describe("public keys", () => {
  test("the kid is the RFC 7638 thumbprint, whatever else the JWK says of itself", async () => {
    for (const [jwk, algorithm] of [
      [edJwk, "EdDSA"],
      [ecJwk, "ES256"],
    ] as const) {
      const key = readPublicJwk({ use: "sig", kid: "mine", ...jwk });
      assert.equal(key.kid, await calculateJwkThumbprint(jwk as { kty: string }));
      assert.equal(key.algorithm, algorithm);
      assert.deepEqual(readPublicJwk(JSON.parse(key.jwk)).kid, key.kid);
    }
  });

  test("the example of RFC 8037 appendix A.3", () => {
    const key = readPublicJwk({ kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    assert.equal(key.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  });

  test("a private or symmetric key is refused, with its own code", () => {
    refuses(ed25519.privateKey.export({ format: "jwk" }), "client.private-key");
    refuses(p256.privateKey.export({ format: "jwk" }), "client.private-key");
    refuses({ kty: "oct", k: "AAAA" }, "client.private-key");
    refuses({ ...ecJwk, d: null }, "client.private-key");
  });

  test("other curves and forms are refused", () => {
    refuses(generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey.export({ format: "jwk" }), "client.bad-key");
    refuses(generateKeyPairSync("x25519").publicKey.export({ format: "jwk" }), "client.bad-key");
    refuses(generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ format: "jwk" }), "client.bad-key");
    for (const value of [
      null,
      "key",
      [edJwk],
      {},
      { ...edJwk, crv: "P-256" },
      { ...ecJwk, y: undefined },
      { ...edJwk, x: `${edJwk.x}=` },
      { ...edJwk, x: "AAAA" },
    ]) {
      refuses(value, "client.bad-key");
    }
  });

  test("a point that is not on the curve is refused", () => {
    refuses({ ...ecJwk, y: ecJwk.x }, "client.bad-key");
  });
});
