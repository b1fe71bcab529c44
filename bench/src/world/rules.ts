/** The question that benchmarks ask, the rules that answer it, and rules beside them that do not. */
import { randomBytes } from "@strongroom/core/primitives";
import { compile, decide, type RequestedAction, type Rule } from "@strongroom/core/rules";
import { builtinVocabulary, type VocabularyKind } from "@strongroom/core/vocabulary";
import { seeded } from "../seeded.ts";

export const TYPE = "home-contact.street-address";
export const USE = "deliver.package";
export const PURPOSE = "contractual";
export const PROVENANCE = "subject.explicit";

export const READ: RequestedAction = { kind: "read", use: USE, purpose: PURPOSE };
const SEAL: RequestedAction = { kind: "update", provenance: PROVENANCE };

/** What a rule says, without what makes it one particular rule. */
type Said = Pick<Rule, "effect" | "applications" | "types" | "action" | "retentionMs">;

/** Other sets of rules than these would cost the same; one for all would stay in the processor's cache. */
const VARIANTS = 64;

const vocabulary = builtinVocabulary();

export class RuleSets {
  readonly #variants: readonly (readonly Said[])[];
  #next = 0;

  /** @param rules how many a person has; at least 2 */
  constructor(rules: number, retentionMs: number) {
    const random = seeded(3);
    this.#variants = Array.from({ length: VARIANTS }, () => [
      ...ownRules(retentionMs),
      ...Array.from({ length: rules - 2 }, () => besideRule(random)),
    ]);
  }

  /** The next person's rules, as they are stored. */
  next(now: number): Rule[] {
    const said = this.#variants[this.#next++ % VARIANTS]!;
    return said.map((one) => storedRule(one, now));
  }
}

function ownRules(retentionMs: number): Said[] {
  const types = ["home-contact"];
  return [
    said({ kind: "update", provenances: ["subject"] }, { types }),
    said({ kind: "read", uses: ["deliver"], purposes: [PURPOSE] }, { types, retentionMs }),
  ];
}

/** A rule that neither the sealing nor the opening of the benchmarks matches. */
function besideRule(random: () => number): Said {
  for (;;) {
    const one = anyRule(random);
    const index = compile(vocabulary, [storedRule(one, Date.now())]);
    const at = Date.now();
    const matches = [READ, SEAL].some((action) => {
      return decide(index, { application: "any", type: TYPE, action, at }).rules.length > 0;
    });
    if (!matches) return one;
  }
}

function anyRule(random: () => number): Said {
  const term = (kind: VocabularyKind): string => {
    const terms = vocabulary.terms(kind);
    return terms[Math.floor(random() * terms.length)]!.id;
  };
  const types = [term("type"), term("type")];
  if (random() < 0.2) return said({ kind: "update", provenances: [term("provenance")] }, { types });
  const effect = random() < 0.1 ? "deny" : "allow";
  return said({ kind: "read", uses: [term("use"), term("use")], purposes: [term("purpose")] }, { types, effect });
}

function said(action: Said["action"], rest: Partial<Said> & Pick<Said, "types">): Said {
  return { effect: "allow", applications: null, action, retentionMs: 0, ...rest };
}

function storedRule(one: Said, createdAt: number): Rule {
  const id = randomBytes(16).toString("base64url");
  return { id, ...one, from: null, until: null, origin: "subject", createdAt };
}
