import { test } from "node:test";
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { isDenied } from "@strongroom/sdk";
import { connect, customer, DELIVER, EXPLICIT, startAgent } from "./setting.ts";

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
}

test("a large value is sealed and opened as a stream, bound to its place", async (t) => {
  const agent = await startAgent(t);
  const strongroom = await connect(t, [agent]);
  const place = { person: agent.person("a"), row: 1, provenance: EXPLICIT };
  for (const size of [0, 1, 200_000]) {
    const photo = randomBytes(size);
    const sealed = await collect(strongroom.sealStream(customer, "photo", place, pieces(photo, 30_000)));
    const opened = await strongroom.openStream(customer, "photo", 1, pieces(sealed, 50_000), DELIVER);
    assert.ok(!isDenied(opened));
    assert.deepEqual(await collect(opened), photo);
    const asked = agent.to("/v1/authorizations").length;
    const elsewhere = [
      strongroom.openStream(customer, "photo", 2, pieces(sealed, 50_000), DELIVER),
      strongroom.openStream(customer, "email", 1, pieces(sealed, 50_000), DELIVER),
    ];
    await assert.rejects(elsewhere[0]!, { code: "seal.wrong-context" });
    await assert.rejects(elsewhere[1]!, { code: "seal.wrong-type" });
    assert.equal(agent.to("/v1/authorizations").length, asked, "nobody is asked for what cannot open");
  }
});

test("a denial is a value, a cut stream is an error, and a stream may be left early", async (t) => {
  const agent = await startAgent(t);
  const strongroom = await connect(t, [agent]);
  const place = { person: agent.person("a"), row: 1, provenance: EXPLICIT };
  const sealed = await collect(strongroom.sealStream(customer, "photo", place, pieces(randomBytes(200_000), 30_000)));

  const cut = await strongroom.openStream(customer, "photo", 1, pieces(sealed.subarray(0, 150_000), 9_999), DELIVER);
  assert.ok(!isDenied(cut));
  await assert.rejects(collect(cut), { code: "seal.tampered" });

  let closed = false;
  const source = (async function* () {
    try {
      yield* pieces(sealed, 50_000);
    } finally {
      closed = true;
    }
  })();
  const opened = await strongroom.openStream(customer, "photo", 1, source, DELIVER);
  assert.ok(!isDenied(opened));
  for await (const chunk of opened) {
    assert.equal(chunk.length, 65_536);
    break;
  }
  assert.equal(closed, true);

  agent.decide = () => "no-rule";
  const denied = await strongroom.openStream(customer, "photo", 1, pieces(sealed, 50_000), DELIVER);
  assert.ok(isDenied(denied) && denied.reason === "no-rule" && denied.field === "photo");
  agent.lease = () => "no-rule";
  const refused = { ...place, person: agent.person("b") };
  await assert.rejects(collect(strongroom.sealStream(customer, "photo", refused, pieces(sealed, 9))), {
    code: "sdk.lease-refused",
  });
  assert.throws(() => strongroom.sealStream(customer, "photos" as never, place, pieces(sealed, 9)), {
    code: "sdk.record",
  });
});
