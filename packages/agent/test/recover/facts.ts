/** What an agent has confirmed to somebody: it must still be so after any crash. */
import assert from "node:assert/strict";
import type { KeptPromise } from "@strongroom/core/log/reader";
import type { Caller } from "../../src/authorize/authorize.ts";
import { assertWhole } from "../auditing.ts";
import type { World } from "../world.ts";

export type Fact =
  | { readonly fact: "company"; readonly caller: Caller }
  /** The subject exists and has this object, which opens. */
  | { readonly fact: "sealed"; readonly subject: string; readonly handle: string; readonly sealed: string }
  /** An answer's entries are in the log. */
  | { readonly fact: "promise"; readonly promise: KeptPromise }
  /** Something is about to be done that ends the object: until it is confirmed, it may open or not. */
  | { readonly fact: "closing"; readonly sealed: string }
  | { readonly fact: "closed"; readonly sealed: string }
  /** A checkpoint that somebody outside has seen. */
  | { readonly fact: "seen"; readonly note: string };

/** Everything that was confirmed until now. */
export class Facts {
  caller: Caller | null = null;
  readonly subjects = new Set<string>();
  /** Handle of every object that opens, with its subject. */
  readonly open = new Map<string, { readonly subject: string; readonly handle: string }>();
  readonly closed = new Set<string>();
  readonly promises: KeptPromise[] = [];
  seen: string | undefined;

  take(fact: Fact): void {
    if (fact.fact === "company") this.caller = fact.caller;
    else if (fact.fact === "seen") this.seen = fact.note;
    else if (fact.fact === "promise") this.promises.push(fact.promise);
    else if (fact.fact === "closing") this.open.delete(fact.sealed);
    else if (fact.fact === "closed") this.closed.add(fact.sealed);
    else {
      this.subjects.add(fact.subject);
      this.open.set(fact.sealed, { subject: fact.subject, handle: fact.handle });
    }
  }

  copy(): Facts {
    const copy = new Facts();
    copy.caller = this.caller;
    copy.seen = this.seen;
    for (const subject of this.subjects) copy.subjects.add(subject);
    for (const [sealed, place] of this.open) copy.open.set(sealed, place);
    for (const sealed of this.closed) copy.closed.add(sealed);
    copy.promises.push(...this.promises);
    return copy;
  }

  /** All of it is so in this world. */
  async assertTrue(world: World): Promise<void> {
    const { caller } = this;
    if (caller !== null) {
      for (const sealed of this.open.keys()) assert.equal(await world.open(caller, sealed), "x");
      for (const sealed of this.closed)
        assert.match(await world.open(caller, sealed), /^(no-rule|locked|epoch-erased|relationship-erased)$/);
    }
    const { promises, seen } = this;
    await assertWhole(world, [...this.subjects], { promises, ...(seen === undefined ? {} : { remembered: seen }) });
  }
}
