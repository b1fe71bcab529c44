/**
 * A database put back from a copy: it is refused, and taken up again only by replaying what was published meanwhile, the
 * erasures included. The tree goes on, and whoever lost entries can tell.
 */
import assert from "node:assert/strict";
import { cpSync, globSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fromBase64url } from "@strongroom/core/bytes";
import { verifyConsistency } from "@strongroom/core/log";
import { rotateKek } from "../../src/keys/rotate.ts";
import { proveConsistency } from "../../src/log/proofs.ts";
import { logPage } from "../../src/log/query.ts";
import { listRules, revokeRule } from "../../src/rules/ruleService.ts";
import { assertWhole, auditedLog, promiseOf } from "../auditing.ts";
import { code } from "../world.ts";
import { ownReport } from "./owner.ts";
import {
  NAMES,
  setting,
  memoryOf,
  copyOf,
  putBack,
  whatTheCopyMisses,
  outcomes,
  answersNow,
  ERASED,
  LIVING,
  livingIn,
  noteIn,
  checkpointOf,
} from "./olderCopy.ts";

describe("a restored older copy of the database", () => {
  test("an older copy does not start, however often it is tried", async (t) => {
    const all = await setting(t);
    await whatTheCopyMisses(all);
    const published = noteIn(all.world);
    await putBack(all.world);
    for (let tries = 0; tries < 3; tries += 1) await assert.rejects(all.world.start(), code("log.store-behind"));
    assert.equal(noteIn(all.world), published, "and what was published stays");
  });

  test("an older copy is recovered: the same tree goes on, and what was erased is erased again", async (t) => {
    const all = await setting(t);
    const { world } = all;
    await whatTheCopyMisses(all);
    const published = noteIn(world);
    await putBack(world);
    const { erasedAgain } = await world.start({ recover: true });
    assert.equal(erasedAgain, 3, "an epoch, a relationship, a subject");
    assert.deepEqual(await outcomes(all), ERASED);
    await world.publish();

    const [before, now] = [checkpointOf(world, published), checkpointOf(world, noteIn(world))];
    const { proof } = await proveConsistency(world.context, before.size, now.size);
    assert.ok(now.size > before.size);
    assert.ok(verifyConsistency(before.size, now.size, proof.map(fromBase64url), before.root, now.root));
    await assertWhole(world, livingIn(all), { remembered: published });

    await world.restart();
    assert.equal(world.agent.erasedAgain, 0);
    assert.deepEqual(await outcomes(all), ERASED);
    await assertWhole(world, livingIn(all), { remembered: published });
  });

  test("everybody is locked until they have looked at their rules: what they revoked since the copy is not in it", async (t) => {
    const all = await setting(t);
    const { world, shop, people } = all;
    const [rule] = (await listRules(world.context, people.Ann.subject)).filter(({ action }) => action.kind === "read");
    assert.ok(rule !== undefined);
    await revokeRule(world.context, people.Ann.subject, rule.id);
    assert.equal(await world.open(shop.web, people.Ann.sealed), "no-rule");
    await world.publish();
    await putBack(world);
    const { lockedAgain } = await world.start({ recover: true });
    assert.equal(lockedAgain, NAMES.length);
    assert.deepEqual(
      await answersNow(all),
      NAMES.map(() => "locked"),
    );
    await world.restart();
    assert.equal(world.agent.lockedAgain, 0);
    assert.deepEqual(
      await answersNow(all),
      NAMES.map(() => "locked"),
    );
    const { lines } = await logPage(world.context, await world.live(people.Ann.subject), { kind: "lock" }, 5, null);
    assert.deepEqual(
      lines.map(({ reason }) => reason),
      ["recovered"],
      "and each can read why",
    );
  });

  test("an older copy of the whole data folder, published log included, is found out by the key folder", async (t) => {
    const all = await setting(t);
    const { world } = all;
    const [older, newest] = [join(world.folder, "older-log"), join(world.folder, "newest-log")];
    cpSync(world.logFolder, older, { recursive: true });
    await whatTheCopyMisses(all);
    await world.close();
    cpSync(world.logFolder, newest, { recursive: true });
    for (const log of [older, null]) {
      await putBack(world);
      rmSync(world.logFolder, { recursive: true });
      if (log !== null) cpSync(log, world.logFolder, { recursive: true });
      await assert.rejects(world.start(), code("log.store-behind"));
      await assert.rejects(world.start({ recover: true }), code("log.damaged"));
    }
    rmSync(world.logFolder, { recursive: true, force: true });
    cpSync(newest, world.logFolder, { recursive: true });
    await world.start({ recover: true });
    assert.deepEqual(await outcomes(all), ERASED);
  });

  test("an older copy with entries that no checkpoint covered yet is recovered too", async (t) => {
    const all = await setting(t);
    const { world, shop, people } = all;
    // A copy of a running agent's files, as after a crash: the log ends with entries and not with a checkpoint.
    await world.open(shop.web, people.Ann.sealed);
    cpSync(world.databaseFile, copyOf(world));
    cpSync(`${world.databaseFile}-wal`, `${copyOf(world)}-wal`);
    const covered = world.context.publisher.checkpoint?.size ?? 0;
    await whatTheCopyMisses(all);
    const published = noteIn(world);
    await putBack(world);
    cpSync(`${copyOf(world)}-wal`, `${world.databaseFile}-wal`);
    await world.start({ recover: true });
    assert.ok(covered < checkpointOf(world, published).size);
    assert.deepEqual(await outcomes(all), ERASED);
    const heads = await assertWhole(world, livingIn(all), { remembered: published });
    assert.ok(
      (heads.get(people.Ann.subject)?.counter ?? 0) > (all.headsBefore.get(people.Ann.subject)?.counter ?? 0) + 1,
    );
  });

  test("when an older copy has started, nothing of what was erased is in its rows", async (t) => {
    const all = await setting(t);
    const { world, people } = all;
    await whatTheCopyMisses(all);
    await putBack(world);
    await world.start({ recover: true });
    const { store } = world.context;
    const dan = await store.subject(people.Dan.subject);
    assert.deepEqual([dan?.root, dan?.logKey, dan?.login, dan?.passwordHash], [null, null, null, null]);
    for (const { handle } of [people.Cat, people.Dan]) {
      const row = await store.relationship(handle);
      assert.deepEqual([row?.key, row?.rulebook], [null, null]);
    }
    for (const { handle } of [people.Ben, people.Cat, people.Dan])
      assert.equal((await store.epochsOf(handle))[0]?.key, null);
  });

  test("who lost entries can see it, and who lost none finds everything as it was", async (t) => {
    const all = await setting(t);
    const { world, people } = all;
    await whatTheCopyMisses(all);
    const remembered = await assertWhole(world, livingIn(all));
    await putBack(world);
    await world.start({ recover: true });
    await world.publish();
    for (const name of LIVING) {
      const { subject } = people[name];
      const { findings } = await ownReport(world, subject, remembered.get(subject));
      const lost = name === "Eve" ? [] : ["audit.entry-rewritten"];
      assert.deepEqual(
        findings.map((finding) => finding.code),
        lost,
        name,
      );
      assert.deepEqual(
        (await ownReport(world, subject, all.headsBefore.get(subject))).findings,
        [],
        `${name}, from before the copy`,
      );
    }
  });

  test("what was published stands where it was promised; what was not, is found broken", async (t) => {
    const all = await setting(t);
    const { world, shop, people } = all;
    const published = promiseOf(world, await world.ask(shop.web, [people.Ann.sealed]));
    await world.publish();
    cpSync(world.logFolder, join(world.folder, "log-copy"), { recursive: true });
    const unpublished = promiseOf(world, await world.ask(shop.web, [people.Ann.sealed]));
    await putBack(world);
    // The newest checkpoint went down with the machine, the key folder's memory of it included.
    rmSync(world.logFolder, { recursive: true });
    rmSync(memoryOf(world));
    cpSync(join(world.folder, "log-copy"), world.logFolder, { recursive: true });
    await world.start({ recover: true });
    assert.deepEqual((await auditedLog(world, { promises: [published] })).findings, []);
    await world.ask(shop.web, [people.Eve.sealed]);
    const { findings } = await auditedLog(world, { promises: [published, unpublished] });
    assert.deepEqual(
      findings.map((finding) => finding.code),
      ["audit.promise-broken"],
    );
  });

  test("a database that was lost altogether: the log goes on, and nobody is in it", async (t) => {
    const all = await setting(t);
    const { world } = all;
    const published = noteIn(world);
    await world.close();
    for (const file of globSync(`${world.databaseFile}*`)) rmSync(file);
    await assert.rejects(world.start(), code("log.store-behind"));
    await world.start({ recover: true });
    assert.deepEqual(
      await answersNow(all),
      NAMES.map(() => "unknown-object"),
    );
    assert.deepEqual((await auditedLog(world, { remembered: published })).findings, []);
  });

  test("a copy from before the KEK turned opens nothing and is not taken up", async (t) => {
    const all = await setting(t);
    const { world } = all;
    await whatTheCopyMisses(all);
    await rotateKek(world.context);
    await putBack(world);
    await assert.rejects(world.start({ recover: true }), code("keys.kek-missing"));
    await assert.rejects(world.start(), code("keys.kek-missing"));
  });
});

test("interrupted at any write, a recovery is finished by the next start", async (t) => {
  const all = await setting(t);
  const { world } = all;
  await whatTheCopyMisses(all);
  const published = noteIn(world);
  await putBack(world);
  const before = join(world.folder, "before");
  cpSync(join(world.folder, "data"), before, { recursive: true });
  let interrupted = 0;
  for (let fails = 1; ; fails += 1) {
    await world.close();
    rmSync(join(world.folder, "data"), { recursive: true });
    cpSync(before, join(world.folder, "data"), { recursive: true });
    rmSync(memoryOf(world), { force: true });
    let commits = 0;
    world.stage.beforeCommit = () => {
      commits += 1;
      // From there on nothing is written any more.
      if (commits >= fails) throw new Error("the machine stops here");
    };
    const stopped = await world.start({ recover: true }).then(
      () => null,
      (error: unknown) => error,
    );
    world.stage.beforeCommit = () => undefined;
    if (commits < fails) {
      assert.equal(stopped, null);
      break;
    }
    assert.ok(stopped !== null, `write ${fails} failed, and yet it started`);
    interrupted += 1;
    // The leaves are taken over with the first write; a later start only has to find what they name.
    if (fails === 1) await assert.rejects(world.start(), code("log.store-behind"));
    await world.start(fails === 1 ? { recover: true } : {});
    assert.deepEqual(await outcomes(all), ERASED, `interrupted at write ${fails}`);
    await assertWhole(world, livingIn(all), { remembered: published, heads: new Map([...all.headsBefore]) });
  }
  assert.ok(interrupted >= 5, `only ${interrupted} writes in a recovery`);
});
