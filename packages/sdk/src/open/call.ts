/** One call of open, openMany or use: the values it waits for, opened as their keys arrive. */
import { isUtf8 } from "node:buffer";
import { toBase64url } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import type { KeyObject } from "@strongroom/core/primitives";
import { openSealed, sealContext } from "@strongroom/core/seal";
import type { DenialReason } from "@strongroom/core/wire";
import { Denied, Failed } from "../outcome.ts";
import type { Field } from "../record.ts";
import { fieldOf, parsedOf, rowOf, type Sealed } from "../sealed.ts";
import type { Waiting } from "./asks.ts";

/** A value as the caller wants it: bytes to be wiped later (`use`), or final (`open`). */
export type Opened = Buffer | string | Denied | Failed;

/**
 * The slots of one call. There is no promise or closure per value: a thousand values are one call,
 * and each key that arrives fills its slot.
 */
export class OpenCall implements Waiting {
  readonly done: Promise<readonly Opened[]>;
  readonly #items: readonly Sealed[];
  readonly #decode: boolean;
  readonly #slots: Opened[];
  #open: number;
  #resolve!: (slots: readonly Opened[]) => void;

  /** @param decode texts as strings at once, their bytes wiped; otherwise every value stays bytes */
  constructor(items: readonly Sealed[], decode: boolean) {
    this.#items = items;
    this.#decode = decode;
    this.#slots = new Array<Opened>(items.length);
    this.#open = items.length;
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    if (items.length === 0) this.#resolve(this.#slots);
  }

  /** Opens the value with its key. What is wrong with the value becomes a failure of its slot. */
  accept(slot: number, key: Buffer | KeyObject): void {
    const item = this.#items[slot]!;
    const field = fieldOf(item)!;
    try {
      const context = sealContext({ table: field.record, column: field.name, row: rowOf(item)! });
      const bytes = openSealed(parsedOf(item), key, { context, expectedType: field.type });
      this.#settle(slot, this.#finish(bytes, field));
    } catch (error) {
      this.fail(slot, error as StrongroomError);
    }
  }

  handleOf(slot: number): string {
    return toBase64url(parsedOf(this.#items[slot]!).header.relationship);
  }

  deny(slot: number, reason: DenialReason): void {
    const field = fieldOf(this.#items[slot]!)!;
    this.#settle(slot, new Denied(reason, field.name, field.type));
  }

  fail(slot: number, error: StrongroomError): void {
    const field = fieldOf(this.#items[slot]!)!;
    this.#settle(slot, new Failed(error, field.name, field.type));
  }

  #finish(bytes: Buffer, field: Field): Opened {
    if (field.bytes) return bytes;
    if (!isUtf8(bytes)) {
      bytes.fill(0);
      throw new StrongroomError(
        "encoding.not-text",
        `field ${field.record}.${field.name} was sealed as bytes, not as text: declare it with bytes: true`,
      );
    }
    if (!this.#decode) return bytes;
    const text = bytes.toString("utf8");
    bytes.fill(0);
    return text;
  }

  #settle(slot: number, value: Opened): void {
    this.#slots[slot] = value;
    this.#open -= 1;
    if (this.#open === 0) this.#resolve(this.#slots);
  }
}
