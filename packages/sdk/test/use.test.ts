import { test } from "node:test";
import assert from "node:assert/strict";
import { defineRecord, isDenied, isFailed, isOpened } from "@strongroom/sdk";
import { connect, customer, DELIVER, EXPLICIT, startAgent } from "./setting.ts";

const order = defineRecord("order", { street: "home-contact.street-address", city: "home-contact.city" });

test("plaintext of rows of several records, for the length of the callback", async (t) => {
  const agent = await startAgent(t);
  const strongroom = await connect(t, [agent]);
  const place = { person: agent.person("a"), row: 1, provenance: EXPLICIT };
  const buyer = await strongroom.seal(customer, place, { surname: "Rossi", photo: Uint8Array.of(1, 2) });
  const parcel = await strongroom.seal(order, place, { street: "Via Roma 1", city: null });

  let kept: { surname: unknown; photo: unknown } | undefined;
  let photo: Uint8Array | undefined;
  const label = await strongroom.use(DELIVER, [buyer, parcel], async ([who, where]) => {
    await Promise.resolve();
    kept = who;
    if (!isDenied(who.photo)) photo = who.photo;
    assert.deepEqual([...photo!], [1, 2]);
    assert.equal(where.city, null);
    return `${who.surname}, ${where.street}`;
  });
  assert.equal(label, "Rossi, Via Roma 1");
  assert.equal(agent.to("/v1/authorizations").length, 1);
  assert.throws(() => kept!.surname, { code: "sdk.use-ended" });
  assert.deepEqual([...photo!], [0, 0], "bytes are wiped even where the callback kept them");
});

test("fields of several records can stand in one object under other names", async (t) => {
  const agent = await startAgent(t);
  const strongroom = await connect(t, [agent]);
  const place = { person: agent.person("a"), row: 1, provenance: EXPLICIT };
  const { surname } = await strongroom.seal(customer, place, { surname: "Rossi" });
  const { street } = await strongroom.seal(order, place, { street: "Via Roma 1" });
  assert.equal(
    await strongroom.use(DELIVER, { name: surname, line1: street }, (plain) => `${plain.name}, ${plain.line1}`),
    "Rossi, Via Roma 1",
  );
});

test("plaintext ends when the callback throws too", async (t) => {
  const agent = await startAgent(t);
  const strongroom = await connect(t, [agent]);
  const row = await strongroom.seal(
    customer,
    { person: agent.person("a"), row: 1, provenance: EXPLICIT },
    { surname: "Rossi" },
  );
  let kept: { surname: unknown } | undefined;
  const failing = strongroom.use(DELIVER, row, (plain) => {
    kept = plain;
    throw new Error("printer on fire");
  });
  await assert.rejects(failing, /printer on fire/);
  assert.throws(() => kept!.surname, { code: "sdk.use-ended" });
});

test("a denied value is a value in the callback; a damaged one throws before it, or is one on request", async (t) => {
  const agent = await startAgent(t);
  const strongroom = await connect(t, [agent]);
  const row = await strongroom.seal(
    customer,
    { person: agent.person("a"), row: 1, provenance: EXPLICIT },
    { surname: "Rossi", email: "e" },
  );
  agent.decide = (header) => (header.type === "home-contact.email" ? "denied-by-rule" : { keepMs: 0 });
  await strongroom.use(DELIVER, row, (plain) => {
    assert.equal(isOpened(plain), false);
    assert.equal(plain.surname, "Rossi");
    assert.ok(isDenied(plain.email));
  });

  const damaged = { surname: customer.sealed("surname", `${row.surname.text}AAAA`, 1) };
  let called = false;
  await assert.rejects(
    strongroom.use(DELIVER, damaged, () => (called = true)),
    { code: "seal.extended" },
  );
  assert.equal(called, false);
  await strongroom.use({ ...DELIVER, failures: "values" }, damaged, (plain) => assert.ok(isFailed(plain.surname)));
});

test("a text field that was sealed as bytes is refused, not garbled", async (t) => {
  const agent = await startAgent(t);
  const strongroom = await connect(t, [agent]);
  const asBytes = defineRecord("customer", { surname: { type: "identity.surname", bytes: true } });
  const place = { person: agent.person("a"), row: 1, provenance: EXPLICIT };
  const { surname } = await strongroom.seal(asBytes, place, { surname: Uint8Array.of(0xc3, 0x28) });
  const read = customer.sealedRow(1, { surname: surname.text });
  await assert.rejects(strongroom.open(customer, read, DELIVER), { code: "encoding.not-text" });
  await assert.rejects(
    strongroom.use(DELIVER, read, () => undefined),
    { code: "encoding.not-text" },
  );
});
