/** Pages of the customer: sign up, sign in, account, checkout, orders. */
import type { CartLine } from "../database/carts.ts";
import type { Customer } from "../database/customers.ts";
import type { History, PastOrder } from "../orders/history.ts";
import { customer as record } from "../records.ts";
import type { Shown } from "../words.ts";
import type { Fields, Form } from "../web/fields.ts";
import * as fields from "../customers/fields.ts";
import { alertBox, input, inputs, problems } from "./form.ts";
import { html, type Markup } from "./html.ts";
import { hiddenToken } from "./layout.ts";
import { day, money } from "./money.ts";
import { awayAlert, shown, shownTogether } from "./shown.ts";

export const SIGN_UP = {
  userName: fields.userName,
  password: fields.newPassword,
  code: fields.connectionCode,
  ...fields.contact,
  ...fields.address,
  ...fields.card,
} as const satisfies Fields;

/** Once a code was taken, the form does without one. */
export const SIGN_UP_CONNECTED = {
  ...SIGN_UP,
  code: {
    ...fields.connectionCode,
    label: "Another Strongroom code (optional)",
    hint: "Your code was accepted, and this browser needs no new one for some minutes. If it was somebody else's, enter yours.",
    optional: true,
  },
} as const satisfies Fields;

export const SIGN_IN = {
  userName: {
    label: "User name",
    autocomplete: "username",
    lengthMax: 32,
    clean: (text: string) => text.toLowerCase(),
  },
  password: { label: "Password", type: "password", autocomplete: "current-password", lengthMax: 200, secret: true },
} as const satisfies Fields;

export const WELCOME = {
  userName: SIGN_IN.userName,
  code: {
    label: "Welcome code",
    hint: "It stands in our letter to you.",
    autocomplete: "off",
    lengthMax: 40,
    secret: true,
  },
  password: fields.newPassword,
} as const satisfies Fields;

export const CHECKOUT = { ...fields.address, cardNumber: fields.cardOrAccount } as const satisfies Fields;

export function signUpPage(
  form: Form<typeof SIGN_UP>,
  token: string,
  connected: boolean,
  alert: string | null,
): Markup {
  const { errors } = form;
  return html`${alertBox(alert)} ${problems(SIGN_UP, errors)}
    <p>
      Your personal details are sealed before they are stored. Whenever this shop needs one of them, it asks your agent,
      and your rules decide. Your agent writes down what was asked.
    </p>
    <form class="stack" method="post" action="/sign-up">
      ${hiddenToken(token)}
      <fieldset>
        <legend>Your account here</legend>
        ${inputs({ userName: SIGN_UP.userName, password: SIGN_UP.password }, form)}
      </fieldset>
      <fieldset>
        <legend>Your agent</legend>
        ${input("code", connected ? SIGN_UP_CONNECTED.code : SIGN_UP.code, "", errors.code)}
      </fieldset>
      <fieldset>
        <legend>You</legend>
        ${inputs(fields.contact, form)}
      </fieldset>
      <fieldset>
        <legend>Your address</legend>
        ${inputs(fields.address, form)}
      </fieldset>
      <fieldset>
        <legend>Your card</legend>
        <p class="hint">
          This shop is an example: no card is charged. Use a number made for tests, such as 4111 1111 1111 1111.
        </p>
        ${inputs(fields.card, form)}
      </fieldset>
      <div><button>Sign up</button></div>
    </form>`;
}

export function signInPage(form: Form<typeof SIGN_IN>, token: string, alert: string | null): Markup {
  return html`${alertBox(alert)} ${problems(SIGN_IN, form.errors)}
    <form class="stack" method="post" action="/sign-in">
      ${hiddenToken(token)} ${inputs(SIGN_IN, form)}
      <div><button>Sign in</button></div>
    </form>
    <p>
      New here? <a href="/sign-up">Sign up.</a> Did we send you a welcome code?
      <a href="/welcome">Choose your password.</a>
    </p>`;
}

export function welcomePage(form: Form<typeof WELCOME>, token: string, alert: string | null): Markup {
  return html`${alertBox(alert)} ${problems(WELCOME, form.errors)}
    <p>You were our customer before, and what we had about you is sealed now. Choose a password to sign in with.</p>
    <form class="stack" method="post" action="/welcome">
      ${hiddenToken(token)} ${inputs(WELCOME, form)}
      <div><button>Choose password</button></div>
    </form>`;
}

export function accountPage({ userName, createdAt, sealed }: Customer, email: Shown): Markup {
  const others = [...record.fields.keys()].filter((name) => name !== "email") as Exclude<
    keyof Customer["sealed"],
    "email"
  >[];
  return html`${awayAlert([email], "customer")}
    <dl>
      <dt>User name</dt>
      <dd>${userName}</dd>
      <dt>Customer since</dt>
      <dd>${day(createdAt)}</dd>
      <dt>We write to</dt>
      <dd>${shown(email, "customer")}</dd>
    </dl>
    <h2>What we keep of you, sealed</h2>
    <p>We cannot read these either. They open one by one, when your rules allow what they are needed for.</p>
    <dl>
      ${others.map(
        (name) =>
          html`<dt>${LABELS[name]}</dt>
            <dd>${sealed[name] === null ? "not stored" : String(sealed[name])}</dd>`,
      )}
    </dl>`;
}

const LABELS = {
  surname: fields.contact.surname.label,
  givenName: fields.contact.givenName.label,
  street: fields.address.street.label,
  city: fields.address.city.label,
  postalCode: fields.address.postalCode.label,
  country: fields.address.country.label,
  phone: "Phone",
  cardNumber: fields.card.cardNumber.label,
  cardExpiry: fields.card.cardExpiry.label,
} as const;

export interface CheckoutView {
  readonly form: Form<typeof CHECKOUT>;
  /** The address that could be filled in, or why not. */
  readonly known: Readonly<Record<string, Shown>>;
  readonly lines: readonly CartLine[];
  /** Surrogate id of the order that this form makes. */
  readonly order: string;
  readonly token: string;
  readonly alert: string | null;
}

export function checkoutPage({ form, known, lines, order, token, alert }: CheckoutView): Markup {
  const total = lines.reduce((sum, { product, quantity }) => sum + product.priceCents * quantity, 0);
  const notes = Object.fromEntries(
    Object.entries(known).map(([name, value]) => [
      name,
      typeof value === "string" ? null : html`From your account: ${shown(value, "customer")}. Type it here.`,
    ]),
  );
  return html`${alertBox(alert)} ${awayAlert(Object.values(known), "customer")} ${problems(CHECKOUT, form.errors)}
    <ul>
      ${lines.map(({ product, quantity }) => html`<li>${quantity} × ${product.name}: ${money(product.priceCents * quantity)}</li>`)}
    </ul>
    <p>Total: <strong>${money(total)}</strong></p>
    <form class="stack" method="post" action="/checkout">
      ${hiddenToken(token)}<input type="hidden" name="order" value="${order}" />
      <fieldset>
        <legend>Where the parcel goes</legend>
        ${inputs(fields.address, form, notes)}
      </fieldset>
      <fieldset>
        <legend>Card</legend>
        ${input("cardNumber", CHECKOUT.cardNumber, "", form.errors.cardNumber)}
      </fieldset>
      <div><button>Order and pay</button></div>
    </form>`;
}

export function ordersPage({ orders, next }: History): Markup {
  if (orders.length === 0)
    return html`<p>You have not ordered anything yet. <a href="/">Look at what there is.</a></p>`;
  return html`${awayAlert(
    orders.flatMap(({ street, city }) => [street, city]),
    "customer",
  )}
  ${orders.map(pastOrder)} ${next !== null && html`<p><a href="/orders?before=${next}">Older orders</a></p>`}`;
}

function pastOrder({ number, placedAt, sentAt, lines, street, city }: PastOrder): Markup {
  const total = lines.reduce((sum, { priceCents, quantity }) => sum + priceCents * quantity, 0);
  return html`<section aria-labelledby="order-${number}">
    <h2 id="order-${number}">Order ${number}</h2>
    <dl>
      <dt>Ordered</dt>
      <dd>${day(placedAt)}</dd>
      <dt>Parcel</dt>
      <dd>${sentAt === null ? "being packed" : `sent on ${day(sentAt)}`}</dd>
      <dt>To</dt>
      <dd>${shownTogether([street, city], "customer")}</dd>
      <dt>Total</dt>
      <dd>${money(total)}</dd>
    </dl>
    <ul>
      ${lines.map(({ name, quantity }) => html`<li>${quantity} × ${name}</li>`)}
    </ul>
  </section>`;
}
