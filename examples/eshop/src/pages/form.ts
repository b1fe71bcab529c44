/** Forms: each input with its label, its hint and what is wrong with it, tied together for screen readers. */
import type { Errors, Field, Fields, Form } from "../web/fields.ts";
import { attributes, html, type Markup } from "./html.ts";

/** One input. `note` stands where a value could not be filled in. */
export function input(
  name: string,
  field: Field,
  value: string,
  error: string | undefined,
  note: Markup | null = null,
): Markup {
  const { label, hint, type = "text", autocomplete, inputmode, lengthMax, optional, secret } = field;
  const described = [
    hint !== undefined && `${name}-hint`,
    note !== null && `${name}-note`,
    error !== undefined && `${name}-error`,
  ];
  const common = attributes({
    id: name,
    name,
    autocomplete,
    inputmode,
    // Room for the spaces that people type into numbers; the limit itself is checked when the form is read.
    maxlength: lengthMax + 8,
    required: optional !== true,
    "aria-invalid": error !== undefined && "true",
    "aria-describedby": described.filter((id) => id !== false).join(" ") || undefined,
    spellcheck: secret === true && "false",
  });
  const shown = secret === true ? "" : value;
  return html`<div>
    <label for="${name}">${label}</label>
    ${hint !== undefined && html`<p class="hint" id="${name}-hint">${hint}</p>`}
    ${note !== null && html`<p class="hint" id="${name}-note">${note}</p>`}
    ${error !== undefined && html`<p class="error" id="${name}-error">${error}</p>`}
    ${type === "textarea" ? html`<textarea ${common}>${shown}</textarea>` : html`<input type="${type}" value="${shown}" ${common} />`}
  </div>`;
}

/** All inputs of a set of fields, in their order. */
export function inputs<F extends Fields>(
  fields: F,
  form: Pick<Form<NoInfer<F>>, "values" | "errors">,
  notes: Readonly<Record<string, Markup | null>> = {},
): Markup {
  return html`${Object.entries(fields).map(([name, field]) => input(name, field, form.values[name] ?? "", form.errors[name], notes[name] ?? null))}`;
}

/** What is wrong, above the form, with links to the fields. It takes the focus, so that it is read first. */
export function problems<F extends Fields>(fields: F, errors: Errors<NoInfer<F>>): Markup | null {
  const found = Object.entries(errors).filter((entry): entry is [string, string] => entry[1] !== undefined);
  if (found.length === 0) return null;
  return html`<div class="alert" role="alert" tabindex="-1" autofocus>
    <p>${found.length === 1 ? "One thing is" : `${found.length} things are`} not right yet:</p>
    <ul>
      ${found.map(([name, error]) => html`<li><a href="#${name}">${fields[name]!.label}</a>: ${error}</li>`)}
    </ul>
  </div>`;
}

/** Something that went wrong and is no field's fault. */
export function alertBox(text: string | null): Markup | null {
  return text === null ? null : html`<div class="alert" role="alert" tabindex="-1" autofocus><p>${text}</p></div>`;
}
