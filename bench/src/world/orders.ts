/** What the agent's process does for a benchmark by itself, through the agent's own parts. */
import { authorizeAgain, LogUnit, sealRulebook, type AgentContext } from "@strongroom/agent";
import { toBase64url } from "@strongroom/core/bytes";
import { randomBytes } from "@strongroom/core/primitives";
import { decide } from "@strongroom/core/rules";
import { decodeHeaderText } from "@strongroom/core/seal";
import type { AppendOrder, DecideOrder, EnrolledPeople, EnrolOrder, FillOrder } from "./protocol.ts";
import { PURPOSE, READ, RuleSets, TYPE, USE } from "./rules.ts";

/** People made in one commit. */
const PEOPLE_PER_UNIT = 500;
const OBJECTS_PER_REQUEST = 1_000;
/** About what a sealed field's header has. */
const HEADER_BYTES = 120;

/**
 * People as the agent's own services store them, with all their rules written at once: subject, relationship, first
 * epoch, and the entries that tell of them. No passwords: nobody signs in as one of them.
 */
export async function enrol(context: AgentContext, order: EnrolOrder): Promise<EnrolledPeople> {
  const began = performance.now();
  const sets = new RuleSets(order.rules, order.retentionMs);
  const handles: string[] = [];
  while (handles.length < order.people) {
    const unit = new LogUnit(null, null, context.effects.now());
    const people = Math.min(PEOPLE_PER_UNIT, order.people - handles.length);
    for (let one = 0; one < people; one += 1) handles.push(addPerson(context, unit, order.controller, sets));
    await context.writer.append(unit);
  }
  return { handles, ms: performance.now() - began };
}

function addPerson(
  { keychain, directory, effects }: AgentContext,
  unit: LogUnit,
  controller: string,
  sets: RuleSets,
): string {
  const [subject, handle] = [newId(), newId()];
  const keys = keychain.newSubjectKeys();
  const [key, epochKey] = [keychain.newKey(), keychain.newKey()];
  const row = {
    id: subject,
    login: subject,
    passwordHash: null,
    state: "active" as const,
    createdAt: unit.at,
    erasedAt: null,
    ...keychain.wrapSubject(subject, "active", keys),
  };
  const rules = sets.next(unit.at);
  const identity = { handle, subject, controller };
  unit.mutations.push({ op: "subject.add", row });
  unit.mutations.push({
    op: "relationship.add",
    row: {
      ...identity,
      key: keychain.wrapRelationship(keys.root, identity, key),
      rulebook: sealRulebook(key.key, handle, 0, rules, effects),
      generation: 0,
      createdAt: unit.at,
      erasedAt: null,
    },
    epoch: { handle, epoch: 1, key: keychain.wrapEpoch(key.key, handle, 1, epochKey), createdAt: unit.at },
  });
  const live = directory.adoptSubject(row, null);
  unit.record(live, { kind: "account", reason: "created" });
  unit.record(live, { kind: "connection", controller, reason: "opened" });
  unit.record(live, { kind: "rule", controller, reason: "added", rules: rules.slice(0, 16).map(({ id }) => id) });
  return handle;
}

/** All that an authorization of a thousand objects does but for its log: found, decided, keys derived, checked and given out. */
export async function decideObjects(context: AgentContext, order: DecideOrder): Promise<{ ms: number }> {
  const caller = { application: order.application, controller: order.controller };
  const parts = {
    ...context,
    locator: context.identity.locator,
    now: () => context.effects.now(),
    noteUse: context.useNotes.note,
  };
  const began = performance.now();
  for (let from = 0; from < order.objects.length; from += OBJECTS_PER_REQUEST) {
    const objects = order.objects.slice(from, from + OBJECTS_PER_REQUEST);
    for (const { outcome } of await authorizeAgain(parts, caller, {
      reads: [{ use: USE, purpose: PURPOSE, objects }],
    })) {
      if (outcome !== "allow") throw new Error("a decision was not the one that the rules were made for");
    }
  }
  return { ms: performance.now() - began };
}

/** The decision over rules alone: the relationship found in memory, its rules decided over. */
export async function decideRules(context: AgentContext, order: DecideOrder): Promise<{ ms: number }> {
  const at = context.effects.now();
  const handles = order.objects.map((object) => toBase64url(decodeHeaderText(object).relationship));
  const began = performance.now();
  for (let from = 0; from < handles.length; from += OBJECTS_PER_REQUEST) {
    const asked = handles.slice(from, from + OBJECTS_PER_REQUEST);
    const found = await context.directory.load(asked);
    for (const handle of asked) {
      const { rules } = found.get(handle)!;
      const { outcome } = decide(rules!, { application: order.application, type: TYPE, action: READ, at });
      if (outcome !== "allow") throw new Error("a decision was not the one that the rules were made for");
    }
  }
  return { ms: performance.now() - began };
}

/** Entries of these people in turn, each in a unit of its own, so many waiting for the log at once. */
export async function append(context: AgentContext, order: AppendOrder): Promise<{ ms: number }> {
  const found = [...(await context.directory.load(order.handles)).values()];
  const header = randomBytes(HEADER_BYTES);
  let next = 0;
  const one = async (): Promise<void> => {
    const relationship = found[next++ % found.length]!;
    const unit = new LogUnit(randomBytes(16), { application: "bench" }, context.effects.now());
    unit.note(relationship, useOf(relationship.controller, header));
    await context.writer.append(unit);
  };
  const began = performance.now();
  for (let done = 0; done < order.entries; done += order.together) {
    await Promise.all(Array.from({ length: Math.min(order.together, order.entries - done) }, one));
  }
  return { ms: performance.now() - began };
}

/** One use of each of these people per unit, as a request for all of them makes it, until there are so many more entries. */
export async function fill(context: AgentContext, order: FillOrder): Promise<{ size: number }> {
  const found = await context.directory.load(order.handles);
  const header = randomBytes(HEADER_BYTES);
  for (let left = order.entries; left > 0; left -= order.handles.length) {
    const unit = new LogUnit(randomBytes(16), { application: "bench" }, context.effects.now());
    for (const handle of order.handles.slice(0, left)) {
      const relationship = found.get(handle)!;
      unit.note(relationship, useOf(relationship.controller, header));
    }
    await context.writer.append(unit);
  }
  return { size: context.writer.size };
}

function useOf(controller: string, header: Buffer) {
  return {
    kind: "use" as const,
    controller,
    type: TYPE,
    use: USE,
    purpose: PURPOSE,
    reason: null,
    rules: ["rule"],
    header,
  };
}

function newId(): string {
  return toBase64url(randomBytes(16));
}
