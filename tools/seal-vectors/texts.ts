/** Vectors of the text form: good ones, and bad ones with the error that each must give. */
import {
  referenceContextTag,
  referenceHeader,
  referenceText,
  type ReferenceFields,
} from "../../packages/core/test/seal/reference.ts";
import { describe, epochKey, fields, fixed, hex, hexOrNull, home, place } from "./fields.ts";

function goodText(
  name: string,
  plaintext: Buffer,
  context?: Buffer,
  over: Partial<ReferenceFields> = {},
): Record<string, unknown> {
  const of = fields(name, over);
  const made = referenceText(epochKey, of, plaintext, context);
  return {
    name,
    epochKey: hex(epochKey),
    ...describe(of),
    context: hexOrNull(context),
    plaintext: hex(plaintext),
    leaseKey: hex(made.leaseKey),
    objectKey: hex(made.objectKey),
    header: hex(made.header),
    sealed: made.text,
  };
}

export function goodTexts(): Record<string, unknown>[] {
  return [
    goodText("a name", Buffer.from("Ada Lovelace")),
    goodText("bound to a place", Buffer.from("Lovelace"), home, { type: "identity.surname" }),
    goodText("empty", Buffer.alloc(0)),
    goodText("empty, bound to a place", Buffer.alloc(0), home),
    goodText("one byte", Buffer.from([0])),
    goodText("two bytes", Buffer.from([0xff, 0xfe])),
    goodText("all byte values", Buffer.from(Array.from({ length: 256 }, (_, i) => i))),
    goodText("not ASCII", Buffer.from("Ἑλένη Παπαδοπούλου 🗝", "utf8")),
    goodText("shortest type id", Buffer.from("x"), undefined, { type: "a" }),
    goodText("longest type id", Buffer.from("x"), home, { type: "a".repeat(31) + "." + "9-".repeat(16) }),
    goodText("last epoch", Buffer.from("x"), undefined, { epoch: 65_535 }),
    goodText("shortest context", Buffer.from("x"), Buffer.from([0])),
    goodText("longest context", Buffer.from("x"), Buffer.alloc(4096, "c")),
    goodText("fields of zero bytes", Buffer.from("x"), undefined, {
      locator: Buffer.alloc(8),
      relationship: Buffer.alloc(16),
      leaseId: Buffer.alloc(12),
      salt: Buffer.alloc(16),
    }),
  ];
}

interface BadText {
  readonly name: string;
  readonly error: string;
  readonly sealed: string;
  readonly objectKey: string;
  readonly context: string | null;
  readonly expectedType: string | null;
  readonly expectedRelationship: string | null;
}

/** `text` with the character at `at` (from the end where negative) replaced. */
function replaced(text: string, at: number, character: string): string {
  const index = at < 0 ? text.length + at : at;
  return text.slice(0, index) + character + text.slice(index + 1);
}

function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  const at = bit >> 3;
  copy[at] = (copy[at] as number) ^ (1 << (bit & 7));
  return copy;
}

function join(header: Buffer, body: Buffer): string {
  return `sr1.${header.toString("base64url")}.${body.toString("base64url")}`;
}

export function badTexts(): BadText[] {
  const free = referenceText(epochKey, fields("bad"), Buffer.from("Ada Lovelace"));
  const bound = referenceText(epochKey, fields("bad, bound"), Buffer.from("Ada Lovelace"), home);
  const other = referenceText(epochKey, fields("bad, other"), Buffer.from("Ada Lovelace"));
  const headerText = free.header.toString("base64url");
  const bodyText = free.body.toString("base64url");
  const list: BadText[] = [];

  function bad(
    error: string,
    name: string,
    sealed: string,
    of: Partial<Omit<BadText, "error" | "name" | "sealed">> = {},
  ): void {
    list.push({
      name,
      error,
      sealed,
      objectKey: hex(free.objectKey),
      context: null,
      expectedType: null,
      expectedRelationship: null,
      ...of,
    });
  }
  /** A header that a writer may not write, with the key that belongs to it. */
  function badHeader(error: string, name: string, over: Partial<ReferenceFields>): void {
    const made = referenceText(epochKey, fields(name, over), Buffer.from("Ada Lovelace"));
    bad(error, name, made.text, { objectKey: hex(made.objectKey) });
  }

  bad("seal.not-sealed", "nothing", "");
  bad("seal.not-sealed", "plaintext", "Ada Lovelace");
  bad("seal.not-sealed", "prefix without its dot", "sr1");
  bad("seal.not-sealed", "prefix in capitals", free.text.replace("sr1", "SR1"));
  bad("seal.not-sealed", "space in front", ` ${free.text}`);
  bad("seal.not-sealed", "quoted", JSON.stringify(free.text));
  bad("seal.not-sealed", "a JSON web token", "eyJhbGciOiJub25lIn0.e30.");

  bad("seal.unknown-version", "prefix of version 2", free.text.replace("sr1.", "sr2."));
  bad("seal.unknown-version", "prefix of version 10", free.text.replace("sr1.", "sr10."));
  badHeader("seal.unknown-version", "header of version 0", { version: 0 });
  badHeader("seal.unknown-version", "header of version 2", { version: 2 });

  badHeader("seal.wrong-form", "a stream's header in a text", { flags: 2, plaintextBytes: 0 });
  bad("seal.wrong-form", "a stream's first bytes", "srs1");

  bad("seal.cut", "prefix only", "sr1.");
  bad("seal.cut", "cut in the header", free.text.slice(0, 60));
  bad("seal.cut", "cut before the second dot", `sr1.${headerText}`);
  bad("seal.cut", "cut after the second dot", `sr1.${headerText}.`);
  bad("seal.cut", "cut in the body", free.text.slice(0, -10));
  bad("seal.cut", "last character missing", free.text.slice(0, -1));

  bad("seal.extended", "one character more", `${free.text}A`);
  bad("seal.extended", "new line at the end", `${free.text}\n`);
  bad("seal.extended", "filled up with spaces", free.text.padEnd(255));
  bad("seal.extended", "body padded with =", `${free.text}==`);
  bad("seal.extended", "two objects in one column", free.text + other.text);
  bad("seal.extended", "a third part", `${free.text}.AAAA`);

  bad("seal.malformed-header", "empty header", `sr1..${bodyText}`);
  bad("seal.malformed-header", "standard base64 in the header", `sr1.${replaced(headerText, 20, "+")}.${bodyText}`);
  bad("seal.malformed-header", "header padded with =", `sr1.${headerText}=.${bodyText}`);
  bad("seal.malformed-header", "white space in the header", `sr1.${replaced(headerText, 20, " ")}.${bodyText}`);
  bad("seal.malformed-header", "spare bits set in the header", spareBits());
  bad("seal.malformed-header", "a header of one byte", `sr1.AQ.${bodyText}`);
  bad("seal.malformed-header", "a header one byte short", join(free.header.subarray(0, -1), free.body));
  bad(
    "seal.malformed-header",
    "a header one byte long",
    join(Buffer.concat([free.header, Buffer.alloc(1)]), free.body),
  );
  bad("seal.malformed-header", "a header longer than any", `sr1.${"A".repeat(204)}.${bodyText}`);
  badHeader("seal.malformed-header", "unknown flag 2", { flags: 4 });
  badHeader("seal.malformed-header", "unknown flag 7", { flags: 128 });
  badHeader("seal.malformed-header", "epoch 0", { epoch: 0 });
  badHeader("seal.malformed-header", "plaintext length over the limit", { plaintextBytes: 1_048_577 });
  badHeader("seal.malformed-header", "a stream with a plaintext length", { flags: 2, plaintextBytes: 12 });
  badHeader("seal.malformed-header", "context flag without a tag", { flags: 1 });
  badHeader("seal.malformed-header", "tag without the context flag", { contextTag: Buffer.from([1, 2, 3, 4]) });
  badHeader("seal.malformed-header", "empty type id", { type: "" });
  badHeader("seal.malformed-header", "type id of 65 bytes", { type: "a".repeat(65) });
  badHeader("seal.malformed-header", "capital in the type id", { type: "identity.Surname" });
  badHeader("seal.malformed-header", "underscore in the type id", { type: "identity.given_name" });
  badHeader("seal.malformed-header", "zero byte in the type id", { type: "identity\0surname" });
  badHeader("seal.malformed-header", "type id that is not ASCII", { type: "identité" });
  badHeader("seal.malformed-header", "new line at the end of the type id", { type: "identity.surname\n" });

  bad("seal.malformed-body", "standard base64 in the body", replaced(free.text, -5, "/"));
  bad("seal.malformed-body", "white space in the body", replaced(free.text, -5, "\n"));
  bad("seal.malformed-body", "dot in the body", replaced(free.text, -5, "."));
  bad("seal.malformed-body", "padding in the body", replaced(free.text, -1, "="));
  bad("seal.malformed-body", "spare bits set in the body", spareBitsOfBody());

  bad("seal.wrong-type", "another type", free.text, { expectedType: "identity.surname" });
  bad("seal.wrong-type", "the type's parent", free.text, { expectedType: "identity" });
  bad("seal.wrong-relationship", "another relationship", free.text, {
    expectedRelationship: hex(fixed("another relationship", 16)),
  });
  bad("seal.wrong-relationship", "relationship cut short", free.text, {
    expectedRelationship: hex(fixed("relationship", 8)),
  });
  bad("seal.wrong-type", "another type and another relationship", free.text, {
    expectedType: "identity.surname",
    expectedRelationship: hex(fixed("another relationship", 16)),
  });

  const key = { objectKey: hex(bound.objectKey) };
  bad("seal.context-missing", "context missing", bound.text, key);
  bad("seal.context-unexpected", "context not expected", free.text, { context: hex(home) });
  bad("seal.wrong-context", "another row", bound.text, { ...key, context: hex(place("customer", "surname", "8")) });
  bad("seal.wrong-context", "another column", bound.text, {
    ...key,
    context: hex(place("customer", "given_name", "7")),
  });
  bad("seal.wrong-context", "another table", bound.text, { ...key, context: hex(place("supplier", "surname", "7")) });
  bad("seal.wrong-context", "the same characters, cut elsewhere", bound.text, {
    ...key,
    context: hex(place("customers", "urname", "7")),
  });
  bad("seal.bad-context", "empty context", bound.text, { ...key, context: "" });
  bad("seal.bad-context", "context over the limit", bound.text, { ...key, context: hex(Buffer.alloc(4097, "c")) });

  bad("seal.wrong-key", "key of another object", free.text, { objectKey: hex(other.objectKey) });
  bad("seal.wrong-key", "the lease key instead", free.text, { objectKey: hex(free.leaseKey) });
  bad("seal.wrong-key", "key of 16 bytes", free.text, { objectKey: hex(free.objectKey.subarray(0, 16)) });
  bad("seal.wrong-key", "commitment changed", join(flipped(free.header, free.header.length * 8 - 1), free.body));
  const retyped = referenceHeader(epochKey, fields("bad", { type: "identity.given-nane", plaintextBytes: 12 }));
  const retypedHeader = Buffer.concat([retyped.header.subarray(0, -24), free.header.subarray(-24)]);
  bad("seal.wrong-key", "type changed, with the key that an agent derives from it", join(retypedHeader, free.body), {
    objectKey: hex(retyped.objectKey),
  });
  bad("seal.tampered", "type changed, with the old key", join(retypedHeader, free.body));
  bad("seal.tampered", "type changed, with its own commitment and key", join(retyped.header, free.body), {
    objectKey: hex(retyped.objectKey),
  });

  bad("seal.tampered", "locator changed, with the old key", join(flipped(free.header, 2 * 8), free.body));
  bad("seal.tampered", "first bit of the ciphertext", join(free.header, flipped(free.body, 0)));
  bad("seal.tampered", "last bit of the tag", join(free.header, flipped(free.body, free.body.length * 8 - 1)));
  bad(
    "seal.tampered",
    "tag of zero bytes",
    join(free.header, Buffer.concat([free.body.subarray(0, -16), Buffer.alloc(16)])),
  );
  bad("seal.tampered", "body of another object", join(free.header, other.body));
  const elsewhere = place("customer", "surname", "8");
  const mislabelled = referenceText(
    epochKey,
    fields("mislabelled", { contextTag: referenceContextTag(fields("mislabelled").salt, elsewhere) }),
    Buffer.from("Ada Lovelace"),
    home,
  );
  bad("seal.tampered", "tag of one context, bound to another", mislabelled.text, {
    objectKey: hex(mislabelled.objectKey),
    context: hex(elsewhere),
  });
  return list;

  /** A header whose last character has spare bits, set. Its length must leave some: 1 byte over a multiple of 3. */
  function spareBits(): string {
    const made = referenceText(
      epochKey,
      fields("spare bits", { type: "identity.surname" }),
      Buffer.from("Ada Lovelace"),
    );
    const text = made.header.toString("base64url");
    return `sr1.${setSpareBits(text)}.${made.body.toString("base64url")}`;
  }
  function spareBitsOfBody(): string {
    return `sr1.${headerText}.${setSpareBits(bodyText)}`;
  }
}

function setSpareBits(text: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  if (text.length % 4 === 0) throw new Error("this text has no spare bits");
  return replaced(text, -1, alphabet[alphabet.indexOf(text.at(-1) as string) + 1] as string);
}

export function places(): Record<string, unknown>[] {
  return (
    [
      ["customer", "surname", "7"],
      ["customer", "surname", "18446744073709551615"],
      ["κατάστημα", "διεύθυνση", "α-1"],
      ["a", "b", "c"],
    ] as const
  ).map(([table, column, row]) => ({ table, column, row, context: hex(place(table, column, row)) }));
}
