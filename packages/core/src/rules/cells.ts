/**
 * Cells: what the rules of one relationship can tell apart about a request, apart from application and time. A cell is
 * a data type and a **slot** (a use and a purpose, or a provenance), and is written as one number.
 *
 * Uses that lie below the same terms named by the rules share a slot, as do purposes and provenances: a request has
 * exactly one slot, and a rule on a wide term has few. Data types are entered as the rules name them and looked up with
 * all that is above the one asked, because their tree is large and rules near its top are common.
 */
import type { Axis, Coordinates } from "./coordinates.ts";
import * as packed from "./packed.ts";
import type { Work } from "./work.ts";

export class Cells {
  /** Slots of one data type, 0 not being one. */
  readonly slots: number;
  /** By number: 1 where a rule names the data type. */
  readonly namedTypes: Uint8Array;
  readonly #uses: NamedTerms;
  readonly #purposes: NamedTerms;
  readonly #provenances: NamedTerms;
  /** Slots after this one are provenances. */
  readonly #lastRead: number;

  /** @param units packed rules whose records begin at 0 */
  constructor(coordinates: Coordinates, units: Uint16Array) {
    this.namedTypes = new Uint8Array(coordinates.type.last.length);
    const [uses, purposes, provenances] = [new Set<number>(), new Set<number>(), new Set<number>()];
    for (let r = 0; r < units.length; r += units[r]!) {
      const firsts = packed.isUpdate(units, r) ? provenances : uses;
      for (let i = packed.typesAt(r); i < packed.firstsAt(units, r); i++) this.namedTypes[units[i]!] = 1;
      for (let i = packed.firstsAt(units, r); i < packed.purposesAt(units, r); i++) firsts.add(units[i]!);
      for (let i = packed.purposesAt(units, r); i < packed.applicationsAt(units, r); i++) purposes.add(units[i]!);
    }
    this.#uses = new NamedTerms(coordinates.use, uses);
    this.#purposes = new NamedTerms(coordinates.purpose, purposes);
    this.#provenances = new NamedTerms(coordinates.provenance, provenances);
    this.#lastRead = this.#readSlot(this.#uses.count, this.#purposes.count);
    this.slots = this.#lastRead + this.#provenances.count + 1;
  }

  get bytes(): number {
    const places = this.#uses.slots.length + this.#purposes.slots.length + this.#provenances.slots.length;
    return this.namedTypes.length + 2 * places;
  }

  /** The slot of a request; 0 where no rule at all can match it. */
  slot(work: Work): number {
    if (work.update) {
      const provenance = this.#provenances.slots[work.first.number]!;
      return provenance === 0 ? 0 : this.#lastRead + provenance;
    }
    const use = this.#uses.slots[work.first.number]!;
    const purpose = this.#purposes.slots[work.purpose.number]!;
    return use === 0 || purpose === 0 ? 0 : this.#readSlot(use, purpose);
  }

  #readSlot(use: number, purpose: number): number {
    return use * (this.#purposes.count + 1) + purpose;
  }

  /** How many entries a rule needs: one for each cell that it reaches, and there for each application that it names. */
  count(units: Uint16Array, r: number): number {
    let slots = this.#firsts(units, r).length;
    if (!packed.isUpdate(units, r)) slots *= this.#purposesOf(units, r).length;
    return slots * packed.typeCount(units, r) * Math.max(1, packed.applicationCount(units, r));
  }

  /** Visits each entry that a rule needs. An application of -1 is any. */
  each(units: Uint16Array, r: number, visit: (cell: number, application: number) => void): void {
    const slots = this.#slotsOf(units, r);
    const applications = packed.applicationsOf(units, r);
    for (let i = packed.typesAt(r); i < packed.firstsAt(units, r); i++) {
      const first = units[i]! * this.slots;
      for (const slot of slots) for (const application of applications) visit(first + slot, application);
    }
  }

  #slotsOf(units: Uint16Array, r: number): number[] {
    const firsts = this.#firsts(units, r);
    if (packed.isUpdate(units, r)) return firsts.map((provenance) => this.#lastRead + provenance);
    const purposes = this.#purposesOf(units, r);
    return firsts.flatMap((use) => purposes.map((purpose) => this.#readSlot(use, purpose)));
  }

  #firsts(units: Uint16Array, r: number): number[] {
    const terms = packed.isUpdate(units, r) ? this.#provenances : this.#uses;
    return terms.under(units, packed.firstsAt(units, r), packed.purposesAt(units, r));
  }

  #purposesOf(units: Uint16Array, r: number): number[] {
    return this.#purposes.under(units, packed.purposesAt(units, r), packed.applicationsAt(units, r));
  }
}

/** The terms of one kind that rules name, counted from 1 in the order of the vocabulary's walk. */
class NamedTerms {
  /** By number of any term: the nearest named term at or above it; 0 where there is none. */
  readonly slots: Uint16Array;
  readonly count: number;
  readonly #named: readonly number[];
  readonly #last: Uint16Array;

  constructor(axis: Axis, named: ReadonlySet<number>) {
    this.#named = [...named].sort((a, b) => a - b);
    this.#last = axis.last;
    this.count = named.size;
    this.slots = new Uint16Array(axis.last.length);
    // The walk visits a term before those below it, so the nearest named term is written last.
    for (const [index, number] of this.#named.entries()) this.slots.fill(index + 1, number, axis.last[number]! + 1);
  }

  /** The named terms at or below those of a list of a record (units `start` to `end`). */
  under(p: Uint16Array, start: number, end: number): number[] {
    const found: number[] = [];
    for (let i = start; i < end; i++) {
      const last = this.#last[p[i]!]!;
      for (let slot = this.slots[p[i]!]!; slot <= this.count && this.#named[slot - 1]! <= last; slot++)
        found.push(slot);
    }
    return found;
  }
}

/** A hash table from cells to one number, in one array: open addressing, at most three quarters full. */
export class CellTable {
  /** Two units a place: cell + 1 (0 where free), value. */
  #units = new Uint32Array(2 * 64);
  #mask = 63;
  count = 0;

  get bytes(): number {
    return 4 * this.#units.length;
  }

  /** The value of a cell; `ABSENT` where it is not there. */
  get(cell: number): number {
    const place = this.#place(cell);
    return this.#units[place] === 0 ? ABSENT : this.#units[place + 1]!;
  }

  /** The number that a cell has as its value: 0, 1, … in the order in which they were asked for. */
  number(cell: number): number {
    let place = this.#place(cell);
    if (this.#units[place] === 0) {
      if (4 * (this.count + 1) > 3 * (this.#mask + 1)) {
        this.#grow();
        place = this.#place(cell);
      }
      this.#units[place] = cell + 1;
      this.#units[place + 1] = this.count++;
    }
    return this.#units[place + 1]!;
  }

  /** Gives every cell the value at the place of its number. */
  assign(values: Uint32Array): void {
    const units = this.#units;
    for (let place = 0; place < units.length; place += 2) {
      if (units[place] !== 0) units[place + 1] = values[units[place + 1]!]!;
    }
  }

  /** Where the cell is, or the free place where it would be. */
  #place(cell: number): number {
    const units = this.#units;
    // Cells are small numbers close together; this spreads them over all bits.
    let hash = Math.imul(cell, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    let place = (hash ^ (hash >>> 13)) & this.#mask;
    for (;;) {
      const there = units[2 * place]!;
      if (there === 0 || there === cell + 1) return 2 * place;
      place = (place + 1) & this.#mask;
    }
  }

  #grow(): void {
    const old = this.#units;
    this.#units = new Uint32Array(2 * old.length);
    this.#mask = 2 * this.#mask + 1;
    for (let place = 0; place < old.length; place += 2) {
      if (old[place] !== 0) this.#units.set(old.subarray(place, place + 2), this.#place(old[place]! - 1));
    }
  }
}

/** No cell has this value. */
export const ABSENT = 0xffff_ffff;
