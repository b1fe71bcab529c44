/** spec/vectors/sealed-object.json: the implementation against the page's own examples. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { makeVectors } from "../../../../tools/make-seal-vectors.ts";
import { ERRORS } from "../../src/errors.ts";
import { secretKey } from "../../src/primitives.ts";
import {
  deriveLeaseKey,
  deriveObjectKey,
  deriveObjectKeyFromEpoch,
  encodeHeaderText,
  headerTextOf,
  openSealed,
  parseHeader,
  parseSealed,
  sealContext,
  SealingLease,
  sealUnderLease,
} from "../../src/seal/index.ts";
import { hex, hexOrUndefined, refusal, vectorFile, type TextVectors } from "./fixtures.ts";

const vectors = JSON.parse(vectorFile("sealed-object.json")) as TextVectors;

test("the files are what the generator makes", () => {
  for (const [path, content] of Object.entries(makeVectors())) {
    assert.ok(vectorFile(path.replace("spec/vectors/", "")) === content, `${path}: run tools/make-seal-vectors.ts`);
  }
});

describe("good texts", () => {
  assert.ok(vectors.good.length >= 14);
  for (const vector of vectors.good) {
    const context = hexOrUndefined(vector.context);
    const epochKey = secretKey(hex(vector.epochKey));

    test(`${vector.name}: the header reads back field by field`, () => {
      const { header, headerText } = parseSealed(vector.sealed);
      const fields = {
        version: header.version,
        contextBound: header.contextBound,
        stream: header.stream,
        locator: header.locator.toString("hex"),
        relationship: header.relationship.toString("hex"),
        epoch: header.epoch,
        leaseId: header.leaseId.toString("hex"),
        salt: header.salt.toString("hex"),
        plaintextBytes: header.plaintextBytes,
        tagBytes: header.contextTag?.length ?? 0,
        type: header.type,
        derivationBytes: header.derivationBytes.toString("hex"),
        commitment: header.commitment.toString("hex"),
      };
      assert.deepEqual(fields, {
        version: 1,
        contextBound: context !== undefined,
        stream: false,
        locator: vector.locator,
        relationship: vector.relationship,
        epoch: vector.epoch,
        leaseId: vector.leaseId,
        salt: vector.salt,
        plaintextBytes: vector.plaintext.length / 2,
        tagBytes: context === undefined ? 0 : 4,
        type: vector.type,
        derivationBytes: vector.header.slice(0, -48),
        commitment: vector.header.slice(-48),
      });
      assert.deepEqual(header.bytes, hex(vector.header));
      assert.deepEqual(parseHeader(hex(vector.header)), header);
      assert.equal(headerTextOf(vector.sealed), headerText);
      assert.equal(encodeHeaderText(header), headerText);
    });

    test(`${vector.name}: keys`, () => {
      const { header } = parseSealed(vector.sealed);
      const leaseKey = deriveLeaseKey(epochKey, vector.type, hex(vector.leaseId));
      assert.equal(leaseKey.export().toString("hex"), vector.leaseKey);
      assert.equal(deriveObjectKey(leaseKey, header).toString("hex"), vector.objectKey);
      assert.equal(deriveObjectKeyFromEpoch(epochKey, header).toString("hex"), vector.objectKey);
    });

    test(`${vector.name}: sealing gives this text, opening gives the plaintext`, () => {
      const lease = new SealingLease({
        locator: hex(vector.locator),
        relationship: hex(vector.relationship),
        epoch: vector.epoch,
        leaseId: hex(vector.leaseId),
        type: vector.type,
        key: secretKey(hex(vector.leaseKey)),
      });
      const sealed = sealUnderLease(lease, hex(vector.plaintext), { context, random: () => hex(vector.salt) });
      assert.equal(sealed, vector.sealed);
      const expectations = { context, expectedType: vector.type, expectedRelationship: hex(vector.relationship) };
      assert.deepEqual(openSealed(vector.sealed, hex(vector.objectKey), expectations), hex(vector.plaintext));
      assert.deepEqual(
        openSealed(parseSealed(sealed), secretKey(hex(vector.objectKey)), { context }),
        hex(vector.plaintext),
      );
    });
  }
});

describe("bad texts", () => {
  assert.ok(vectors.bad.length >= 40);
  for (const vector of vectors.bad) {
    test(`${vector.error}: ${vector.name}`, () => {
      const error = refusal(() =>
        openSealed(vector.sealed, hex(vector.objectKey), {
          context: hexOrUndefined(vector.context),
          expectedType: vector.expectedType ?? undefined,
          expectedRelationship: hexOrUndefined(vector.expectedRelationship),
        }),
      );
      assert.equal(error.code, vector.error);
    });
  }

  test("every error that opening a text can give is among them", () => {
    const notOfTexts = [
      "too-large",
      "bad-lease",
      "wrong-agent",
      "relationship-unknown",
      "relationship-erased",
      "epoch-unknown",
      "epoch-erased",
    ];
    const expected = Object.keys(ERRORS).filter(
      (code) => code.startsWith("seal.") && !notOfTexts.includes(code.slice(5)),
    );
    assert.deepEqual([...new Set(vectors.bad.map(({ error }) => error))].sort(), expected.sort());
  });
});

describe("places", () => {
  for (const { table, column, row, context } of vectors.places) {
    test(`${table}.${column} ${row}`, () => {
      assert.equal(sealContext({ table, column, row }).toString("hex"), context);
    });
  }
});
