/** Building blocks of the JSON Schemas. Every object is closed, every text and list has its limit. */

export type Schema = Readonly<Record<string, unknown>>;

/** Largest integer that a time or position has: 48 bits. */
const U48_MAX = 2 ** 48 - 1;

/** An object with exactly these fields; names that end in `?` may be left out. */
export function object(fields: Readonly<Record<string, Schema>>, description?: string): Schema {
  const names = Object.keys(fields);
  const required = names.filter((name) => !name.endsWith("?"));
  return {
    type: "object",
    additionalProperties: false,
    ...(description === undefined ? {} : { description }),
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(names.map((name) => [name.replace(/\?$/, ""), fields[name]])),
  };
}

export function list(items: Schema, maxItems: number, description?: string): Schema {
  return { type: "array", maxItems, items, ...(description === undefined ? {} : { description }) };
}

export function text(maxLength: number, description?: string): Schema {
  return { type: "string", minLength: 1, maxLength, ...(description === undefined ? {} : { description }) };
}

export function oneOf(...values: readonly string[]): Schema {
  return { type: "string", enum: values };
}

export function nullable(schema: Schema): Schema {
  return { ...schema, type: [schema.type, "null"] };
}

/** Canonical base64url of exactly so many bytes: spare bits are zero. */
export function bytes(count: number, description?: string): Schema {
  const last = { 0: "", 1: "[AQgw]", 2: "[AEIMQUYcgkosw048]" }[count % 3] ?? "";
  const full = Math.floor(count / 3) * 4;
  const chars = full + (count % 3 === 0 ? 0 : (count % 3) + 1);
  const before = last === "" ? chars : chars - 1;
  return {
    type: "string",
    minLength: chars,
    maxLength: chars,
    pattern: `^[A-Za-z0-9_-]{${before}}${last}$`,
    ...(description === undefined ? {} : { description }),
  };
}

/** Random id, 16 bytes. */
export const id = (description?: string): Schema => bytes(16, description);

export const time: Schema = {
  type: "integer",
  minimum: 0,
  maximum: U48_MAX,
  description: "Milliseconds since 1970 UTC.",
};

export const count = (maximum = U48_MAX): Schema => ({ type: "integer", minimum: 0, maximum });

export const flag: Schema = { type: "boolean" };

/** Vocabulary id; whether it exists is the vocabulary's to say, with the nearest known one. */
export const term = (description?: string): Schema => text(64, description);
