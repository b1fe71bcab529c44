/**
 * What a holder of personal data shows when it is printed, concatenated or serialised by accident:
 * a marker that says what it is, never what is in it.
 */
import { inspect } from "node:util";

/** Base of every holder: each way in which JavaScript turns an object into text gives the marker. */
export abstract class Opaque {
  /** What is shown instead of the content. Holds no personal data. */
  protected abstract marker(): string;

  toString(): string {
    return this.marker();
  }

  toLocaleString(): string {
    return this.marker();
  }

  toJSON(): string {
    return this.marker();
  }

  /** Template literals and `+` come here; a number made of a holder is not a number. */
  [Symbol.toPrimitive](hint: string): string | number {
    return hint === "number" ? Number.NaN : this.marker();
  }

  [inspect.custom](): string {
    return this.marker();
  }

  get [Symbol.toStringTag](): string {
    return this.constructor.name;
  }
}
