import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { SignJWT } from "jose";
import { StrongroomError, type ErrorCode } from "@strongroom/core/errors";
import { PROOF_AGE_MS_MAX, PROOF_AHEAD_MS_MAX, PROOF_CHARS_MAX, ProofVerifier } from "../../src/clients/dpop.ts";
import { hash, newKeyPair, type Algorithm, type KeyPair } from "./keyPairs.ts";

const NOW = Date.UTC(2026, 5, 1, 12);
const TOKEN = "the-access-token";
const [es256, eddsa, other] = await Promise.all([newKeyPair("ES256"), newKeyPair("EdDSA"), newKeyPair("ES256")]);
const target = (key: KeyPair) => ({
  method: "POST",
  url: "https://agent.example/v1/leases",
  ath: hash(TOKEN),
  jkt: key.kid,
});

interface Changes {
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  readonly signedBy?: KeyPair;
}

let serial = 0;

function proof(key: KeyPair, { header = {}, claims = {}, signedBy = key }: Changes = {}): Promise<string> {
  serial += 1;
  const { method, url, ath } = target(key);
  return new SignJWT({
    htm: method,
    htu: url,
    ath,
    iat: NOW / 1000,
    jti: `proof-number-${serial}`,
    strongroom_body: hash("{}"),
    ...claims,
  })
    .setProtectedHeader({ typ: "dpop+jwt", alg: key.algorithm, jwk: key.jwk, ...header })
    .sign(signedBy.privateKey, { crit: { x: true } });
}

function verifier(clock = { now: NOW }): ProofVerifier {
  const made = clock.now;
  const proofs = new ProofVerifier(() => clock.now);
  clock.now = made;
  return proofs;
}

async function refused(promise: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof StrongroomError, String(error));
    assert.equal(error.code, code, error.message);
    return true;
  });
}

describe("DPoP proofs", () => {
  for (const key of [es256, eddsa]) {
    test(`a right proof by ${key.algorithm} passes, and tells the digest of its body`, async () => {
      assert.deepEqual(await verifier().verify(await proof(key), target(key)), { jkt: key.kid, body: hash("{}") });
    });
  }

  test("a used proof is refused, also by another signature over the same id", async () => {
    const proofs = verifier();
    const text = await proof(es256, { claims: { jti: "one-time-id" } });
    await proofs.verify(text, target(es256));
    await refused(proofs.verify(text, target(es256)), "dpop.replayed");
    await refused(
      proofs.verify(await proof(es256, { claims: { jti: "one-time-id" } }), target(es256)),
      "dpop.replayed",
    );
    // The same id of another key is another proof.
    await proofs.verify(await proof(eddsa, { claims: { jti: "one-time-id" } }), target(eddsa));
  });

  test("too old and too far ahead are stale; both limits hold to the millisecond", async () => {
    const at = (offsetMs: number) => proof(es256, { claims: { iat: (NOW + offsetMs) / 1000 } });
    const late = { now: NOW - 600_000 };
    const proofs = verifier(late);
    late.now = NOW;
    await proofs.verify(await at(PROOF_AHEAD_MS_MAX), target(es256));
    await refused(proofs.verify(await at(PROOF_AHEAD_MS_MAX + 1), target(es256)), "dpop.stale");
    await proofs.verify(await at(-PROOF_AGE_MS_MAX - 1_000), target(es256));
    await refused(proofs.verify(await at(-PROOF_AGE_MS_MAX - 1_001), target(es256)), "dpop.stale");
    await refused(proofs.verify(await at(50 * 60_000), target(es256)), "dpop.stale");
    await refused(proofs.verify(await at(-6 * 60_000), target(es256)), "dpop.stale");
  });

  test("made before the verifier was: stale, because another process may have seen it", async () => {
    await refused(
      verifier().verify(await proof(es256, { claims: { iat: NOW / 1000 - 1 } }), target(es256)),
      "dpop.stale",
    );
  });

  const mismatches: [string, Record<string, unknown>][] = [
    ["another method", { htm: "GET" }],
    ["another address", { htu: "https://agent.example/v1/authorizations" }],
    ["another host", { htu: "https://evil.example/v1/leases" }],
    ["a query in the address", { htu: "https://agent.example/v1/leases?" }],
    ["another token", { ath: hash("another token") }],
    ["no token", { ath: undefined }],
  ];
  for (const [what, claims] of mismatches) {
    test(`${what} is a mismatch`, async () => {
      await refused(verifier().verify(await proof(es256, { claims }), target(es256)), "dpop.mismatch");
    });
  }

  test("a key other than the token's is a mismatch", async () => {
    await refused(verifier().verify(await proof(other), target(es256)), "dpop.mismatch");
  });

  const invalid: [string, () => Promise<string>][] = [
    ["nothing", async () => ""],
    ["not a JWT", async () => "a.b.c"],
    ["two segments", async () => (await proof(es256)).split(".").slice(0, 2).join(".")],
    ["four segments", async () => `${await proof(es256)}.x`],
    ["two proofs", async () => `${await proof(es256)}, ${await proof(es256)}`],
    ["another type", () => proof(es256, { header: { typ: "JWT" } })],
    ["no type", () => proof(es256, { header: { typ: undefined } })],
    ["another key in the header than the signer", () => proof(es256, { signedBy: other })],
    ["no key in the header", () => proof(es256, { header: { jwk: undefined } })],
    ["a private key in the header", () => proof(es256, { header: { jwk: { ...es256.jwk, d: es256.jwk.x } } })],
    ["a critical extension", () => proof(es256, { header: { crit: ["x"], x: 1 } })],
    ["no id", () => proof(es256, { claims: { jti: undefined } })],
    ["a short id", () => proof(es256, { claims: { jti: "short" } })],
    ["a long id", () => proof(es256, { claims: { jti: "x".repeat(129) } })],
    ["an id that is a number", () => proof(es256, { claims: { jti: 12_345_678 } })],
    ["no time", () => proof(es256, { claims: { iat: undefined } })],
    ["a body digest that is a number", () => proof(es256, { claims: { strongroom_body: 1 } })],
    ["too long", () => proof(es256, { claims: { more: "x".repeat(PROOF_CHARS_MAX) } })],
    ["another payload under the signature", async () => splice(await proof(es256), await proof(es256))],
    ["no signature", async () => (await proof(es256)).replace(/[^.]*$/, "")],
    [
      "alg none",
      async () => (await proof(es256)).replace(/^[^.]*/, segment({ typ: "dpop+jwt", alg: "none", jwk: es256.jwk })),
    ],
    [
      "alg HS256",
      async () => (await proof(es256)).replace(/^[^.]*/, segment({ typ: "dpop+jwt", alg: "HS256", jwk: es256.jwk })),
    ],
    [
      "an algorithm that is not the key's",
      async () => (await proof(es256)).replace(/^[^.]*/, segment({ typ: "dpop+jwt", alg: "EdDSA", jwk: es256.jwk })),
    ],
  ];
  for (const [what, make] of invalid) {
    test(`${what} is invalid`, async () => {
      await refused(verifier().verify(await make(), { ...target(es256), jkt: null }), "dpop.invalid");
    });
  }

  test("an RSA key is invalid", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const jwk = publicKey.export({ format: "jwk" });
    const text = await new SignJWT({ htm: "POST" })
      .setProtectedHeader({ typ: "dpop+jwt", alg: "RS256", jwk })
      .sign(privateKey);
    await refused(verifier().verify(text, { ...target(es256), jkt: null }), "dpop.invalid");
  });

  test("a proof that failed leaves its id unused", async () => {
    const proofs = verifier();
    const text = await proof(es256);
    await refused(proofs.verify(text, { ...target(es256), method: "GET" }), "dpop.mismatch");
    await proofs.verify(text, target(es256));
  });

  test("any changed character of a proof is refused", async () => {
    const algorithms: Algorithm[] = ["ES256", "EdDSA"];
    for (const algorithm of algorithms) {
      const key = algorithm === "ES256" ? es256 : eddsa;
      const text = await proof(key);
      const proofs = verifier();
      for (let at = 0; at < text.length; at += 7) {
        const changed = text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
        await assert.rejects(proofs.verify(changed, target(key)), StrongroomError, `${algorithm} at ${at}`);
      }
      await proofs.verify(text, target(key));
    }
  });
});

/** Header and payload of one, signature of the other. */
function splice(signed: string, signature: string): string {
  return [...signed.split(".").slice(0, 2), signature.split(".")[2]].join(".");
}

function segment(header: object): string {
  return Buffer.from(JSON.stringify(header)).toString("base64url");
}
