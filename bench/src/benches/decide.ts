/**
 * Decisions over the rules of one relationship: does the time grow with their number, and how does it compare with
 * Cedar, which is asked the same questions about the same rules and must give the same answers.
 */
import assert from "node:assert/strict";
import { compile, decide, type DecisionRequest, type RuleIndex } from "@strongroom/core/rules";
import { builtinVocabulary, type VocabularyKind } from "@strongroom/core/vocabulary";
import { compare, perSecond } from "../compare.ts";
import { CedarRules } from "../peers/cedar.ts";
import type { BenchOptions, Figure } from "../figure.ts";

export const about = "Decisions per second with 1, 100 and 10,000 rules in a relationship, and against Cedar.";

const AT = Date.UTC(2030, 0, 1);
const vocabulary = builtinVocabulary();

export async function* figures(options: BenchOptions): AsyncIterable<Figure> {
  yield* growth(options);
  yield await againstCedar(options);
}

/** The same requests, the same answers by the same rule; what grows is the number of rules that do not match. */
async function* growth({ rounds, quick, tell }: BenchOptions): AsyncIterable<Figure> {
  const random = seeded(1);
  const pool = Array.from({ length: 64 }, () => request(random));
  const requests = Array.from({ length: quick ? 64 : 50_000 }, (_, index) => pool[index % pool.length]!);
  const single = compile(vocabulary, [general()]);

  for (const count of quick ? [100] : [100, 10_000]) {
    const index = compile(vocabulary, [general(), ...others(count - 1, pool, random)]);
    for (const each of pool) assert.deepEqual(decide(index, each), decide(single, each));
    tell(`${count} rules: ${index.bytes} bytes`);
    yield await compare({
      name: `rules-${count}`,
      rounds,
      ours: () => decisions(index, requests),
      peer: () => decisions(single, requests),
      unit: "decisions/s",
      better: "higher",
      note: `The peer is ourselves with the one rule that matches; a ratio of 0.5 means twice the time with ${count}.`,
    });
  }
}

async function againstCedar({ rounds, quick, tell }: BenchOptions): Promise<Figure> {
  const random = seeded(2);
  const rules = [general(), ...Array.from({ length: 99 }, (_, index) => rule(index, random))];
  const requests = Array.from({ length: quick ? 100 : 20_000 }, () => request(random));
  const index = compile(vocabulary, rules);
  const cedar = new CedarRules(vocabulary, rules);
  const few = requests.slice(0, quick ? 20 : 500);
  for (const each of requests.slice(0, quick ? 100 : 5_000)) {
    assert.equal(decide(index, each).outcome, cedar.decide(each), JSON.stringify(each));
  }
  tell(`${requests.filter((each) => decide(index, each).outcome === "deny").length} of ${requests.length} are denied`);
  return await compare({
    name: "vs-cedar",
    rounds,
    ours: () => decisions(index, requests),
    peer: () =>
      perSecond(few.length, () => {
        for (const each of few) cedar.decide(each);
      }),
    unit: "decisions/s",
    better: "higher",
    note: "Cedar (WebAssembly) with the same 100 rules, parsed once and kept; entities are those of the request alone.",
  });
}

function decisions(index: RuleIndex, requests: readonly DecisionRequest[]): Promise<number> {
  return perSecond(requests.length, () => {
    for (const each of requests) decide(index, each);
  });
}

/** Allows reading anything for anything: it matches every request. */
function general() {
  const roots = (kind: VocabularyKind) => vocabulary.roots(kind).map(({ id }) => id);
  const action = { kind: "read" as const, uses: roots("use"), purposes: roots("purpose") };
  return stored("general", { effect: "allow" as const, applications: null, types: roots("type"), action });
}

/** Rules that match none of the requests. */
function others(count: number, requests: readonly DecisionRequest[], random: () => number) {
  const found = [];
  while (found.length < count) {
    const candidate = rule(found.length, random);
    const alone = compile(vocabulary, [candidate]);
    if (requests.every((each) => decide(alone, each).rules.length === 0)) found.push(candidate);
  }
  return found;
}

/** A tenth denies, half name an application; types, uses and purposes are drawn from the whole vocabulary. */
function rule(number: number, random: () => number) {
  return stored(`rule-${number}`, {
    effect: number % 10 === 9 ? ("deny" as const) : ("allow" as const),
    applications: number % 2 === 0 ? null : [application(random)],
    types: [term("type", random)],
    action: { kind: "read" as const, uses: [term("use", random)], purposes: [term("purpose", random)] },
  });
}

function stored<Said>(id: string, said: Said) {
  const until = AT + 86_400_000;
  return { id, ...said, from: null, until, retentionMs: 0, origin: "subject", createdAt: Date.UTC(2025, 0, 1) };
}

function request(random: () => number): DecisionRequest {
  return {
    application: application(random),
    type: term("type", random),
    action: { kind: "read", use: term("use", random), purpose: term("purpose", random) },
    at: AT,
  };
}

function application(random: () => number): string {
  return `app-${Math.floor(random() * 4)}`;
}

function term(kind: VocabularyKind, random: () => number): string {
  const terms = vocabulary.terms(kind);
  return terms[Math.floor(random() * terms.length)]!.id;
}

/** The same numbers in every run (mulberry32): both sides and all runs are asked the same. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
