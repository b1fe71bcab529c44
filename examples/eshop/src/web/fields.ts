/**
 * Form fields: declared once, for reading what was sent and for drawing the form.
 * What was typed comes back with the form when something is wrong, except secrets: those are typed again.
 */
export interface Field {
  readonly label: string;
  readonly hint?: string;
  readonly type?: "text" | "email" | "tel" | "password" | "textarea";
  readonly autocomplete?: string;
  readonly inputmode?: "numeric" | "tel" | "email";
  /** Characters at most. */
  readonly lengthMax: number;
  readonly optional?: true;
  /** Never written into a page. */
  readonly secret?: true;
  /** Brings what was typed into the one form that is stored. */
  readonly clean?: (text: string) => string;
  /** What is wrong with it in words, or null. Only asked where something was typed. */
  readonly check?: (text: string, now: number) => string | null;
}

export type Fields = Readonly<Record<string, Field>>;
export type Typed<F extends Fields> = { readonly [Name in keyof F]: string };
export type Errors<F extends Fields> = { readonly [Name in keyof F]?: string };

export interface Form<F extends Fields> {
  readonly values: Typed<F>;
  readonly errors: Errors<F>;
  readonly ok: boolean;
}

/** Control characters, and those that turn the direction of writing: on a label they could show another address. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffd]/u;

/** Reads a form. Every name that is not a field is ignored; every field that is missing is empty. */
export function readForm<F extends Fields>(fields: F, body: unknown, now: number): Form<F> {
  const sent = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const values: Record<string, string> = {};
  const errors: Record<string, string> = {};
  for (const [name, field] of Object.entries(fields)) {
    const raw = Object.hasOwn(sent, name) ? sent[name] : "";
    const text = typeof raw === "string" ? tidied(raw, field) : "";
    values[name] = text;
    const error = typeof raw === "string" ? errorOf(text, field, now) : "This was sent twice. Type it once.";
    if (error !== null) errors[name] = error;
  }
  return { values: values as Typed<F>, errors: errors, ok: Object.keys(errors).length === 0 };
}

/** A form that says what is wrong with one more field. */
export function withError<F extends Fields>(form: Form<F>, name: keyof F, error: string): Form<F> {
  return { values: form.values, errors: { ...form.errors, [name]: error }, ok: false };
}

/** An empty form, or one filled in with what is known. */
export function filledIn<F extends Fields>(fields: F, known: Partial<Typed<F>> = {}): Form<F> {
  const values = Object.fromEntries(Object.keys(fields).map((name) => [name, known[name] ?? ""])) as Typed<F>;
  return { values, errors: {}, ok: true };
}

function tidied(raw: string, { type, clean }: Field): string {
  const lines = raw.normalize("NFC").replaceAll("\r\n", "\n");
  if (type === "password") return lines;
  return (clean ?? ((text) => text))(lines.trim());
}

function errorOf(text: string, field: Field, now: number): string | null {
  if (text === "") return field.optional === true ? null : "Fill this in.";
  if (text.length > field.lengthMax) return `Use at most ${field.lengthMax} characters.`;
  const visible = field.type === "textarea" ? text.replaceAll("\n", " ") : text;
  if (UNPRINTABLE.test(visible)) return "This holds a character that cannot be printed.";
  return field.check?.(text, now) ?? null;
}
