import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { aesGcmSeal, secretKey, sha256 } from "../../src/primitives.ts";
import { concat, u16, u32, u48, utf8, type Bytes } from "../../src/bytes.ts";
import {
  blindedSubject,
  bucketOf,
  encodeEntryLeaf,
  encodeHeadsLeaf,
  headValue,
  NO_HEAD,
  signCheckpoint,
  verifyHead,
} from "../../src/log/index.ts";
import {
  auditSubject,
  type AuditSubjectOptions,
  type FindingCode,
  type ReadEntry,
  type ShownEntry,
  type SubjectReport,
} from "../../src/log/reader/index.ts";
import { hex, vectors } from "./vectors.ts";
import { signer, sourceOf, WrittenLog, writtenLog, type WrittenSubject } from "./writtenLog.ts";

const verifierKey = vectors.keys.log.verifierKey;
const codes = (report: SubjectReport): FindingCode[] => report.findings.map(({ code }) => code);

/** 700 leaves of 9 subjects: 77 or 78 entries each. */
const { log } = writtenLog(9, 698, { checkpointAfter: [300] });
const [ann, ben] = log.subjects as [WrittenSubject, WrittenSubject];

function audit(
  subject: WrittenSubject,
  change: Partial<AuditSubjectOptions> = {},
  of: WrittenLog = log,
): Promise<SubjectReport> {
  return auditSubject(of.source, {
    verifierKey,
    logKey: subject.key,
    entries: subject.shown,
    head: of.prove(subject),
    ...change,
  });
}

describe("a person's entries", () => {
  test("all there: no findings, and every entry is read", async () => {
    for (const subject of log.subjects) {
      const read: ReadEntry[] = [];
      const report = await audit(subject, { onEntry: (entry) => read.push(entry) });
      assert.deepEqual(report.findings, []);
      assert.equal(report.entries, subject.shown.length);
      assert.deepEqual(
        read.map(({ counter }) => counter),
        subject.shown.map(({ counter }) => counter),
      );
      assert.equal(read[0]!.purpose, "contractual");
      assert.deepEqual(report.head, subject.head);
      assert.ok((await audit(subject, { remembered: report.head })).ok);
    }
  });

  test("of the vectors", async () => {
    const written = Object.entries(vectors.log.files).map(([path, text]): [string, Bytes] => [
      path,
      path === "checkpoint" ? Buffer.from(text) : hex(text),
    ]);
    const { logKey, entries, head } = vectors.log.subject;
    const read: ReadEntry[] = [];
    const report = await auditSubject(sourceOf(new Map(written)), {
      verifierKey,
      logKey: secretKey(hex(logKey)),
      entries: entries.map(({ counter, index, sealed }) => ({ counter, index, sealed: hex(sealed) })),
      head: {
        counter: head.counter,
        commitment: hex(head.commitment),
        bucket: head.bucket.map(([i, v]) => [hex(i), hex(v)]),
        path: head.path.map(hex),
      },
      onEntry: (entry) => read.push(entry),
    });
    assert.deepEqual(report.findings, []);
    assert.equal(report.entries, 4);
    for (const [i, entry] of read.entries()) {
      const { entry: expected } = vectors.entries.good[i]!;
      const base64url = (text: string | null): string | null =>
        text === null ? null : hex(text).toString("base64url");
      assert.deepEqual(
        { ...entry, previous: Buffer.from(entry.previous).toString("hex") },
        { ...expected, decision: base64url(expected.decision), digest: base64url(expected.digest) },
      );
    }
  });

  test("the reader refuses the same malformed entries as the writer's half", async () => {
    for (const { name, hex: bytes } of vectors.entries.bad) {
      const bad = new WrittenLog(1);
      const [subject] = bad.subjects as [WrittenSubject];
      // Sealed as the agent could: right key, counter and commitment; only the content is wrong.
      const { sealed, commitment } = sealRaw(hex(bytes), subject);
      const index = bad.append(encodeEntryLeaf(commitment));
      subject.head = { counter: 1, commitment };
      bad.publish();
      assert.deepEqual(
        codes(await audit(subject, { entries: [{ counter: 1, index, sealed }] }, bad)),
        ["audit.bad-entry"],
        name,
      );
    }
  });

  test("none at all, proven", async () => {
    const quiet = new WrittenLog(2);
    quiet.use(quiet.subjects[0]!);
    quiet.publish();
    const [, nobody] = quiet.subjects as [WrittenSubject, WrittenSubject];
    const report = await audit(nobody, {}, quiet);
    assert.deepEqual(report.findings, []);
    assert.equal(report.entries, 0);
  });

  test("newer than the checkpoint: pending, and not judged", async () => {
    const growing = writtenLog(1, 3).log;
    const [subject] = growing.subjects as [WrittenSubject];
    const head = growing.prove(subject);
    growing.use(subject);
    const report = await audit(subject, { head }, growing);
    assert.deepEqual(report.findings, []);
    assert.equal(report.pending, 1);
    assert.equal(report.head.counter, 3);
  });

  test("under an older checkpoint that the proof was made for", async () => {
    const growing = writtenLog(1, 3);
    const [subject] = growing.log.subjects as [WrittenSubject];
    const head = growing.log.prove(subject);
    for (let i = 0; i < 5; i++) growing.log.use(subject);
    growing.log.publish();
    const report = await audit(subject, { head, checkpoint: growing.notes[0]! }, growing.log);
    assert.deepEqual(report.findings, []);
    assert.equal(report.pending, 5);
  });
});

describe("what an agent could do to a person's entries, each found", () => {
  const last = ann.shown.at(-1)!;
  const cases: [string, Partial<AuditSubjectOptions>, FindingCode[]][] = [
    ["the last entry hidden", { entries: ann.shown.slice(0, -1) }, ["audit.hidden-entry"]],
    ["the last ten hidden", { entries: ann.shown.slice(0, -10) }, ["audit.hidden-entry"]],
    ["all hidden", { entries: [] }, ["audit.hidden-entry"]],
    ["one in the middle dropped", { entries: ann.shown.toSpliced(5, 1) }, ["audit.entry-missing"]],
    ["two in the middle dropped", { entries: ann.shown.toSpliced(5, 2) }, ["audit.entry-missing"]],
    ["the first dropped", { entries: ann.shown.slice(1) }, ["audit.entry-missing"]],
    [
      "two reordered",
      { entries: ann.shown.with(5, ann.shown[6]!).with(6, ann.shown[5]!) },
      ["audit.entry-missing", "audit.entry-order"],
    ],
    ["one shown twice", { entries: ann.shown.toSpliced(5, 0, ann.shown[5]!) }, ["audit.entry-order"]],
    [
      "one altered",
      { entries: ann.shown.with(5, { ...ann.shown[5]!, sealed: flipped(ann.shown[5]!.sealed) }) },
      ["audit.entry-unreadable"],
    ],
    [
      "one exchanged for another's",
      { entries: ann.shown.with(5, { ...ben.shown[5]!, index: ann.shown[5]!.index }) },
      ["audit.entry-unreadable"],
    ],
    [
      "a wrong position",
      { entries: ann.shown.with(5, { ...ann.shown[5]!, index: ann.shown[5]!.index + 1 }) },
      ["audit.not-in-log"],
    ],
    [
      "a position before the last",
      { entries: ann.shown.with(5, { ...ann.shown[5]!, index: 0 }) },
      ["audit.entry-order", "audit.not-in-log"],
    ],
    [
      "a position that none can be",
      { entries: [...ann.shown, { ...last, index: -1 }, { ...last, counter: NaN }] },
      ["audit.entry-order", "audit.entry-order"],
    ],
    ["no head proof", { head: null }, ["audit.bad-head-proof"]],
    ["the head proof of another", { head: log.prove(ben) }, ["audit.bad-head-proof"]],
    ["a head proof cut", { head: { ...log.prove(ann), path: log.prove(ann).path.slice(1) } }, ["audit.bad-head-proof"]],
    [
      "a head proof changed",
      { head: { ...log.prove(ann), path: log.prove(ann).path.with(3, Buffer.alloc(32)) } },
      ["audit.bad-head-proof"],
    ],
    ["a bucket without the person", { head: { ...log.prove(ann), bucket: [] } }, ["audit.bad-head-proof"]],
    [
      "another person's log key",
      { logKey: ben.key },
      Array<FindingCode>(ann.shown.length).fill("audit.entry-unreadable").concat("audit.bad-head-proof"),
    ],
    [
      "an entry that was seen before rewritten",
      { remembered: { counter: 5, commitment: Buffer.alloc(32, 1) } },
      ["audit.entry-rewritten"],
    ],
    [
      "an entry that was seen before gone",
      { remembered: { counter: 1000, commitment: Buffer.alloc(32, 1) } },
      ["audit.entry-rewritten"],
    ],
  ];

  for (const [name, change, expected] of cases) {
    test(name, async () => assert.deepEqual(codes(await audit(ann, change)), expected));
  }

  function flipped(sealed: Bytes): Bytes {
    const changed = Buffer.from(sealed);
    changed[changed.length >> 1]! ^= 1;
    return changed;
  }

  test("an entry written into the chain without naming the one before", async () => {
    const bad = writtenLog(1, 3).log;
    const [subject] = bad.subjects as [WrittenSubject];
    bad.use(subject, { previous: Buffer.alloc(32, 9) });
    bad.publish();
    assert.deepEqual(codes(await audit(subject, {}, bad)), ["audit.chain-broken"]);
  });

  test("a counter left out when writing", async () => {
    const bad = writtenLog(1, 3).log;
    const [subject] = bad.subjects as [WrittenSubject];
    bad.use(subject, { counter: 5 });
    bad.publish();
    assert.deepEqual(codes(await audit(subject, {}, bad)), ["audit.entry-missing"]);
  });

  test("a head that was not moved along: neither the last entry nor a later one", async () => {
    const bad = writtenLog(1, 3).log;
    const [subject] = bad.subjects as [WrittenSubject];
    const stuck = { ...subject.head };
    bad.use(subject);
    const { head } = subject;
    subject.head = stuck;
    bad.publish();
    const proof = bad.prove(subject);
    subject.head = head;
    assert.deepEqual(codes(await audit(subject, { head: proof }, bad)), ["audit.head-mismatch"]);
  });

  test("two heads for one person in the map, to show either", async () => {
    const two = new WrittenLog(1);
    const [subject] = two.subjects as [WrittenSubject];
    two.use(subject);
    const first = { ...subject.head };
    two.use(subject);
    const { index, blind } = blindedSubject(subject.key);
    const pairs = [first, subject.head].map((head) => [index, headValue(blind, head)] as const);
    const { path } = two.prove(subject);
    two.append(encodeHeadsLeaf(rootOver(pairs, path)));
    two.publish({ heads: false });
    const head = { ...first, bucket: pairs, path };
    assert.deepEqual(codes(await audit(subject, { entries: subject.shown.slice(0, 1), head }, two)), [
      "audit.bad-head-proof",
    ]);
  });

  test("a person left out of the heads map", async () => {
    const bad = writtenLog(1, 3).log;
    const [subject] = bad.subjects as [WrittenSubject];
    const fresh = new WrittenLog(1);
    for (const leaf of bad.leaves.slice(0, 3)) fresh.append(leaf);
    fresh.publish();
    const head = fresh.prove({ ...subject, head: NO_HEAD });
    assert.ok(
      verifyHead(fresh.leaves[3]!.subarray(1), blindedSubject(subject.key), NO_HEAD, { path: head.path, bucket: [] }),
    );
    assert.deepEqual(codes(await audit(subject, { head }, fresh)), ["audit.head-mismatch"]);
  });
});

describe("a log that the entries cannot be found in", () => {
  const withFile = (path: string, bytes: Bytes | null): { read: (path: string) => Promise<Bytes | null> } => {
    assert.ok(log.files.has(path), path);
    const copy = new Map(log.files);
    if (bytes === null) copy.delete(path);
    else copy.set(path, bytes);
    return sourceOf(copy);
  };
  const run = (
    source: { read: (path: string) => Promise<Bytes | null> },
    entries: readonly ShownEntry[] = ann.shown,
  ): Promise<SubjectReport> => auditSubject(source, { verifierKey, logKey: ann.key, entries, head: log.prove(ann) });
  const changed = (path: string, at: number): Bytes => {
    const bytes = Buffer.from(log.files.get(path)!);
    bytes[at]! ^= 1;
    return bytes;
  };

  test("a changed bundle is found once, not for every entry in it", async () => {
    assert.deepEqual(codes(await run(withFile("tile/entries/001", changed("tile/entries/001", 100)))), [
      "audit.bad-tile",
    ]);
    assert.deepEqual(codes(await run(withFile("tile/entries/002.p/188", changed("tile/entries/002.p/188", 100)))), [
      "audit.bad-tile",
      "audit.no-heads",
    ]);
  });

  test("changed tiles of the edge do not give the root", async () => {
    assert.deepEqual(codes(await run(withFile("tile/1/000.p/2", changed("tile/1/000.p/2", 40)))), [
      "audit.root-mismatch",
    ]);
    assert.deepEqual(codes(await run(withFile("tile/0/002.p/188", changed("tile/0/002.p/188", 40)))), [
      "audit.root-mismatch",
    ]);
  });

  test("missing files", async () => {
    assert.deepEqual(codes(await run(withFile("tile/entries/001", null))), ["audit.missing-tile"]);
    assert.deepEqual(codes(await run(withFile("tile/1/000.p/2", null))), ["audit.missing-tile"]);
    assert.deepEqual(codes(await run(withFile("checkpoint", null))), ["audit.bad-checkpoint"]);
  });

  test("full tiles above the leaves are verified through the level above them", async () => {
    const big = new WrittenLog(1);
    const [subject] = big.subjects as [WrittenSubject];
    for (let i = 0; i < 65_536 + 300; i++) {
      if (i % 9000 === 0) big.use(subject);
      else big.append(encodeEntryLeaf(Buffer.alloc(32, i % 251)));
    }
    big.publish();
    assert.deepEqual(codes(await audit(subject, {}, big)), []);
    const forged = new Map(big.files);
    const tile = Buffer.from(forged.get("tile/1/000")!);
    tile[0]! ^= 1;
    forged.set("tile/1/000", tile);
    const options = { verifierKey, logKey: subject.key, entries: subject.shown, head: big.prove(subject) };
    const report = await auditSubject(sourceOf(forged), options);
    assert.ok(
      report.findings.length >= 2 && codes(report).every((code) => code === "audit.bad-tile"),
      codes(report).join(),
    );
    const resigned = new Map(big.files).set(
      "checkpoint",
      Buffer.from(signCheckpoint({ size: big.size, root: Buffer.alloc(32) }, signer)),
    );
    assert.deepEqual(codes(await auditSubject(sourceOf(resigned), options)), ["audit.root-mismatch"]);
  });
});

test("the reader imports nothing of the writer's half", () => {
  const folder = new URL("../../src/log/reader/", import.meta.url);
  const names = readdirSync(folder);
  assert.ok(names.length >= 9);
  const allowed = new Set([
    "node:crypto",
    "../../primitives.ts",
    "../../bytes.ts",
    "../../errors.ts",
    ...names.map((name) => `./${name}`),
  ]);
  for (const name of names) {
    const source = readFileSync(new URL(name, folder), "utf8");
    const imports = [...source.matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, specifier]) => specifier!);
    assert.deepEqual(
      imports.filter((specifier) => !allowed.has(specifier)),
      [],
      name,
    );
  }
});

/** Seals any bytes in the place of an entry, as `sealEntry` would an entry. */
function sealRaw(bytes: Bytes, subject: WrittenSubject): { sealed: Bytes; commitment: Bytes } {
  const salted = concat(Buffer.alloc(16, 3), bytes);
  const nonce = Buffer.alloc(12, 4);
  const body = aesGcmSeal(subject.key, nonce, salted, concat(utf8("strongroom/log-entry/v1\0"), u48(1)));
  return { sealed: concat(Buffer.of(1), nonce, body), commitment: sha256(salted) };
}

/** The heads root over a bucket that the writer's half would not hash. */
function rootOver(pairs: readonly (readonly [Bytes, Bytes])[], path: readonly Bytes[]): Bytes {
  const bucket = bucketOf(pairs[0]![0]);
  const content = concat(utf8("strongroom/heads-bucket/v1\0"), u16(bucket), u32(pairs.length), ...pairs.flat());
  return path.reduce<Bytes>((below, beside, level) => {
    const both = (bucket >> level) % 2 === 1 ? [beside, below] : [below, beside];
    return sha256(concat(utf8("strongroom/heads-node/v1\0"), ...both));
  }, sha256(content));
}
