/** Sign-up: the person's details are sealed before they are stored, as far as the person's rules let the shop keep them. */
import { isDenied, type Denied, type PersonRef } from "@strongroom/sdk";
import { newId } from "../effects.ts";
import type { Parts } from "../parts.ts";
import { customer, NEEDED, PROVENANCES } from "../records.ts";
import { hashPassword } from "./passwords.ts";

/** A customer's details as they were typed; null where nothing was. */
export interface Details {
  readonly surname: string;
  readonly givenName: string;
  readonly email: string;
  readonly street: string;
  readonly city: string;
  readonly postalCode: string;
  readonly country: string;
  readonly phone: string | null;
  readonly cardNumber: string | null;
  readonly cardExpiry: string | null;
}

/** Without these there is nobody to send anything to. */
const REQUIRED: readonly (keyof Details)[] = ["surname", "givenName", "email"];

export type SignUpOutcome =
  /** `leftOut`: details that the person does not let the shop keep. */
  | { readonly outcome: "welcome"; readonly customer: number; readonly leftOut: readonly Denied[] }
  /** The person's rules keep the shop from storing what it cannot do without. */
  | { readonly outcome: "refused"; readonly refused: readonly Denied[] }
  | { readonly outcome: "user-name-taken" };

/** @throws StrongroomError where the person's agent is away: nothing is stored then. */
export async function signUp(
  { store, strongroom, effects }: Parts,
  person: PersonRef,
  given: { readonly userName: string; readonly password: string; readonly details: Details },
): Promise<SignUpOutcome> {
  if (store.customers.byUserName(given.userName) !== null) return { outcome: "user-name-taken" };
  const id = newId(effects);
  const place = { person, row: id, provenance: PROVENANCES.form };
  const sealed = await strongroom.seal(customer, place, given.details, { refusals: "values" });

  const refused = Object.values(sealed).filter(isDenied);
  if (refused.some(({ field }) => REQUIRED.includes(field as keyof Details))) return { outcome: "refused", refused };
  const passwordHash = await hashPassword(given.password, effects);
  const number = store.customers.add({
    id,
    userName: given.userName,
    passwordHash,
    person: person.text,
    createdAt: effects.now(),
    sealed: withoutDenials(sealed),
  });
  return number === null ? { outcome: "user-name-taken" } : { outcome: "welcome", customer: number, leftOut: refused };
}

/**
 * Asks the person's agent for the rules that an order needs. The person answers there.
 * @throws StrongroomError where the agent is away, or too many requests wait there already
 */
export async function askForRules({ strongroom }: Pick<Parts, "strongroom">, person: PersonRef): Promise<void> {
  const { types, store, read } = NEEDED;
  await strongroom.requestConsent({
    person,
    types,
    action: store,
    reason:
      "To open your account and take your orders, the shop keeps your name, how to reach you and your card, sealed.",
    ifRefused: "You cannot open an account in this shop.",
  });
  await strongroom.requestConsent({
    person,
    types,
    action: read,
    reason: "To show you your orders, to take the payment for them and to print the label on your parcel.",
    ifRefused: "The shop cannot send you anything.",
  });
}

type Kept<Row> = { [Name in keyof Row]: Exclude<Row[Name], Denied> | null };

/** Denied fields are stored as nothing. */
export function withoutDenials<Row extends object>(row: Row): Kept<Row> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, isDenied(value) ? null : value]),
  ) as Kept<Row>;
}
