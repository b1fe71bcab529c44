import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  addSignature,
  cosignCheckpoint,
  noteSigner,
  parseWitnessKey,
  rootOf,
  signCheckpoint,
  signPromise,
  type PromiseContent,
} from "../../src/log/index.ts";
import { u32, type Bytes } from "../../src/bytes.ts";
import { sha256 } from "../../src/primitives.ts";
import {
  auditLog,
  type AuditLogOptions,
  type FindingCode,
  type KeptPromise,
  type LogReport,
} from "../../src/log/reader/index.ts";
import { vectors } from "./vectors.ts";
import { signer, sourceOf, START, WrittenLog, writtenLog } from "./writtenLog.ts";

const { verifierKey } = vectors.keys.log;
const witnessKey = vectors.keys.witness.verifierKey;
const audit = (files: ReadonlyMap<string, Bytes>, options: Partial<AuditLogOptions> = {}): Promise<LogReport> =>
  auditLog(sourceOf(files), { verifierKey, ...options });
const codes = (report: LogReport): FindingCode[] => report.findings.map(({ code }) => code);

/** 700 leaves; an older checkpoint at 301. */
const { log, notes } = writtenLog(9, 698, { checkpointAfter: [300] });
const [older, newest] = notes as [string, string];
const { files } = log;
const withCheckpoint = (note: string): Map<string, Bytes> => new Map(files).set("checkpoint", Buffer.from(note));

describe("history", () => {
  test("a log that was cut back has shrunk", async () => {
    const report = await audit(writtenLog(9, 300).log.files, { remembered: newest });
    assert.deepEqual(codes(report), ["audit.shrunk"]);
    assert.equal(report.continues, null);
  });

  test("a log that was written anew is forked, though every signature and tile is right", async () => {
    for (const uses of [299, 300, 698, 1500]) {
      const fork = writtenLog(9, uses, { seed: 2 });
      const expected = fork.log.size < 301 ? "audit.shrunk" : "audit.fork";
      assert.deepEqual(codes(await audit(fork.log.files, { remembered: older })), [expected]);
    }
  });

  test("two signed roots for one size are a fork", async () => {
    const other = writtenLog(9, 698, { seed: 3, checkpointAfter: [300] });
    assert.deepEqual(codes(await audit(other.log.files, { remembered: newest })), ["audit.fork"]);
  });

  test("one entry left out of a regrown log is a fork", async () => {
    const dropped = new WrittenLog(1);
    for (const [i, leaf] of log.leaves.entries()) if (i !== 17 && i < 699) dropped.append(leaf);
    dropped.append(log.leaves[0]!);
    dropped.publish();
    assert.deepEqual(codes(await audit(dropped.files, { remembered: older })), ["audit.fork"]);
  });

  test("what is remembered must be a checkpoint of this log", async () => {
    const other = signCheckpoint({ size: 3, root: rootOf([]) }, noteSigner("other.example", signer.privateKey));
    for (const remembered of ["", "nonsense", other, older.replace("301", "302")]) {
      assert.deepEqual(codes(await audit(files, { remembered })), ["audit.bad-remembered"]);
    }
    const empty = await audit(files, { remembered: signCheckpoint({ size: 0, root: rootOf([]) }, signer) });
    assert.ok(empty.ok);
    assert.equal(empty.continues, 0);
  });
});

describe("witnesses and time", () => {
  const observer = parseWitnessKey(vectors.keys.witness.signerKey);
  const cosigned = withCheckpoint(cosignCheckpoint(newest, observer, START / 1000));
  const options = { witnessKeys: [witnessKey], witnessesMin: 1 };

  test("too few witnesses", async () => {
    assert.ok((await audit(cosigned, options)).ok);
    assert.deepEqual(codes(await audit(files, options)), ["audit.no-witness"]);
    assert.deepEqual(codes(await audit(cosigned, { witnessesMin: 1 })), ["audit.no-witness"]);
  });

  test("a checkpoint that no witness saw lately is stale", async () => {
    const freshness = (age: number): Partial<AuditLogOptions> => ({
      ...options,
      freshness: { now: START + age, cosignatureAgeMaxMs: 60_000 },
    });
    assert.ok((await audit(cosigned, freshness(60_000))).ok);
    assert.deepEqual(codes(await audit(cosigned, freshness(60_001))), ["audit.stale"]);
    assert.deepEqual(codes(await audit(files, freshness(0))), ["audit.no-witness", "audit.stale"]);
  });

  test("a false cosignature of a known witness, and a key that is none", async () => {
    const line = String(cosigned.get("checkpoint")).split("\n").at(-2)!;
    const forged = withCheckpoint(addSignature(signCheckpoint({ size: 1, root: rootOf([]) }, signer), `${line}\n`));
    assert.deepEqual(codes(await audit(forged, options)), ["audit.bad-signature"]);
    await assert.rejects(audit(files, { verifierKey: "nonsense" }), { code: "note.bad-key" });
    await assert.rejects(audit(files, { witnessKeys: [`${witnessKey}x`] }), { code: "note.bad-key" });
  });
});

describe("promises", () => {
  const kept = (indexes: readonly number[], change: Partial<PromiseContent> = {}): KeptPromise => {
    const entries = indexes.map((index) => ({
      index,
      commitment: log.leaves[index]?.subarray(1) ?? sha256(u32(index)),
    }));
    const content = { at: START, decision: Buffer.alloc(16), entries, ...change };
    return { ...content, signature: signPromise(content, signer) };
  };

  test("that were held", async () => {
    assert.ok((await audit(files, { promises: [kept([0, 5, 299]), kept([5])] })).ok);
  });

  test("an entry that was dropped or exchanged after it was promised", async () => {
    const broken = kept([5], { entries: [{ index: 5, commitment: sha256(u32(1)) }] });
    const report = await audit(files, { promises: [broken, kept([6])] });
    assert.deepEqual(codes(report), ["audit.promise-broken"]);
    assert.equal(report.findings[0]!.index, 5);
  });

  test("that no checkpoint covers in time", async () => {
    const freshness = (age: number) => ({ now: START + age, promiseAgeMaxMs: 1000 });
    assert.ok((await audit(files, { promises: [kept([700])], freshness: freshness(1000) })).ok);
    assert.deepEqual(codes(await audit(files, { promises: [kept([700])], freshness: freshness(1001) })), [
      "audit.promise-overdue",
    ]);
  });

  test("that this log did not sign oblige nobody", async () => {
    const forged = { ...kept([5]), at: START + 1 };
    assert.deepEqual(codes(await audit(files, { promises: [forged] })), ["audit.bad-promise"]);
    const impossible = { ...kept([5]), at: -1 };
    assert.deepEqual(codes(await audit(files, { promises: [impossible] })), ["audit.bad-promise"]);
  });
});
