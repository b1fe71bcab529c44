/** An agent that does a little of everything, chosen by dice, and tells each thing once it is confirmed. */
import { decodeHeaderText, headerTextOf } from "@strongroom/core/seal";
import { eraseEpoch, eraseRelationship } from "../../src/erase/erasure.ts";
import { rotateKek } from "../../src/keys/rotate.ts";
import { revokeRule, listRules } from "../../src/rules/ruleService.ts";
import { setLocked } from "../../src/subjects/lock.ts";
import { promiseOf } from "../auditing.ts";
import type { Dice } from "../dice.ts";
import type { World } from "../world.ts";
import type { Fact, Facts } from "./facts.ts";

const PEOPLE_MAX = 6;

/** Does one thing. @param facts what is known already; `tell` is called once more is. */
export async function doSomething(world: World, facts: Facts, dice: Dice, tell: (fact: Fact) => void): Promise<void> {
  if (facts.caller === null) {
    const { web } = await world.company("shop");
    tell({ fact: "company", caller: web });
    return;
  }
  const objects = [...facts.open.keys()];
  if (objects.length < 2) return begin(world, facts, tell);
  switch (dice.roll(8)) {
    case 0:
      return objects.length < PEOPLE_MAX ? begin(world, facts, tell) : close(world, facts, dice, tell);
    case 1:
      return close(world, facts, dice, tell);
    case 2:
      await world.publish();
      return tell({ fact: "seen", note: world.context.publisher.checkpoint?.note ?? "" });
    case 3:
      await rotateKek(world.context);
      return;
    default: {
      const asked = objects.filter(() => dice.roll(2) === 0);
      if (asked.length === 0) return;
      tell({ fact: "promise", promise: promiseOf(world, await world.ask(facts.caller, asked)) });
    }
  }
}

async function begin(world: World, { caller }: Facts, tell: (fact: Fact) => void): Promise<void> {
  if (caller === null) return;
  const { subject, handle } = await world.customer({ id: caller.controller, name: "shop", web: caller });
  tell({ fact: "sealed", subject, handle, sealed: await world.seal(caller, handle, "x") });
}

async function close(world: World, facts: Facts, dice: Dice, tell: (fact: Fact) => void): Promise<void> {
  const [sealed, { subject, handle }] = dice.pick([...facts.open]);
  tell({ fact: "closing", sealed });
  const { context } = world;
  switch (dice.roll(4)) {
    case 0:
      await setLocked(context, subject, true);
      break;
    case 1:
      await eraseEpoch(context, subject, handle, decodeHeaderText(headerTextOf(sealed)).epoch);
      break;
    case 2:
      await eraseRelationship(context, subject, handle);
      break;
    default:
      for (const { id, action } of await listRules(context, subject))
        if (action.kind === "read") await revokeRule(context, subject, id);
  }
  tell({ fact: "closed", sealed });
}
