/** One packed rule against a request, and all of them in turn. */
import type { Coordinates } from "./coordinates.ts";
import * as packed from "./packed.ts";
import type { PackedRules } from "./packed.ts";
import type { Work } from "./work.ts";

/** Why a rule does not match: the first of these, in this order, that is so. `MATCHES` where none is. */
export const MISMATCHES = [
  "matches",
  "other-application",
  "other-type",
  "other-action",
  "other-use",
  "other-purpose",
  "other-provenance",
  "expired",
  "not-yet-valid",
] as const;
export const MATCHES = 0;
const OTHER_APPLICATION = 1;
const OTHER_TYPE = 2;
const OTHER_ACTION = 3;
const OTHER_USE = 4;
const OTHER_PURPOSE = 5;
const OTHER_PROVENANCE = 6;
const EXPIRED = 7;
const NOT_YET_VALID = 8;

/** Place in `MISMATCHES` for the rule whose record begins at `r`. Walks the record once: packed.ts has its layout. */
export function judge(coordinates: Coordinates, p: Uint16Array, r: number, work: Work): number {
  const types = packed.typesAt(r);
  const firsts = types + packed.typeCount(p, r);
  const purposes = firsts + packed.firstCount(p, r);
  const applications = purposes + packed.purposeCount(p, r);
  const end = applications + 2 * packed.applicationCount(p, r);
  if (applications < end && !names(p, applications, end, work.application)) return OTHER_APPLICATION;
  if (!packed.covers(coordinates.type.last, p, types, firsts, work.type.number)) return OTHER_TYPE;
  if (packed.isUpdate(p, r) !== work.update) return OTHER_ACTION;
  if (work.update) {
    if (!packed.covers(coordinates.provenance.last, p, firsts, purposes, work.first.number)) return OTHER_PROVENANCE;
  } else {
    if (!packed.covers(coordinates.use.last, p, firsts, purposes, work.first.number)) return OTHER_USE;
    if (!packed.covers(coordinates.purpose.last, p, purposes, applications, work.purpose.number)) return OTHER_PURPOSE;
  }
  if (packed.untilOf(p, r) < work.at) return EXPIRED;
  if (packed.fromOf(p, r) > work.at) return NOT_YET_VALID;
  return MATCHES;
}

/** Collects what matches by looking at every rule, for the few sets that no lookup is made for. */
export function collectByScan(coordinates: Coordinates, rules: PackedRules, work: Work): void {
  const { units } = rules;
  let id = 0;
  for (let r = rules.records; r < units.length; r += units[r]!) {
    work.steps++;
    const mismatch = judge(coordinates, units, r, work);
    if (mismatch === MATCHES || mismatch === NOT_YET_VALID) work.found(units, r, id, packed.isDeny(units, r));
    id += packed.idLength(units, r);
  }
}

function names(p: Uint16Array, start: number, end: number, application: number): boolean {
  for (let i = start; i < end; i += 2) {
    if (p[i]! * 2 ** 16 + p[i + 1]! === application) return true;
  }
  return false;
}
