/** Parcel labels: name out of the customer's row, address out of the order's, opened together for the length of a callback. */
import type { OrderLine } from "../database/orders.ts";
import type { Shown } from "../words.ts";
import type { Parts } from "../parts.ts";
import { USES } from "../records.ts";

export const LABELS_PAGE = 50;

export interface Label {
  /** Number of the order. */
  readonly number: number;
  readonly placedAt: number;
  readonly lines: readonly OrderLine[];
  readonly givenName: Shown;
  readonly surname: Shown;
  readonly street: Shown;
  readonly postalCode: Shown;
  readonly city: Shown;
  readonly country: Shown;
}

export interface Labels {
  readonly labels: readonly Label[];
  /** Number after which the next page begins; null at the end. */
  readonly next: number | null;
}

/** Labels of the parcels that wait to be sent. What is denied or away is a value that says why; the others are there. */
export async function withLabels<Result>(
  { store, strongroom }: Parts,
  callback: (labels: Labels) => Result,
  after = 0,
): Promise<Result> {
  const found = store.orders.toSend(after, LABELS_PAGE + 1);
  const parcels = found.slice(0, LABELS_PAGE);
  const next = found.length > LABELS_PAGE ? parcels.at(-1)!.number : null;
  const sealed = parcels.map(({ name, sealed: { street, postalCode, city, country } }) => ({
    ...name,
    street,
    postalCode,
    city,
    country,
  }));
  return await strongroom.use({ ...USES.deliver, failures: "values" }, sealed, (plain) => {
    const labels = parcels.map(({ number, placedAt, lines }, at) => {
      const { givenName, surname, street, postalCode, city, country } = plain[at]!;
      return { number, placedAt, lines, givenName, surname, street, postalCode, city, country };
    });
    return callback({ labels, next });
  });
}
