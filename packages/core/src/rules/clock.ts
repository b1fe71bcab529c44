/**
 * When the rules of a relationship are valid, so that "now" becomes two integers: rules end by rank and begin by the
 * place of their `from`. What was worked out for one instant is kept until an end or a beginning is passed, because
 * most decisions of an index are asked at almost the same time.
 */
import * as packed from "./packed.ts";
import type { Work } from "./work.ts";

export class Clock {
  /** By rank: last millisecond of validity, so descending. */
  readonly untils: Float64Array;
  /** All different first milliseconds of validity, ascending. */
  readonly froms: Float64Array;
  /** By rank: place in `froms`. */
  readonly begins: Uint32Array;
  /** A rule is valid now when its rank is less than `alive` and its beginning less than `begun`. */
  alive = 0;
  begun = 0;
  /** First and last millisecond for which these two hold. */
  #since = Infinity;
  #till = -Infinity;

  constructor(units: Uint16Array, records: readonly number[]) {
    this.untils = Float64Array.from(records, (r) => packed.untilOf(units, r));
    const froms = Array.from(records, (r) => packed.fromOf(units, r));
    this.froms = Float64Array.from(new Set(froms)).sort();
    this.begins = Uint32Array.from(froms, (from) => countUpTo(this.froms, from) - 1);
  }

  get bytes(): number {
    return 8 * (this.untils.length + this.froms.length) + 4 * this.begins.length;
  }

  set(at: number, work: Work): void {
    if (this.#since <= at && at <= this.#till) return;
    const [untils, froms] = [this.untils, this.froms];
    this.alive = countFrom(untils, at);
    this.begun = countUpTo(froms, at);
    work.steps += bits(untils.length) + bits(froms.length);
    this.#since = Math.max((untils[this.alive] ?? -Infinity) + 1, froms[this.begun - 1] ?? -Infinity);
    this.#till = Math.min(untils[this.alive - 1] ?? Infinity, (froms[this.begun] ?? Infinity) - 1);
  }
}

/** Steps of a binary search, at most. */
function bits(length: number): number {
  return 32 - Math.clz32(length);
}

/** How many of the descending values are `at` or later. */
function countFrom(descending: Float64Array, at: number): number {
  let low = 0;
  // Halving without a branch that depends on the data, which a processor would guess wrong every other time.
  for (let rest = descending.length; rest > 0;) {
    const half = (rest + 1) >>> 1;
    low += +(descending[low + half - 1]! >= at) * half;
    rest -= half;
  }
  return low;
}

/** How many of the ascending values are `at` or earlier. */
function countUpTo(ascending: Float64Array, at: number): number {
  let low = 0;
  for (let rest = ascending.length; rest > 0;) {
    const half = (rest + 1) >>> 1;
    low += +(ascending[low + half - 1]! <= at) * half;
    rest -= half;
  }
  return low;
}
