/**
 * The known id nearest to a mistyped one, for "did you mean …?".
 *
 * Ids are compared word by word, in order; dots and hyphens only separate words. A word costs its edit distance
 * (insert, delete, replace, or swap two neighbours: the "optimal string alignment" distance). A word that was left out
 * costs 1 whatever its length, because people write `email` for `home-contact.email`; one too many costs its length.
 * Case and separators are forgiven first: `Identity.givenName` and `IDENTITY/GIVEN_NAME` are `identity.given-name`.
 */

/** What leaving out one word of the known id costs. */
export const MISSING_WORD_COST = 1;

/**
 * The id of least distance, the earlier one where two are equally near, `null` where none are known.
 * Work grows with the lengths of `given` and of all ids: the caller bounds `given` first.
 */
export function nearestId(given: string, ids: Iterable<string>): string | null {
  const words = wordsOf(given);
  const distances = new Map<string, number[]>();
  let nearest: string | null = null;
  let least = Infinity;
  for (const id of ids) {
    const known = wordsOf(id);
    if ((known.length - words.length) * MISSING_WORD_COST >= least) continue;
    const distance = alignmentCost(words, known, distances);
    if (distance < least) [nearest, least] = [id, distance];
    if (least === 0) break;
  }
  return nearest;
}

/** Words in the spelling of ids; a capital after a small letter begins a word. */
export function wordsOf(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .split(/[._:/-]+/)
    .filter((word) => word !== "");
}

/** Least cost of aligning the words in order; `distances` keeps each known word's distances for one search. */
function alignmentCost(given: readonly string[], known: readonly string[], distances: Map<string, number[]>): number {
  let row = [0];
  for (const _ of known) row.push(row.at(-1)! + MISSING_WORD_COST);
  for (const [g, word] of given.entries()) {
    const next = [row[0]! + word.length];
    for (const [k, other] of known.entries()) {
      let perGiven = distances.get(other);
      if (perGiven === undefined) distances.set(other, (perGiven = []));
      const substitution = row[k]! + (perGiven[g] ??= editDistance(word, other));
      next.push(Math.min(substitution, row[k + 1]! + word.length, next[k]! + MISSING_WORD_COST));
    }
    row = next;
  }
  return row[known.length]!;
}

/** Optimal string alignment distance: each character takes part in at most one edit. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(replace, row[j]! + 1, next[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      next.push(cost);
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}
