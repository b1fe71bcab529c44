/**
 * What one decision and one opened field cost with 1,000, 10,000 and 100,000 people of 30 rules each. An agent for each
 * size runs at the same time and the sizes take turns, so that the machine's noise meets all of them; people are asked
 * for in no order, so that nothing but the size decides what is still in a cache. The peer is ourselves with the
 * fewest people.
 */
import assert from "node:assert/strict";
import { headerTextOf } from "@strongroom/core/seal";
import type { Strongroom } from "@strongroom/sdk";
import { alone, elapsedMs, median } from "../compare.ts";
import type { BenchOptions, Figure } from "../figure.ts";
import { seeded } from "../seeded.ts";
import { customer, type StoredField } from "../world/customer.ts";
import { PURPOSE, USE } from "../world/rules.ts";
import { World } from "../world/world.ts";

export const about = "Cost of decisions and opens with 1,000, 10,000 and 100,000 people of 30 rules each; memory.";

const RULES = 30;
const SIZES = [1_000, 10_000, 100_000];
/** Objects that a round decides about. */
const DECISIONS = 20_000;
/** Fields of one call of `openMany`, and calls of one round. */
const FIELDS = 1_000;
const CALLS = 3;

interface Side {
  readonly people: number;
  readonly world: World;
  readonly client: Strongroom;
  readonly fields: readonly StoredField[];
  readonly random: () => number;
  /** Of the agent's process with everybody in memory, bytes. */
  rssBytes: number;
  /** Microseconds for one item. */
  firstUs: number;
  readonly decideUs: number[];
  readonly rulesUs: number[];
  readonly openUs: number[];
}

export async function* figures({ rounds, quick, tell, profile }: BenchOptions): AsyncIterable<Figure> {
  const sides: Side[] = [];
  try {
    for (const people of quick ? [10, 100] : SIZES) {
      const began = performance.now();
      sides.push(await populate(await World.start({ tell, profile }), people));
      tell(`${people} people with ${RULES} rules each, made in ${Math.round((performance.now() - began) / 1000)} s`);
    }
    for (const side of sides) await meetEverybody(side);
    // The first round warms up.
    for (let round = 0; round <= rounds; round += 1) {
      for (const side of sides) await measure(side, quick, round > 0);
    }
    yield* flatness(sides);
    yield* facts(sides);
  } finally {
    for (const { world } of sides) await world.close();
  }
}

async function populate(world: World, people: number): Promise<Side> {
  const client = await world.connect();
  const fields = await world.populate(client, { people, rules: RULES, retentionMs: 0 });
  await world.restart();
  const empty = { rssBytes: 0, firstUs: 0, decideUs: [], rulesUs: [], openUs: [] };
  return { people, world, client, fields, random: seeded(people), ...empty };
}

/** Opens one field of every person, which takes each from the database into the agent's memory. */
async function meetEverybody(side: Side): Promise<void> {
  const { people, fields, world } = side;
  const ms = await elapsedMs(async () => {
    for (let from = 0; from < people; from += FIELDS) await open(side, fields.slice(from, from + FIELDS));
  });
  side.firstUs = (ms * 1000) / people;
  side.rssBytes = (await world.order("usage", null)).rssBytes;
}

async function measure(side: Side, quick: boolean, counts: boolean): Promise<void> {
  const { random, fields, world } = side;
  const decisions = quick ? 200 : DECISIONS;
  const objects = Array.from({ length: decisions }, () => fields[Math.floor(random() * fields.length)]!.sealed).map(
    headerTextOf,
  );
  const order = { objects, application: world.application.id, controller: world.controller };
  const { ms: decideMs } = await world.order("decideObjects", order);
  const { ms: rulesMs } = await world.order("decideRules", order);
  let openMs = 0;
  let opened = 0;
  for (let call = 0; call < CALLS; call += 1) {
    const picked = pick(side, quick ? 10 : FIELDS);
    openMs += await elapsedMs(() => open(side, picked));
    opened += picked.length;
  }
  if (!counts) return;
  side.decideUs.push((decideMs * 1000) / decisions);
  side.rulesUs.push((rulesMs * 1000) / decisions);
  side.openUs.push((openMs * 1000) / opened);
}

/** People in no order, nobody twice. */
function pick({ fields, random }: Side, count: number): StoredField[] {
  const picked = new Set<StoredField>();
  while (picked.size < Math.min(count, fields.length)) picked.add(fields[Math.floor(random() * fields.length)]!);
  return [...picked];
}

async function open({ client }: Side, fields: readonly StoredField[]): Promise<void> {
  const rows = fields.map(({ row, sealed }) => customer.sealedRow(row, { street: sealed }));
  const opened = await client.openMany(customer, rows, { use: USE, purpose: PURPOSE });
  for (const [at, { street }] of opened.entries()) assert.equal(street, fields[at]!.plain);
}

function* flatness([least, ...more]: readonly Side[]): Iterable<Figure> {
  const kinds = [
    {
      name: "decide",
      of: (side: Side) => median(side.decideUs),
      note: "In the agent, 1,000 objects at a time: header read, relationship found in memory, rules decided over, key derived and checked; no log, no HTTP.",
    },
    {
      name: "open",
      of: (side: Side) => median(side.openUs),
      note: `By the SDK through the live agent, ${FIELDS} people per call, everybody in the agent's memory. Rate limits raised.`,
    },
  ];
  for (const { name, of, note } of kinds) {
    for (const side of more) {
      const [ours, peer] = [of(side), of(least!)];
      const goal = `The peer is ourselves with ${least!.people} people; flat within 1.3 is a ratio of ${(1 / 1.3).toFixed(2)}.`;
      yield {
        name: `${name}-${side.people}`,
        ours,
        peer,
        ratio: peer / ours,
        unit: "µs/item",
        note: `${note} ${goal}`,
      };
    }
  }
}

function* facts(sides: readonly Side[]): Iterable<Figure> {
  for (const side of sides) {
    yield {
      ...alone(`rules-${side.people}`, median(side.rulesUs), "µs/item"),
      note: "Of a decision, the relationship found and its rules decided over. It grows where people no longer fit into the processor's caches: the limit is the latency of memory.",
    };
  }
  for (const side of sides) {
    yield {
      ...alone(`first-open-${side.people}`, side.firstUs, "µs/item"),
      note: "The first field of each person after a start of the agent: rows read, keys unwrapped, rules decrypted and compiled. Once, not in rounds.",
    };
  }
  for (const side of sides) {
    yield {
      ...alone(`memory-${side.people}`, side.rssBytes / 1_048_576, "MiB"),
      note: "Resident memory of the agent's process once everybody was asked for. It keeps at most 131,072 relationships.",
    };
  }
}
