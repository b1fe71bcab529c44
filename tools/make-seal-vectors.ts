/**
 * Writes spec/vectors/sealed-object.json and sealed-stream.json; with --check it only compares.
 * The same bytes at every run: nothing is random, all "random" fields are hashes of their names.
 * Made with the plain second reading of the page (packages/core/test/seal/reference.ts), not with src/seal.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { badStreams, goodStreams } from "./seal-vectors/streams.ts";
import { badTexts, goodTexts, places } from "./seal-vectors/texts.ts";

/** File contents by path from the repository's root. */
export function makeVectors(): Record<string, string> {
  const files = {
    "spec/vectors/sealed-object.json": {
      about:
        "Sealed objects, text form (spec/sealed-object.md). Bytes are hexadecimal. Made by tools/make-seal-vectors.ts.",
      good: goodTexts(),
      bad: badTexts(),
      places: places(),
    },
    "spec/vectors/sealed-stream.json": {
      about:
        "Sealed objects, stream form (spec/sealed-object.md, section 7). Byte i of a plaintext is i mod 251. A bad stream keeps the ranges [from, to) of a good one in that order, then appends bytes, then flips one bit (bit b of byte i has the number 8 i + b, b counts from the least significant). It is opened with the key and the context of the good one.",
      good: goodStreams(),
      bad: badStreams(),
    },
  };
  return Object.fromEntries(
    Object.entries(files).map(([path, content]) => [path, `${JSON.stringify(content, null, 2)}\n`]),
  );
}

if (import.meta.main) {
  const check = process.argv.includes("--check");
  for (const [path, content] of Object.entries(makeVectors())) {
    const file = new URL(`../${path}`, import.meta.url);
    if (!check) writeFileSync(file, content);
    else if (readFileSync(file, "utf8") !== content) {
      console.error(`${path} is not what tools/make-seal-vectors.ts makes: run it again`);
      process.exitCode = 1;
    }
  }
}
