/** What must not compile: the type checker reads this file, and an unused expectation is an error too. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { isDenied, isOpened, type Denied, type Failed, type Sealed } from "@strongroom/sdk";
import { connect, customer, DELIVER, EXPLICIT, startAgent } from "./setting.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(proof: Same<A, B>): void {
  assert.equal(proof, true);
}

test("fields, kinds of value and data types are typed", async (t) => {
  const agent = await startAgent(t);
  const strongroom = await connect(t, [agent]);
  const place = { person: agent.person("a"), row: 1, provenance: EXPLICIT };
  const maybe = (text: string): string | null => text;
  const row = await strongroom.seal(customer, place, { surname: "Rossi", email: maybe("e"), photo: Uint8Array.of(1) });
  same<(typeof row)["surname"], Sealed<"identity.surname", string>>(true);
  same<(typeof row)["email"], Sealed<"home-contact.email", string> | null>(true);

  const opened = await strongroom.open(customer, row, DELIVER);
  same<(typeof opened)["surname"], string | Denied>(true);
  same<(typeof opened)["email"], string | Denied | null>(true);
  same<(typeof opened)["photo"], Uint8Array | Denied>(true);
  const withFailures = await strongroom.open(customer, row, { ...DELIVER, failures: "values" });
  same<(typeof withFailures)["surname"], string | Denied | Failed>(true);
  assert.equal(withFailures.surname, "Rossi");
  const [first] = await strongroom.openMany(customer, [row], DELIVER);
  assert.equal(first?.surname, "Rossi");
  same<NonNullable<typeof first>["surname"], string | Denied>(true);
  if (isOpened(opened)) same<(typeof opened)["surname"], string>(true);
  if (!isDenied(opened.surname)) same<typeof opened.surname, string>(true);
  await strongroom.use(DELIVER, row, (plain) => {
    same<(typeof plain)["surname"], string | Denied>(true);
    assert.equal(plain.surname, "Rossi");
  });
  await strongroom.use(DELIVER, [row, { name: row.surname }], ([, second]) => {
    same<(typeof second)["name"], string | Denied>(true);
    assert.equal(second.name, "Rossi");
  });

  const mistakes = [
    // @ts-expect-error no such field
    () => strongroom.seal(customer, place, { surnam: "Rossi" }),
    // @ts-expect-error a text field takes no number
    () => strongroom.seal(customer, place, { surname: 7 }),
    // @ts-expect-error a binary field takes no text
    () => strongroom.seal(customer, place, { photo: "Rossi" }),
    // @ts-expect-error where it came from is not optional
    () => strongroom.seal(customer, { person: "x", row: 1 }, { surname: "Rossi" }),
    // @ts-expect-error no such field
    () => strongroom.open(customer, { surnam: row.surname }, DELIVER),
    // @ts-expect-error another data type
    () => strongroom.open(customer, { surname: row.email }, DELIVER),
    // @ts-expect-error a column's text is not a sealed value
    () => strongroom.open(customer, { surname: row.surname.text }, DELIVER),
    // @ts-expect-error what for is not optional
    () => strongroom.open(customer, row, { use: "deliver.package" }),
    // @ts-expect-error no such field
    () => customer.sealed("surnam", "sr1.a.b", 1),
    // @ts-expect-error a sealed value is not a text
    (): string => row.surname,
    // @ts-expect-error a denial has to be looked at first
    (): string => opened.surname,
    // @ts-expect-error no such name in the callback
    () => strongroom.use(DELIVER, row, (plain) => plain.surnam),
  ];
  assert.equal(mistakes.length, 12);
});
