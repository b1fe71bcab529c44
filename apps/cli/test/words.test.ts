/** Dates, durations, rules as flags, names, tables: what people write and read. */
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { pick } from "../src/names.ts";
import { showable } from "../src/output.ts";
import { actionOf, draftOf, sentence } from "../src/ruleFlags.ts";
import { facts, table } from "../src/table.ts";
import { readDuration, readTime, showDuration, showTime } from "../src/times.ts";

const usage = { code: "cli.usage" };

describe("times", () => {
  test("a date is its first millisecond, as an end its last, in this machine's time zone", () => {
    const at = readTime("2026-03-29", "--from");
    assert.equal(at, new Date(2026, 2, 29).getTime());
    assert.equal(readTime("2026-03-29", "--until", true), new Date(2026, 2, 30).getTime() - 1);
  });

  for (const [text, ms] of [
    ["2026-12-31T18:00Z", Date.UTC(2026, 11, 31, 18)],
    ["2026-12-31T18:00:30.5+01:00", Date.UTC(2026, 11, 31, 17, 0, 30, 500)],
    ["2026-12-31 18:00-02:30", Date.UTC(2026, 11, 31, 20, 30)],
    ["2024-02-29T00:00Z", Date.UTC(2024, 1, 29)],
    ["2026-06-01T12:00:00", new Date(2026, 5, 1, 12).getTime()],
  ] as const) {
    test(`${text} is that moment, as a start and as an end`, () => {
      assert.equal(readTime(text, "--from"), ms);
      assert.equal(readTime(text, "--until", true), ms);
    });
  }

  for (const text of [
    "2026-02-29",
    "2026-13-01",
    "2026-00-10",
    "26-01-01",
    "tomorrow",
    "2026-01-01T25:00Z",
    "2026-01-01T12:60Z",
    "2026-02-30T12:00Z",
    "",
    "1767225600",
  ]) {
    test(`"${text}" is refused`, () => assert.throws(() => readTime(text, "--from"), usage));
  }

  test("are shown with the offset, and can be read again to the second", () => {
    const at = Date.UTC(2026, 5, 1, 12, 0, 5);
    const shown = showTime(at);
    assert.match(shown, /^2026-0\d-\d\d \d\d:\d\d:05 [+-]\d\d:\d\d$/);
    assert.equal(readTime(shown.replace(/ ([+-])/, "$1"), "--from"), at);
  });

  test("durations, there and back", () => {
    for (const [text, ms] of [
      ["0", 0],
      ["250ms", 250],
      ["90s", 90_000],
      ["10m", 600_000],
      ["2h", 7_200_000],
      ["1d", 86_400_000],
    ] as const) {
      assert.equal(readDuration(text, "--keep"), ms);
      assert.equal(readDuration(showDuration(ms), "--keep"), ms);
    }
    assert.equal(showDuration(600_000), "10m");
    for (const text of ["10", "-1m", "1.5h", "m", "10 m", "1w", ""])
      assert.throws(() => readDuration(text, "--keep"), usage);
  });
});

describe("a rule as flags", () => {
  const read = { use: ["deliver.package"], purpose: ["contractual"] };
  const old = {
    controller: "c",
    applications: ["a"],
    effect: "allow",
    types: ["identity"],
    action: { kind: "read", uses: ["analytics"], purposes: ["advert"] },
    from: 5,
    until: 6,
    retentionMs: 7,
    note: "old",
  } as const;

  test("must say effect, types and action", () => {
    assert.throws(() => draftOf({ type: ["identity"], ...read }, null), usage);
    assert.throws(() => draftOf({ allow: true, ...read }, null), usage);
    assert.throws(() => draftOf({ allow: true, type: ["identity"] }, null), usage);
    const draft = draftOf({ allow: true, type: ["identity"], ...read }, null);
    assert.deepEqual(draft, {
      effect: "allow",
      types: ["identity"],
      action: { kind: "read", uses: read.use, purposes: read.purpose },
      from: null,
      until: null,
    });
  });

  test("an action is reading or sealing, whole, and not both", () => {
    assert.deepEqual(actionOf({ provenance: ["subject"] }, null), { kind: "update", provenances: ["subject"] });
    assert.equal(actionOf({}, null), null);
    for (const flags of [
      { read: true },
      { update: true },
      { use: ["u"] },
      { ...read, provenance: ["subject"] },
      { ...read, update: true },
    ]) {
      assert.throws(() => actionOf(flags, null), usage);
    }
  });

  test("an edit replaces what it names and keeps the rest", () => {
    const { controller: _, applications: _of, ...kept } = old;
    assert.deepEqual(draftOf({}, old), kept);
    assert.deepEqual(draftOf({ use: ["deliver"] }, old).action, {
      kind: "read",
      uses: ["deliver"],
      purposes: ["advert"],
    });
    assert.deepEqual(draftOf({ provenance: ["subject"], keep: "0" }, old).action, {
      kind: "update",
      provenances: ["subject"],
    });
    const ended = draftOf({ deny: true, from: "always", until: "never", note: "", keep: "0" }, old);
    assert.deepEqual(ended, {
      effect: "deny",
      types: ["identity"],
      action: old.action,
      from: null,
      until: null,
      retentionMs: 0,
    });
  });

  test("is a sentence on the way out", () => {
    const rule = { ...old, from: null, until: null, retentionMs: 600_000 };
    assert.equal(
      sentence(rule, "Shop"),
      "allow Shop (a) to read identity for analytics; purpose advert, keys kept 10m",
    );
    const seals = {
      ...rule,
      applications: null,
      action: { kind: "update", provenances: ["subject"] },
      retentionMs: 0,
    } as const;
    assert.equal(sentence(seals, "Shop"), "allow Shop (any program) to seal identity from subject");
  });
});

describe("names", () => {
  const items = [
    { id: "aaaaaaaaaaaaaaaaaaaaaa", name: "Corner Shop" },
    { id: "bbbbbbbbbbbbbbbbbbbbbb", name: "Newspaper" },
    { id: "cccccccccccccccccccccc", name: "newspaper" },
  ];

  test("by id, by name in any case; not where several have it", () => {
    assert.equal(pick(items, "aaaaaaaaaaaaaaaaaaaaaa", "controller"), items[0]);
    assert.equal(pick(items, "corner shop", "controller"), items[0]);
    assert.throws(() => pick(items, "Newspaper", "controller"), {
      code: "cli.unknown-name",
      message: /2 controllers have this name/,
    });
  });

  test("an unknown one is told the nearest, of names and of ids", () => {
    assert.throws(() => pick(items, "Cornr Shp", "controller"), { details: { nearest: items[0] } });
    assert.throws(() => pick(items, "bbbbbbbbbbbbbbbbbbbbbx", "controller"), { details: { nearest: items[1] } });
    assert.throws(() => pick([], "x", "controller"), { message: "no such controller; there is none yet" });
  });
});

describe("text", () => {
  test("tables and facts are aligned, without space at line ends", () => {
    assert.equal(
      table(
        ["id", "name"],
        [
          ["1", "Ann"],
          ["22", ""],
        ],
      ),
      "ID  NAME\n1   Ann\n22",
    );
    assert.equal(
      facts([
        ["a", "1"],
        ["long", ""],
      ]),
      "a:    1\nlong:",
    );
  });

  test("nothing that steers a terminal gets through", () => {
    assert.equal(showable("a\u001b[2Jb\rc\u202ed\te\n"), "a\ufffd[2Jb\ufffdc\ufffdd\te\n");
    assert.equal(showable("Ελλάδα – 日本"), "Ελλάδα – 日本");
  });
});
