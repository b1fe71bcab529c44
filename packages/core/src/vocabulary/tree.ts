/**
 * One kind's terms as an indexed tree. Terms are numbered in the order of a walk that visits a term before what hangs
 * below it, so a term and all below it have numbers without a gap, and "covers" is two comparisons of integers.
 */
import type { Term } from "./term.ts";

/** First and last number of a term and all below it, both inclusive. */
export type Interval = readonly [first: number, last: number];

export interface TreeNode {
  readonly term: Term;
  readonly number: number;
  readonly interval: Interval;
  readonly children: readonly Term[];
  /** The term itself first, its root last. */
  readonly ancestors: readonly Term[];
  /** The term or one above it is marked. */
  readonly special: boolean;
}

export interface TermTree {
  readonly nodes: ReadonlyMap<string, TreeNode>;
  readonly roots: readonly Term[];
  /** All terms; the place of a term is its number. */
  readonly terms: readonly Term[];
}

/** Builds the index. Siblings keep the order in which they are given; a parent may be given after its children. */
export function buildTree(given: readonly Term[]): TermTree {
  const below = Map.groupBy(given, (term) => term.parent);
  const nodes = new Map<string, TreeNode>();
  const terms: Term[] = [];

  const visit = (term: Term, above: readonly Term[], specialAbove: boolean): void => {
    const number = terms.push(term) - 1;
    const ancestors = Object.freeze([term, ...above]);
    const special = specialAbove || term.specialCategory === true;
    const children = Object.freeze([...(below.get(term.id) ?? [])]);
    for (const child of children) visit(child, ancestors, special);
    const interval: Interval = Object.freeze([number, terms.length - 1] as const);
    nodes.set(term.id, Object.freeze({ term, number, interval, children, ancestors, special }));
  };
  const roots = Object.freeze([...(below.get(null) ?? [])]);
  for (const root of roots) visit(root, [], false);

  // A term twice, or one whose parent is missing, would be lost in silence, and with it every rule that names it.
  if (nodes.size !== given.length || terms.length !== given.length) {
    throw new TypeError("terms are repeated or hang from a term that is not there");
  }
  return Object.freeze({ nodes, roots, terms: Object.freeze(terms) });
}
