/**
 * What a benchmark reports, and what it is given. A benchmark is a file `bench/src/benches/<name>.ts` that exports
 * `figures` and, for the list, one sentence `about`.
 */

export interface Figure {
  /** Name inside the benchmark, such as `p50`. */
  readonly name: string;
  /** What was measured of Strongroom, in `unit`; 0 only where the figure stands alone. */
  readonly ours: number;
  /** The same of the peer, measured in the same run; null where the figure stands alone. */
  readonly peer: number | null;
  /** How many times better we are than the peer, above 1 is better; null without a peer. */
  readonly ratio: number | null;
  /** Unit of `ours` and `peer`, such as `fields/s` or `ms`. */
  readonly unit: string;
  /** What the peer is, and what limits the figure. */
  readonly note: string;
}

export interface BenchOptions {
  /** Rounds of each side, without the warm-up. */
  readonly rounds: number;
  /** True: only show that it runs; sizes may be tiny and the figures mean nothing. */
  readonly quick: boolean;
  /** Tells a person what goes on. Never on standard output, which is for figures. */
  readonly tell: (line: string) => void;
  /** Folder for CPU profiles of the processes that the benchmark starts; null: none. */
  readonly profile: string | null;
}

export interface Bench {
  readonly about?: string;
  figures(options: BenchOptions): AsyncIterable<Figure> | Promise<Figure[]>;
}

/** One JSON line, fields in a fixed order. @throws RangeError where a figure is not a measurement. */
export function figureLine(bench: string, figure: Figure): string {
  const { name, ours, peer, ratio, unit, note } = figure;
  if (name === "" || unit === "") throw new RangeError(`${bench}: a figure needs a name and a unit`);
  // Alone, nothing at all can be what was measured; beside a peer it would have no ratio.
  if (!isMeasure(ours) && !(ours === 0 && peer === null))
    throw new RangeError(`${bench} ${name}: ours is ${ours}, not a positive number`);
  if ((peer === null) !== (ratio === null)) throw new RangeError(`${bench} ${name}: peer and ratio come together`);
  if (peer !== null && !isMeasure(peer))
    throw new RangeError(`${bench} ${name}: peer is ${peer}, not a positive number`);
  if (ratio !== null && !isMeasure(ratio)) throw new RangeError(`${bench} ${name}: ratio is ${ratio}`);
  return JSON.stringify({ name, ours, peer, ratio, unit, note });
}

/** The same for a reader. */
export function figureText(bench: string, figure: Figure): string {
  const { name, ours, peer, ratio, unit, note } = figure;
  const against = peer === null || ratio === null ? "" : `, peer ${short(peer)} ${unit}, ${short(ratio)} times better`;
  return `${bench} ${name}: ${short(ours)} ${unit}${against}${note === "" ? "" : `\n    ${note}`}`;
}

function isMeasure(value: number): boolean {
  return Number.isFinite(value) && value > 0;
}

function short(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}
