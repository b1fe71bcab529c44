/** Cuts an asynchronous source of any pieces into blocks of our own size, in constant memory. */
import type { Bytes } from "../bytes.ts";

/** Reads a source piece by piece. Bytes are copied out before the next piece is asked for. */
export class BlockReader {
  readonly #source: AsyncIterator<Bytes>;
  #piece: Bytes = new Uint8Array(0);
  #ended = false;

  constructor(source: AsyncIterable<Bytes>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Fills the target as far as the source reaches; returns how many bytes that are. */
  async fill(target: Buffer): Promise<number> {
    let filled = 0;
    while (filled < target.length) {
      if (this.#piece.length === 0 && (await this.atEnd())) break;
      const count = Math.min(target.length - filled, this.#piece.length);
      target.set(this.#piece.subarray(0, count), filled);
      this.#piece = this.#piece.subarray(count);
      filled += count;
    }
    return filled;
  }

  /** Whether no byte is left; asks the source where it must. */
  async atEnd(): Promise<boolean> {
    while (this.#piece.length === 0 && !this.#ended) {
      this.#ended = true; // a source that throws has ended too, and must not be asked to return
      const next = await this.#source.next();
      if (next.done !== true) {
        this.#ended = false;
        this.#piece = next.value;
      }
    }
    return this.#piece.length === 0;
  }

  /** Lets go of a source that was not read to its end. */
  async close(): Promise<void> {
    if (!this.#ended) await this.#source.return?.();
    this.#ended = true;
  }
}
