/**
 * HTML by a tagged template that escapes every value, so that no page can forget to. A template is checked when it
 * is first used: a value may stand in text or in a quoted attribute; between attributes only `attributes(…)` may.
 */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

class Attributes extends Markup {}

/** What a page may show. Denials and sealed values are none of it: pages/shown.ts puts them into words. */
export type Value = string | number | Markup | null | undefined | false | readonly Value[];

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

export function escape(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => ESCAPES[character]!);
}

/** @throws TypeError for a template in which a value would not be safe; that is a mistake in the page, not in the value. */
export function html(literals: TemplateStringsArray, ...values: readonly Value[]): Markup {
  const places = placesOf(literals);
  let text = literals[0]!;
  for (const [at, value] of values.entries()) text += written(value, places[at]!) + literals[at + 1]!;
  return new Markup(text);
}

/** Attributes that depend: false and undefined leave one out, true gives its name alone. */
export function attributes(given: Readonly<Record<string, string | number | boolean | undefined>>): Markup {
  const parts = Object.entries(given)
    .filter(([, value]) => value !== false && value !== undefined)
    .map(([name, value]) => {
      if (!/^[a-z][a-z-]*$/.test(name) || name.startsWith("on")) throw new TypeError(`not an attribute: ${name}`);
      return value === true ? name : `${name}="${escape(String(value))}"`;
    });
  return new Attributes(parts.join(" "));
}

/** Markup as it is, for constants of the program only. */
export function unescapedConstant(text: string): Markup {
  return new Markup(text);
}

type Place = "text" | "attribute" | "address" | "tag";
const checked = new WeakMap<TemplateStringsArray, readonly Place[]>();

function placesOf(literals: TemplateStringsArray): readonly Place[] {
  let places = checked.get(literals);
  if (places === undefined) checked.set(literals, (places = findPlaces(literals)));
  return places;
}

/** Follows tags and quotes through the literals, to know where each value stands. */
function findPlaces(literals: readonly string[]): Place[] {
  let inTag = false;
  let quote = "";
  const places = literals.map((literal): Place => {
    if (/<(?:script|style|!--)|\son[a-z]+\s*=|\sstyle\s*=/i.test(literal))
      throw new TypeError("a template holds no script, style or comment");
    if (/<\/?$/.test(literal)) throw new TypeError("a value cannot name an element");
    for (const [character] of literal.matchAll(/<(?=[a-z/!])|[>"']/gi)) {
      if (quote !== "") quote = character === quote ? "" : quote;
      else if (!inTag) inTag = character === "<";
      else if (character === ">") inTag = false;
      else if (character !== "<") quote = character;
    }
    if (quote !== "") return /\b(?:href|src|action|formaction)=["']$/i.test(literal) ? "address" : "attribute";
    return inTag ? "tag" : "text";
  });
  if (places.pop() !== "text") throw new TypeError("a template ends inside a tag");
  return places;
}

function written(value: Value, place: Place): string {
  if (place === "tag") {
    if (value instanceof Attributes) return value.text;
    throw new TypeError("between attributes only attributes(…) may stand; quote a value");
  }
  if (value === null || value === undefined || value === false) return "";
  if (value instanceof Markup) {
    if (place === "text" && !(value instanceof Attributes)) return value.text;
    throw new TypeError("markup stands in text only");
  }
  if (typeof value === "string" || typeof value === "number") {
    if (place === "address" && !/^(?:\/(?!\/)|#|\?)/.test(String(value)))
      throw new TypeError("an address leads nowhere but into this shop");
    return escape(String(value));
  }
  if (Array.isArray(value)) return value.map((item: Value) => written(item, place)).join("");
  throw new TypeError(`a page cannot show a ${typeof value}`);
}
