/** The one stylesheet. It stands in each page, and the content security policy names its hash: nothing else is applied. */
import { createHash } from "node:crypto";
import { unescapedConstant } from "./html.ts";

const CSS = `
:root { color-scheme: light dark; --ink: #1d2526; --paper: #fbfaf7; --line: #8a9191; --quiet: #4f5b5c; --accent: #0a5a62; --on-accent: #ffffff; --bad: #9a1c1c; --bad-paper: #fdeeee; --note-paper: #e9f3f3; }
@media (prefers-color-scheme: dark) { :root { --ink: #ebe9e4; --paper: #171b1c; --line: #818b8c; --quiet: #b9c1c1; --accent: #7fd0d8; --on-accent: #08282b; --bad: #ffb3ab; --bad-paper: #3a1c1b; --note-paper: #1e3033; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: break-word; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -100vw; padding: .5rem 1rem; background: var(--paper); }
.skip:focus { left: 0; }
header, main, footer { max-width: 64rem; margin: 0 auto; padding: .75rem 1rem; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: baseline; border-bottom: 1px solid var(--line); }
header ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: 0; padding: 0; align-items: baseline; }
header a { display: inline-block; padding: .25rem 0; }
header form { margin: 0; }
.name { font-weight: 700; font-size: 1.15rem; text-decoration: none; color: var(--ink); }
footer { border-top: 1px solid var(--line); color: var(--quiet); margin-top: 2rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 1rem 0; }
h2 { font-size: 1.2rem; margin: 1.5rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0; }
[aria-current="page"] { font-weight: 700; text-decoration-thickness: 2px; }
.shelf { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); gap: 1rem; list-style: none; padding: 0; }
.shelf > li, .label { border: 1px solid var(--line); border-radius: .4rem; padding: 1rem; display: flex; flex-direction: column; gap: .35rem; }
.shelf p, .label p { margin: 0; }
.shelf form { margin-top: auto; }
.label { border-width: 2px; border-color: var(--ink); }
.label h2 { margin: 0; }
.label address { font-style: normal; font-size: 1.1rem; }
.price { font-variant-numeric: tabular-nums; }
.quiet { color: var(--quiet); }
form.stack { display: grid; gap: 1rem; max-width: 34rem; }
fieldset { border: 1px solid var(--line); border-radius: .4rem; padding: .75rem 1rem 1rem; margin: 0; display: grid; gap: 1rem; min-width: 0; }
legend { font-weight: 700; padding: 0 .35rem; }
label { display: block; font-weight: 600; }
.hint { margin: .1rem 0 .3rem; color: var(--quiet); font-size: .95rem; }
.error { margin: .1rem 0 .3rem; color: var(--bad); font-weight: 600; }
input, select, textarea, button { font: inherit; color: inherit; }
input, select, textarea { width: 100%; padding: .5rem .6rem; border: 1px solid var(--line); border-radius: .3rem; background: transparent; }
select option { background: var(--paper); }
textarea { min-height: 8rem; }
input.short { width: 6rem; } td input.short { width: 4.5rem; padding: .4rem; }
[aria-invalid="true"] { border: 2px solid var(--bad); }
button { padding: .5rem 1rem; border: 1px solid var(--accent); border-radius: .3rem; background: var(--accent); color: var(--on-accent); font-weight: 600; cursor: pointer; min-height: 2.75rem; }
button.plain { background: transparent; color: var(--accent); border-color: transparent; padding: .25rem 0; min-height: 1.5rem; text-decoration: underline; }
.notice, .alert { border-left: .35rem solid var(--accent); background: var(--note-paper); padding: .6rem 1rem; margin: 1rem 0; }
.alert { border-color: var(--bad); background: var(--bad-paper); }
.alert ul { margin: .3rem 0; padding-left: 1.2rem; }
.unavailable { color: var(--bad); font-style: italic; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: 700; padding: .5rem 0; }
th, td { text-align: left; padding: .4rem .5rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .35rem 1rem; }
dt { font-weight: 600; } dd { margin: 0; min-width: 0; }
pre { white-space: pre-wrap; border: 1px solid var(--line); padding: .75rem; border-radius: .3rem; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
@media print { header, footer, form, .notice, .alert, .screen { display: none; } .label { break-inside: avoid; } }
`;

export const styleElement = unescapedConstant(`<style>${CSS}</style>`);
/** Source expression of the stylesheet for the content security policy. */
export const styleSource = `'sha256-${createHash("sha256").update(CSS).digest("base64")}'`;
