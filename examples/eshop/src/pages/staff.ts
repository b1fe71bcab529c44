/** Pages of the staff: labels, newsletter, report. */
import type { Label, Labels } from "../staff/labels.ts";
import type { Letter, Letters } from "../staff/newsletter.ts";
import type { Report } from "../staff/report.ts";
import type { Fields, Form } from "../web/fields.ts";
import { alertBox, inputs, problems } from "./form.ts";
import { html, type Markup } from "./html.ts";
import { hiddenToken } from "./layout.ts";
import { day, money, monthName } from "./money.ts";
import { awayAlert, shown, shownTogether } from "./shown.ts";

export const STAFF_SIGN_IN = {
  password: {
    label: "Staff password",
    type: "password",
    autocomplete: "current-password",
    lengthMax: 200,
    secret: true,
  },
} as const satisfies Fields;

export const NEWSLETTER = {
  subject: { label: "Subject", lengthMax: 120 },
  text: { label: "Text", type: "textarea", lengthMax: 4_000 },
} as const satisfies Fields;

export function staffSignInPage(form: Form<typeof STAFF_SIGN_IN>, token: string, alert: string | null): Markup {
  return html`${alertBox(alert)} ${problems(STAFF_SIGN_IN, form.errors)}
    <form class="stack" method="post" action="/staff/sign-in">
      ${hiddenToken(token)} ${inputs(STAFF_SIGN_IN, form)}
      <div><button>Sign in</button></div>
    </form>`;
}

export function labelsPage({ labels, next }: Labels, token: string): Markup {
  if (labels.length === 0) return html`<p>No parcel waits to be sent.</p>`;
  return html`${awayAlert(labels.flatMap(addressed))}
    <p class="screen">
      Opened to send a package, under a contract with the customer. Print this page for the labels alone.
    </p>
    <ul class="shelf">
      ${labels.map((label) => labelBox(label, token))}
    </ul>
    ${next !== null && html`<p class="screen"><a href="/staff/labels?after=${next}">More parcels</a></p>`}`;
}

const addressed = ({ givenName, surname, street, postalCode, city, country }: Label) => [
  givenName,
  surname,
  street,
  postalCode,
  city,
  country,
];

function labelBox(label: Label, token: string): Markup {
  const { number, placedAt, lines, givenName, surname, street, postalCode, city, country } = label;
  const complete = addressed(label).every((value) => typeof value === "string");
  return html`<li class="label">
    <h2>Parcel ${number}</h2>
    <address>
      ${
        complete
          ? html`${shownTogether([givenName, surname])}<br />${shown(street)}<br />${shownTogether([postalCode, city])}<br />${shown(country)}`
          : shownTogether(addressed(label))
      }
    </address>
    <p class="quiet">${day(placedAt)}: ${lines.map(({ quantity, name }) => `${quantity} × ${name}`).join(", ")}</p>
    ${
      complete
        ? html`<form method="post" action="/staff/labels/${number}/sent">
            ${hiddenToken(token)}<button aria-label="Parcel ${number} was sent">Mark as sent</button>
          </form>`
        : html`<p class="screen">This parcel waits. The others do not.</p>`
    }
  </li>`;
}

export function newsletterPage(form: Form<typeof NEWSLETTER>, token: string): Markup {
  return html`${problems(NEWSLETTER, form.errors)}
    <p>An e-mail is composed for each customer who allows adverts. Nobody's address is opened for the others.</p>
    <form class="stack" method="post" action="/staff/newsletter">
      ${hiddenToken(token)} ${inputs(NEWSLETTER, form)}
      <div><button>Compose</button></div>
    </form>`;
}

export function lettersPage({ letters, next }: Letters, form: Form<typeof NEWSLETTER>, token: string): Markup {
  const composed = letters.filter(({ email }) => typeof email === "string");
  return html`${awayAlert(letters.map(({ email }) => email))}
    <p role="status">${composed.length} of ${letters.length} customers get it.</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Customers">
      <table>
        <thead>
          <tr>
            <th scope="col">Customer</th>
            <th scope="col">E-mail</th>
          </tr>
        </thead>
        <tbody>
          ${letters.map(
            ({ userName, email }) =>
              html`<tr>
                <th scope="row">${userName}</th>
                <td>${shown(email)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${composed.map((letter) => composedLetter(letter, form))}
    ${
      next !== null &&
      html`<form method="post" action="/staff/newsletter?after=${next}">
        ${hiddenToken(token)} <input type="hidden" name="subject" value="${form.values.subject}" /><input
          type="hidden"
          name="text"
          value="${form.values.text}"
        />
        <button>Next customers</button>
      </form>`
    }
    <p><a href="/staff/newsletter">Write another one</a></p>`;
}

function composedLetter(
  { userName, givenName, email }: Letter,
  { values: { subject, text } }: Form<typeof NEWSLETTER>,
): Markup {
  return html`<h2>To ${userName}</h2>
    <pre>
To: ${shown(email)}
Subject: ${subject}

${typeof givenName === "string" ? `Dear ${givenName}` : "Hello"},

${text}</pre>`;
}

export function reportPage({ month, orders, revenueCents, products, countries, unavailable }: Report): Markup {
  return html`<form class="stack" method="get" action="/staff/report">
      <div>
        <label for="month">Month</label>
        <p class="hint" id="month-hint">Year and month, such as 2025-06.</p>
        <input
          class="short"
          id="month"
          name="month"
          value="${month}"
          pattern="20[0-9][0-9]-[01][0-9]"
          maxlength="7"
          required
          aria-describedby="month-hint"
        />
      </div>
      <div><button>Show</button></div>
    </form>
    <h2>${monthName(month)}</h2>
    <p>${orders} ${orders === 1 ? "order" : "orders"}, ${money(revenueCents)}.</p>
    <table>
      <caption>
        Orders by country
      </caption>
      <thead>
        <tr>
          <th scope="col">Country</th>
          <th scope="col" class="number">Orders</th>
        </tr>
      </thead>
      <tbody>
        ${countries.map(
          ({ country, orders: sold }) =>
            html`<tr>
              <th scope="row">${country}</th>
              <td class="number">${sold}</td>
            </tr>`,
        )}
        ${unavailable.map(
          ({ reason, orders: closed }) =>
            html`<tr>
              <th scope="row"><span class="unavailable">not available: ${reason}</span></th>
              <td class="number">${closed}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    <table>
      <caption>
        Sold
      </caption>
      <thead>
        <tr>
          <th scope="col">Product</th>
          <th scope="col" class="number">Pieces</th>
          <th scope="col" class="number">Sum</th>
        </tr>
      </thead>
      <tbody>
        ${products.map(
          ({ name, quantity, cents }) =>
            html`<tr>
              <th scope="row">${name}</th>
              <td class="number">${quantity}</td>
              <td class="number">${money(cents)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
}
