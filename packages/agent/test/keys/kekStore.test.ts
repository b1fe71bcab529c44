/** Key files: private, whole or not there, gone for good; a crash anywhere leaves a folder that the next start understands. */
import assert from "node:assert/strict";
import { chmodSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { openFileKekStore } from "../../src/keys/fileKekStore.ts";
import { openIdentity } from "../../src/keys/identity.ts";
import { sha256 } from "@strongroom/core/primitives";
import { code, NOW, temporaryFolder } from "../world.ts";

let draws = 0;
const effects = {
  now: () => NOW,
  random: (count: number) =>
    Buffer.concat([sha256(Buffer.from(`kek ${draws++}`)), sha256(Buffer.from(`kek ${draws++}`))]).subarray(0, count),
};
const mode = (path: string): number => statSync(path).mode & 0o777;

describe("the key folder", () => {
  test("has one file per KEK epoch, of mode 0600 in a folder of mode 0700", (t) => {
    const folder = temporaryFolder(t);
    chmodSync(folder, 0o755);
    openFileKekStore({ folder }, effects);
    assert.deepEqual(readdirSync(folder), ["kek-1.json"]);
    assert.deepEqual([mode(folder), mode(join(folder, "kek-1.json"))], [0o700, 0o600]);
  });

  test("gives the same key after it was opened again, and another one for another epoch", async (t) => {
    const folder = temporaryFolder(t);
    const store = openFileKekStore({ folder }, effects);
    assert.equal(await store.turn(NOW + 5), 2);
    const again = openFileKekStore({ folder }, effects);
    assert.deepEqual([again.current, again.currentSince], [2, NOW + 5]);
    assert.ok(
      again.kek(1).equals(store.kek(1)) && again.kek(2).equals(store.kek(2)) && !again.kek(1).equals(again.kek(2)),
    );
  });

  test("destroys old epochs and only those; what was destroyed is missing", async (t) => {
    const folder = temporaryFolder(t);
    const store = openFileKekStore({ folder }, effects);
    await store.turn(NOW);
    await store.turn(NOW);
    assert.equal(await store.destroyBefore(3), 2);
    assert.deepEqual(readdirSync(folder), ["kek-3.json"]);
    assert.throws(() => store.kek(2), code("keys.kek-missing"));
    assert.equal(openFileKekStore({ folder }, effects).current, 3);
  });

  test("that others can read is refused, and says what to do", (t) => {
    const folder = temporaryFolder(t);
    openFileKekStore({ folder }, effects);
    chmodSync(join(folder, "kek-1.json"), 0o640);
    assert.throws(() => openFileKekStore({ folder }, effects), code("keys.kek-exposed"));
  });

  for (const [what, text] of Object.entries({
    empty: "",
    cut: '{"epoch":1,"crea',
    "of zeros": "\0".repeat(90),
    another: '{"epoch":2,"createdAt":1,"key":"AAAA","sealed":false}',
  })) {
    test(`with a key file that is ${what} is refused`, (t) => {
      const folder = temporaryFolder(t);
      writeFileSync(join(folder, "kek-1.json"), text, { mode: 0o600 });
      assert.throws(() => openFileKekStore({ folder }, effects), code("keys.kek-missing"));
    });
  }
});

describe("after a crash", () => {
  test("while a KEK was written, the next one can be made", async (t) => {
    const folder = temporaryFolder(t);
    openFileKekStore({ folder }, effects);
    writeFileSync(join(folder, "kek-2.json.new"), '{"epoch":2,', { mode: 0o600 });
    const store = openFileKekStore({ folder }, effects);
    assert.equal(store.current, 1);
    assert.equal(await store.turn(NOW), 2);
    assert.deepEqual(readdirSync(folder).sort(), ["kek-1.json", "kek-2.json"]);
  });

  test("while a KEK was destroyed, the rest of it goes and the agent starts", async (t) => {
    const folder = temporaryFolder(t);
    const store = openFileKekStore({ folder }, effects);
    await store.turn(NOW);
    renameSync(join(folder, "kek-1.json"), join(folder, "kek-1.json.destroyed"));
    assert.equal(openFileKekStore({ folder }, effects).current, 2);
    assert.deepEqual(readdirSync(folder), ["kek-2.json"]);
  });
});

describe("with a passphrase", () => {
  test("nothing in the folder is a usable key, and only the passphrase opens it", async (t) => {
    const folder = temporaryFolder(t);
    const store = openFileKekStore({ folder, passphrase: "correct horse" }, effects);
    const raw = store.kek(1).export();
    const text = readFileSync(join(folder, "kek-1.json"), "utf8");
    for (const encoding of ["base64url", "base64", "hex"] as const) assert.ok(!text.includes(raw.toString(encoding)));
    assert.throws(() => openFileKekStore({ folder }, effects), code("keys.passphrase-needed"));
    assert.throws(
      () => openFileKekStore({ folder, passphrase: "correct hors" }, effects),
      code("keys.passphrase-wrong"),
    );
    assert.ok(openFileKekStore({ folder, passphrase: "correct horse" }, effects).kek(1).equals(store.kek(1)));
  });
});

describe("the identity", () => {
  test("is made once and stays", (t) => {
    const folder = temporaryFolder(t);
    const first = openIdentity(folder, "log.example", effects);
    const again = openIdentity(folder, "another.example", effects);
    assert.deepEqual([again.origin, again.signer.verifierKey], ["log.example", first.signer.verifierKey]);
    assert.ok(again.tokenKey.equals(first.tokenKey) && again.locator.equals(first.locator));
    assert.equal(mode(join(folder, "identity.json")), 0o600);
    assert.deepEqual(readdirSync(folder), ["identity.json"]);
  });

  test("that others can read, or that is damaged, is refused", (t) => {
    const folder = temporaryFolder(t);
    openIdentity(folder, undefined, effects);
    chmodSync(join(folder, "identity.json"), 0o604);
    assert.throws(() => openIdentity(folder, undefined, effects), code("keys.kek-exposed"));
    chmodSync(join(folder, "identity.json"), 0o600);
    writeFileSync(join(folder, "identity.json"), "{}");
    assert.throws(() => openIdentity(folder, undefined, effects), code("keys.kek-missing"));
  });

  test("half written before a crash is made anew", (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, "identity.json.new"), '{"origin"', { mode: 0o600 });
    openFileKekStore({ folder }, effects);
    openIdentity(folder, undefined, effects);
    assert.deepEqual(readdirSync(folder).sort(), ["identity.json", "kek-1.json"]);
  });
});
