/**
 * How long after a revocation anybody can still open the field, by any key: several programs in processes of their own
 * keep the person's key, as the rule allows, and open with it all the time, while the agent is busy with other people.
 * And the worst case: a program whose stream of events has gone silent, which keeps a key for as long as the rule says.
 */
import type { RuleDraft } from "@strongroom/core/wire";
import { alone, percentile } from "../compare.ts";
import type { BenchOptions, Figure } from "../figure.ts";
import { monotonicMs } from "../world/child.ts";
import type { StoredField } from "../world/customer.ts";
import { Opener } from "../world/opener.ts";
import { Person } from "../world/person.ts";
import { Relay } from "../world/relay.ts";
import { PURPOSE, TYPE, USE } from "../world/rules.ts";
import { World, type WorldOptions } from "../world/world.ts";

export const about = "Time from a revocation to the last successful open by any client, under load.";

const CLIENTS = 3;
/** Fields of other people that each client opens with every call. */
const OTHERS = 50;
const REVOCATIONS_PER_ROUND = 5;
/** How long clients may keep a key: longer than the measurement, so that only the revocation ends it. */
const RETENTION_MS = 3_600_000;
/** The same for the program that cannot hear. */
const DEAF_RETENTION_MS = 1_000;
const DEAF_REVOCATIONS = 5;
/** Opens of each client before the person revokes: by then the key is kept. */
const OPENS_BEFORE = 100;

/** Ms from the revocation to the last open by anybody. */
interface Outcome {
  readonly fromCall: number;
  /** 0 where nobody opened anything after it. */
  readonly fromReturn: number;
}

export async function* figures({ rounds, quick, tell, profile }: BenchOptions): AsyncIterable<Figure> {
  yield* hearing({ tell, profile }, quick ? 2 : rounds * REVOCATIONS_PER_ROUND, quick);
  yield await deaf({ tell, profile }, quick ? 1 : DEAF_REVOCATIONS);
}

async function* hearing(options: WorldOptions, revocations: number, quick: boolean): AsyncIterable<Figure> {
  const world = await World.start(options);
  const clients: Opener[] = [];
  try {
    const setting = await prepare(world, quick ? 5 : OTHERS);
    for (let client = 0; client < CLIENTS; client += 1)
      clients.push(await Opener.start(world, setting.target, setting.others));
    const outcomes: Outcome[] = [];
    const began = monotonicMs();
    for (let revocation = 0; revocation < revocations; revocation += 1) {
      outcomes.push(await revokeOnce(setting.person, clients, RETENTION_MS));
    }
    const others = clients.reduce((sum, client) => sum + client.others, 0);
    const load = (others * 1000) / (monotonicMs() - began);
    const what = `Over ${revocations} revocations, ${CLIENTS} clients in processes of their own that keep the key and hear the agent's events.`;
    const fromCall = outcomes.map((outcome) => outcome.fromCall);
    for (const percent of [50, 100]) {
      yield {
        ...alone(percent === 100 ? "from-call-max" : `from-call-p${percent}`, percentile(fromCall, percent), "ms"),
        note: `From the person's call to the last open by any client. ${what} The limit is the machine's cores, which agent, clients and person share.`,
      };
    }
    yield {
      ...alone("after-return-max", Math.max(...outcomes.map(({ fromReturn }) => fromReturn)), "ms"),
      note: `From the answer to the person's call to the last open by any client; 0: nobody opened anything after it. ${what}`,
    };
    yield {
      ...alone("load", load, "fields/s"),
      note: "Other people's fields opened meanwhile, each decided and logged.",
    };
  } finally {
    await Promise.all(clients.map((client) => client.end()));
    await world.close();
  }
}

async function deaf(options: WorldOptions, revocations: number): Promise<Figure> {
  let agentPort = 0;
  const relay = await Relay.start(() => agentPort);
  const world = await World.start({ ...options, relayPort: relay.port });
  agentPort = world.port;
  let client: Opener | undefined;
  try {
    const { person, target } = await prepare(world, 0);
    client = await Opener.start(world, target, []);
    // Its stream opens with the first key that may be kept.
    await revokeOnce(person, [client], DEAF_RETENTION_MS);
    if (relay.silence() === 0) throw new Error("the client listens to no events");
    const outcomes: number[] = [];
    for (let revocation = 0; revocation < revocations; revocation += 1) {
      outcomes.push((await revokeOnce(person, [client], DEAF_RETENTION_MS)).fromReturn);
    }
    return {
      ...alone("deaf-max", Math.max(...outcomes), "ms"),
      note: `The same for a client whose stream of events has gone silent without ending, where the rule lets keys be kept for ${DEAF_RETENTION_MS} ms: that is the bound. Whatever the rule says, 30 s of silence end it too.`,
    };
  } finally {
    await client?.end();
    await world.close();
    await relay.close();
  }
}

interface Setting {
  readonly person: Person;
  readonly target: StoredField;
  readonly others: readonly StoredField[];
}

async function prepare(world: World, others: number): Promise<Setting> {
  const person = await Person.signUp(world, "person", [
    { ...RULE, action: { kind: "update", provenances: ["subject"] } },
  ]);
  const client = await world.connect();
  const [target] = await world.seal(client, [person.handle]);
  return {
    person,
    target: target!,
    others: others === 0 ? [] : await world.populate(client, { people: others, rules: 30, retentionMs: 0 }),
  };
}

const RULE = { applications: null, effect: "allow", types: [TYPE], from: null, until: null } as const;

function readRule(retentionMs: number): Omit<RuleDraft, "controller"> {
  return { ...RULE, action: { kind: "read", uses: [USE], purposes: [PURPOSE] }, retentionMs };
}

/** The person allows it, all clients open, the person revokes; then all clients are denied. */
async function revokeOnce(person: Person, clients: readonly Opener[], retentionMs: number): Promise<Outcome> {
  const rule = await person.addRule(readRule(retentionMs));
  await Promise.all(clients.map((client) => client.until("opens", ({ opened }) => opened >= OPENS_BEFORE)));
  const calledAt = monotonicMs();
  await person.revokeRule(rule);
  const returnedAt = monotonicMs();
  await Promise.all(clients.map((client) => client.until("is denied", ({ denied }) => denied > 0)));
  const lastOpenedAt = Math.max(...clients.map((client) => client.lastOpenedAt));
  return { fromCall: Math.max(0, lastOpenedAt - calledAt), fromReturn: Math.max(0, lastOpenedAt - returnedAt) };
}
