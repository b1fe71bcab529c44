import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  decodeBundle,
  encodeBundle,
  encodeEntryLeaf,
  encodeTombstoneLeaf,
  leafHash,
  noteSigner,
  rootOf,
  signCheckpoint,
  signNote,
} from "../../src/log/index.ts";
import { u32, type Bytes } from "../../src/bytes.ts";
import { sha256 } from "../../src/primitives.ts";
import {
  auditLog,
  FINDINGS,
  FINDINGS_MAX,
  type AuditLogOptions,
  type FindingCode,
  type LogReport,
} from "../../src/log/reader/index.ts";
import { hex, vectors } from "./vectors.ts";
import { signer, sourceOf, START, WrittenLog, writtenLog } from "./writtenLog.ts";

const verifierKey = vectors.keys.log.verifierKey;
const witnessKey = vectors.keys.witness.verifierKey;
const audit = (files: ReadonlyMap<string, Bytes>, options: Partial<AuditLogOptions> = {}): Promise<LogReport> =>
  auditLog(sourceOf(files), { verifierKey, ...options });
const codes = (report: { findings: readonly { code: FindingCode }[] }): FindingCode[] =>
  report.findings.map(({ code }) => code);

/** 700 leaves: two full tiles, a partial one, a level above; an older checkpoint at 301. */
const { log, notes } = writtenLog(9, 698, { checkpointAfter: [300] });
const [older] = notes as [string, string];
const { files } = log;

/** The log with one file changed. */
function withFile(path: string, change: (bytes: Buffer) => Bytes | null): Map<string, Bytes> {
  const copy = new Map(files);
  const file = copy.get(path);
  assert.ok(file !== undefined, path);
  const changed = change(Buffer.from(file));
  if (changed === null) copy.delete(path);
  else copy.set(path, changed);
  return copy;
}

/** The leaves of a bundle changed, and the hash tile with them when asked. */
function withLeaves(
  bundle: string,
  width: number,
  change: (leaves: Bytes[]) => Bytes[],
  tile?: string,
): Map<string, Bytes> {
  const copy = new Map(files);
  const leaves = change(decodeBundle(copy.get(bundle)!, width));
  copy.set(bundle, encodeBundle(leaves));
  if (tile !== undefined) copy.set(tile, Buffer.concat(leaves.map(leafHash)));
  return copy;
}

describe("a sound log", () => {
  test("has no findings, and its past is found in it", async () => {
    let progress = 0;
    const report = await audit(files, { remembered: older, onProgress: (leaves) => (progress = leaves) });
    assert.deepEqual(report.findings, []);
    assert.ok(report.ok && report.rootVerified);
    assert.equal(report.continues, 301);
    assert.equal(report.checkpoint?.size, 700);
    assert.deepEqual(report.counts, { entry: 698, tombstone: 0, heads: 2 });
    assert.equal(progress, 700);
  });

  test("of the vectors", async () => {
    const written = Object.entries(vectors.log.files).map(([path, text]): [string, Bytes] => [
      path,
      path === "checkpoint" ? Buffer.from(text) : hex(text),
    ]);
    const report = await audit(new Map(written), {
      remembered: vectors.log.remembered,
      witnessKeys: [witnessKey],
      witnessesMin: 1,
    });
    assert.deepEqual(report.findings, []);
    assert.deepEqual(report.counts, { entry: 5, tombstone: 1, heads: 2 });
    assert.equal(report.continues, 4);
    assert.deepEqual(report.checkpoint?.witnesses, [{ name: "witness.example/w1", at: 1_753_000_001 }]);
  });

  test("of any size: writer and reader agree", async () => {
    const sizes = fc.record({
      subjects: fc.integer({ min: 1, max: 5 }),
      uses: fc.integer({ min: 0, max: 600 }),
      before: fc.integer({ min: 0, max: 600 }),
      seed: fc.integer({ min: 1, max: 1000 }),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ subjects, uses, before, seed }) => {
        const random = writtenLog(subjects, uses, { seed, checkpointAfter: [before] });
        const report = await audit(random.log.files, { remembered: random.notes[0]! });
        assert.deepEqual(report.findings, []);
        assert.ok(report.rootVerified && report.continues !== null);
      }),
      { numRuns: 12 },
    );
  });

  test("at the edges of tiles", async () => {
    for (const size of [1, 2, 255, 256, 257, 511, 512, 513]) {
      const edge = writtenLog(1, size - 1);
      assert.equal(edge.log.size, size);
      const report = await audit(edge.log.files, { remembered: edge.notes[0]! });
      assert.deepEqual(report.findings, [], `size ${size}`);
      assert.equal(report.continues, size);
    }
  });

  test("remembered at the edges of tiles", async () => {
    for (const size of [255, 256, 257, 512]) {
      const grown = writtenLog(1, 600, { checkpointAfter: [size - 1] });
      const report = await audit(grown.log.files, { remembered: grown.notes[0]! });
      assert.deepEqual(report.findings, []);
      assert.equal(report.continues, size);
    }
  });

  test("whose old partial tiles were dropped for full ones", async () => {
    const growing = writtenLog(1, 10);
    const atTen = new Map(growing.log.files);
    for (let i = 0; i < 300; i++) growing.log.use(growing.log.subjects[0]!);
    growing.log.publish();
    const dropped = new Map([...growing.log.files].filter(([path]) => !path.includes(".p/11")));
    dropped.set("checkpoint", atTen.get("checkpoint")!);
    const report = await audit(dropped);
    assert.deepEqual(report.findings, []);
    assert.equal(report.checkpoint?.size, 11);
  });
});

describe("faults of a log, each found", () => {
  const entries = "tile/entries/001";
  const hashes = "tile/0/001";
  const swapped = (leaves: Bytes[]): Bytes[] => leaves.with(3, leaves[4]!).with(4, leaves[3]!);
  const altered = (leaves: Bytes[]): Bytes[] => leaves.with(3, encodeEntryLeaf(sha256(u32(1))));

  /** Name, files, what must be found, first and all. */
  const faults: [string, Map<string, Bytes>, FindingCode[]][] = [
    [
      "an entry altered",
      withLeaves(entries, 256, altered),
      ["audit.bad-tile", "audit.bad-tile", "audit.root-mismatch"],
    ],
    [
      "an entry altered in all its tiles",
      withLeaves(entries, 256, altered, hashes),
      ["audit.bad-tile", "audit.root-mismatch"],
    ],
    [
      "an entry altered at the edge",
      withLeaves("tile/entries/002.p/188", 188, altered, "tile/0/002.p/188"),
      ["audit.root-mismatch"],
    ],
    [
      "entries reordered",
      withLeaves(entries, 256, swapped),
      ["audit.bad-tile", "audit.bad-tile", "audit.root-mismatch"],
    ],
    [
      "entries reordered at the edge",
      withLeaves("tile/entries/002.p/188", 188, swapped, "tile/0/002.p/188"),
      ["audit.root-mismatch"],
    ],
    [
      "an entry dropped from a bundle",
      withLeaves(entries, 256, (leaves) => leaves.toSpliced(3, 1)),
      ["audit.bad-bundle"],
    ],
    ["a bundle cut", withFile(entries, (bytes) => bytes.subarray(0, -1)), ["audit.bad-bundle"]],
    ["a bundle gone", withFile(entries, () => null), ["audit.missing-tile"]],
    ["the last bundle gone", withFile("tile/entries/002.p/188", () => null), ["audit.missing-tile", "audit.no-heads"]],
    ["a hash tile gone", withFile(hashes, () => null), ["audit.missing-tile"]],
    ["a hash tile cut", withFile(hashes, (bytes) => bytes.subarray(32)), ["audit.bad-tile"]],
    ["a hash tile of a level above gone", withFile("tile/1/000.p/2", () => null), ["audit.missing-tile"]],
    ["a hash changed", withFile(hashes, (bytes) => (bytes.writeUInt8(bytes[0]! ^ 1, 0), bytes)), ["audit.bad-tile"]],
    [
      "a hash of a level above changed",
      withFile("tile/1/000.p/2", (bytes) => (bytes.writeUInt8(bytes[40]! ^ 1, 40), bytes)),
      ["audit.bad-tile"],
    ],
    ["no checkpoint", withFile("checkpoint", () => null), ["audit.bad-checkpoint"]],
    ["a checkpoint cut", withFile("checkpoint", (bytes) => bytes.subarray(0, 20)), ["audit.bad-checkpoint"]],
    ["a checkpoint that is not text", withFile("checkpoint", () => Buffer.of(0xff, 0xfe)), ["audit.bad-checkpoint"]],
    [
      "a checkpoint for another size",
      withFile("checkpoint", (bytes) => Buffer.from(String(bytes).replace("\n700\n", "\n701\n"))),
      ["audit.bad-signature"],
    ],
    [
      "a checkpoint by another key",
      withFile("checkpoint", () =>
        Buffer.from(signCheckpoint({ size: 700, root: rootOf([]) }, noteSigner("other.example", signer.privateKey))),
      ),
      ["audit.bad-signature"],
    ],
    [
      "a checkpoint of another origin by the right key",
      withFile("checkpoint", (bytes) =>
        Buffer.from(signNote(String(bytes).split("\n\n")[0]!.replace(signer.name, "other.example") + "\n", signer)),
      ),
      ["audit.bad-signature"],
    ],
    [
      "a root that is not that of the leaves",
      withFile("checkpoint", () => Buffer.from(signCheckpoint({ size: 700, root: sha256(u32(1)) }, signer))),
      ["audit.root-mismatch"],
    ],
    [
      "a log of size 0",
      withFile("checkpoint", () => Buffer.from(signCheckpoint({ size: 0, root: rootOf([]) }, signer))),
      ["audit.no-heads"],
    ],
  ];

  for (const [name, faulty, expected] of faults) {
    test(name, async () => {
      const report = await audit(faulty);
      assert.deepEqual(codes(report), expected);
      assert.equal(report.ok, false);
    });
  }

  test("neither bundle nor hashes: the root is not verified, and the rest is still read", async () => {
    const faulty = withFile(entries, () => null);
    faulty.delete(hashes);
    const report = await audit(faulty, { remembered: older });
    assert.deepEqual(codes(report), ["audit.missing-tile", "audit.missing-tile"]);
    assert.equal(report.rootVerified, false);
    assert.equal(report.continues, null);
    assert.equal(report.counts.entry + report.counts.heads, 700 - 256);
  });

  test("a source that fails", async () => {
    const report = await auditLog({ read: () => Promise.reject(new Error("away")) }, { verifierKey });
    assert.deepEqual(codes(report), ["audit.bad-checkpoint"]);
    const failing = {
      read: (path: string) =>
        path === "checkpoint" ? Promise.resolve(files.get(path)!) : Promise.reject(new Error("away")),
    };
    assert.ok(
      codes(await auditLog(failing, { verifierKey })).every(
        (code) => code === "audit.missing-tile" || code === "audit.no-heads",
      ),
    );
  });

  test("a signed size without leaves behind it ends the audit, not the reader's patience", async () => {
    const huge = new Map([
      ["checkpoint", Buffer.from(signCheckpoint({ size: 2 ** 47, root: sha256(u32(1)) }, signer))],
    ]);
    const report = await audit(huge);
    assert.equal(report.findings.length, FINDINGS_MAX);
    assert.ok(report.findingsTotal < 2 * FINDINGS_MAX);
    assert.equal(report.rootVerified, false);
  });

  test("leaves that a log must not hold, though signed", async () => {
    for (const leaf of [
      Buffer.of(3),
      Buffer.alloc(32),
      Buffer.alloc(0),
      Buffer.concat([Buffer.of(1, 9), Buffer.alloc(22)]),
    ]) {
      const bad = new WrittenLog(1);
      bad.use(bad.subjects[0]!);
      bad.append(leaf);
      bad.publish();
      const report = await audit(bad.files);
      assert.deepEqual(codes(report), ["audit.bad-leaf"]);
      assert.equal(report.findings[0]!.index, 1);
    }
    const long = new WrittenLog(1);
    long.append(Buffer.alloc(34));
    long.publish();
    assert.deepEqual(codes(await audit(long.files)), ["audit.bad-bundle", "audit.no-heads"]);
    const tombstone = new WrittenLog(1);
    tombstone.append(encodeTombstoneLeaf({ keyKind: "epoch", keyId: Buffer.alloc(16), at: START }));
    tombstone.publish();
    assert.deepEqual((await audit(tombstone.files)).counts, { entry: 0, tombstone: 1, heads: 1 });
  });

  test("a checkpoint that does not end in heads", async () => {
    const headless = new WrittenLog(1);
    headless.use(headless.subjects[0]!);
    headless.publish({ heads: false });
    assert.deepEqual(codes(await audit(headless.files)), ["audit.no-heads"]);
  });

  test("any bit of any file changed is found", async () => {
    const small = writtenLog(2, 260).log.files;
    const paths = [...small.keys()];
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), async (file, bit) => {
        const path = paths[file % paths.length]!;
        const changed = Buffer.from(small.get(path)!);
        changed[(bit >> 3) % changed.length]! ^= 1 << (bit % 8);
        const report = await audit(new Map(small).set(path, changed));
        assert.equal(report.ok, false, path);
      }),
      { numRuns: 60 },
    );
  });
});

test("every code of the specification is one of the reader's, with cause and fix", async () => {
  const { readFileSync } = await import("node:fs");
  const page = readFileSync(new URL("../../../../spec/log.md", import.meta.url), "utf8");
  const written = [...page.matchAll(/^\| `(audit\.[a-z-]+)` \|/gm)].map(([, code]) => code);
  assert.deepEqual(written, Object.keys(FINDINGS));
});
