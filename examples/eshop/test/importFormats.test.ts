/** Readers of CSV and JSON that see a file in pieces, against readers that see it whole; and the mapping's own errors. */
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { csvRecords } from "../src/import/csv.ts";
import { jsonElements } from "../src/import/json.ts";
import { ImportError, readMapping } from "../src/import/mapping.ts";
import { rowsOf } from "../src/import/rows.ts";
import { newFolder } from "./folder.ts";

async function* pieces(text: string, sizes: readonly number[]): AsyncGenerator<string> {
  let at = 0;
  for (let i = 0; at < text.length; i += 1) {
    const size = sizes.length === 0 ? text.length : sizes[i % sizes.length]!;
    yield text.slice(at, at + size);
    at += size;
  }
}

async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 5 });
const field = fc.string({ unit: fc.constantFrom("a", "ü", '"', ",", "\n", "\r\n", ";", " ") });

test("CSV: what was written is read, however it is cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 6 }),
      cuts,
      fc.boolean(),
      async (records, sizes, last) => {
        const lines = records.map((record) => record.map((text) => `"${text.replaceAll('"', '""')}"`).join(","));
        const text = lines.join("\r\n") + (last && lines.length > 0 ? "\r\n" : "");
        assert.deepEqual(await collected(csvRecords(pieces(text, sizes), ",")), records);
      },
    ),
  );
});

test("JSON: the elements of one array are found, however the text is cut and whatever is around it", async () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  const row = fc.dictionary(fc.string(), value, { maxKeys: 3 });
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.string(), value),
      fc.array(row),
      fc.dictionary(fc.string(), value),
      cuts,
      fc.constantFrom(undefined, 2),
      async (before, rows, after, sizes, indent) => {
        // The wanted name also stands inside, as a string, and in a deeper object.
        const document = {
          decoy: { Rows: [1] },
          Text: "Rows",
          ...before,
          Rows: rows,
          Later: ["Rows", { Rows: [2] }],
          ...after,
        };
        fc.pre(!("Rows" in before) && !("Rows" in after) && !("decoy" in after));
        const found = await collected(jsonElements(pieces(JSON.stringify(document, null, indent), sizes), "Rows"));
        assert.deepEqual(
          found.map((text) => JSON.parse(text) as unknown),
          JSON.parse(JSON.stringify(rows)),
        );
      },
    ),
  );
  const whole = await collected(jsonElements(pieces('[{"a":"]}"},{"a":"\\\\"}]', [1]), null));
  assert.deepEqual(whole, ['{"a":"]}"}', '{"a":"\\\\"}']);
});

test("JSON: a cut text, a missing array, one row without end", async () => {
  const read = (text: string) => collected(jsonElements(pieces(text, [7]), "Rows"));
  const full = '{"Rows":[{"a":"b"},{"c":"d"}]}';
  for (let at = 0; at < full.length; at += 1)
    await assert.rejects(read(full.slice(0, at)), ImportError, `cut at ${at}`);
  await assert.rejects(read('{"Other":[1]}'), /no array "Rows"/);
  await assert.rejects(read('{"Rows":[1]}}'), /closes more than it opens/);
  await assert.rejects(read(`{"Rows":["${"x".repeat(70_000)}"]}`), /more than 65536 characters/);
  assert.deepEqual(await read('{"Rows":[]}'), []);
});

describe("a CSV file is refused", () => {
  const mapping = readMapping({
    format: "csv",
    userName: "c-{No}",
    fields: { surname: "Last", givenName: "First", email: "Mail" },
  });
  for (const [why, text, message] of [
    ["that was cut inside quotes", 'No,First,Last,Mail\n1,"Ann', /it was cut/],
    ["without a column of the mapping", "No,First,Last\n", /no column "Mail"/],
    ["with a column twice", "No,No,First,Last,Mail\n", /a column twice/],
    ["that is empty", "", /the file is empty/],
    ["with a stray quote", 'No,First,Last,Mail\n1,An"n,', /line 2 has a quote/],
    ["that goes on after a quote", 'No,First,Last,Mail\n1,"An"n,', /line 2 goes on/],
    ["with a stray carriage return", "No,First,Last,Mail\n1,An\rn,,", /line 2 holds a carriage return/],
    ["with a line without end", `No,First,Last,Mail\n1,"${"x".repeat(70_000)}`, /more than 65536 characters/],
    ["that is not UTF-8", Buffer.from("No,First,Last,Mail\n1,Fran\xe7ois,", "latin1"), /not UTF-8/],
  ] as const) {
    test(why, async (t) => {
      const file = join(newFolder(t), "customers.csv");
      writeFileSync(file, text);
      await assert.rejects(collected(rowsOf(file, mapping)), { name: "ImportError", message });
    });
  }
  test("that is not there", async (t) => {
    await assert.rejects(collected(rowsOf(join(newFolder(t), "none.csv"), mapping)), /cannot be read \(ENOENT\)/);
  });
});

describe("a mapping is refused", () => {
  const fields = { surname: "L", givenName: "F", email: "M" };
  const good = { format: "csv", userName: "c-{No}", fields };
  test("the good one is not", () => assert.deepEqual(readMapping(good).columns, ["L", "F", "M", "No"]));
  for (const [why, document, message] of [
    ["that is a list", [], /the mapping is an object/],
    ["with an unknown key", { ...good, row: "x" }, /unknown key "row"/],
    ["with another format", { ...good, format: "xml" }, /"format" is/],
    [
      "with a field that is none",
      { ...good, fields: { ...fields, shoeSize: "S" } },
      /no field "shoeSize"; it has: surname,/,
    ],
    ["without an e-mail", { ...good, fields: { surname: "L", givenName: "F" } }, /"fields\.email" is missing/],
    ["with the same user name for all", { ...good, userName: "customer" }, /names no column in braces/],
    ["with rows for CSV", { ...good, rows: "x" }, /"rows" is for JSON/],
    ["with a delimiter of two characters", { ...good, delimiter: ";;" }, /"delimiter" is one character/],
    ["with two connections", { ...good, connection: { code: "A", person: "B" } }, /"connection" is/],
    [
      "with a column that is no text",
      { ...good, fields: { ...fields, city: 3 } },
      /"fields\.city" is the name of a column/,
    ],
  ] as const) {
    test(why, () => assert.throws(() => readMapping(document), { name: "ImportError", message }));
  }
});
