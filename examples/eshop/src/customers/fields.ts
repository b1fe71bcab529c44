/** The fields that a customer fills in. */
import type { Field } from "../web/fields.ts";

const digits = (text: string) => text.replace(/[\s-]/g, "");

export const userName = {
  label: "User name",
  hint: "3 to 32 letters, digits, dots, hyphens or underscores. It is not sealed, and our staff see it: choose one that does not tell who you are.",
  autocomplete: "username",
  lengthMax: 32,
  clean: (text) => text.toLowerCase(),
  check: (text) =>
    /^[a-z0-9][a-z0-9._-]{1,30}[a-z0-9]$/.test(text)
      ? null
      : "Use 3 to 32 letters, digits, dots, hyphens or underscores.",
} as const satisfies Field;

export const newPassword = {
  label: "Password for this shop",
  hint: "At least 10 characters. It is no password of your agent.",
  type: "password",
  autocomplete: "new-password",
  lengthMax: 200,
  secret: true,
  check: (text) => (text.length < 10 ? "Use at least 10 characters." : null),
} as const satisfies Field;

export const connectionCode = {
  label: "Strongroom code",
  hint: "Sign in to your own agent, choose this shop under “Connect”, and copy the code that it shows. It looks like “Abc…xyz.123…789”, works once, and lasts ten minutes.",
  autocomplete: "off",
  lengthMax: 300,
  secret: true,
  check: (text) =>
    /^[\w-]{11}\.[\x21-\x7e]+$/.test(text)
      ? null
      : "This is not a Strongroom code: it has 11 characters, a dot, and more.",
} as const satisfies Field;

export const address = {
  street: { label: "Street and number", autocomplete: "street-address", lengthMax: 120 },
  postalCode: { label: "Postal code", autocomplete: "postal-code", lengthMax: 16 },
  city: { label: "City", autocomplete: "address-level2", lengthMax: 80 },
  country: { label: "Country", autocomplete: "country-name", lengthMax: 60 },
} as const satisfies Record<string, Field>;

export const contact = {
  givenName: { label: "Given name", autocomplete: "given-name", lengthMax: 80 },
  surname: { label: "Surname", autocomplete: "family-name", lengthMax: 80 },
  email: {
    label: "E-mail",
    type: "email",
    autocomplete: "email",
    inputmode: "email",
    lengthMax: 254,
    check: (text) =>
      /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(text) ? null : "This is not an e-mail address, such as name@example.org.",
  },
  phone: {
    label: "Phone (optional)",
    type: "tel",
    autocomplete: "tel",
    inputmode: "tel",
    lengthMax: 32,
    optional: true,
    check: (text) => (/^\+?[\d\s()./-]{5,}$/.test(text) ? null : "Use digits, spaces and a leading +."),
  },
} as const satisfies Record<string, Field>;

const cardDigits = {
  autocomplete: "cc-number",
  inputmode: "numeric",
  lengthMax: 23,
  secret: true,
  clean: digits,
  check: (text) =>
    /^\d{12,19}$/.test(text) && luhn(text) ? null : "This is not the number of a card. Look for a mistyped digit.",
} as const satisfies Omit<Field, "label">;

export const card = {
  cardNumber: { label: "Card number", ...cardDigits },
  cardExpiry: {
    label: "Card valid until",
    hint: "Month and year, such as 04/29.",
    autocomplete: "cc-exp",
    inputmode: "numeric",
    lengthMax: 7,
    secret: true,
    clean: (text) => text.replace(/\s/g, ""),
    check: expiryError,
  },
} as const satisfies Record<string, Field>;

/** At the checkout the card of the account will do. */
export const cardOrAccount = {
  label: "Card number (optional)",
  hint: "Leave this empty to pay with the card of your account. This shop is an example: no card is charged.",
  optional: true,
  ...cardDigits,
} as const satisfies Field;

/** Check digit of card numbers (ISO/IEC 7812-1 annex B). */
function luhn(number: string): boolean {
  let sum = 0;
  for (const [at, digit] of [...number].reverse().entries()) {
    const value = Number(digit) * (at % 2 === 0 ? 1 : 2);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

function expiryError(text: string, now: number): string | null {
  const [, month, year] = /^(0[1-9]|1[0-2])\/(\d\d)$/.exec(text) ?? [];
  if (month === undefined || year === undefined) return "Write month and year, such as 04/29.";
  return Date.UTC(2000 + Number(year), Number(month)) > now ? null : "This card is no longer valid.";
}
