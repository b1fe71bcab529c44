/**
 * Two sides measured fairly on a machine that is not quiet: rounds are interleaved (ours, peer, ours, peer …), so that
 * what slows the machine down slows both, the first round of each is a warm-up and thrown away, and the median counts.
 */
import type { Figure } from "./figure.ts";

/** One round: does the work and gives back what it measured. */
export type Round<Measured> = () => Measured | Promise<Measured>;

/** Which values of the unit are better: `higher` for a rate, `lower` for a time or a size. */
export type Better = "higher" | "lower";

export interface Samples<Measured> {
  readonly ours: Measured[];
  readonly peer: Measured[];
}

/** Runs both sides in turn, `rounds` times each after one warm-up round each. */
export async function interleave<Measured>(sides: {
  readonly rounds: number;
  readonly ours: Round<Measured>;
  readonly peer: Round<Measured>;
}): Promise<Samples<Measured>> {
  if (!Number.isInteger(sides.rounds) || sides.rounds < 1) throw new RangeError("rounds is a whole number from 1");
  await sides.ours();
  await sides.peer();
  const samples: Samples<Measured> = { ours: [], peer: [] };
  for (let round = 0; round < sides.rounds; round += 1) {
    samples.ours.push(await sides.ours());
    samples.peer.push(await sides.peer());
  }
  return samples;
}

/** A whole figure from two sides that each measure one number a round. */
export async function compare(sides: {
  readonly name: string;
  readonly rounds: number;
  readonly ours: Round<number>;
  readonly peer: Round<number>;
  readonly unit: string;
  readonly better: Better;
  readonly note?: string;
}): Promise<Figure> {
  const samples = await interleave(sides);
  const ours = median(samples.ours);
  const peer = median(samples.peer);
  return {
    name: sides.name,
    ours,
    peer,
    ratio: ratio(ours, peer, sides.better),
    unit: sides.unit,
    note: sides.note ?? "",
  };
}

/** What a figure without a peer says, but for its note. */
export function alone(name: string, ours: number, unit: string): Omit<Figure, "note"> {
  return { name, ours, peer: null, ratio: null, unit };
}

/** How many times better `ours` is: above 1 is better, whichever way the unit counts. */
export function ratio(ours: number, peer: number, better: Better): number {
  return better === "higher" ? ours / peer : peer / ours;
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** The value below which `percent` of the values lie, interpolated between neighbours. `percentile(values, 50)` is the median. */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new RangeError("no values");
  if (!(percent >= 0 && percent <= 100)) throw new RangeError("percent lies between 0 and 100");
  const sorted = values.toSorted((a, b) => a - b);
  const place = ((sorted.length - 1) * percent) / 100;
  const low = Math.floor(place);
  const high = Math.ceil(place);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (place - low);
}

/** Milliseconds that the work took. */
export async function elapsedMs(work: () => unknown, now: () => number = () => performance.now()): Promise<number> {
  const start = now();
  await work();
  return now() - start;
}

/** Pieces of work per second, where `work` does `count` of them. */
export async function perSecond(count: number, work: () => unknown, now?: () => number): Promise<number> {
  return (count * 1000) / (await elapsedMs(work, now));
}
