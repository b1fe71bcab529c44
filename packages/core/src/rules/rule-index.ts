/**
 * The rules of one relationship, compiled for deciding: a few as masks (masks.ts), many with a lookup that is made at the
 * first decision (lookup.ts). No time goes in, so an index is good until a rule or the vocabulary changes.
 */
import { StrongroomError, type ErrorCode } from "../errors.ts";
import type { Vocabulary } from "../vocabulary/index.ts";
import { coordinatesOf, type Coordinates } from "./coordinates.ts";
import { decodeRule } from "./decode.ts";
import { buildLookup, type Lookup } from "./lookup.ts";
import { collectByMasks, MASKED_RULES_MAX } from "./masks.ts";
import * as packed from "./packed.ts";
import { packRules, type PackedRules } from "./packed.ts";
import { collectByScan } from "./scan.ts";
import type { Named, Work } from "./work.ts";
import { RULES_PER_RELATIONSHIP_MAX, type Rule } from "./rule.ts";

/** What is wrong with a stored set. Every decision on it is a denial with the reason `error`. */
export interface RuleFault {
  readonly code: ErrorCode;
  /** Place in the set that was given; `null` where the set as a whole is wrong. */
  readonly position: number | null;
  readonly message: string;
}

export class RuleIndex {
  readonly size: number;
  /** For the operator's eyes; `null` where all is well. */
  readonly fault: RuleFault | null;
  /** Internal to this folder, as is all that follows. */
  readonly coordinates: Coordinates;
  readonly packed: PackedRules;
  #lookup: Lookup | null | undefined = undefined;
  #applications: ReadonlyMap<string, number> | undefined = undefined;

  /** Use `compile`. */
  constructor(coordinates: Coordinates, packed: PackedRules, size: number, fault: RuleFault | null) {
    this.coordinates = coordinates;
    this.packed = packed;
    this.size = size;
    this.fault = fault;
  }

  /** Collects the rules that match the request in `work`. */
  collect(work: Work): void {
    const lookup = this.#lookupIfMany();
    if (lookup !== null) lookup.collect(work);
    else if (this.packed.records > 0) collectByMasks(this.packed, work);
    else collectByScan(this.coordinates, this.packed, work);
  }

  /** The ids of collected rules. */
  idsOf(named: Named): string[] {
    const { units, ids } = this.packed;
    const found = new Array<string>(named.count);
    for (let i = 0; i < named.count; i++) {
      const start = named.ids[i]!;
      found[i] =
        this.#lookup != null
          ? this.#lookup.ids[named.ranks[i]!]!
          : ids.slice(start, start + packed.idLength(units, named.records[i]!));
    }
    return found;
  }

  /** Last millisecond of validity of a collected rule; Infinity where there is none. */
  untilOf(named: Named, i: number): number {
    if (this.#lookup != null) return this.#lookup.clock.untils[named.ranks[i]!]!;
    return packed.untilOf(this.packed.units, named.records[i]!);
  }

  /** How long keys may be kept under a collected rule, ms. */
  retentionOf(named: Named, i: number): number {
    if (this.#lookup != null) return this.#lookup.retentions[named.ranks[i]!]!;
    return packed.retentionOf(this.packed.units, named.records[i]!);
  }

  #lookupIfMany(): Lookup | null {
    if (this.#lookup === undefined) {
      this.#lookup = this.size <= MASKED_RULES_MAX ? null : buildLookup(this.coordinates, this.packed);
    }
    return this.#lookup;
  }

  /** Place of an application in the packed list; -1 where no rule names it. */
  applicationPlace(id: string): number {
    const { applications } = this.packed;
    if (applications.length <= MASKED_RULES_MAX) return applications.indexOf(id);
    this.#applications ??= new Map(applications.map((application, place) => [application, place]));
    return this.#applications.get(id) ?? -1;
  }

  /** Memory of the data proper, bytes; the objects that hold it take some 500 more. A lookup counts once it is made. */
  get bytes(): number {
    return 2 * this.packed.units.length + this.packed.ids.length + (this.#lookup?.bytes ?? 0);
  }
}

/**
 * Compiles the stored rules of one relationship. Each is decoded again, strictly: a set with one rule that cannot be
 * understood (say, its type is gone from the vocabulary) compiles to an index that denies everything and says why in
 * `fault`, because the rule that is skipped could have been the one that denies.
 */
export function compile(vocabulary: Vocabulary, stored: readonly unknown[]): RuleIndex {
  const coordinates = coordinatesOf(vocabulary);
  const rules: Rule[] = [];
  const ids = new Set<string>();
  const faulty = (code: ErrorCode, position: number | null, message: string): RuleIndex =>
    new RuleIndex(coordinates, packRules(coordinates, []), stored.length, Object.freeze({ code, position, message }));

  if (stored.length > RULES_PER_RELATIONSHIP_MAX) {
    return faulty("rule.set-full", null, `more than ${RULES_PER_RELATIONSHIP_MAX} rules`);
  }
  for (const [position, value] of stored.entries()) {
    let rule: Rule;
    try {
      rule = decodeRule(vocabulary, value);
    } catch (error) {
      if (!(error instanceof StrongroomError)) throw error;
      return faulty(error.code, position, error.message);
    }
    if (ids.has(rule.id)) return faulty("rule.malformed", position, "another rule of the set has the same id");
    ids.add(rule.id);
    rules.push(rule);
  }
  return new RuleIndex(coordinates, packRules(coordinates, rules), rules.length, null);
}
