/**
 * The room in which one decision is worked out: the request as numbers, the rules found, and the steps that finding
 * them took. Deciding is synchronous, so one such room serves all decisions and nothing is allocated for each.
 */
import type { Coordinates, Place } from "./coordinates.ts";
import * as packed from "./packed.ts";
import { RULES_NAMED_MAX } from "./rule.ts";

/** What is decided: one data type, for one action of one application, at one instant. */
export interface DecisionRequest {
  /** Application id. */
  readonly application: string;
  /** Data type id. */
  readonly type: string;
  readonly action: RequestedAction;
  /** When, ms since 1970 UTC. */
  readonly at: number;
}

export type RequestedAction =
  | { readonly kind: "read"; readonly use: string; readonly purpose: string }
  | { readonly kind: "update"; readonly provenance: string };

/** Stands for the purpose of an update, which has none. */
const NOWHERE: Place = Object.freeze({ number: 0, chain: new Uint16Array(0) });

export class Work {
  // The request.
  update = false;
  type: Place = NOWHERE;
  /** The use, or of an update the provenance. */
  first: Place = NOWHERE;
  purpose: Place = NOWHERE;
  /** Place in the index's list of applications; -1 where no rule names the asking one. */
  application = -1;
  at = 0;

  // What was found.
  readonly denies = new Named();
  readonly allows = new Named();
  /** When the first deny rule begins that will match and does not yet; Infinity where there is none. */
  nextDeny = Infinity;
  /** What was looked at: masks, records, keys, items of lists. A count, not a time: tests hold its bound. */
  steps = 0;

  /** Begins a decision. False where the vocabulary lacks an id or the request has no such form: that is an error. */
  begin(coordinates: Coordinates, request: DecisionRequest, application: number): boolean {
    const { action, at } = request;
    const update = action.kind === "update";
    if ((!update && action.kind !== "read") || !Number.isSafeInteger(at)) return false;
    const type = coordinates.type.places.get(request.type);
    const first = update
      ? coordinates.provenance.places.get(action.provenance)
      : coordinates.use.places.get(action.use);
    const purpose = update ? NOWHERE : coordinates.purpose.places.get(action.purpose);
    if (type === undefined || first === undefined || purpose === undefined) return false;
    this.update = update;
    this.type = type;
    this.first = first;
    this.purpose = purpose;
    this.application = application;
    this.at = at;
    this.denies.count = 0;
    this.allows.count = 0;
    this.nextDeny = Infinity;
    this.steps = 0;
    return true;
  }

  /**
   * A rule that matches in all but time, in the order of ranks: its record and where its id begins. False where it has
   * ended, because then so have all that follow.
   */
  found(units: Uint16Array, r: number, id: number, deny: boolean): boolean {
    if (packed.untilOf(units, r) < this.at) return false;
    const from = packed.fromOf(units, r);
    if (from <= this.at) (deny ? this.denies : this.allows).append(r, id);
    else if (deny && from < this.nextDeny) this.nextDeny = from;
    return true;
  }
}

/**
 * The first few matching rules by rank, which are the ones that a decision names: by rank where a lookup found them, by
 * record and beginning of the id elsewhere.
 */
export class Named {
  count = 0;
  readonly ranks = new Uint32Array(RULES_NAMED_MAX);
  readonly records = new Uint32Array(RULES_NAMED_MAX);
  readonly ids = new Uint32Array(RULES_NAMED_MAX);

  /** Adds a rule of higher rank number than all before. */
  append(record: number, id: number): void {
    if (this.count === RULES_NAMED_MAX) return;
    this.records[this.count] = record;
    this.ids[this.count++] = id;
  }

  /** Adds a rank at its place. False where there is no room for it, nor for any that follows it. */
  insert(rank: number): boolean {
    if (this.count === RULES_NAMED_MAX) {
      if (rank > this.ranks[this.count - 1]!) return false;
    } else {
      this.count++;
    }
    let place = this.count - 1;
    for (; place > 0 && this.ranks[place - 1]! > rank; place--) this.ranks[place] = this.ranks[place - 1]!;
    this.ranks[place] = rank;
    return true;
  }
}
