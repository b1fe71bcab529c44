/** Pages escape by themselves; a template in which they could not is refused when it is first used. */
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { attributes, html, type Markup, type Value } from "../src/pages/html.ts";
import { layout } from "../src/pages/layout.ts";

const ATTACKS = [
  `<script>alert(1)</script>`,
  `"><img src=x onerror=alert(1)>`,
  `' autofocus onfocus='alert(1)`,
  "`onload=alert(1)`",
  `</title></style><svg onload=alert(1)>`,
  `&lt;script&gt;`,
  `<!-- -->`,
  `${"a".repeat(1000)}<`,
];

/** Tags of a page, told apart by a reader that shares nothing with the template. */
function tags(text: string): string[] {
  return [...text.matchAll(/<(\/?[a-z][a-z0-9]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/gi)].map(([, name]) => name!);
}

test("whatever is put in, no tag, attribute or entity comes of it", () => {
  const page = (value: string) => html`<p title="${value}" lang="${value}">a ${value} b</p>`.text;
  for (const attack of ATTACKS) assert.deepEqual(tags(page(attack)), ["p", "/p"], attack);
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("<", ">", '"', "'", "&", "/", "=", "`", "a", " ", "\n") }),
      (value) => {
        const text = page(value);
        assert.deepEqual(tags(text), ["p", "/p"]);
        const inside = text.slice(text.indexOf(">") + 3, -"</p>".length - 2);
        assert.ok(!/[<>"'`]/.test(inside));
        assert.equal(unescaped(inside), value);
      },
    ),
  );
});

test("markup is kept, lists are joined, nothing is nothing", () => {
  assert.equal(
    html`<b>${html`<i>${"<"}</i>`}${[html`<u></u>`, "&", 3]}${null}${undefined}${false}</b>`.text,
    "<b><i>&lt;</i><u></u>&amp;3</b>",
  );
});

test("attributes that depend", () => {
  const written = html`<input
    ${attributes({ required: true, disabled: false, id: undefined, value: '"><', "aria-label": "a&b" })}
  />`;
  assert.equal(written.text.replace(/\s+/g, " "), '<input required value="&quot;&gt;&lt;" aria-label="a&amp;b" />');
  assert.throws(() => attributes({ onclick: "x" }), TypeError);
  assert.throws(() => attributes({ 'a="': "x" }), TypeError);
});

describe("a template is refused where", () => {
  const refused: Readonly<Record<string, () => Markup>> = {
    "an attribute is not quoted": () => html`<p title=${"x"}></p>`,
    "a value stands between attributes": () => html`<p ${"onclick=x"}></p>`,
    "markup stands between attributes": () => html`<p ${html`x`}></p>`,
    "markup stands in an attribute": () => html`<p title="${html`<b></b>`}"></p>`,
    "attributes stand in text": () => html`<p>${attributes({ id: "x" })}</p>`,
    "a value names an element": () => html`<${"script"}></b>`,
    "a value is in a script": () =>
      html`<script>
        ${"x"};
      </script>`,
    "a value is in a style": () =>
      html`<style>
        ${"x"}
      </style>`,
    "a value is in a comment": () => html`<!-- ${"x"} -->`,
    "a value is in a handler": () => html`<p onclick="${"x"}"></p>`,
    "a value is in a style attribute": () => html`<p style="${"x"}"></p>`,
    "it ends inside a tag": () => html`<p title="${"x"}`,
    "an address is a script": () => html`<a href="${"javascript:alert(1)"}">x</a>`,
    "an address is another site": () => html`<a href="${"//evil.example"}">x</a>`,
    "an address is a whole one": () => html`<form action="${"https://evil.example"}"></form>`,
  };
  for (const [where, make] of Object.entries(refused)) test(where, () => assert.throws(make, TypeError));
});

test("what is no text is refused, sealed values first of all", () => {
  for (const value of [{}, Symbol("x"), () => "x", true, 1n, { text: "<b>" }])
    assert.throws(() => html`${value as unknown as Value}`, TypeError);
});

test("an address inside the shop is kept", () => {
  assert.equal(
    html`<a href="${"/orders?before=3"}">x</a><a href="${"#name"}">y</a>`.text,
    '<a href="/orders?before=3">x</a><a href="#name">y</a>',
  );
});

test("the frame of a page escapes what it is given", () => {
  for (const attack of ATTACKS) {
    const site = { name: attack, home: "/" };
    const page = layout({
      title: attack,
      path: attack,
      site,
      links: [{ to: "/", text: attack }],
      signOut: { action: "/", token: attack, who: attack },
      notice: attack,
      body: html`${attack}`,
    });
    const harmless = layout({
      title: "",
      path: "",
      site: { name: "", home: "/" },
      links: [{ to: "/", text: "" }],
      signOut: { action: "/", token: "", who: "" },
      notice: "",
      body: html``,
    });
    const plain = (text: string) => tags(text.replace(/<style>.*?<\/style>/s, ""));
    assert.deepEqual(plain(page), plain(harmless), attack);
  }
});

function unescaped(text: string): string {
  const names: Readonly<Record<string, string>> = {
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&#39;": "'",
    "&#96;": "`",
    "&amp;": "&",
  };
  return text.replace(/&(?:lt|gt|quot|#39|#96|amp);/g, (entity) => names[entity]!);
}
