/**
 * A program that runs an agent and lets people live at it until somebody kills it. Its orders are a line of JSON on
 * standard input; each fact is a line on standard output, written when the agent has confirmed it and before anything
 * else happens. On descriptor 3 there is a dot when it is ready for its orders, and one more after each fact.
 */
import { readFileSync, writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { toBase64url } from "@strongroom/core/bytes";
import { decodeHeaderText, headerTextOf } from "@strongroom/core/seal";
import { eraseEpoch, eraseRelationship, eraseSubject } from "../../src/erase/erasure.ts";
import { rotateKek } from "../../src/keys/rotate.ts";
import { addRule, revokeRule } from "../../src/rules/ruleService.ts";
import { setLocked } from "../../src/subjects/lock.ts";
import { promiseOf } from "../auditing.ts";
import { Dice } from "../dice.ts";
import { mayRead, mayUpdate, World } from "../world.ts";
import { after, type Change, type ChangeKind, type Fact, type Gives, type Life, type Orders } from "./life.ts";

const OBJECTS_MAX = 8;
const CHECKPOINT_MS = 20;

writeSync(3, ".");
const orders = JSON.parse(readFileSync(0, "utf8")) as Orders;
const { shop } = orders;
const dice = new Dice(orders.chance);
const world = new World(orders.folder, { seed: orders.seed, checkpointMs: CHECKPOINT_MS });
world.now = orders.now;
const lives = new Map(orders.lives.map((life) => [life.subject, life]));

await world.start();
await Promise.all([...[...lives.keys()].map(livesOn), serves(), serves()]);

function tell(fact: Fact): void {
  writeSync(1, `${JSON.stringify(fact)}\n`);
  writeSync(3, ".");
}

/** One person decides this and that, one thing after the other, and another takes its place when it is erased. */
async function livesOn(first: string): Promise<never> {
  for (let subject = first; ;) {
    const life = lives.get(subject) as Life;
    if (life.erased) {
      subject = await world.person();
      know({ ...life, subject, erased: false, objects: [], history: ["account created"] });
      continue;
    }
    const change = choose(life);
    tell({ fact: "begins", subject, change });
    know(after(life, change, await make(life, change)));
    await setImmediate();
  }
}

function know(life: Life): void {
  lives.set(life.subject, life);
  tell({ fact: "life", life });
}

function choose({ handle, maySeal, readRule, locked, objects }: Life): Change {
  if (handle === null) return { kind: "connect" };
  const living = objects.filter((object) => !object.gone && object.handle === handle);
  const kinds: ChangeKind[] = [locked ? "unlock" : "lock", readRule === null ? "let-read" : "revoke"];
  if (!maySeal) kinds.push("let-seal", "let-seal");
  else if (!locked && objects.length < OBJECTS_MAX) kinds.push("seal", "seal", "seal");
  if (living.length > 0) kinds.push("erase-epoch");
  if (dice.roll(3) === 0) kinds.push("erase-relationship");
  if (dice.roll(3) === 0 || objects.length >= OBJECTS_MAX) kinds.push("erase-subject");
  const kind = dice.pick(kinds);
  return kind === "erase-epoch" ? { kind, epoch: dice.pick(living).epoch } : { kind };
}

async function make({ subject, handle, readRule, history }: Life, { kind, epoch }: Change): Promise<Gives> {
  const { context } = world;
  const at = handle ?? "";
  switch (kind) {
    case "connect":
      return { handle: await world.handle(subject, shop) };
    case "let-seal":
      await addRule(context, subject, mayUpdate(shop));
      return {};
    case "let-read":
      return { readRule: (await addRule(context, subject, mayRead(shop))).id };
    case "revoke":
      await revokeRule(context, subject, readRule ?? "");
      return {};
    case "lock":
    case "unlock":
      await setLocked(context, subject, kind === "lock");
      return {};
    case "seal": {
      const plain = `${subject} ${history.length}`;
      const text = await world.seal(shop.web, at, plain);
      return { sealed: { text, plain, handle: at, epoch: decodeHeaderText(headerTextOf(text)).epoch, gone: false } };
    }
    case "erase-epoch":
      await eraseEpoch(context, subject, at, epoch ?? 0);
      return {};
    case "erase-relationship":
      await eraseRelationship(context, subject, at);
      return {};
    case "erase-subject":
      await eraseSubject(context, subject);
      return {};
  }
}

/** The shop asks for what it has of anybody and keeps the promises; somebody sees checkpoints; KEKs turn. */
async function serves(): Promise<never> {
  for (;;) {
    const roll = dice.roll(12);
    if (roll === 0) {
      await rotateKek(world.context);
      tell({ fact: "rotated" });
    } else if (roll === 1) {
      await world.publish();
      tell({ fact: "published", note: world.context.publisher.checkpoint?.note ?? "" });
    } else {
      await ask();
    }
    const [cause] = world.backgroundErrors;
    if (cause !== undefined) throw new Error("what runs by itself failed", { cause });
    await setImmediate();
  }
}

async function ask(): Promise<void> {
  const texts = [...lives.values()].flatMap(({ objects }) => objects.map(({ text }) => text));
  const asked = texts.filter(() => dice.roll(2) === 0);
  if (asked.length === 0) return;
  const answer = await world.ask(shop.web, asked);
  if (answer.receipt === null) return;
  const { at, decision, entries, signature } = promiseOf(world, answer);
  tell({
    fact: "promise",
    at,
    decision: toBase64url(decision),
    entries: entries.map(({ index, commitment }) => [index, toBase64url(commitment)]),
    signature: toBase64url(signature),
  });
}
