/** Signing in, and what a customer sees of their own account. */
import type { Customer } from "../database/customers.ts";
import type { Shown } from "../words.ts";
import type { Parts } from "../parts.ts";
import { USES } from "../records.ts";
import { passwordFits } from "./passwords.ts";

/** @returns the customer, or null: the same for an unknown user name and a wrong password, and after the same time */
export async function signIn({ store }: Parts, userName: string, password: string): Promise<Customer | null> {
  const found = store.customers.byUserName(userName);
  return (await passwordFits(password, found?.passwordHash ?? null)) ? found : null;
}

/** The customer's e-mail address for the length of the callback, to tell where the shop writes to. */
export async function withEmail<Result>(
  { strongroom }: Parts,
  { sealed }: Customer,
  callback: (email: Shown) => Result,
): Promise<Result> {
  return await strongroom.use({ ...USES.greet, failures: "values" }, { email: sealed.email }, ({ email }) =>
    callback(email),
  );
}

/** Where the customer lives, for the length of the callback, so that the checkout has it filled in. */
export async function withAddress<Result>(
  { strongroom }: Parts,
  { sealed: { street, city, postalCode, country } }: Customer,
  callback: (address: Readonly<Record<"street" | "city" | "postalCode" | "country", Shown>>) => Result,
): Promise<Result> {
  return await strongroom.use({ ...USES.order, failures: "values" }, { street, city, postalCode, country }, callback);
}
