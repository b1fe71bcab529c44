/** Opened values on a page: the value, or why there is none. */
import { Failed } from "@strongroom/sdk";
import { inWords, isAway, type Reader, type Shown } from "../words.ts";
import { html, type Markup } from "./html.ts";

export function shown(value: Shown, reader: Reader = "staff"): Markup {
  if (value === null) return html`<span class="unavailable">not stored</span>`;
  if (typeof value === "string") return html`${value}`;
  return html`<span class="unavailable">not available: ${inWords(value, reader)}</span>`;
}

/** Several fields in a row: all of them, or each different reason once. */
export function shownTogether(values: readonly Shown[], reader: Reader = "staff"): Markup {
  const present = values.filter((value) => typeof value === "string").join(" ");
  const missing = values.filter((value) => typeof value !== "string").map((value) => shown(value, reader));
  const once = [...new Map(missing.map((markup) => [markup.text, markup])).values()];
  return once.length === 0 ? html`${present}` : html`${present} ${once}`;
}

/** Said once at the top of a page on which an agent did not answer. */
export function awayAlert(values: Iterable<Shown>, reader: Reader = "staff"): Markup | null {
  for (const value of values) {
    if (value instanceof Failed && isAway(value.error)) {
      return html`<div class="alert" role="alert">
        <p>
          ${reader === "staff" ? "A person's agent" : "Your agent"} cannot be reached just now. What needs it stays
          closed and says so; everything else works.
        </p>
      </div>`;
    }
  }
  return null;
}
