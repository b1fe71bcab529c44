/** The monthly report: what was sold, which is in the clear, and to which countries, which each person allows or not. */
import type { Parts } from "../parts.ts";
import { USES } from "../records.ts";
import { inWords } from "../words.ts";

const BATCH = 500;

export interface Report {
  /** `2025-06`. */
  readonly month: string;
  readonly orders: number;
  readonly revenueCents: number;
  readonly products: readonly { readonly name: string; readonly quantity: number; readonly cents: number }[];
  readonly countries: readonly { readonly country: string; readonly orders: number }[];
  /** Orders that the report may not look into, by reason. */
  readonly unavailable: readonly { readonly reason: string; readonly orders: number }[];
}

/** @param month `2025-06`, in UTC */
export async function monthlyReport({ store, strongroom }: Parts, month: string): Promise<Report> {
  const { from, until } = monthOf(month);
  const countries = new Map<string, number>();
  const unavailable = new Map<string, number>();
  let orders = 0;
  for (let after = 0; ;) {
    const batch = store.orders.between(from, until, after, BATCH);
    orders += batch.length;
    const sealed = batch.map(({ sealed: { country } }) => ({ country }));
    await strongroom.use({ ...USES.report, failures: "values" }, sealed, (plain) => {
      for (const { country } of plain) {
        if (typeof country === "string") count(countries, country);
        else count(unavailable, country === null ? "nothing is stored" : inWords(country));
      }
    });
    if (batch.length < BATCH) break;
    after = batch.at(-1)!.number;
  }
  const products = store.orders.sold(from, until);
  return {
    month,
    orders,
    revenueCents: products.reduce((sum, { cents }) => sum + cents, 0),
    products,
    countries: byCount(countries).map(([country, sold]) => ({ country, orders: sold })),
    unavailable: byCount(unavailable).map(([reason, closed]) => ({ reason, orders: closed })),
  };
}

/** `2025-06` of a time, UTC. */
export function monthAt(now: number): string {
  return new Date(now).toISOString().slice(0, 7);
}

export function isMonth(text: string): boolean {
  return /^20\d\d-(?:0[1-9]|1[0-2])$/.test(text);
}

function monthOf(month: string): { from: number; until: number } {
  const [year, index] = month.split("-").map(Number) as [number, number];
  return { from: Date.UTC(year, index - 1), until: Date.UTC(year, index) };
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function byCount(counts: Map<string, number>): [string, number][] {
  return [...counts].sort(([a, more], [b, less]) => less - more || a.localeCompare(b));
}
