/** A sealed value in the hands of a program: it can be stored and opened through the agent, and nothing else. */
import { parseSealed, type SealedText } from "@strongroom/core/seal";
import { Opaque } from "./opaque.ts";
import type { Field } from "./record.ts";

/** What a sealed value is when opened; only the type checker sees it. */
declare const VALUE: unique symbol;

/** @internal Declared field of a sealed value, or null. */
export let fieldOf: (sealed: Sealed) => Field | null;
/** @internal Row of a sealed value, or null. */
export let rowOf: (sealed: Sealed) => string | null;
/** @internal Parsed once, on first need. @throws StrongroomError `seal.*` */
export let parsedOf: (sealed: Sealed) => SealedText;

/**
 * One sealed value. Nothing but `text` gives its ciphertext, and nothing here gives its content:
 * printing, concatenating or serialising it gives `[sealed identity.surname]`.
 */
export class Sealed<Type extends string = string, Value = unknown> extends Opaque {
  declare readonly [VALUE]?: Value;
  readonly #text: string;
  readonly #field: Field | null;
  readonly #row: string | null;
  #parsed: SealedText | null = null;

  /** @internal Use `record.sealed`, `record.sealedRow` or `Sealed.from`. */
  constructor(text: string, field: Field | null, row: string | null) {
    super();
    this.#text = text;
    this.#field = field;
    this.#row = row;
  }

  /**
   * Reads a text without saying where it is stored: enough to see its `type`, not to open it,
   * because a value opens only in the record, field and row that it was sealed for.
   * @throws StrongroomError `seal.*` where the text is not a sealed object.
   */
  static from(text: string): Sealed {
    const sealed = new Sealed(text, null, null);
    parsedOf(sealed);
    return sealed;
  }

  /** The text for the database column. The only way to get it, so that it is never given by accident. */
  get text(): string {
    return this.#text;
  }

  /** Data type: the declared one, or for a value without a field the one in its header. */
  get type(): Type {
    return (this.#field?.type ?? parsedOf(this).header.type) as Type;
  }

  /** Name of the record that it was read or sealed as. */
  get record(): string | null {
    return this.#field?.record ?? null;
  }

  /** Name of the field that it was read or sealed as. */
  get field(): string | null {
    return this.#field?.name ?? null;
  }

  protected override marker(): string {
    return `[sealed ${this.#field?.type ?? this.#parsed?.header.type ?? "value"}]`;
  }

  static {
    fieldOf = (sealed) => sealed.#field;
    rowOf = (sealed) => sealed.#row;
    parsedOf = (sealed) => (sealed.#parsed ??= parseSealed(sealed.#text));
  }
}
