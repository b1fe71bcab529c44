/**
 * Read this first: every personal field that the shop keeps, its data type, and everything that it is used for.
 *
 * A record is a table's row; a field opens only in the record, field and row that it was sealed for. What is not
 * listed here is in the clear on purpose: user name, password hash, what was ordered, when, and for how much.
 */
import { defineRecord } from "@strongroom/sdk";

/** A row of `customers`: given at sign-up. */
export const customer = defineRecord("customer", {
  surname: "identity.surname",
  givenName: "identity.given-name",
  email: "home-contact.email",
  street: "home-contact.street-address",
  city: "home-contact.city",
  postalCode: "home-contact.postal-code",
  country: "home-contact.country",
  phone: "home-contact.phone",
  cardNumber: "payment.card.number",
  cardExpiry: "payment.card.expiry",
});

/** A row of `orders`: where that parcel goes and which card paid, whatever the customer's own address becomes later. */
export const order = defineRecord("order", {
  street: "home-contact.street-address",
  city: "home-contact.city",
  postalCode: "home-contact.postal-code",
  country: "home-contact.country",
  cardNumber: "payment.card.number",
});

/**
 * What the shop does with data, and why. Each request to open something names one of these; the person's rules
 * decide about use and purpose, so the same address opens for a parcel and stays closed for an advert.
 */
export const USES = {
  /** The account page says which e-mail address the shop writes to. */
  greet: { use: "application.remote", purpose: "informative" },
  /** Order history and the address already filled in at the checkout. */
  order: { use: "application.remote", purpose: "contractual.order" },
  /** Paying with the card of the account. */
  charge: { use: "pay.charge", purpose: "contractual.payment" },
  /** The label on the parcel. */
  deliver: { use: "deliver.package", purpose: "contractual.delivery" },
  /** News and offers. Nothing that a person allows for an order covers it. */
  newsletter: { use: "communicate.email", purpose: "advert.newsletter" },
  /** Orders by country and month. */
  report: { use: "analytics", purpose: "improvement" },
} as const;

/** Where values come from: typed into a form of the shop, or out of a file of customers that it already had. */
export const PROVENANCES = { form: "subject.explicit", file: "controller" } as const;

/** What a person has to allow so that the shop can take and send an order: this, and nothing more, is asked for. */
export const NEEDED = {
  types: ["identity.surname", "identity.given-name", "home-contact", "payment.card"],
  store: { kind: "update", provenances: [PROVENANCES.form] },
  read: {
    kind: "read",
    uses: [USES.order.use, USES.charge.use, USES.deliver.use],
    purposes: [USES.greet.purpose, USES.order.purpose, USES.charge.purpose, USES.deliver.purpose],
  },
} as const;
