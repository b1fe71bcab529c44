/**
 * The log with 1,000,000 entries: how fast it takes more, and how long its readers wait. A proof and a page are asked
 * for over HTTP on a kept connection, as a subject's browser and the SDK ask; each proof is checked against the signed
 * root. The audit is the independent reader over the published files.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fromBase64url } from "@strongroom/core/bytes";
import {
  HASH_BYTES,
  openCheckpoint,
  parseVerifierKey,
  TILE_WIDTH,
  tilePath,
  verifyInclusion,
  type OpenedCheckpoint,
} from "@strongroom/core/log";
import { auditLog } from "@strongroom/core/log/reader";
import type { ProofResponse } from "@strongroom/core/wire";
import { alone, elapsedMs, median, percentile } from "../compare.ts";
import type { BenchOptions, Figure } from "../figure.ts";
import { seeded } from "../seeded.ts";
import { Person } from "../world/person.ts";
import { PURPOSE, TYPE, USE } from "../world/rules.ts";
import { World } from "../world/world.ts";

export const about = "Appends per second; a proof, a subject's page and an audit of a log of 1,000,000 entries.";

const ENTRIES = 1_000_000;
const PEOPLE = 1_000;
/** Entries appended in one round, with so many waiting at once, or one after the other. */
const TOGETHER = 10_000;
const WAITING = 1_000;
const ALONE = 500;
/** Requests of one round. */
const REQUESTS = 100;
const PAGE_LINES = 50;
const AUDITS_MAX = 3;

export async function* figures({ rounds, quick, tell, profile }: BenchOptions): AsyncIterable<Figure> {
  const world = await World.start({ tell, profile });
  try {
    const people = { people: (quick ? 10 : PEOPLE) - 1, rules: 2, retentionMs: 0, controller: world.controller };
    const { handles } = await world.order("enrol", people);
    const action = { kind: "read", uses: [USE], purposes: [PURPOSE] } as const;
    const rule = { applications: null, effect: "allow", types: [TYPE], action, from: null, until: null } as const;
    const person = await Person.signUp(world, "person", [rule]);
    const entries = quick ? 1_000 : ENTRIES;
    const began = performance.now();
    await world.order("fill", { handles: [...handles, person.handle], entries });
    const { size } = await world.order("checkpoint", null);
    tell(`${size} positions, filled in ${Math.round((performance.now() - began) / 1000)} s`);

    yield* appends(world, handles, { rounds, quick });
    await world.order("checkpoint", null);
    yield* readings(world, person, { rounds, requests: quick ? 5 : REQUESTS });
    yield await audit(world, Math.min(rounds, AUDITS_MAX));
  } finally {
    await world.close();
  }
}

async function* appends(
  world: World,
  handles: readonly string[],
  { rounds, quick }: { readonly rounds: number; readonly quick: boolean },
): AsyncIterable<Figure> {
  const together: number[] = [];
  const apart: number[] = [];
  const [many, few] = quick ? [100, 10] : [TOGETHER, ALONE];
  for (let round = 0; round <= rounds; round += 1) {
    const { ms: manyMs } = await world.order("append", { handles, entries: many, together: WAITING });
    const { ms: fewMs } = await world.order("append", { handles, entries: few, together: 1 });
    if (round === 0) continue;
    together.push((many * 1000) / manyMs);
    apart.push((few * 1000) / fewMs);
  }
  yield {
    ...alone("append-together", median(together), "entries/s"),
    note: `Durable, ${WAITING} requests waiting at once with one entry each, which share commits. The limit is one processor: encrypting, hashing and chaining each entry.`,
  };
  yield {
    ...alone("append-alone", median(apart), "entries/s"),
    note: `Durable, one after the other: a transaction and an fsync for each. A bare write of 4 KiB with fsync takes ${world.fsyncMs.toFixed(2)} ms here.`,
  };
}

async function* readings(
  world: World,
  person: Person,
  { rounds, requests }: { readonly rounds: number; readonly requests: number },
): AsyncIterable<Figure> {
  const random = seeded(4);
  const tree = await signedTree(world);
  const cursors = await allCursors(person);
  const proofs: number[] = [];
  const pages: number[] = [];
  const searches: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const counts = round > 0;
    for (let request = 0; request < requests; request += 1) {
      const index = Math.floor(random() * tree.size);
      let answer: ProofResponse | undefined;
      const proofMs = await elapsedMs(async () => {
        answer = await world.api.call<ProofResponse>("GET", `/v1/log/inclusion?index=${index}&size=${tree.size}`, null);
      });
      if (request === 0) await checkProof(world, answer!, index, tree);
      const cursor = cursors[Math.floor(random() * cursors.length)]!;
      const pageMs = await elapsedMs(() => person.logPage(`limit=${PAGE_LINES}${cursor}`));
      const searchMs = await elapsedMs(() => person.logPage(`limit=${PAGE_LINES}&outcome=deny`));
      if (!counts) continue;
      proofs.push(proofMs);
      pages.push(pageMs);
      searches.push(searchMs);
    }
  }
  const what = `over HTTP on a kept connection, out of ${tree.size} positions; goal: under 50 ms`;
  for (const percent of [50, 99]) {
    yield { ...alone(`proof-p${percent}`, percentile(proofs, percent), "ms"), note: `An inclusion proof ${what}.` };
    yield {
      ...alone(`page-p${percent}`, percentile(pages, percent), "ms"),
      note: `A page of ${PAGE_LINES} lines of one subject's log, from any place in it, ${what}.`,
    };
  }
  yield {
    ...alone("search", median(searches), "ms"),
    note: "The same with a filter that no entry passes: all of the subject's entries are opened.",
  };
}

/** The newest checkpoint, its signature checked. */
async function signedTree(world: World): Promise<OpenedCheckpoint> {
  const note = await world.api.text("GET", "/log/checkpoint", null);
  return openCheckpoint(note, parseVerifierKey(world.facts.logKey));
}

/** Cursors of all pages but the first, which has none: an empty text. */
async function allCursors(person: Person): Promise<string[]> {
  const cursors = [""];
  for (;;) {
    const { cursor } = await person.logPage(`limit=${PAGE_LINES}${cursors.at(-1)}`);
    if (cursor === null) return cursors;
    cursors.push(`&cursor=${cursor}`);
  }
}

/** Against the signed root; the leaf's hash is read from the published tile. */
async function checkProof(
  world: World,
  { proof }: ProofResponse,
  index: number,
  tree: OpenedCheckpoint,
): Promise<void> {
  const tile = Math.floor(index / TILE_WIDTH);
  const width = Math.min(TILE_WIDTH, tree.size - tile * TILE_WIDTH);
  const hashes = await readFile(join(world.logFolder, tilePath({ level: 0, index: tile, width })));
  const at = (index % TILE_WIDTH) * HASH_BYTES;
  const leaf = hashes.subarray(at, at + HASH_BYTES);
  assert.ok(verifyInclusion(leaf, index, tree.size, proof.map(fromBase64url), tree.root));
}

async function audit(world: World, rounds: number): Promise<Figure> {
  const { size } = await signedTree(world);
  const rates: number[] = [];
  const source = { read: (path: string) => readFile(join(world.logFolder, path)).catch(() => null) };
  for (let round = 0; round < rounds; round += 1) {
    const ms = await elapsedMs(async () => {
      const { ok, rootVerified } = await auditLog(source, { verifierKey: world.facts.logKey });
      assert.ok(ok && rootVerified);
    });
    rates.push((size * 1000) / ms);
  }
  return {
    ...alone("audit", median(rates), "leaves/s"),
    note: `The independent reader over a folder of the published files: ${size} leaves hashed up to the signed root, each hash tile compared.`,
  };
}
