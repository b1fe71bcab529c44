import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { format, inspect } from "node:util";
import { defineRecord, isDenied, isFailed, Sealed, type StrongroomError } from "@strongroom/sdk";
import { Denied, Failed, NOT_AVAILABLE } from "../src/outcome.ts";
import { StrongroomError as CoreError } from "@strongroom/core/errors";
import { PlainScope } from "../src/plain.ts";
import { connect, customer, DELIVER, EXPLICIT, startAgent } from "./setting.ts";

const TEXT = "sr1.AQFjaXBoZXJ0ZXh0.c2VjcmV0";

/** Every way in which an object becomes text by accident. */
function accidents(value: unknown): string[] {
  const object = value as { toLocaleString(): string };
  return [
    String(value),
    `${value as string}`,
    "" + (value as string),
    object.toLocaleString(),
    JSON.stringify({ value }),
    JSON.stringify([value]),
    inspect(value),
    inspect({ deep: [value] }, { showHidden: true, depth: null, getters: true }),
    format("%s %o %O %j", value, value, value, value),
    [value, value].join(),
    encodeURIComponent(value as string),
    JSON.stringify(Object.entries(value as object)),
    JSON.stringify({ ...(value as object) }),
    JSON.stringify(Object.getOwnPropertyDescriptors(value as object)),
    inspect(structuredClone({ ...(value as object) })),
  ];
}

describe("a sealed value", () => {
  test("shows a marker, never its ciphertext", () => {
    const sealed = customer.sealed("surname", TEXT, 1);
    for (const text of accidents(sealed)) assert.ok(!text.includes("AQFjaX") && !text.includes("c2VjcmV0"), text);
    assert.equal(`${sealed}`, "[sealed identity.surname]");
    assert.equal(JSON.stringify({ sealed }), '{"sealed":"[sealed identity.surname]"}');
    assert.equal(inspect(sealed), "[sealed identity.surname]");
    assert.ok(Number.isNaN(Number(sealed)));
  });

  test("gives its text when asked for it by name, and says what it is", () => {
    const sealed = customer.sealed("surname", TEXT, 1);
    assert.equal(sealed.text, TEXT);
    assert.equal(sealed.type, "identity.surname");
    assert.deepEqual([sealed.record, sealed.field], ["customer", "surname"]);
  });

  test("read without its place is checked at once and knows its type", async (t) => {
    assert.throws(() => Sealed.from("Rossi"), { code: "seal.not-sealed" });
    const agent = await startAgent(t);
    const strongroom = await connect(t, [agent]);
    const { surname } = await strongroom.seal(
      customer,
      { person: agent.person("a"), row: 1, provenance: EXPLICIT },
      { surname: "Rossi" },
    );
    const sealed = Sealed.from(surname.text);
    assert.equal(sealed.type, "identity.surname");
    assert.deepEqual([sealed.record, sealed.field], [null, null]);
    for (const text of accidents(sealed)) assert.ok(!text.includes(surname.text.slice(10, 30)), text);
  });
});

test("plaintext in use shows a marker, and an object that is gone shows nothing", () => {
  const scope = new PlainScope();
  const bytes = Buffer.from("Rossi");
  const row = scope.row({ surname: bytes }, new Set(["surname"])) as { surname: string };
  for (const text of [
    `${row as unknown as string}`,
    "" + (row as unknown as string),
    JSON.stringify({ row }),
    inspect(row),
    inspect({ row }, { showHidden: true }),
    format("%s %o %j", row, row, row),
  ]) {
    assert.ok(!text.includes("Rossi"), text);
  }
  assert.equal(row.surname, "Rossi");
  scope.end();
  assert.ok(bytes.every((byte) => byte === 0));
  assert.throws(() => row.surname, { code: "sdk.use-ended" });
  for (const text of [`${row as unknown as string}`, JSON.stringify({ row }), inspect(row)])
    assert.ok(!text.includes("Rossi"), text);
});

test("a denial prints as not available; a console shows its reason", () => {
  const denied = new Denied("no-rule", "email", "home-contact.email");
  assert.equal(`${denied}`, NOT_AVAILABLE);
  assert.equal(JSON.stringify({ denied }), `{"denied":"${NOT_AVAILABLE}"}`);
  assert.equal(inspect(denied), "[denied home-contact.email: no-rule]");
  assert.ok(isDenied(denied) && !isFailed(denied) && !isDenied("no-rule") && !isDenied(null));
  const failed = new Failed(new CoreError("seal.cut", "cut"), "email", "home-contact.email");
  assert.equal(`${failed}`, NOT_AVAILABLE);
  assert.equal(inspect(failed), "[failed home-contact.email: seal.cut]");
  assert.ok(isFailed(failed) && !isDenied(failed));
});

describe("records", () => {
  const refused = (declare: () => unknown, code: string): StrongroomError => {
    let thrown: unknown;
    assert.throws(declare, (error: StrongroomError) => {
      thrown = error;
      return error.code === code;
    });
    return thrown as StrongroomError;
  };

  test("types are checked at once, and the nearest one named", () => {
    const error = refused(() => defineRecord("customer", { surname: "identity.surnam" }), "vocabulary.unknown-type");
    assert.match(error.message, /identity\.surname/);
  });

  test("names that could not be told apart or would break an object are refused", () => {
    for (const name of ["", "1st", "a b", "a.b", "x".repeat(65)])
      refused(() => defineRecord(name, { a: "identity" }), "sdk.record");
    for (const name of ["", "__proto__", "constructor", "toJSON", "then"]) {
      refused(() => defineRecord("r", Object.fromEntries([[name, "identity"]])), "sdk.record");
    }
    refused(() => defineRecord("r", {}), "sdk.record");
  });

  test("rows are read from what a database gives", () => {
    assert.throws(() => customer.sealed("surname", null as never, 1), { code: "sdk.record" });
    assert.throws(() => customer.sealed("name" as never, TEXT, 1), { code: "sdk.record" });
    assert.throws(() => customer.sealedRow(1, { surname: 7 } as never), { code: "sdk.record" });
    for (const row of ["", 1.5, Number.NaN, null])
      assert.throws(() => customer.sealedRow(row as never, {}), { code: "sdk.record" });
    const row = customer.sealedRow(10n, { id: 10, surname: TEXT, email: null } as { surname: string; email: null });
    assert.deepEqual(Object.keys(row), ["surname", "email"]);
    assert.equal(row.email, null);
  });
});

test('rows 7, 7n and "7" are one row', async (t) => {
  const agent = await startAgent(t);
  const strongroom = await connect(t, [agent]);
  const { surname } = await strongroom.seal(
    customer,
    { person: agent.person("a"), row: 7, provenance: EXPLICIT },
    { surname: "Rossi" },
  );
  for (const row of [7n, "7"]) {
    assert.deepEqual(await strongroom.open(customer, customer.sealedRow(row, { surname: surname.text }), DELIVER), {
      surname: "Rossi",
    });
  }
});
