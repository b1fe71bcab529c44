/**
 * Rules packed into 16-bit units, because an agent keeps millions of them. The array of a relationship holds the masks
 * of masks.ts where the rules are few, then one record a rule. A record, in units:
 *
 *     0        its length                        1        flags, and the length of its id << 8
 *     2        types, and uses or provenances << 8
 *     3        purposes, and applications << 8
 *     4 …      type numbers, use or provenance numbers, purpose numbers,
 *     …        applications (2 units each: place in the index's list), from (3), until (3), retention (2)
 *
 * where from, until and retention are there only when their flag is set. Records stand in the order in which a decision
 * names rules: latest end first, then longest retention, then id. The place of a record in that order is the rule's
 * **rank**. The ids are one text, in the same order: a text for each would take as much room as all the rest.
 */
import type { Coordinates } from "./coordinates.ts";
import { MASKED_RULES_MAX, packMasks } from "./masks.ts";
import type { Rule } from "./rule.ts";

const DENY = 1;
const UPDATE = 2;
const HAS_FROM = 4;
const HAS_UNTIL = 8;
const HAS_RETENTION = 16;
/** Units before the lists. */
const HEAD = 4;

export interface PackedRules {
  readonly units: Uint16Array;
  /** Where the records begin; the masks are before them. */
  readonly records: number;
  readonly ids: string;
  /** The applications that rules name. */
  readonly applications: readonly string[];
  /** Whether any rule lets keys be kept. */
  readonly keeps: boolean;
}

const NONE: readonly string[] = Object.freeze([]);

/** Packs decoded rules. `coordinates` are those of the vocabulary that decoded them. */
export function packRules(coordinates: Coordinates, rules: readonly Rule[]): PackedRules {
  const ranked = rules.toSorted(byRank);
  const places = new Map<string, number>();
  for (const { applications } of ranked) {
    for (const id of applications ?? NONE) if (!places.has(id)) places.set(id, places.size);
  }
  const records = joined(ranked.map((rule) => packRule(coordinates, places, rule)));
  const masks = ranked.length <= MASKED_RULES_MAX ? packMasks(coordinates, records, places.size) : [];
  return {
    units: masks.length === 0 ? records : joined([masks, records]),
    records: masks.length,
    ids: ranked.map((rule) => rule.id).join(""),
    applications: places.size === 0 ? NONE : [...places.keys()],
    keeps: ranked.some((rule) => rule.retentionMs > 0),
  };
}

function joined(parts: readonly ArrayLike<number>[]): Uint16Array {
  const units = new Uint16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    units.set(part, offset);
    offset += part.length;
  }
  return units;
}

function byRank(a: Rule, b: Rule): number {
  const [aUntil, bUntil] = [a.until ?? Infinity, b.until ?? Infinity];
  if (aUntil !== bUntil) return bUntil > aUntil ? 1 : -1;
  return b.retentionMs - a.retentionMs || (a.id < b.id ? -1 : 1);
}

function packRule(coordinates: Coordinates, places: ReadonlyMap<string, number>, rule: Rule): number[] {
  const { action, from, until, retentionMs } = rule;
  const numbers = (kind: keyof Coordinates, ids: readonly string[]): number[] =>
    outermost(
      coordinates[kind].last,
      ids.map((id) => coordinates[kind].places.get(id)!.number),
    );
  const types = numbers("type", rule.types);
  const firsts = action.kind === "read" ? numbers("use", action.uses) : numbers("provenance", action.provenances);
  const purposes = action.kind === "read" ? numbers("purpose", action.purposes) : [];
  const applications = (rule.applications ?? NONE).map((id) => places.get(id)!);
  const flags =
    (rule.effect === "deny" ? DENY : 0) |
    (action.kind === "update" ? UPDATE : 0) |
    (from === null ? 0 : HAS_FROM) |
    (until === null ? 0 : HAS_UNTIL) |
    (retentionMs === 0 ? 0 : HAS_RETENTION);
  const record = [0, flags | (rule.id.length << 8)];
  record.push(types.length | (firsts.length << 8), purposes.length | (applications.length << 8));
  record.push(...types, ...firsts, ...purposes);
  for (const place of applications) record.push(place >>> 16, place & 0xffff);
  for (const instant of [from, until]) {
    if (instant !== null) record.push(Math.floor(instant / 2 ** 32), (instant / 2 ** 16) & 0xffff, instant & 0xffff);
  }
  if (retentionMs !== 0) record.push(retentionMs >>> 16, retentionMs & 0xffff);
  record[0] = record.length;
  return record;
}

/** Sorted, without terms that another term of the list covers: so one term at most lies above anything asked. */
function outermost(last: Uint16Array, numbers: number[]): number[] {
  let covered = -1;
  return numbers
    .sort((a, b) => a - b)
    .filter((number) => {
      if (number <= covered) return false;
      covered = last[number]!;
      return true;
    });
}

// Readers of a record at offset `r`. The first unit of each list:
export const typesAt = (r: number): number => r + HEAD;
export const typeCount = (p: Uint16Array, r: number): number => p[r + 2]! & 0xff;
export const firstsAt = (p: Uint16Array, r: number): number => r + HEAD + typeCount(p, r);
export const firstCount = (p: Uint16Array, r: number): number => p[r + 2]! >>> 8;
export const purposesAt = (p: Uint16Array, r: number): number => firstsAt(p, r) + firstCount(p, r);
export const purposeCount = (p: Uint16Array, r: number): number => p[r + 3]! & 0xff;
export const applicationsAt = (p: Uint16Array, r: number): number => purposesAt(p, r) + purposeCount(p, r);
export const applicationCount = (p: Uint16Array, r: number): number => p[r + 3]! >>> 8;
export const idLength = (p: Uint16Array, r: number): number => p[r + 1]! >>> 8;

export function isDeny(p: Uint16Array, r: number): boolean {
  return (p[r + 1]! & DENY) !== 0;
}

export function isUpdate(p: Uint16Array, r: number): boolean {
  return (p[r + 1]! & UPDATE) !== 0;
}

/** Places in the index's list of applications; -1 alone where the rule is for any. */
export function applicationsOf(p: Uint16Array, r: number): number[] {
  const [start, count] = [applicationsAt(p, r), applicationCount(p, r)];
  if (count === 0) return [-1];
  return Array.from({ length: count }, (_, i) => p[start + 2 * i]! * 2 ** 16 + p[start + 2 * i + 1]!);
}

/** First millisecond of validity; -Infinity where there is none. */
export function fromOf(p: Uint16Array, r: number): number {
  return (p[r + 1]! & HAS_FROM) === 0 ? -Infinity : instantAt(p, applicationsAt(p, r) + 2 * applicationCount(p, r));
}

/** Last millisecond of validity; Infinity where there is none. */
export function untilOf(p: Uint16Array, r: number): number {
  const flags = p[r + 1]!;
  if ((flags & HAS_UNTIL) === 0) return Infinity;
  return instantAt(p, r + p[r]! - 3 - ((flags & HAS_RETENTION) === 0 ? 0 : 2));
}

export function retentionOf(p: Uint16Array, r: number): number {
  if ((p[r + 1]! & HAS_RETENTION) === 0) return 0;
  const end = r + p[r]!;
  return p[end - 2]! * 2 ** 16 + p[end - 1]!;
}

function instantAt(p: Uint16Array, i: number): number {
  return p[i]! * 2 ** 32 + p[i + 1]! * 2 ** 16 + p[i + 2]!;
}

/** Whether a term of a list (units `start` to `end`) is the one asked, or above it. */
export function covers(last: Uint16Array, p: Uint16Array, start: number, end: number, number: number): boolean {
  for (let i = start; i < end; i++) {
    const node = p[i]!;
    if (node <= number && number <= last[node]!) return true;
  }
  return false;
}
