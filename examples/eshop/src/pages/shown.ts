/** Opened values on a page: the value, or why there is none. */
import { Failed } from "@strongroom/sdk";
import { inWords, isAway, type Shown } from "../words.ts";
import { html, type Markup } from "./html.ts";

export function shown(value: Shown): Markup {
  if (value === null) return html`<span class="unavailable">not stored</span>`;
  if (typeof value === "string") return html`${value}`;
  return html`<span class="unavailable">not available: ${inWords(value)}</span>`;
}

/** Several fields in a row: all of them, or each different reason once. */
export function shownTogether(values: readonly Shown[]): Markup {
  if (values.every((value) => typeof value === "string")) return html`${values.join(" ")}`;
  const missing = values.filter((value) => typeof value !== "string").map((value) => shown(value));
  const once = new Map(missing.map((markup) => [markup.text, markup]));
  const present = values.filter((value) => typeof value === "string");
  return html`${present.join(" ")} ${[...once.values()]}`;
}

/** Said once at the top of a page on which an agent did not answer. */
export function awayAlert(values: Iterable<Shown>): Markup | null {
  for (const value of values) {
    if (value instanceof Failed && isAway(value.error)) {
      return html`<div class="alert" role="alert">
        <p>
          A person's agent cannot be reached just now. What needs it stays closed and says so; everything else works.
        </p>
      </div>`;
    }
  }
  return null;
}
