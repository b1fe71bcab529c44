/**
 * The index of a relationship with many rules: what a decision costs does not depend on how many there are.
 *
 * Every rule is entered under each cell that it reaches (cells.ts), where a request looks for its own data type and
 * those above it: the number of keys is bounded by the depth of the vocabulary. In a cell rules stand by application,
 * deny rules apart from allow rules, by rank. Ranks go by end of validity, so the rules that have not ended come first,
 * and a tree over beginnings skips those that have not begun (lists.ts): any number of rules that differ only in time
 * cost no more than a few.
 *
 * A cell's value has its kind in the two high bits:
 *     0   offset of a pair: deny rules << 16 | allow rules, then the list of each; all for any application
 *     1   offset of a directory: how many applications, the value for any, then application and value of each, ascending
 *     2   the rank of the only rule, which allows          3   the same, which denies; both for any application
 */
import { ABSENT, Cells, CellTable } from "./cells.ts";
import { Clock } from "./clock.ts";
import type { Coordinates } from "./coordinates.ts";
import { collectList, listUnits, nextBeginning, packList } from "./lists.ts";
import * as packed from "./packed.ts";
import type { PackedRules } from "./packed.ts";
import type { Work } from "./work.ts";

/** Entries of rules under cells. A set with more is looked through rule by rule: 10,000 rules of 200 cells each. */
export const LOOKUP_ENTRIES_MAX = 2_000_000;

const KIND = 30;
const DIRECTORY = 1;
const ONE_ALLOWS = 2;
const ONE_DENIES = 3;
const BODY = 2 ** KIND - 1;

export class Lookup {
  /** By rank. */
  readonly ids: readonly string[];
  /** By rank: how long keys may be kept, ms. */
  readonly retentions: Uint32Array;
  readonly clock: Clock;
  readonly #cells: Cells;
  readonly #table: CellTable;
  readonly #lists: Uint32Array;
  /** The first beginning of a deny rule found in this decision that is not before now, as a place in the clock. */
  #nextDeny = Infinity;

  constructor(cells: Cells, { units, ids }: PackedRules) {
    const records: number[] = [];
    for (let r = 0; r < units.length; r += units[r]!) records.push(r);
    this.retentions = Uint32Array.from(records, (r) => packed.retentionOf(units, r));
    let end = 0;
    this.ids = records.map((r) => ids.slice(end, (end += packed.idLength(units, r))));
    this.#cells = cells;
    this.clock = new Clock(units, records);
    this.#table = new CellTable();
    this.#lists = enter(cells, units, records, this.clock.begins, this.#table);
  }

  get bytes(): number {
    const ids = this.ids.length * 40;
    return (
      this.#cells.bytes + this.clock.bytes + this.#table.bytes + 4 * (this.#lists.length + this.retentions.length) + ids
    );
  }

  /** Collects what matches the request in `work`. */
  collect(work: Work): void {
    const slot = this.#cells.slot(work);
    if (slot === 0) return;
    this.clock.set(work.at, work);
    this.#nextDeny = Infinity;
    const { chain } = work.type;
    for (let i = 0; i < chain.length; i++) {
      const type = chain[i]!;
      work.steps++;
      if (this.#cells.namedTypes[type] === 0) continue;
      const value = this.#table.get(type * this.#cells.slots + slot);
      if (value !== ABSENT) this.#collectCell(value, work);
    }
    if (this.#nextDeny !== Infinity) work.nextDeny = this.clock.froms[this.#nextDeny]!;
  }

  #collectCell(value: number, work: Work): void {
    if (value >>> KIND !== DIRECTORY) {
      this.#collectValue(value, work);
      return;
    }
    const o = value & BODY;
    const any = this.#lists[o + 1]!;
    if (any !== ABSENT) this.#collectValue(any, work);
    if (work.application < 0) return;
    const own = this.#inDirectory(o, work.application, work);
    if (own !== ABSENT) this.#collectValue(own, work);
  }

  #inDirectory(o: number, application: number, work: Work): number {
    const lists = this.#lists;
    const first = o + 2;
    const count = lists[o]!;
    let low = 0;
    let high = count;
    while (low < high) {
      work.steps++;
      const middle = (low + high) >>> 1;
      if (lists[first + 2 * middle]! < application) low = middle + 1;
      else high = middle;
    }
    return low < count && lists[first + 2 * low] === application ? lists[first + 2 * low + 1]! : ABSENT;
  }

  #collectValue(value: number, work: Work): void {
    const kind = value >>> KIND;
    const o = value & BODY;
    const clock = this.clock;
    if (kind === ONE_ALLOWS || kind === ONE_DENIES) {
      work.steps++;
      const begin = clock.begins[o]!;
      if (begin >= clock.begun) {
        if (kind === ONE_DENIES) this.#nextDeny = Math.min(this.#nextDeny, begin);
      } else if (o < clock.alive) {
        (kind === ONE_DENIES ? work.denies : work.allows).insert(o);
      }
      return;
    }
    const lists = this.#lists;
    const denies = lists[o]! >>> 16;
    const allows = lists[o]! & 0xffff;
    if (denies > 0) {
      collectList(lists, o + 1, denies, clock, work.denies, work);
      this.#nextDeny = Math.min(this.#nextDeny, nextBeginning(lists, o + 1, denies, clock, work));
    }
    if (allows > 0 && work.denies.count === 0) {
      collectList(lists, o + 1 + listUnits(denies, true), allows, clock, work.allows, work);
    }
  }
}

/** `null` where the set has more entries than are worth their memory, or more cells than have a number. */
export function buildLookup(coordinates: Coordinates, rules: PackedRules): Lookup | null {
  const { units } = rules;
  const cells = new Cells(coordinates, units);
  if (cells.slots * cells.namedTypes.length >= ABSENT) return null;
  let entries = 0;
  for (let r = 0; r < units.length; r += units[r]!) entries += cells.count(units, r);
  return entries > LOOKUP_ENTRIES_MAX ? null : new Lookup(cells, rules);
}

/** Enters all rules into the table, and gives the lists that its values speak of. */
function enter(
  cells: Cells,
  units: Uint16Array,
  records: readonly number[],
  begins: Uint32Array,
  table: CellTable,
): Uint32Array {
  // Entries by cell: (application, rank << 1 | denies) after each other, in the order of ranks.
  const entries: number[][] = [];
  for (const [rank, r] of records.entries()) {
    const entry = (rank << 1) | (packed.isDeny(units, r) ? 1 : 0);
    cells.each(units, r, (cell, application) => {
      (entries[table.number(cell)] ??= []).push(application, entry);
    });
  }
  const lists: number[] = [];
  const values = Uint32Array.from(entries, (ofCell) => enterCell(ofCell, begins, lists));
  table.assign(values);
  return Uint32Array.from(lists);
}

function enterCell(entries: readonly number[], begins: Uint32Array, lists: number[]): number {
  const byApplication = new Map<number, number[]>();
  for (let i = 0; i < entries.length; i += 2) {
    const there = byApplication.get(entries[i]!);
    if (there === undefined) byApplication.set(entries[i]!, [entries[i + 1]!]);
    else there.push(entries[i + 1]!);
  }
  const any = byApplication.get(-1);
  byApplication.delete(-1);
  const anyValue = any === undefined ? ABSENT : enterValue(any, begins, lists);
  if (byApplication.size === 0) return anyValue;
  const directory = [...byApplication]
    .sort(([a], [b]) => a - b)
    .flatMap(([application, of]) => [application, enterValue(of, begins, lists)]);
  const o = lists.length;
  lists.push(byApplication.size, anyValue);
  for (const unit of directory) lists.push(unit);
  return DIRECTORY * 2 ** KIND + o;
}

function enterValue(entries: readonly number[], begins: Uint32Array, lists: number[]): number {
  if (entries.length === 1) return (entries[0]! & 1 ? ONE_DENIES : ONE_ALLOWS) * 2 ** KIND + (entries[0]! >>> 1);
  const denies = entries.filter((entry) => entry & 1).map((entry) => entry >>> 1);
  const allows = entries.filter((entry) => !(entry & 1)).map((entry) => entry >>> 1);
  const o = lists.length;
  lists.push((denies.length << 16) | allows.length);
  // One by one: a list may be longer than a call may have arguments.
  for (const unit of packList(denies, begins, true)) lists.push(unit);
  for (const unit of packList(allows, begins, false)) lists.push(unit);
  return o;
}
