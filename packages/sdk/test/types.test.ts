/** Types of what calls give; the type checker reads this file. What must not compile is in mistakes.test.ts. */
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
});
