/** Erasure: at once for this agent, final for backups when the KEK has turned, with a receipt that says so. */
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fromBase64url } from "@strongroom/core/bytes";
import { decodeLeaf, parseVerifierKey } from "@strongroom/core/log";
import { verifyReceipt, type ErasureContent } from "@strongroom/core/receipt";
import { secretKey } from "@strongroom/core/primitives";
import { requestConsent } from "../../src/consent/consentService.ts";
import {
  beginEpoch,
  EPOCHS_PER_RELATIONSHIP_MAX,
  eraseEpoch,
  eraseRelationship,
  eraseSubject,
} from "../../src/erase/erasure.ts";
import { rotateKek } from "../../src/keys/rotate.ts";
import { scan } from "../../src/log/scan.ts";
import { makeConnectionCode, takeConnectionCode } from "../../src/relationships/connections.ts";
import { addRule, listRules } from "../../src/rules/ruleService.ts";
import { listHoldings } from "../../src/subjects/holdings.ts";
import { assertWhole } from "../auditing.ts";
import { code, createWorld, DAY, EMAIL, mayRead, mayUpdate, type Company, type World } from "../world.ts";
import { everyKey, keksIn, opens } from "./attacker.ts";

/** Ada with the shop, in two epochs, and with the bank. */
async function setting(t: Parameters<typeof createWorld>[0]) {
  const world = await createWorld(t);
  const [shop, bank] = [await world.company("shop"), await world.company("bank")];
  const { subject, handle } = await world.customer(shop);
  const first = await world.seal(shop.web, handle, "first epoch");
  assert.deepEqual(await beginEpoch(world.context, subject, handle), { epoch: 2 });
  const second = await world.seal(shop.web, handle, "second epoch");
  await addRule(world.context, subject, mayUpdate(bank));
  await addRule(world.context, subject, mayRead(bank));
  const bankHandle = await world.handle(subject, bank);
  const other = await world.seal(bank.web, bankHandle, "at the bank");
  return { world, shop, bank, subject, handle, bankHandle, first, second, other };
}
type Setting = Awaited<ReturnType<typeof setting>>;

async function outcomes({ world, shop, bank, first, second, other }: Setting): Promise<string[]> {
  return [await world.open(shop.web, first), await world.open(shop.web, second), await world.open(bank.web, other)];
}

const erasures: Record<
  string,
  { erase: (s: Setting) => Promise<{ receipt: string; finalAt: number }>; after: string[]; keys: string[] }
> = {
  "an epoch": {
    erase: ({ world, subject, handle }) => eraseEpoch(world.context, subject, handle, 1),
    after: ["epoch-erased", "second epoch", "at the bank"],
    keys: ["epoch"],
  },
  "the current epoch": {
    erase: ({ world, subject, handle }) => eraseEpoch(world.context, subject, handle, 2),
    after: ["first epoch", "epoch-erased", "at the bank"],
    keys: ["epoch"],
  },
  "a relationship": {
    erase: ({ world, subject, handle }) => eraseRelationship(world.context, subject, handle),
    after: ["relationship-erased", "relationship-erased", "at the bank"],
    keys: ["relationship"],
  },
  "a subject": {
    erase: ({ world, subject }) => eraseSubject(world.context, subject),
    after: ["subject-erased", "subject-erased", "subject-erased"],
    keys: ["root", "log"],
  },
};

for (const [what, { erase, after, keys }] of Object.entries(erasures)) {
  describe(`erasing ${what}`, () => {
    test("is immediate, stays over a restart, and what is beside it still opens", async (t) => {
      const all = await setting(t);
      assert.deepEqual(await outcomes(all), ["first epoch", "second epoch", "at the bank"]);
      await erase(all);
      assert.deepEqual(await outcomes(all), after);
      await all.world.restart();
      assert.deepEqual(await outcomes(all), after);
    });

    test("gives a receipt that verifies and names the tombstones in the log", async (t) => {
      const all = await setting(t);
      const { world } = all;
      const { receipt, finalAt } = await erase(all);
      const statement = verifyReceipt(receipt, parseVerifierKey(world.context.identity.signer.verifierKey));
      assert.equal(statement.kind, "erasure");
      const erased = statement as ErasureContent;
      assert.deepEqual(
        erased.keys.map(({ kind }) => kind),
        keys,
      );
      assert.deepEqual([erased.subject, erased.at, erased.finalAt], [all.subject, world.now, finalAt]);
      assert.equal(finalAt, world.now + 30 * DAY);
      for (const { id, index, kind } of erased.keys) {
        await scan(world.context.store, index, index + 1, ([record]) => {
          const leaf = decodeLeaf(record?.leaf ?? Buffer.alloc(0));
          assert.ok(leaf.kind === "tombstone" && leaf.keyKind === kind && fromBase64url(id).equals(leaf.keyId));
        });
      }
    });

    test("is final: a backup of before with today's key folder opens nothing once the KEK has turned", async (t) => {
      const all = await setting(t);
      const { world, first, second, other } = all;
      const backup = await backUp(world, "backup");
      assert.ok(opens(everyKey([backup], keksIn(world.keyFolder)), first), "before, the backup opens everything");
      await erase(all);
      await rotateKek(world.context);
      const keks = keksIn(world.keyFolder);
      assert.deepEqual(
        [first, second, other].map((sealed) => opens(everyKey([backup], keks), sealed)),
        [false, false, false],
      );
    });

    test("is final: nor do the backup's rows open with today's roots and keys", async (t) => {
      const all = await setting(t);
      const { world, first, second, other } = all;
      const backup = await backUp(world, "backup");
      await erase(all);
      await rotateKek(world.context);
      const today = await backUp(world, "today");
      const keys = everyKey([backup, today], keksIn(world.keyFolder));
      const living = after.map((outcome) => !outcome.endsWith("-erased"));
      assert.deepEqual(
        [first, second, other].map((sealed) => opens(keys, sealed)),
        living,
        "what lives opens, what was erased does not",
      );
    });
  });
}

/** A copy of the database as a backup tool makes it: consistent, at one moment. */
async function backUp(world: World, name: string): Promise<string> {
  const to = join(world.folder, `${name}.db`);
  await world.close();
  cpSync(world.databaseFile, to);
  await world.start();
  return to;
}

test("two erasures one after the other: neither backup gives back what either destroyed", async (t) => {
  const all = await setting(t);
  const { world, subject, handle, first, second, other } = all;
  const backups = [await backUp(world, "one")];
  await eraseEpoch(world.context, subject, handle, 1);
  backups.push(await backUp(world, "two"));
  await eraseRelationship(world.context, subject, handle);
  await rotateKek(world.context);
  const keys = everyKey([...backups, await backUp(world, "today")], keksIn(world.keyFolder));
  assert.deepEqual(
    [first, second, other].map((sealed) => opens(keys, sealed)),
    [false, false, true],
  );
});

test("the attacker of these tests finds every key that there is", async (t) => {
  const all = await setting(t);
  const { world, first, second, other } = all;
  const keys = everyKey([await backUp(world, "today")], keksIn(world.keyFolder));
  assert.ok([first, second, other].every((sealed) => opens(keys, sealed)));
  // 1 KEK, root and log key, two relationships, three epochs.
  assert.equal(keys.length, 1 + 2 + 2 + 3);
  assert.equal(opens([secretKey(Buffer.alloc(32))], first), false);
});

test("after the current epoch was erased, sealing goes on in a new one", async (t) => {
  const { world, shop, subject, handle } = await setting(t);
  await eraseEpoch(world.context, subject, handle, 2);
  const third = await world.seal(shop.web, handle, "third epoch");
  assert.equal(await world.open(shop.web, third), "third epoch");
  await assert.rejects(eraseEpoch(world.context, subject, handle, 2), code("seal.epoch-erased"));
  await assert.rejects(eraseEpoch(world.context, subject, handle, 9), code("seal.epoch-unknown"));
});

test("an erased relationship leaves nothing but the log; the two can connect again, under another handle", async (t) => {
  const { world, shop, subject, handle } = await setting(t);
  const { code: text } = await makeConnectionCode(world.context, subject, shop.id);
  await eraseRelationship(world.context, subject, handle);
  assert.deepEqual(
    (await listHoldings(world.context, subject)).map(({ controllerName }) => controllerName),
    ["bank"],
  );
  assert.ok((await listRules(world.context, subject)).every(({ controller }) => controller !== shop.id));
  await assert.rejects(
    takeConnectionCode(world.context, shop.web, text.split(".")[1] ?? ""),
    code("connection.unknown"),
  );
  await assert.rejects(eraseRelationship(world.context, subject, handle), code("relationship.unknown"));
  await addRule(world.context, subject, mayUpdate(shop));
  const again = await world.handle(subject, shop);
  assert.notEqual(again, handle);
  await world.seal(shop.web, again, "new");
});

test("nobody erases for somebody else", async (t) => {
  const { world, subject, handle, shop, first } = await setting(t);
  const eve = await world.person();
  await assert.rejects(eraseRelationship(world.context, eve, handle), code("relationship.unknown"));
  await assert.rejects(eraseEpoch(world.context, eve, handle, 1), code("relationship.unknown"));
  await assert.rejects(beginEpoch(world.context, eve, handle), code("relationship.unknown"));
  assert.equal(await world.open(shop.web, first), "first epoch");
  assert.ok(subject !== eve);
});

test("erasures, rules and new relationships of one subject at once: each happens, and the log is whole", async (t) => {
  const { world, shop, bank, subject, handle, bankHandle, other } = await setting(t);
  await world.seal(bank.web, bankHandle, "x");
  const post = await world.company("post");
  await Promise.all([
    eraseEpoch(world.context, subject, handle, 1),
    addRule(world.context, subject, mayRead(bank, { types: [EMAIL] })),
    eraseEpoch(world.context, subject, handle, 2),
    addRule(world.context, subject, mayUpdate(post)),
    beginEpoch(world.context, subject, bankHandle),
    eraseRelationship(world.context, subject, handle),
    rotateKek(world.context),
  ]);
  assert.equal(await world.open(bank.web, other), "at the bank");
  assert.equal((await listRules(world.context, subject, bank.id)).length, 3);
  assert.equal((await listRules(world.context, subject, post.id)).length, 1);
  await assertWhole(world, [subject]);
  await world.restart();
  assert.equal(await world.open(bank.web, other), "at the bank");
  assert.ok(shop.id !== post.id);
});

test("an erasure that cannot be logged did not happen", async (t) => {
  const all = await setting(t);
  for (const { erase } of Object.values(erasures)) {
    all.world.stage.failNextCommit(new Error("disk full"));
    await assert.rejects(erase(all), code("log.unavailable"));
    assert.deepEqual(await outcomes(all), ["first epoch", "second epoch", "at the bank"]);
  }
});

test("what was asked before an erasure and written after it is forgotten too", async (t) => {
  const { world, shop, subject, handle } = await setting(t);
  const asked = { handle, types: [EMAIL], action: { kind: "update", provenances: ["subject"] }, until: null } as const;
  const words = { reason: "because", ifRefused: "nothing", expiresAt: world.now + DAY };
  const erasing = world.stage.hold("write");
  const erased = eraseRelationship(world.context, subject, handle);
  await erasing.reached;
  const late = Promise.allSettled([
    world.seal(shop.web, handle, "late"),
    requestConsent(world.context, shop.web, { ...asked, ...words }),
    makeConnectionCode(world.context, subject, shop.id),
  ]);
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  erasing.release();
  await Promise.all([erased, late]);
  assert.deepEqual(await world.context.store.holdingsOf(handle), []);
  assert.equal(await world.context.store.consentsPendingCount(handle), 0);
});

test(`a relationship has at most ${EPOCHS_PER_RELATIONSHIP_MAX} living epochs`, async (t) => {
  const { world, shop, subject, handle } = await setting(t);
  const { keychain, store } = world.context;
  const row = await store.subject(subject);
  const stored = await store.relationship(handle);
  assert.ok(row !== null && stored !== null);
  const key = keychain.openRelationship(keychain.openSubject(row).root, stored).key;
  const rows = Array.from({ length: EPOCHS_PER_RELATIONSHIP_MAX - 2 }, (_, i) => i + 3).map((epoch) => {
    const wrapped = keychain.wrapEpoch(key, handle, epoch, keychain.newKey());
    return { op: "epoch.add", row: { handle, epoch, key: wrapped, createdAt: world.now } } as const;
  });
  await world.commit(...rows);
  await world.restart();
  await assert.rejects(beginEpoch(world.context, subject, handle), code("relationship.epochs-used-up"));
  await eraseEpoch(world.context, subject, handle, 1);
  assert.equal((await beginEpoch(world.context, subject, handle)).epoch, EPOCHS_PER_RELATIONSHIP_MAX + 1);
  const company: Company = shop;
  await world.seal(company.web, handle, "x");
});
