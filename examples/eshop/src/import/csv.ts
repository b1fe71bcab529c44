/** CSV as of RFC 4180: fields may be quoted, hold line breaks and doubled quotes; lines end with LF or CRLF. */
import { ImportError } from "./mapping.ts";

const RECORD_CHARACTERS_MAX = 65_536;

/** Records of a text that comes in pieces. Empty lines are none. */
export async function* csvRecords(texts: AsyncIterable<string>, delimiter: string): AsyncGenerator<string[]> {
  let record: string[] = [];
  let field = "";
  let state: "start" | "plain" | "quoted" | "quote-in-quoted" = "start";
  let carriageReturn = false;
  let count = 1;
  let characters = 0;

  for await (const text of texts) {
    for (const character of text) {
      if (++characters > RECORD_CHARACTERS_MAX)
        throw new ImportError(`line ${count} has more than ${RECORD_CHARACTERS_MAX} characters: is a quote missing?`);
      if (state === "quoted") {
        if (character === '"') state = "quote-in-quoted";
        else field += character;
        continue;
      }
      if (carriageReturn && character !== "\n")
        throw new ImportError(`line ${count} holds a carriage return outside quotes`);
      carriageReturn = character === "\r";
      if (carriageReturn) continue;
      if (character === delimiter || character === "\n") {
        record.push(field);
        const empty = record.length === 1 && field === "" && state === "start";
        field = "";
        state = "start";
        if (character === delimiter) continue;
        if (!empty) yield record;
        record = [];
        count += 1;
        characters = 0;
      } else if (character === '"') {
        if (state === "plain") throw new ImportError(`line ${count} has a quote inside a field that is not quoted`);
        if (state === "quote-in-quoted") field += '"';
        state = "quoted";
      } else {
        if (state === "quote-in-quoted") throw new ImportError(`line ${count} goes on after a closing quote`);
        field += character;
        state = "plain";
      }
    }
  }
  if (state === "quoted") throw new ImportError("the file ends inside a quoted field: it was cut");
  if (record.length > 0 || field !== "" || state !== "start") yield [...record, field];
}
