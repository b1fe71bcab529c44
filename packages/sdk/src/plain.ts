/** Plaintext for the length of a callback: what `use` gives, and how it is taken away again. */
import { StrongroomError } from "@strongroom/core/errors";
import { Opaque } from "./opaque.ts";
import type { Opened } from "./open/call.ts";
import type { Denied, Failed } from "./outcome.ts";
import { fieldOf, Sealed } from "./sealed.ts";
import type { OpenOptions } from "./types.ts";

/** What may be passed to `use`: an object of sealed values, from one record or several, under any names. */
export type SealedValues = { readonly [name: string]: Sealed | null | undefined };
export type UseInput = SealedValues | readonly SealedValues[];

type FailureOf<O extends OpenOptions> = O extends { readonly failures: "values" } ? Failed : never;
type PlainValue<S, O extends OpenOptions> = S extends Sealed<string, infer Value> ? Value | Denied | FailureOf<O> : S;
/** Plaintext under the names that the sealed values had. Reads throw `sdk.use-ended` after the callback. */
export type Plain<Row, O extends OpenOptions = OpenOptions> = {
  readonly [Name in keyof Row]: PlainValue<Row[Name], O>;
};
export type PlainOf<Input extends UseInput, O extends OpenOptions = OpenOptions> = Input extends readonly SealedValues[]
  ? { readonly [At in keyof Input]: Plain<Input[At], O> }
  : Plain<Input, O>;

/** The plaintexts of one `use`, which end together. */
export class PlainScope {
  #ended = false;
  readonly #buffers: Buffer[] = [];

  /**
   * A row of getters over opened bytes.
   * @param texts names whose bytes are given as text
   */
  row(opened: Readonly<Record<string, Opened | null | undefined>>, texts: ReadonlySet<string>): object {
    const row = new PlainRow();
    for (const [name, value] of Object.entries(opened)) {
      const bytes = Buffer.isBuffer(value) ? value : null;
      if (bytes !== null) this.#buffers.push(bytes);
      const asText = bytes !== null && texts.has(name);
      Object.defineProperty(row, name, {
        enumerable: true,
        get: () => {
          if (this.#ended) {
            throw new StrongroomError("sdk.use-ended", `"${name}" was read after the callback of use had ended`);
          }
          return asText ? bytes.toString("utf8") : value;
        },
      });
    }
    return Object.freeze(row);
  }

  /** Wipes the plaintext. Texts that the callback made of it are its own: JavaScript cannot wipe a string. */
  end(): void {
    this.#ended = true;
    for (const buffer of this.#buffers) buffer.fill(0);
    this.#buffers.length = 0;
  }
}

class PlainRow extends Opaque {
  protected override marker(): string {
    return "[plaintext]";
  }
}

/** Names under which a row holds texts, not bytes. */
export function textNames(row: object): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [name, value] of Object.entries(row)) {
    if (value instanceof Sealed && fieldOf(value)?.bytes === false) names.add(name);
  }
  return names;
}
