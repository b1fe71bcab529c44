/** `recover` and `doctor` on folders that something happened to. */
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { chmodSync, copyFileSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { PASSWORD, Place, type Doc } from "./cli.ts";

/** What fails, as `name code`. */
async function failures(place: Place): Promise<{ exit: number | null; failed: string[]; warned: string[] }> {
  const { code, stdout, stderr } = await place.run(["doctor", "--port", "0", "--json"]);
  assert.equal(stderr, "");
  const { checks } = JSON.parse(stdout);
  for (const { level, fix } of checks) assert.equal(typeof fix, level === "ok" ? "undefined" : "string");
  const of = (wanted: string) =>
    checks
      .filter(({ level }: Doc) => level === wanted)
      .map(({ name, code: found }: Doc) => [name, found].filter(Boolean).join(" "));
  return { exit: code, failed: of("fail"), warned: of("warn") };
}

test("a database from before an erasure does not start, and is recovered with the erasure done again", async () => {
  const place = new Place();
  place.secret("password", PASSWORD);
  await place.json(["init"]);
  await place.json(["subject", "add", "ann", "--password-file", "password"]);
  copyFileSync(place.path("agent", "agent.db"), place.path("backup.db"));
  const nothing = await place.json(["recover"]);
  assert.deepEqual(nothing, { recovered: false, leaves: 0, erasedAgain: 0, lockedAgain: 0 });

  await place.json(["subject", "erase", "ann", "--yes"]);
  copyFileSync(place.path("backup.db"), place.path("agent", "agent.db"));
  const refused = await place.problem(["up", "--port", "0"]);
  assert.deepEqual([refused.code, refused.problem.code], [1, "log.store-behind"]);
  assert.deepEqual(await failures(place), { exit: 4, failed: ["database log.store-behind"], warned: [] });

  const unsure = await place.problem(["recover"]);
  assert.deepEqual([unsure.code, unsure.problem.code], [2, "cli.no-terminal"]);
  const { recovered, leaves, erasedAgain } = await place.json(["recover", "--yes"]);
  assert.equal(recovered, true);
  assert.ok(leaves >= 2 && erasedAgain >= 1, `${leaves} leaves, ${erasedAgain} keys`);
  const { subjects } = await place.json(["subject", "list"]);
  assert.deepEqual(
    subjects.map(({ state }: Doc) => state),
    ["erased"],
  );
  const { ok, counts } = await place.json(["audit", "agent", "--verifier-key", (await place.json(["init"])).logKey]);
  assert.ok(ok && counts.tombstone >= 1);
  assert.deepEqual(await failures(place), { exit: 0, failed: [], warned: [] });
});

describe("doctor", () => {
  test("names what is wrong with files, keys, clock and log, each with its cure", async () => {
    const place = new Place();
    assert.deepEqual(await failures(place), { exit: 4, failed: ["folder cli.no-agent-here"], warned: [] });
    await place.json(["init"]);
    place.secret("password", PASSWORD);
    await place.json(["subject", "add", "ann", "--password-file", "password"]);

    chmodSync(place.path("agent"), 0o755);
    chmodSync(place.path("agent", "keys", "kek-1.json"), 0o644);
    const open = await failures(place);
    assert.deepEqual(open, {
      exit: 4,
      failed: ["keys keys.kek-exposed", "database keys.kek-exposed"],
      warned: ["folder"],
    });
    chmodSync(place.path("agent"), 0o700);
    chmodSync(place.path("agent", "keys", "kek-1.json"), 0o600);

    const kek = place.path("agent", "keys", "kek-1.json");
    const young = readFileSync(kek, "utf8");
    const text = young.replace(/"createdAt":(\d+)/, (_, at) => `"createdAt":${Number(at) - 29 * 86_400_000}`);
    writeFileSync(kek, text);
    assert.deepEqual((await failures(place)).warned, []);
    const old = await place.json(["doctor", "--port", "0", "--kek-epoch-days", "28"]);
    assert.deepEqual(
      old.checks.filter(({ level }: Doc) => level === "warn").map(({ name }: Doc) => name),
      ["kek"],
    );

    const tomorrow = Date.now() / 1000 + 86_400;
    utimesSync(kek, tomorrow, tomorrow);
    assert.deepEqual((await failures(place)).failed, ["clock"]);
    const now = Date.now() / 1000;
    utimesSync(kek, now, now);

    // A tile of the mirror that is not what was published.
    const bundle = place.path("agent", "log", "tile", "0", "000.p");
    rmSync(bundle, { recursive: true });
    const log = await failures(place);
    assert.deepEqual([log.exit, log.failed], [4, ["mirror log.damaged"]]);
  });

  test("a database of another program or a newer version is told as that", async () => {
    const place = new Place();
    await place.json(["init"]);
    const database = place.path("agent", "agent.db");
    // user_version, big endian at 60 (https://www.sqlite.org/fileformat2.html section 1.3).
    const bytes = readFileSync(database);
    bytes.writeUInt32BE(9_999, 60);
    writeFileSync(database, bytes);
    assert.deepEqual((await failures(place)).failed, ["database storage.newer-schema"]);
    writeFileSync(database, "not a database, whatever its name is; long enough to have a header of its own, or not");
    assert.deepEqual((await failures(place)).failed, ["database storage.unavailable"]);
  });
});
