/**
 * The log's files, read from a source that nobody trusts: sizes are bounded, and what is wrong becomes a finding.
 */
import { asBuffer, type Bytes } from "../../bytes.ts";
import type { Findings } from "./findings.ts";
import { UNITS } from "./tree.ts";

/** Where the log's files come from: a folder or an address. `null`: there is no such file. */
export interface LogSource {
  read(path: string): Promise<Uint8Array | null>;
}

const HASH_BYTES = 32;
/** No kind of leaf is longer. */
const LEAF_BYTES_MAX = 33;

export class LogFiles {
  readonly #source: LogSource;
  readonly #findings: Findings;

  constructor(source: LogSource, findings: Findings) {
    this.#source = source;
    this.#findings = findings;
  }

  async checkpoint(): Promise<Bytes | null> {
    return this.#read("checkpoint");
  }

  /** The first `width` hashes of a hash tile. */
  async hashes(level: number, index: number, width: number): Promise<Bytes[] | null> {
    const file = await this.#tile(`tile/${level}/${numbered(index)}`, width);
    if (file === null) return null;
    if (file.bytes.length !== file.width * HASH_BYTES) {
      this.#findings.add("audit.bad-tile", `${file.path} has ${file.bytes.length} bytes`, { path: file.path });
      return null;
    }
    return Array.from({ length: width }, (_, i) => file.bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
  }

  /** The first `width` leaves of an entry bundle. */
  async leaves(index: number, width: number): Promise<Bytes[] | null> {
    const file = await this.#tile(`tile/entries/${numbered(index)}`, width);
    if (file === null) return null;
    const leaves = split(asBuffer(file.bytes));
    if (leaves === null || leaves.length !== file.width) {
      this.#findings.add("audit.bad-bundle", `${file.path} is not ${file.width} leaves`, { path: file.path });
      return null;
    }
    return leaves.slice(0, width);
  }

  /** A partial tile may be gone once the full one is there. */
  async #tile(path: string, width: number): Promise<{ path: string; width: number; bytes: Bytes } | null> {
    if (width < UNITS) {
      const partial = `${path}.p/${width}`;
      const bytes = await this.#read(partial);
      if (bytes !== null) return { path: partial, width, bytes };
    }
    const bytes = await this.#read(path);
    if (bytes !== null) return { path, width: UNITS, bytes };
    const missing = width < UNITS ? `${path}.p/${width}` : path;
    this.#findings.add("audit.missing-tile", `${missing} is not there, or could not be read`, { path: missing });
    return null;
  }

  async #read(path: string): Promise<Bytes | null> {
    try {
      return await this.#source.read(path);
    } catch {
      // Whoever makes the source retries and reports; for the audit the file is not there.
      return null;
    }
  }
}

/** 1234067 is x001/x234/067. */
function numbered(index: number): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, "0");
  return padded.replace(/\d{3}(?=\d)/g, "x$&/");
}

function split(bundle: Buffer): Bytes[] | null {
  const leaves: Bytes[] = [];
  let rest = bundle;
  while (rest.length > 0) {
    if (rest.length < 2 || leaves.length === UNITS) return null;
    const length = rest.readUInt16BE(0);
    if (length > LEAF_BYTES_MAX || rest.length < 2 + length) return null;
    leaves.push(rest.subarray(2, 2 + length));
    rest = rest.subarray(2 + length);
  }
  return leaves;
}
