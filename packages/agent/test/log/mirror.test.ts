/** The public log as a folder: always a whole log of its checkpoint, and witnesses on it. */
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateKeyPairSync } from "node:crypto";
import { describe, test } from "node:test";
import {
  cosignCheckpoint,
  noteSigner,
  openCheckpoint,
  parseNote,
  parseVerifierKey,
  signCheckpoint,
  witness,
} from "@strongroom/core/log";
import { auditLog } from "@strongroom/core/log/reader";
import { addCosignature } from "../../src/log/witness.ts";
import { LogUnit } from "../../src/log/writer.ts";
import { auditedLog, folderSource } from "../auditing.ts";
import { code, createWorld, readText, type World } from "../world.ts";

async function grow(world: World, subject: string, count: number): Promise<void> {
  const unit = new LogUnit(null, null, world.now);
  const live = await world.live(subject);
  for (let i = 0; i < count; i += 1) unit.record(live, { kind: "session", reason: "signed-in" });
  await world.context.writer.append(unit);
}

const noteIn = (world: World): string => readText(join(world.logFolder, "checkpoint"));

test("at every checkpoint the folder is a whole log", async (t) => {
  const world = await createWorld(t);
  const subject = await world.person();
  for (const count of [1, 253, 1, 2, 600]) {
    await grow(world, subject, count);
    const report = await auditedLog(world);
    assert.deepEqual(report.findings, []);
    assert.equal(report.checkpoint?.size, world.context.writer.size);
  }
});

test("a mirror that could not be written is behind, still whole, and catches up", async (t) => {
  const world = await createWorld(t);
  const subject = await world.person();
  await world.publish();
  const before = noteIn(world);
  await grow(world, subject, 300);
  // A file where a folder of tiles must go.
  const blocked = join(world.logFolder, "tile", "1");
  writeFileSync(blocked, "");
  await assert.rejects(world.publish());
  assert.equal(noteIn(world), before, "the checkpoint is written last");
  assert.deepEqual(
    (await auditLog(folderSource(world.logFolder), { verifierKey: world.context.identity.signer.verifierKey }))
      .findings,
    [],
  );
  rmSync(blocked);
  assert.deepEqual((await auditedLog(world)).findings, []);
  assert.notEqual(noteIn(world), before);
});

test("a mirror whose checkpoint is not the log's own stops the start", async (t) => {
  const world = await createWorld(t);
  await world.person();
  await world.close();
  const stranger = noteSigner("stranger.example/log", generateKeyPairSync("ed25519").privateKey);
  writeFileSync(join(world.logFolder, "checkpoint"), signCheckpoint({ size: 1, root: Buffer.alloc(32) }, stranger));
  await assert.rejects(world.start(), code("note.unknown-signer"));
});

test("an empty mirror is filled at the next start", async (t) => {
  const world = await createWorld(t);
  const subject = await world.person();
  await grow(world, subject, 300);
  await world.close();
  rmSync(world.logFolder, { recursive: true });
  await world.start();
  assert.deepEqual((await auditedLog(world)).findings, []);
});

describe("witnesses", () => {
  const witnesses = ["witness.example/a", "witness.example/b"].map((name) =>
    witness(name, generateKeyPairSync("ed25519").privateKey),
  );
  const keys = witnesses.map(({ verifierKey }) => verifierKey);

  /** The line that a witness sends. */
  function lineOf(
    world: World,
    by: (typeof witnesses)[number],
    note = world.context.publisher.checkpoint?.note ?? "",
  ): string {
    return cosignCheckpoint(note, by, 1_768_000_000).slice(note.length);
  }

  test("that the operator named cosign the checkpoint, both at once too, in memory, store and mirror", async (t) => {
    const world = await createWorld(t, { witnessKeys: keys });
    await world.person();
    await world.publish();
    await Promise.all(witnesses.map((by) => addCosignature(world.context, lineOf(world, by))));
    const log = parseVerifierKey(world.context.identity.signer.verifierKey);
    const stored = (await world.context.store.checkpoint())?.note ?? "";
    for (const note of [world.context.publisher.checkpoint?.note ?? "", stored, noteIn(world)]) {
      const { cosignatures } = openCheckpoint(note, log, keys.map(parseVerifierKey));
      assert.deepEqual(cosignatures.map((one) => one.witness).sort(), ["witness.example/a", "witness.example/b"]);
    }
    assert.equal(parseNote(noteIn(world)).text, parseNote(stored).text);
    await world.restart();
    const report = await auditLog(folderSource(world.logFolder), {
      verifierKey: world.context.identity.signer.verifierKey,
      witnessKeys: keys,
      witnessesMin: 2,
    });
    assert.deepEqual(report.findings, []);
  });

  test("that nobody named, and cosignatures of another checkpoint, are refused", async (t) => {
    const world = await createWorld(t, { witnessKeys: keys.slice(0, 1) });
    const subject = await world.person();
    await assert.rejects(addCosignature(world.context, "— x AAAA\n"));
    await world.publish();
    await assert.rejects(addCosignature(world.context, lineOf(world, witnesses[1]!)), code("log.unknown-witness"));
    const old = lineOf(world, witnesses[0]!);
    await grow(world, subject, 1);
    await world.publish();
    const before = world.context.publisher.checkpoint?.note;
    await assert.rejects(addCosignature(world.context, old), code("note.bad-signature"));
    await assert.rejects(addCosignature(world.context, "not a line"));
    assert.equal(world.context.publisher.checkpoint?.note, before);
  });
});
