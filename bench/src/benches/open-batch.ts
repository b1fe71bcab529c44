/**
 * 1,000 sealed fields of 1,000 people opened by one call: a live agent decides each, derives a key for each and logs
 * each before it answers. The peer decrypts as many strings with a key that is in memory, and asks nobody.
 */
import assert from "node:assert/strict";
import { decryptStringSync, encryptStringSync, generateKey, parseKeySync } from "@47ng/cloak";
import type { Strongroom } from "@strongroom/sdk";
import { alone, compare, elapsedMs, median } from "../compare.ts";
import type { BenchOptions, Figure } from "../figure.ts";
import { customer, type StoredField } from "../world/customer.ts";
import { PURPOSE, USE } from "../world/rules.ts";
import { World } from "../world/world.ts";

export const about = "1,000 fields of 1,000 people opened through a live agent, against 47ng/cloak with a local key.";

const RULES = 30;
/** Calls in one round: one alone is short against the noise of a machine. */
const CALLS = 5;
const WARM_UP_CALLS = 20;

export async function* figures({ rounds, quick, tell, profile }: BenchOptions): AsyncIterable<Figure> {
  const people = quick ? 20 : 1_000;
  const world = await World.start({ tell, profile });
  try {
    const client = await world.connect();
    const fields = await world.populate(client, { people, rules: RULES, retentionMs: 0 });
    const key = parseKeySync(generateKey());
    const encrypted = fields.map(({ plain }) => encryptStringSync(plain, key));
    for (let call = 0; call < (quick ? 1 : WARM_UP_CALLS); call += 1) {
      await openAll(client, fields);
      decryptAll(encrypted, key, fields);
    }

    const costs: Cost[] = [];
    const stringsPerSecond = (ms: number) => (people * CALLS * 1000) / ms;
    yield await compare({
      name: "vs-cloak",
      rounds,
      ours: async () => {
        const cost = await measure(world, () => repeat(() => openAll(client, fields)));
        costs.push(cost);
        return stringsPerSecond(cost.wallMs);
      },
      peer: async () => stringsPerSecond(await elapsedMs(() => repeat(() => decryptAll(encrypted, key, fields)))),
      unit: "strings/s",
      better: "higher",
      note: `@47ng/cloak, synchronous, key parsed once, no authorization, no log. Ours: ${people} people with ${RULES} rules each, over HTTP on loopback, logged durably before it is answered; the agent and its client share the machine's cores. The limit is the processor time of both: see agent-cpu and client-cpu. Rate limits raised.`,
    });
    // The warm-up round does not count.
    yield* whereTimeGoes(costs.slice(1), people * CALLS);
    yield {
      ...alone("fsync", world.fsyncMs, "ms"),
      note: "A write of 4 KiB and its fsync on the same disk: the least that a durable answer costs.",
    };
  } finally {
    await world.close();
  }
}

interface Cost {
  readonly wallMs: number;
  readonly clientCpuMs: number;
  readonly agentCpuMs: number;
  readonly commitMs: number;
  readonly commits: number;
}

/** Reads the columns anew each time, as a program does: what was parsed before does not help. */
async function openAll(client: Strongroom, fields: readonly StoredField[]): Promise<void> {
  const rows = fields.map(({ row, sealed }) => customer.sealedRow(row, { street: sealed }));
  const opened = await client.openMany(customer, rows, { use: USE, purpose: PURPOSE });
  for (const [at, { street }] of opened.entries()) assert.equal(street, fields[at]!.plain);
}

function decryptAll(
  encrypted: readonly string[],
  key: ReturnType<typeof parseKeySync>,
  fields: readonly StoredField[],
): void {
  const opened = encrypted.map((text) => decryptStringSync(text, key));
  for (const [at, text] of opened.entries()) assert.equal(text, fields[at]!.plain);
}

async function repeat(work: () => unknown): Promise<void> {
  for (let call = 0; call < CALLS; call += 1) await work();
}

async function measure(world: World, work: () => Promise<unknown>): Promise<Cost> {
  await world.order("usage", null);
  const before = process.cpuUsage();
  const wallMs = await elapsedMs(work);
  const { user, system } = process.cpuUsage(before);
  const { cpuMs, commits } = await world.order("usage", null);
  return {
    wallMs,
    clientCpuMs: (user + system) / 1000,
    agentCpuMs: cpuMs,
    commitMs: commits.ms,
    commits: commits.count,
  };
}

function* whereTimeGoes(costs: readonly Cost[], objects: number): Iterable<Figure> {
  const perObject = (of: (cost: Cost) => number) => (median(costs.map(of)) * 1000) / objects;
  yield {
    ...alone(
      "agent-cpu",
      perObject(({ agentCpuMs }) => agentCpuMs),
      "µs/object",
    ),
    note: "Processor time of the agent's process, all threads, checkpoints that fell into the round included.",
  };
  yield {
    ...alone(
      "client-cpu",
      perObject(({ clientCpuMs }) => clientCpuMs),
      "µs/object",
    ),
    note: "Processor time of the client's process: rows read, requests signed, answers and promises checked, values opened.",
  };
  yield {
    ...alone("commit", median(costs.map(({ commitMs, commits }) => commitMs / commits)), "ms"),
    note: `One group commit of the log: entries sealed and chained, one transaction, one fsync; ${median(costs.map(({ commits }) => commits / CALLS))} of them for a call.`,
  };
}
