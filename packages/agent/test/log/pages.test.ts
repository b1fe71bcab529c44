/** What a person reads of the log: every filter, both ends of time, cursors, and what a damaged store does to it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DatabaseSync } from "node:sqlite";
import { toBase64url, u48 } from "@strongroom/core/bytes";
import type { LogFilter, LogLine } from "@strongroom/core/wire";
import { requestConsent } from "../../src/consent/consentService.ts";
import { everyLine, logPage, PAGE_LINES_MAX, rawPage } from "../../src/log/query.ts";
import { LogUnit } from "../../src/log/writer.ts";
import { addRule } from "../../src/rules/ruleService.ts";
import { CITY, code, createWorld, EMAIL, mayUpdate, NOW, type World } from "../world.ts";

async function page(
  world: World,
  subject: string,
  filter: LogFilter,
  limit = 100,
  cursor: string | null = null,
): Promise<readonly LogLine[]> {
  return (await logPage(world.context, await world.live(subject), filter, limit, cursor)).lines;
}

/** Ada is asked for by two applications of the shop and one of the bank, a second apart each. */
async function aFullLog(world: World) {
  const [shop, bank] = [await world.company("shop"), await world.company("bank")];
  const post = await world.application(shop.id, "post room");
  const { subject, handle } = await world.customer(shop);
  await addRule(world.context, subject, mayUpdate(bank, { types: ["identity"] }));
  const bankHandle = await world.handle(subject, bank);
  const begin = (): void => void (world.now += 1000);
  begin();
  const email = await world.seal(shop.web, handle, "a@example.org");
  begin();
  const city = await world.seal(shop.web, handle, "Athens", CITY);
  begin();
  const surname = await world.seal(bank.web, bankHandle, "Lovelace", "identity.surname");
  begin();
  await world.open(shop.web, email);
  begin();
  await world.open(post, city, { use: "deliver.visit" });
  begin();
  await world.open(shop.web, email, { use: "communicate.email", purpose: "advert.newsletter" });
  begin();
  await world.open(bank.web, surname);
  return { shop, bank, post, subject, handle, first: NOW + 1000 };
}

describe("the log can be filtered", () => {
  test("by controller, application, kind, action, type, use, purpose, provenance and outcome, wider terms covering narrower ones", async (t) => {
    const world = await createWorld(t);
    const { shop, bank, post, subject } = await aFullLog(world);
    const uses = async (filter: LogFilter): Promise<unknown[]> =>
      (await page(world, subject, filter)).map(({ kind, type, outcome }) => [kind, type, outcome].join(" "));
    const [email, city, surname] = [`use ${EMAIL}`, `use ${CITY}`, "use identity.surname"];
    const sealed = [`seal identity.surname allow`, `seal ${CITY} allow`, `seal ${EMAIL} allow`];
    const cases: [LogFilter, string[]][] = [
      [{ controller: bank.id, kind: "use" }, [`${surname} deny`]],
      [{ application: post.application }, [`${city} allow`]],
      [{ kind: "seal" }, sealed],
      [{ action: "update" }, sealed],
      [{ action: "read" }, [`${surname} deny`, `${email} deny`, `${city} allow`, `${email} allow`]],
      [{ type: EMAIL, action: "read" }, [`${email} deny`, `${email} allow`]],
      [{ type: "home-contact", action: "read" }, [`${email} deny`, `${city} allow`, `${email} allow`]],
      [{ use: "deliver", action: "read" }, [`${surname} deny`, `${city} allow`, `${email} allow`]],
      [{ use: "deliver.visit" }, [`${city} allow`]],
      [{ purpose: "advert" }, [`${email} deny`]],
      [{ provenance: "subject", kind: "seal" }, sealed],
      [{ provenance: "subject.behaviour" }, []],
      [{ outcome: "deny" }, [`${surname} deny`, `${email} deny`]],
      [{ controller: shop.id, outcome: "allow", action: "read", type: CITY }, [`${city} allow`]],
    ];
    for (const [filter, expected] of cases) assert.deepEqual(await uses(filter), expected, JSON.stringify(filter));
  });

  test("a line names controller and application, and carries what was decided and why", async (t) => {
    const world = await createWorld(t);
    const { shop, subject } = await aFullLog(world);
    const [line] = await page(world, subject, { purpose: "advert" });
    assert.deepEqual(
      [
        line?.controllerName,
        line?.applicationName,
        line?.use,
        line?.purpose,
        line?.reason,
        line?.objects,
        line?.action,
      ],
      ["shop", "web", "communicate.email", "advert.newsletter", "no-rule", 1, "read"],
    );
    assert.equal(line?.controller, shop.id);
  });

  test("from one millisecond to another, both inclusive", async (t) => {
    const world = await createWorld(t);
    const { subject, first } = await aFullLog(world);
    const times = async (filter: LogFilter): Promise<number[]> =>
      (await page(world, subject, filter)).map(({ at }) => (at - first) / 1000);
    assert.deepEqual(await times({ from: first + 1000, until: first + 3000 }), [3, 2, 1]);
    assert.deepEqual(await times({ from: first + 1001, until: first + 2999 }), [2]);
    assert.deepEqual(await times({ until: first }).then((all) => all.slice(0, 1)), [0]);
    assert.deepEqual(await times({ from: first + 6000 }), [6]);
    assert.deepEqual(await times({ from: first + 6001 }), []);
  });

  test("an entry that waited for the log is found by its own time, whatever stands before it", async (t) => {
    const world = await createWorld(t);
    const subject = await world.person();
    const live = await world.live(subject);
    for (const at of [NOW + 105, NOW + 100, NOW + 104, NOW - 3_600_000]) {
      const unit = new LogUnit(null, null, at);
      unit.record(live, { kind: "session", reason: "signed-in" });
      await world.context.writer.append(unit);
    }
    const found = (await page(world, subject, { kind: "session", from: NOW + 103 })).map(({ at }) => at - NOW);
    assert.deepEqual(found, [104, 105]);
  });
});

describe("pages", () => {
  test("follow one another without gap or repetition, in any size", async (t) => {
    const world = await createWorld(t);
    const { subject } = await aFullLog(world);
    const live = await world.live(subject);
    const whole = (await world.log(subject)).map(({ counter }) => counter).reverse();
    assert.equal(whole.at(-1), 1);
    for (const limit of [1, 2, 5, 100]) {
      const [lines, raw]: [number[], number[]] = [[], []];
      for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
        const one = await logPage(world.context, live, {}, limit, cursor);
        lines.push(...one.lines.map(({ counter }) => counter));
        cursor = one.cursor;
      }
      for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
        const one = await rawPage(world.context, live, limit, cursor);
        raw.push(...one.entries.map(({ counter }) => counter));
        cursor = one.cursor;
      }
      assert.deepEqual([lines, raw], [whole, whole], `pages of ${limit}`);
    }
  });

  test(`have at most ${PAGE_LINES_MAX} lines, however many are asked for`, async (t) => {
    const world = await createWorld(t);
    const live = await world.live(await world.person());
    const unit = new LogUnit(null, null, world.now);
    for (let i = 0; i < PAGE_LINES_MAX + 1; i += 1) unit.record(live, { kind: "session", reason: "signed-in" });
    await world.context.writer.append(unit);
    const lengths = await Promise.all(
      [1e9, 0].map(async (limit) => (await logPage(world.context, live, {}, limit, null)).lines.length),
    );
    assert.deepEqual(lengths, [PAGE_LINES_MAX, 1]);
    assert.equal((await rawPage(world.context, live, 1e9, null)).entries.length, PAGE_LINES_MAX);
  });

  test("a cursor of somebody else, of no entry, or of no form leads nowhere", async (t) => {
    const world = await createWorld(t);
    const { subject } = await aFullLog(world);
    const other = await world.person();
    const foreign = (await logPage(world.context, await world.live(subject), {}, 1, null)).cursor;
    const live = await world.live(other);
    for (const cursor of [foreign, toBase64url(u48(2 ** 40)), "AAAA", "not base64!", ""]) {
      await assert.rejects(logPage(world.context, live, {}, 10, cursor), code("log.bad-cursor"), String(cursor));
      await assert.rejects(rawPage(world.context, live, 10, cursor), code("log.bad-cursor"), String(cursor));
    }
  });

  test("the cost of a page does not grow with the log of all", async (t) => {
    const world = await createWorld(t);
    const { subject } = await aFullLog(world);
    const live = await world.live(subject);
    const reads = async (): Promise<number> => {
      world.stage.counts.clear();
      await logPage(world.context, live, {}, 5, null);
      return world.stage.counts.get("chunks") ?? 0;
    };
    const before = await reads();
    const crowd = await world.live(await world.person());
    for (let i = 0; i < 20; i += 1) {
      const unit = new LogUnit(null, null, world.now);
      for (let j = 0; j < 200; j += 1) unit.record(crowd, { kind: "session", reason: "signed-in" });
      await world.context.writer.append(unit);
    }
    assert.equal(await reads(), before);
    assert.ok(before <= 5, "no more rows than lines");
  });

  test("an export has what was there when it began", async (t) => {
    const world = await createWorld(t);
    const { subject, shop, handle } = await aFullLog(world);
    const live = await world.live(subject);
    const before = live.head.counter;
    const lines: LogLine[] = [];
    for await (const line of everyLine(world.context, live, {}, live.head)) {
      if (lines.length === 0) await world.seal(shop.web, handle, "meanwhile");
      lines.push(line);
    }
    assert.deepEqual([lines[0]?.counter, lines.length], [before, before]);
  });

  test("a subject without entries has an empty log", async (t) => {
    const world = await createWorld(t);
    const { keychain, directory } = world.context;
    const id = world.id();
    const row = { id, login: "new", passwordHash: null, state: "active" as const, createdAt: 1, erasedAt: null };
    const live = directory.adoptSubject(
      { ...row, ...keychain.wrapSubject(id, "active", keychain.newSubjectKeys()) },
      null,
    );
    assert.deepEqual(await logPage(world.context, live, {}, 10, null), { lines: [], cursor: null });
    assert.deepEqual(await rawPage(world.context, live, 10, null), { entries: [], cursor: null });
  });
});

describe("log records that were changed in the database", () => {
  type Row = { first: number; count: number; records: Uint8Array };
  const tamperings: Record<string, (rows: Row[], put: (first: number, records: Uint8Array) => void) => void> = {
    "swapped are refused": ([a, b], put) => {
      put(a!.first, b!.records);
      put(b!.first, a!.records);
    },
    "cut are refused": ([a], put) => put(a!.first, a!.records.subarray(0, a!.records.length - 1)),
    "whose chain was ended early are refused": ([a], put) => {
      const bytes = Buffer.from(a!.records);
      bytes.fill(0, 2 + 33 + 2 + 16 + 6, 2 + 33 + 2 + 16 + 12);
      put(a!.first, bytes);
    },
    "whose chain leads forward are refused": ([a], put) => {
      const bytes = Buffer.from(a!.records);
      bytes.writeUIntBE(a!.first + 1, 2 + 33 + 2 + 16 + 6, 6);
      put(a!.first, bytes);
    },
    "whose leaf is another are refused": ([a], put) => {
      const bytes = Buffer.from(a!.records);
      bytes[5]! ^= 1;
      put(a!.first, bytes);
    },
  };
  for (const [what, tamper] of Object.entries(tamperings)) {
    test(what, async (t) => {
      const world = await createWorld(t);
      const { subject, shop, handle } = await aFullLog(world);
      await requestConsent(world.context, shop.web, {
        ...{
          handle,
          types: [EMAIL],
          action: { kind: "read", uses: ["deliver"], purposes: ["contractual"] },
          until: null,
        },
        ...{ reason: "to deliver", ifRefused: "we cannot", expiresAt: world.now + 1000 },
      });
      const database = new DatabaseSync(world.databaseFile);
      const rows = database.prepare("SELECT * FROM log_chunks ORDER BY first DESC LIMIT 2").all() as unknown as Row[];
      const put = (first: number, records: Uint8Array): void =>
        void database.prepare("UPDATE log_chunks SET records = ? WHERE first = ?").run(records, first);
      tamper(rows, put);
      await assert.rejects(page(world, subject, {}), (error: { code?: string }) =>
        /^log\.(damaged|entry-unreadable)$/.test(error.code ?? ""),
      );
      for (const { first, records } of rows) put(first, records);
      assert.equal((await page(world, subject, {})).at(-1)?.counter, 1);
      database.close();
    });
  }
});
