/** Sums and dates as they are read. */
const euros = new Intl.NumberFormat("en", { style: "currency", currency: "EUR" });
const days = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });
const months = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });

export function money(cents: number): string {
  return euros.format(cents / 100);
}

export function day(ms: number): string {
  return days.format(ms);
}

/** @param month `2025-06` */
export function monthName(month: string): string {
  return months.format(Date.parse(`${month}-01T00:00:00Z`));
}
