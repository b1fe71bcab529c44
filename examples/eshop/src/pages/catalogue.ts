import type { CartLine } from "../database/carts.ts";
import { QUANTITY_MAX } from "../database/carts.ts";
import type { Product } from "../database/products.ts";
import { html, type Markup } from "./html.ts";
import { hiddenToken } from "./layout.ts";
import { money } from "./money.ts";

export function catalogue(products: readonly Product[], token: string): Markup {
  const shelves = Map.groupBy(products, ({ shelf }) => shelf);
  return html`${[...shelves].map(
    ([shelf, onIt]) =>
      html`<h2>${shelf}</h2>
        <ul class="shelf">
          ${onIt.map((product) => card(product, token))}
        </ul>`,
  )}`;
}

function card({ number, name, about, priceCents }: Product, token: string): Markup {
  return html`<li>
    <h3>${name}</h3>
    <p>${about}</p>
    <p class="price">${money(priceCents)}</p>
    <form method="post" action="/cart/add">
      ${hiddenToken(token)}<input type="hidden" name="product" value="${number}" />
      <button aria-label="Add ${name} to the cart">Add to cart</button>
    </form>
  </li>`;
}

export function cart(lines: readonly CartLine[], token: string): Markup {
  if (lines.length === 0) return html`<p>Your cart is empty. <a href="/">Look at what there is.</a></p>`;
  const total = lines.reduce((sum, { product, quantity }) => sum + product.priceCents * quantity, 0);
  return html`<form method="post" action="/cart">
      ${hiddenToken(token)}
      <div class="scroll" tabindex="0" role="region" aria-label="Cart">
        <table>
          <thead>
            <tr>
              <th scope="col">Product</th>
              <th scope="col" class="number">Price</th>
              <th scope="col">Quantity</th>
              <th scope="col" class="number">Sum</th>
            </tr>
          </thead>
          <tbody>
            ${lines.map(cartRow)}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row" colspan="3">Total</th>
              <td class="number">${money(total)}</td>
            </tr>
          </tfoot>
        </table>
      </div>
      <p class="quiet">A quantity of 0 takes a product out.</p>
      <p><button>Change quantities</button></p>
    </form>
    <p><a href="/checkout">Go to the checkout</a></p>`;
}

function cartRow({ product: { number, name, priceCents }, quantity }: CartLine): Markup {
  return html`<tr>
    <th scope="row">${name}</th>
    <td class="number">${money(priceCents)}</td>
    <td>
      <input
        class="short"
        type="number"
        name="quantity-${number}"
        value="${quantity}"
        min="0"
        max="${QUANTITY_MAX}"
        aria-label="Quantity of ${name}"
      />
    </td>
    <td class="number">${money(priceCents * quantity)}</td>
  </tr>`;
}
