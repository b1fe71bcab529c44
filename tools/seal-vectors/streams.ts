/** Vectors of the stream form: good ones, and bad ones as edits of those with the error that each must give. */
import { createHash } from "node:crypto";
import { referenceChunks, referenceStream, type ReferenceFields } from "../../packages/core/test/seal/reference.ts";
import { describe, epochKey, fields, hex, hexOrNull, home } from "./fields.ts";

/** Byte i is i mod 251: no chunk is like another. */
function pattern(bytes: number): Buffer {
  const out = Buffer.alloc(bytes);
  for (let i = 0; i < bytes; i++) out[i] = i % 251;
  return out;
}

const STREAMS: readonly { name: string; plaintextBytes: number; context?: Buffer }[] = [
  { name: "empty", plaintextBytes: 0 },
  { name: "one byte", plaintextBytes: 1 },
  { name: "bound to a place", plaintextBytes: 100, context: home },
  { name: "one byte less than a chunk", plaintextBytes: 65_535 },
  { name: "one chunk", plaintextBytes: 65_536 },
  { name: "one byte more than a chunk", plaintextBytes: 65_537 },
  { name: "two chunks", plaintextBytes: 131_072 },
  { name: "three chunks and a rest", plaintextBytes: 200_000, context: home },
];

function makeStream(name: string): {
  of: ReferenceFields;
  made: ReturnType<typeof referenceStream>;
  plaintext: Buffer;
  context: Buffer | undefined;
} {
  const found = STREAMS.find((stream) => stream.name === name);
  if (found === undefined) throw new Error(`no stream is called ${name}`);
  const of = fields(`stream ${name}`, { type: "communications.attachment" });
  const plaintext = pattern(found.plaintextBytes);
  return {
    of,
    made: referenceStream(epochKey, of, referenceChunks(plaintext), found.context),
    plaintext,
    context: found.context,
  };
}

export function goodStreams(): Record<string, unknown>[] {
  return STREAMS.map(({ name }) => {
    const { of, made, plaintext, context } = makeStream(name);
    return {
      name,
      epochKey: hex(epochKey),
      ...describe(of),
      context: hexOrNull(context),
      plaintextBytes: plaintext.length,
      objectKey: hex(made.objectKey),
      header: hex(made.header),
      streamBytes: made.body.length,
      streamSha256: hex(createHash("sha256").update(made.body).digest()),
      ...(plaintext.length <= 100 ? { stream: hex(made.body) } : {}),
    };
  });
}

/** A bad stream is a good one, of which `ranges` are kept in that order, `append` follows, and then bit `flip` is flipped. */
interface BadStream {
  readonly name: string;
  readonly error: string;
  readonly from: string;
  readonly ranges: readonly (readonly [number, number])[];
  readonly append: string;
  readonly flip: number | null;
}

export function badStreams(): BadStream[] {
  const list: BadStream[] = [];
  function bad(
    error: string,
    name: string,
    from: string,
    ranges: (size: number, at: (chunk: number) => number) => [number, number][],
    more: { append?: string; flip?: number } = {},
  ): void {
    const { made } = makeStream(from);
    const start = 6 + made.header.length;
    const at = (chunk: number): number => start + chunk * 65_552;
    list.push({
      name,
      error,
      from,
      ranges: ranges(made.body.length, at),
      append: more.append ?? "",
      flip: more.flip ?? null,
    });
  }
  const all = (size: number): [number, number][] => [[0, size]];
  const header = 6 + makeStream("empty").made.header.length;
  const rest = "three chunks and a rest";
  const restHeader = 6 + makeStream(rest).made.header.length;

  bad("seal.not-sealed", "nothing", "empty", () => []);
  bad("seal.not-sealed", "first two bytes", "empty", () => [[0, 2]]);
  bad("seal.not-sealed", "first bit of the mark", "empty", all, { flip: 0 });
  bad("seal.unknown-version", "mark of version 3", "empty", all, { flip: 3 * 8 + 1 });
  bad("seal.unknown-version", "header of another version", "empty", all, { flip: 6 * 8 + 1 });
  bad("seal.wrong-form", "first bytes of a text", "empty", () => [], { append: hex(Buffer.from("sr1.AQ")) });
  bad("seal.wrong-form", "stream flag cleared", "one byte", all, { flip: 7 * 8 + 1 });

  bad("seal.cut", "cut in the header's length", "one byte", () => [[0, 5]]);
  bad("seal.cut", "cut in the header", "one byte", () => [[0, 50]]);
  bad("seal.cut", "cut after the header", "one byte", () => [[0, header]]);
  bad("seal.cut", "cut in the first tag", "empty", (size) => [[0, size - 1]]);
  bad("seal.cut", "cut after the first chunk", "two chunks", (_, at) => [[0, at(1)]]);
  bad("seal.cut", "cut after the second chunk", rest, (_, at) => [[0, at(2)]]);
  bad("seal.cut", "cut to one byte of the second chunk", "two chunks", (_, at) => [[0, at(1) + 1]]);
  bad("seal.cut", "cut to 16 bytes of the second chunk", "two chunks", (_, at) => [[0, at(1) + 16]]);
  bad("seal.tampered", "cut to 17 bytes of the second chunk", "two chunks", (_, at) => [[0, at(1) + 17]]);
  bad("seal.tampered", "last byte missing", rest, (size) => [[0, size - 1]]);

  bad("seal.malformed-header", "header length too large", "one byte", all, { flip: 4 * 8 });
  bad("seal.malformed-header", "header length one less", "one byte", all, { flip: 5 * 8 });
  bad("seal.malformed-header", "unknown flag", "one byte", all, { flip: 7 * 8 + 2 });
  bad("seal.malformed-header", "plaintext length in a stream", "one byte", all, { flip: (6 + 58) * 8 });

  bad("seal.extended", "bytes after the only chunk", "one chunk", all, { append: "00" });
  bad("seal.extended", "a chunk after the last", "two chunks", (size, at) => [
    [0, size],
    [at(1), size],
  ]);
  bad("seal.tampered", "bytes after a short chunk", "one byte", all, { append: "00" });
  bad("seal.tampered", "bytes after an empty stream", "empty", all, { append: "00" });

  bad("seal.tampered", "first two chunks swapped", rest, (size, at) => [
    [0, at(0)],
    [at(1), at(2)],
    [at(0), at(1)],
    [at(2), size],
  ]);
  bad("seal.tampered", "last two full chunks swapped", rest, (size, at) => [
    [0, at(1)],
    [at(2), at(3)],
    [at(1), at(2)],
    [at(3), size],
  ]);
  bad("seal.tampered", "first chunk twice", rest, (size, at) => [
    [0, at(1)],
    [at(0), size],
  ]);
  bad("seal.tampered", "middle chunk missing", rest, (size, at) => [
    [0, at(1)],
    [at(2), size],
  ]);
  bad("seal.tampered", "first chunk missing", rest, (size, at) => [
    [0, at(0)],
    [at(1), size],
  ]);

  bad("seal.wrong-key", "last bit of the commitment", "one byte", all, { flip: header * 8 - 1 });
  bad("seal.wrong-context", "first bit of the context tag", "bound to a place", all, { flip: (6 + 59) * 8 });
  bad("seal.tampered", "first bit of the locator", "one byte", all, { flip: 8 * 8 });
  bad("seal.tampered", "first bit of the first chunk", rest, all, { flip: restHeader * 8 });
  bad("seal.tampered", "last bit of the first tag", rest, all, { flip: (restHeader + 65_552) * 8 - 1 });
  bad("seal.tampered", "first bit of the last chunk", rest, all, { flip: (restHeader + 3 * 65_552) * 8 });
  return list;
}
