import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  addSignature,
  checkpointText,
  cosignCheckpoint,
  EMPTY_ROOT,
  NOTE_SIGNATURES_MAX,
  noteSigner,
  openCheckpoint,
  openNote,
  parseCheckpointText,
  parseNote,
  parseSignerKey,
  parseVerifierKey,
  parseWitnessKey,
  signCheckpoint,
  signerKeyText,
  signNote,
  witness,
} from "../../src/log/index.ts";
import { toHex } from "../../src/bytes.ts";
import { vectors } from "./vectors.ts";

const { external, keys } = vectors;
const peter = external.signed[0]!;
const note = `${peter.text}\n${peter.line}`;
const log = parseSignerKey(keys.log.signerKey);
const logKey = parseVerifierKey(keys.log.verifierKey);
const observer = parseWitnessKey(keys.witness.signerKey);
const observerKey = parseVerifierKey(keys.witness.verifierKey);
const root = Buffer.alloc(32, 5);

describe("notes of others", () => {
  test("the Go implementation's note is made byte for byte", () => {
    const signer = parseSignerKey(peter.signerKey);
    assert.equal(signer.verifierKey, peter.verifierKey);
    assert.equal(signNote(peter.text, signer), note);
    assert.equal(signerKeyText(signer.name, signer.privateKey), peter.signerKey);
    assert.equal(openNote(note, [parseVerifierKey(peter.verifierKey)]).text, peter.text);
  });

  for (const { source, verifierKeys, note: theirs } of external.notes) {
    test(`a note of ${source} verifies, and not when changed`, () => {
      const known = verifierKeys.map(parseVerifierKey);
      assert.equal(openNote(theirs, known).verified.length, known.length);
      assert.equal(openNote(Buffer.from(theirs), known).verified.length, known.length);
      assert.throws(() => openNote(theirs.replace("i", "j"), known), { code: "note.bad-signature" });
    });
  }

  test("a real checkpoint with real witnesses verifies; signatures of unknown types and keys are ignored", () => {
    for (const { logKey: key, witnessKeys, origin, size, root: theirRoot, note: theirs } of external.checkpoints) {
      const witnesses = witnessKeys.map(parseVerifierKey);
      const opened = openCheckpoint(theirs, parseVerifierKey(key), witnesses);
      assert.deepEqual([opened.origin, opened.size, toHex(opened.root)], [origin, size, theirRoot]);
      assert.deepEqual(opened.cosignatures.map((one) => one.witness).sort(), witnesses.map(({ name }) => name).sort());
      for (const { at } of opened.cosignatures) assert.equal(new Date(at * 1000).getUTCFullYear(), 2026);
      const changed = theirs.replace(String(size), String(size + 1));
      assert.throws(() => openCheckpoint(changed, parseVerifierKey(key), witnesses), { code: "note.bad-signature" });
      assert.throws(() => openNote(changed, witnesses), { code: "note.bad-signature" });
    }
  });
});

describe("note keys", () => {
  test("every mangling of a key's text is refused", () => {
    for (const [text, parse] of [
      [peter.verifierKey, parseVerifierKey],
      [peter.signerKey, parseSignerKey],
    ] as const) {
      assert.equal(parse(text).name, "PeterNeumann");
      for (let from = 0; from < text.length; from++) {
        for (let until = from + 1; until <= text.length; until++) {
          if (from > 0 || until < text.length)
            assert.throws(() => parse(text.slice(from, until)), { code: "note.bad-key" });
        }
        const next = String.fromCharCode(text.charCodeAt(from) + 1);
        assert.throws(() => parse(text.slice(0, from) + next + text.slice(from + 1)), { code: "note.bad-key" });
      }
    }
  });

  test("wrong length and unknown algorithm are refused even with a fitting key id", () => {
    for (const text of [
      "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
      "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
      "",
      "a b+00000000+AAAA",
    ]) {
      assert.throws(() => parseVerifierKey(text), { code: "note.bad-key" });
    }
  });

  test("types are not mistaken for each other", () => {
    assert.throws(() => parseSignerKey(keys.witness.signerKey), { code: "note.bad-key" });
    assert.throws(() => parseWitnessKey(keys.log.signerKey), { code: "note.bad-key" });
    assert.equal(parseVerifierKey(observer.verifierKey).type, "cosignature");
    assert.notEqual(witness(log.name, log.privateKey).id, log.id);
    assert.equal(
      signerKeyText(log.name, log.privateKey, "cosignature").split("+")[3],
      witness(log.name, log.privateKey).id.toString(16),
    );
  });

  test("names that no key can have are refused", () => {
    for (const name of ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\u2003b", "a\u0001b", "\ud800"]) {
      assert.throws(() => noteSigner(name, log.privateKey), { code: "note.bad-key" });
    }
  });
});

describe("notes", () => {
  const { text, line } = peter;
  for (const [name, bad] of Object.entries({
    "no signature": text,
    "an empty line but no signature": `${text}\n`,
    "no newline at the end": note.slice(0, -1),
    "a control character": `\u0001${note}`,
    "a carriage return": note.replaceAll("\n", "\r\n"),
    "a tab": note.replace("If", "\tIf"),
    "a line that is no signature": `${note}Unexpected line.\n`,
    "a name with a space": `${text}\n${line.replace("PeterNeumann", "Bad Name")}`,
    "a name with another space": `${text}\n${line.replace("PeterNeumann", "Bad\u2002Name")}`,
    "a name with a plus sign": `${text}\n${line.replace("PeterNeumann", "a+b")}`,
    "no name": `${text}\n${line.replace("PeterNeumann", "")}`,
    "a hyphen for the dash": `${text}\n${line.replace("\u2014", "-")}`,
    "base64 without padding": `${text}\n${line.replace("=", "")}`,
    "base64 with spare bits": `${text}\n${line.replace("AM=", "AN=")}`,
    "a signature shorter than a key id": `${text}\n\u2014 PeterNeumann AAAAAA==\n`,
    "a space at the end": `${text}\n${line.replace("\n", " \n")}`,
    "a lone surrogate": `\ud800${note}`,
    nothing: "",
    "one newline": "\n",
    "too many bytes": `${"x".repeat(1_000_000)}\n\n${line}`,
  })) {
    test(`refused: ${name}`, () => assert.throws(() => parseNote(bad), { code: "note.malformed" }));
  }

  test("refused: bytes that are not UTF-8", () => {
    assert.throws(() => parseNote(Buffer.concat([Buffer.of(0xff), Buffer.from(note)])), { code: "note.malformed" });
    assert.throws(() => parseNote(Buffer.concat([Buffer.from("\ufeff\u00ff").subarray(0, 4), Buffer.from(note)])), {
      code: "note.malformed",
    });
  });

  test("the text ends at the last empty line", () => {
    const paragraphs = "one\n\ntwo\n\n";
    assert.equal(openNote(signNote(paragraphs, log), [logKey]).text, paragraphs);
    assert.throws(() => signNote("no newline", log), { code: "note.malformed" });
    assert.throws(() => signNote("a\tb\n", log), { code: "note.malformed" });
  });

  test("100 signatures are read, 101 are not", () => {
    const many = (count: number): string => `${text}\n${line.repeat(count)}`;
    const key = parseVerifierKey(peter.verifierKey);
    assert.equal(openNote(many(NOTE_SIGNATURES_MAX), [key]).verified.length, 1);
    assert.throws(() => openNote(many(NOTE_SIGNATURES_MAX + 1), [key]), { code: "note.malformed" });
  });

  test("unknown signers are ignored, but one known key must have signed, and none wrongly", () => {
    const both = addSignature(
      note,
      `\u2014 ${log.name} ${Buffer.concat([Buffer.alloc(4), Buffer.alloc(64)]).toString("base64")}\n`,
    );
    assert.equal(openNote(both, [parseVerifierKey(peter.verifierKey), logKey]).verified.length, 1);
    assert.throws(() => openNote(note, [logKey]), { code: "note.unknown-signer" });
    assert.throws(() => openNote(note, []), { code: "note.unknown-signer" });
    const wrong = addSignature(signNote(text, log), line.replace("08go/Z", "08go/Y"));
    assert.throws(() => openNote(wrong, [logKey, parseVerifierKey(peter.verifierKey)]), { code: "note.bad-signature" });
  });

  test("a signature is added once, whole, and replaces that of the same key", () => {
    const twice = addSignature(addSignature(note, line), line);
    assert.equal(twice, note);
    assert.throws(() => addSignature(note, line + line), { code: "note.malformed" });
    assert.throws(() => addSignature(note, `x\n\n${line}`), { code: "note.malformed" });
    assert.throws(() => addSignature(note, ""), { code: "note.malformed" });
  });
});

describe("checkpoints", () => {
  const signed = signCheckpoint({ size: 7, root }, log);

  test("is the signer's, with its size and root", () => {
    assert.deepEqual(openCheckpoint(signed, logKey), { origin: log.name, size: 7, root, cosignatures: [] });
    assert.equal(log.verifierKey, keys.log.verifierKey);
    const { files } = vectors.log;
    assert.equal(openCheckpoint(files["checkpoint"]!, logKey, [observerKey]).size, 8);
  });

  test("witnesses cosign it; the newest cosignature of each stays", () => {
    const once = cosignCheckpoint(signed, observer, 1_753_000_000);
    const again = cosignCheckpoint(once, observer, 1_753_000_060);
    assert.deepEqual(openCheckpoint(once, logKey, [observerKey]).cosignatures, [
      { witness: observer.name, at: 1_753_000_000 },
    ]);
    assert.deepEqual(openCheckpoint(again, logKey, [observerKey]).cosignatures, [
      { witness: observer.name, at: 1_753_000_060 },
    ]);
    assert.deepEqual(openCheckpoint(again, logKey).cosignatures, []);
    assert.throws(() => openCheckpoint(again, observerKey), { code: "note.bad-key" });
    assert.throws(() => cosignCheckpoint(signed, observer, -1), RangeError);
  });

  test("a cosignature's time cannot be changed, nor one be moved to another checkpoint", () => {
    const once = cosignCheckpoint(signed, observer, 1_753_000_000);
    const line = once.split("\n").at(-2)!;
    const [, name, encoded] = line.split(" ");
    const bytes = Buffer.from(encoded!, "base64");
    bytes[11]! ^= 1;
    const later = `${signed}\u2014 ${name} ${bytes.toString("base64")}\n`;
    assert.throws(() => openCheckpoint(later, logKey, [observerKey]), { code: "note.bad-signature" });
    const moved = addSignature(signCheckpoint({ size: 8, root }, log), `${line}\n`);
    assert.throws(() => openCheckpoint(moved, logKey, [observerKey]), { code: "note.bad-signature" });
    const cut = `${signed}\u2014 ${name} ${bytes.subarray(0, 71).toString("base64")}\n`;
    assert.throws(() => openCheckpoint(cut, logKey, [observerKey]), { code: "note.bad-signature" });
  });

  test("witnesses without the log do not make a checkpoint", () => {
    const text = checkpointText({ origin: log.name, size: 7, root });
    const only = `${text}\n${cosignCheckpoint(signed, observer, 5).split("\n").at(-2)}\n`;
    assert.throws(() => openCheckpoint(only, logKey, [observerKey]), { code: "note.unknown-signer" });
  });

  test("a checkpoint of another origin is refused even when the key signed it", () => {
    const text = checkpointText({ origin: "other.example", size: 7, root });
    assert.throws(() => openCheckpoint(signNote(text, log), logKey), { code: "checkpoint.wrong-origin" });
  });

  const rootText = root.toString("base64");
  for (const [name, bad] of Object.entries({
    "two lines": "o\n1\n",
    "no size": `o\n\n${rootText}\n`,
    "no origin": `\n1\n${rootText}\n`,
    "a leading zero": `o\n01\n${rootText}\n`,
    "a sign": `o\n+1\n${rootText}\n`,
    "a fraction": `o\n1.5\n${rootText}\n`,
    "an exponent": `o\n1e3\n${rootText}\n`,
    hexadecimal: `o\n0x1\n${rootText}\n`,
    "other digits": `o\n\u0661\n${rootText}\n`,
    "too large a size": `o\n${2 ** 48}\n${rootText}\n`,
    "a root of 31 bytes": `o\n1\n${root.subarray(1).toString("base64")}\n`,
    "a root that is not base64": `o\n1\n${rootText.slice(0, -1)}!\n`,
    "a root without padding": `o\n1\n${rootText.slice(0, -1)}\n`,
    "an empty extension line": `o\n1\n${rootText}\n\n`,
    "no newline at the end": `o\n1\n${rootText}`,
  })) {
    test(`refused: ${name}`, () => assert.throws(() => parseCheckpointText(bad), { code: "checkpoint.malformed" }));
  }

  test("size 0, the largest size and extension lines are read", () => {
    assert.equal(parseCheckpointText(checkpointText({ origin: "o", size: 0, root: EMPTY_ROOT })).size, 0);
    assert.equal(parseCheckpointText(`o\n${2 ** 48 - 1}\n${rootText}\n`).size, 2 ** 48 - 1);
    assert.equal(parseCheckpointText(`o\n1\n${rootText}\nmore\n`).size, 1);
    assert.throws(() => checkpointText({ origin: "o", size: 2 ** 48, root }), RangeError);
  });
});
