/**
 * One field opened by one call, as for a page that shows one customer, and then the next. The peer is a bare Fastify
 * endpoint in a process of its own that takes a JSON body of the same size and gives it back, asked by the same HTTP
 * client over a kept connection: no proof, no rules, no keys, no log, no disk.
 */
import assert from "node:assert/strict";
import { Pool } from "undici";
import { headerTextOf } from "@strongroom/core/seal";
import { alone, interleave, percentile, ratio } from "../compare.ts";
import type { BenchOptions, Figure } from "../figure.ts";
import { endChild, startChild } from "../world/child.ts";
import { customer, type StoredField } from "../world/customer.ts";
import { PURPOSE, USE } from "../world/rules.ts";
import { World } from "../world/world.ts";

export const about = "One field opened through a live agent, p50 and p99, against a bare Fastify JSON POST.";

const RULES = 30;
const PEOPLE = 1_000;
/** Requests of one round, one after the other. */
const REQUESTS = 300;

export async function* figures({ rounds, quick, tell, profile }: BenchOptions): AsyncIterable<Figure> {
  const world = await World.start({ tell, profile });
  const bare = await startChild<{ origin: string }>({ module: "../peers/bareFastify.ts", start: null });
  const pool = new Pool(bare.ready.origin);
  try {
    const client = await world.connect();
    const fields = await world.populate(client, { people: quick ? 20 : PEOPLE, rules: RULES, retentionMs: 0 });
    const requests = quick ? 10 : REQUESTS;
    let next = 0;
    const commits = { count: 0, ms: 0 };
    const { ours, peer } = await interleave<readonly number[]>({
      rounds,
      ours: async () => {
        const times = await timesOf(requests, () => openOne(client, fields[next++ % fields.length]!));
        const usage = await world.order("usage", null);
        commits.count += usage.commits.count;
        commits.ms += usage.commits.ms;
        return times;
      },
      peer: () => timesOf(requests, () => echoOne(pool, fields[next++ % fields.length]!)),
    });
    for (const percent of [50, 99]) {
      const [mine, theirs] = [percentile(ours.flat(), percent), percentile(peer.flat(), percent)];
      yield {
        name: `p${percent}`,
        ours: mine,
        peer: theirs,
        ratio: ratio(mine, theirs, "lower"),
        unit: "ms",
        note: `A bare Fastify JSON POST by the same HTTP client, kept alive; a ratio of 0.25 is four times its time. Ours is ${RULES} rules, proof of possession signed and verified, object key, durable log. The limit is the disk's fsync (see fsync) and the proof's two signatures. Over ${ours.flat().length} requests; rate limits raised.`,
      };
    }
    yield {
      ...alone("commit", commits.ms / commits.count, "ms"),
      note: "Mean of one commit of the log inside the agent: entry sealed and chained, one transaction, one fsync.",
    };
    yield { ...alone("fsync", world.fsyncMs, "ms"), note: "A write of 4 KiB and its fsync on the same disk." };
  } finally {
    await pool.destroy();
    await endChild(bare.child);
    await world.close();
  }
}

type Client = Awaited<ReturnType<World["connect"]>>;

async function openOne(client: Client, { row, sealed, plain }: StoredField): Promise<void> {
  const { street } = await client.open(customer, customer.sealedRow(row, { street: sealed }), {
    use: USE,
    purpose: PURPOSE,
  });
  assert.equal(street, plain);
}

/** As many bytes as the authorization of the same field has. */
async function echoOne(pool: Pool, { sealed }: StoredField): Promise<void> {
  const asked = { reads: [{ use: USE, purpose: PURPOSE, objects: [headerTextOf(sealed)] }] };
  const answer = await pool.request({
    method: "POST",
    path: "/echo",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(asked),
  });
  const got = (await answer.body.json()) as typeof asked;
  assert.equal(got.reads[0]!.objects[0], asked.reads[0]!.objects[0]);
}

async function timesOf(count: number, work: () => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  for (let request = 0; request < count; request += 1) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  return times;
}
