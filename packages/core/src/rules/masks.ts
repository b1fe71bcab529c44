/**
 * A few rules (up to 32) as masks with one bit a rule, the bit of its rank: what matches is the conjunction of a mask
 * for the data type asked, one for the use, one for the purpose and one for the application.
 *
 * The mask for a term is a step function over the numbers of the vocabulary's walk, because a rule covers whole runs
 * of it. The units before the records, all masks as (high, low):
 *
 *     0 … 3    where the steps of types, uses, purposes and provenances begin
 *     4        where the heads begin             5 6      rules that deny
 *     7 8      rules for any application         9 …      rules for each application of the index's list
 *     steps    count, then the first number of each, then the mask of each
 *     heads    for each rank: offset of its record from the first one, offset of its id
 */
import type { Axis, Coordinates } from "./coordinates.ts";
import * as packed from "./packed.ts";
import type { PackedRules } from "./packed.ts";
import type { Work } from "./work.ts";

export const MASKED_RULES_MAX = 32;

const HEADS = 4;
const DENIES = 5;
const ANY_APPLICATION = 7;
const APPLICATIONS = 9;

/** The masks of some records. `applications`: how many the index's list has. */
export function packMasks(coordinates: Coordinates, records: Uint16Array, applications: number): number[] {
  const types = new Steps(coordinates.type);
  const uses = new Steps(coordinates.use);
  const purposes = new Steps(coordinates.purpose);
  const provenances = new Steps(coordinates.provenance);
  const heads: number[] = [];
  let denies = 0;
  const byApplication = new Array<number>(applications + 1).fill(0); // any first
  let id = 0;
  let bit = 1;
  for (let r = 0; r < records.length; r += records[r]!) {
    if (packed.isDeny(records, r)) denies |= bit;
    for (const place of packed.applicationsOf(records, r)) byApplication[place + 1] = byApplication[place + 1]! | bit;
    const firsts = packed.isUpdate(records, r) ? provenances : uses;
    types.add(records, packed.typesAt(r), packed.firstsAt(records, r), bit);
    firsts.add(records, packed.firstsAt(records, r), packed.purposesAt(records, r), bit);
    purposes.add(records, packed.purposesAt(records, r), packed.applicationsAt(records, r), bit);
    heads.push(r, id);
    id += packed.idLength(records, r);
    bit <<= 1;
  }
  const units = [0, 0, 0, 0, 0];
  push(units, denies);
  for (const mask of byApplication) push(units, mask);
  for (const [place, steps] of [types, uses, purposes, provenances].entries()) {
    units[place] = units.length;
    steps.pushTo(units);
  }
  units[HEADS] = units.length;
  units.push(...heads);
  return units;
}

/** Which rules cover each number of one kind. */
class Steps {
  readonly #last: Uint16Array;
  /** The terms that rules name, each with the bit of its rule. */
  readonly #named: number[] = [];
  readonly #bits: number[] = [];

  constructor(axis: Axis) {
    this.#last = axis.last;
  }

  /** A list of a record: units `start` to `end`. */
  add(records: Uint16Array, start: number, end: number, bit: number): void {
    for (let i = start; i < end; i++) {
      this.#named.push(records[i]!);
      this.#bits.push(bit);
    }
  }

  pushTo(units: number[]): void {
    // A mask can change only where something named begins or has ended.
    const changes = [0];
    for (const number of this.#named) changes.push(number, this.#last[number]! + 1);
    const starts = [...new Set(changes)].filter((start) => start < this.#last.length).sort((a, b) => a - b);
    const places = new Map(starts.map((start, place) => [start, place]));
    const masks = starts.map(() => 0);
    for (const [i, number] of this.#named.entries()) {
      const last = this.#last[number]!;
      for (let place = places.get(number)!; place < starts.length && starts[place]! <= last; place++) {
        masks[place] = masks[place]! | this.#bits[i]!;
      }
    }
    const kept = starts.map((_, place) => place).filter((place) => place === 0 || masks[place] !== masks[place - 1]);
    units.push(kept.length, ...kept.map((place) => starts[place]!));
    for (const place of kept) push(units, masks[place]!);
  }
}

function push(units: number[], mask: number): void {
  units.push(mask >>> 16, mask & 0xffff);
}

function maskAt(units: Uint16Array, i: number): number {
  return (units[i]! << 16) | units[i + 1]!;
}

/** The mask of the step in which a number lies. */
function stepAt(units: Uint16Array, steps: number, number: number, work: Work): number {
  const count = units[steps]!;
  let low = 1;
  let high = count;
  while (low < high) {
    work.steps++;
    const middle = (low + high + 1) >>> 1;
    if (units[steps + middle]! <= number) low = middle;
    else high = middle - 1;
  }
  return maskAt(units, steps + 1 + count + 2 * (low - 1));
}

/** Collects what matches. */
export function collectByMasks({ units, records }: PackedRules, work: Work): void {
  let mask = maskAt(units, ANY_APPLICATION);
  if (work.application >= 0) mask |= maskAt(units, APPLICATIONS + 2 * work.application);
  mask &= stepAt(units, units[0]!, work.type.number, work);
  if (work.update) {
    mask &= stepAt(units, units[3]!, work.first.number, work);
  } else {
    mask &= stepAt(units, units[1]!, work.first.number, work);
    mask &= stepAt(units, units[2]!, work.purpose.number, work);
  }
  const denies = maskAt(units, DENIES);
  const heads = units[HEADS]!;
  for (; mask !== 0; mask &= mask - 1) {
    work.steps++;
    const rank = 31 - Math.clz32(mask & -mask);
    const r = records + units[heads + 2 * rank]!;
    if (!work.found(units, r, units[heads + 2 * rank + 1]!, ((denies >>> rank) & 1) === 1)) break;
  }
}
