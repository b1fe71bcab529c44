/** Mistakes that must not compile: the compiler itself is asked, line by line. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { join } from "node:path";
import ts from "typescript";

const GIVEN = `
import { defineRecord, isDenied, isOpened, type Strongroom } from "@strongroom/sdk";
declare const strongroom: Strongroom;
const customer = defineRecord("customer", {
  surname: "identity.surname",
  email: "home-contact.email",
  photo: { type: "biometric.photograph", bytes: true },
});
const deliver = { use: "deliver.package", purpose: "contractual" };
const place = { person: "a.b", row: 1, provenance: "subject.explicit" };
const row = await strongroom.seal(customer, place, { surname: "Rossi", email: "e" });
const opened = await strongroom.open(customer, row, deliver);
`;

const FINE = [
  `strongroom.seal(customer, place, { surname: null, photo: Uint8Array.of(1) });`,
  `strongroom.open(customer, { surname: row.surname }, deliver);`,
  `strongroom.openMany(customer, [row, row], deliver);`,
  `strongroom.use(deliver, [row, { name: row.email }], ([, other]) => other.name);`,
  `if (isOpened(opened)) opened.surname.toUpperCase();`,
  `if (!isDenied(opened.email)) opened.email.toUpperCase();`,
  `customer.sealedRow(1, { id: 7, surname: "sr1.a.b", email: null }).surname;`,
];

const MISTAKES = {
  "no such field to seal": `strongroom.seal(customer, place, { surnam: "Rossi" });`,
  "no such field among others": `strongroom.seal(customer, place, { surname: "Rossi", emial: "e" });`,
  "no such field in many": `strongroom.sealMany(customer, [{ ...place, values: { surnam: "x" } }], { provenance: "other" });`,
  "a text field takes no number": `strongroom.seal(customer, place, { surname: 7 });`,
  "a binary field takes no text": `strongroom.seal(customer, place, { photo: "Rossi" });`,
  "where it came from is not optional": `strongroom.seal(customer, { person: "x", row: 1 }, { surname: "Rossi" });`,
  "no such field to open": `strongroom.open(customer, { surnam: row.surname }, deliver);`,
  "no such field in an opened row": `opened.surnam;`,
  "a field that was not given": `opened.photo;`,
  "another data type": `strongroom.open(customer, { surname: row.email }, deliver);`,
  "a column's text is not a sealed value": `strongroom.open(customer, { surname: row.surname.text }, deliver);`,
  "what for is not optional": `strongroom.open(customer, row, { use: "deliver.package" });`,
  "no such column": `customer.sealed("surnam", "sr1.a.b", 1);`,
  "a sealed value is not a text": `row.surname satisfies string;`,
  "a sealed value has no length": `row.surname.length;`,
  "a denial has to be looked at first": `opened.surname.toUpperCase();`,
  "no such name in the callback": `strongroom.use(deliver, row, (plain) => plain.surnam);`,
  "plaintext may be denied in the callback too": `strongroom.use(deliver, row, (plain) => plain.surname.toUpperCase());`,
};

test("each mistake is an error of its line, and nothing else is", () => {
  const lines = [...FINE, ...Object.values(MISTAKES)];
  const source = GIVEN + lines.join("\n");
  const before = GIVEN.split("\n").length - 1;
  const errors = compile(source).map(({ line, message }) => ({ at: line - before, message }));
  const unexpected = errors.filter(({ at }) => at < FINE.length);
  assert.deepEqual(unexpected, []);
  for (const [n, what] of Object.keys(MISTAKES).entries()) {
    assert.ok(
      errors.some(({ at }) => at === FINE.length + n),
      `compiles: ${what}`,
    );
  }
});

/** Compiles one module as if it stood beside this one, with the workspace's own settings. */
function compile(source: string): { line: number; message: string }[] {
  const file = join(import.meta.dirname, "mistakes.ts");
  const configFile = join(import.meta.dirname, "../../../tsconfig.json");
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(configFile, (path) => ts.sys.readFile(path)).config,
    ts.sys,
    join(configFile, ".."),
  );
  const host = ts.createCompilerHost(options);
  const { getSourceFile, readFile, fileExists } = host;
  host.fileExists = (path) => path === file || fileExists(path);
  host.readFile = (path) => (path === file ? source : readFile(path));
  host.getSourceFile = (path, ...rest) =>
    path === file ? ts.createSourceFile(path, source, rest[0]) : getSourceFile(path, ...rest);
  const program = ts.createProgram([file], options, host);
  const root = program.getSourceFile(file);
  return ts.getPreEmitDiagnostics(program, root).map(({ start = 0, messageText }) => ({
    line: root!.getLineAndCharacterOfPosition(start).line,
    message: ts.flattenDiagnosticMessageText(messageText, " "),
  }));
}
