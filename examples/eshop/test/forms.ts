/** The ways in which a program could have stored a text without meaning to. */
export function formsOf(text: string): readonly (readonly [string, Buffer])[] {
  const utf8 = Buffer.from(text, "utf8");
  const utf16 = Buffer.from(text, "utf16le");
  const bigEndian = Buffer.from(utf16).swap16();
  const inBase64 = [0, 1, 2].flatMap((offset) =>
    (["base64", "base64url"] as const).map(
      (encoding) => [`${encoding} at ${offset}`, Buffer.from(insideBase64(utf8, offset, encoding))] as const,
    ),
  );
  return [
    ["utf-8", utf8],
    ["utf-8 in lower case", Buffer.from(text.toLowerCase(), "utf8")],
    ["utf-16le", utf16],
    ["utf-16be", bigEndian],
    ["hex", Buffer.from(utf8.toString("hex"))],
    ["HEX", Buffer.from(utf8.toString("hex").toUpperCase())],
    ["percent encoding", Buffer.from(encodeURIComponent(text))],
    ["a form", Buffer.from(new URLSearchParams([["", text]]).toString().slice(1))],
    ["JSON", Buffer.from(JSON.stringify(text).slice(1, -1))],
    ...inBase64,
  ];
}

/** The characters that the text alone decides when it begins at a byte whose number leaves this remainder by 3. */
function insideBase64(bytes: Buffer, offset: number, encoding: "base64" | "base64url"): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString(encoding)
    .replaceAll("=", "");
  const whole = Math.floor(((offset + bytes.length) * 8) / 6);
  return text.slice(Math.ceil((offset * 8) / 6), whole);
}
