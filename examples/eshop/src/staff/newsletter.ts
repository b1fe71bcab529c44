/** The newsletter: an e-mail is composed for each customer who allows adverts, and for nobody else. */
import type { Shown } from "../words.ts";
import type { Parts } from "../parts.ts";
import { USES } from "../records.ts";

export const NEWSLETTER_PAGE = 100;

export interface Letter {
  readonly userName: string;
  readonly givenName: Shown;
  readonly email: Shown;
}

export interface Letters {
  readonly letters: readonly Letter[];
  /** Number of the customer after whom the next page begins; null at the end. */
  readonly next: number | null;
}

export async function withNewsletter<Result>(
  { store, strongroom }: Parts,
  callback: (letters: Letters) => Result,
  after = 0,
): Promise<Result> {
  const found = store.customers.page(after, NEWSLETTER_PAGE + 1);
  const customers = found.slice(0, NEWSLETTER_PAGE);
  const next = found.length > NEWSLETTER_PAGE ? customers.at(-1)!.number : null;
  const sealed = customers.map(({ sealed: { givenName, email } }) => ({ givenName, email }));
  return await strongroom.use({ ...USES.newsletter, failures: "values" }, sealed, (plain) => {
    const letters = customers.map(({ userName }, at) => {
      const { givenName, email } = plain[at]!;
      return { userName, givenName, email };
    });
    return callback({ letters, next });
  });
}
