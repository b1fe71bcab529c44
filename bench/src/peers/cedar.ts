/**
 * Cedar as a peer: rules as policies, terms as entities in their trees. What the rules mean is in spec/decision.md:
 * a rule on a term covers what hangs below it, an application must match where the rule names any, deny beats allow.
 */
import { preparsePolicySet, statefulIsAuthorized } from "@cedar-policy/cedar-wasm/nodejs";
import type { DecisionRequest } from "@strongroom/core/rules";
import type { Vocabulary, VocabularyKind } from "@strongroom/core/vocabulary";

/** The rules that this peer can say: reading, always valid. */
export interface ReadRule {
  readonly id: string;
  readonly effect: "allow" | "deny";
  readonly applications: readonly string[] | null;
  readonly types: readonly string[];
  readonly action: { readonly kind: "read"; readonly uses: readonly string[]; readonly purposes: readonly string[] };
}

const SET = "bench";

export class CedarRules {
  readonly #vocabulary: Vocabulary;

  /** Cedar keeps one set of policies per process under this name: the newest instance is the one that decides. */
  constructor(vocabulary: Vocabulary, rules: readonly ReadRule[]) {
    this.#vocabulary = vocabulary;
    const policies = Object.fromEntries(rules.map((rule) => [rule.id, policyOf(rule)]));
    const answer = preparsePolicySet(SET, { staticPolicies: policies });
    if (answer.type !== "success") throw new Error(`Cedar refuses the policies: ${JSON.stringify(answer.errors)}`);
  }

  decide({ application, type, action }: DecisionRequest): "allow" | "deny" {
    if (action.kind !== "read") throw new RangeError("this peer decides about reading only");
    const answer = statefulIsAuthorized({
      principal: { type: "App", id: application },
      action: { type: "Action", id: "read" },
      resource: { type: "Type", id: type },
      context: {
        use: { __entity: { type: "Use", id: action.use } },
        purpose: { __entity: { type: "Purpose", id: action.purpose } },
      },
      preparsedPolicySetId: SET,
      entities: [
        ...this.#entities("type", "Type", type),
        ...this.#entities("use", "Use", action.use),
        ...this.#entities("purpose", "Purpose", action.purpose),
      ],
    });
    if (answer.type !== "success") throw new Error(`Cedar cannot decide: ${JSON.stringify(answer.errors)}`);
    const { decision, diagnostics } = answer.response;
    if (diagnostics.errors.length > 0) throw new Error(`Cedar met errors: ${JSON.stringify(diagnostics.errors)}`);
    return decision;
  }

  /** The term and all above it, each with its parent: what `in` needs to know. */
  #entities(kind: VocabularyKind, entity: string, id: string) {
    const chain = this.#vocabulary.ancestors(kind, id);
    return chain.map((term, place) => {
      const parent = chain[place + 1];
      return {
        uid: { type: entity, id: term.id },
        attrs: {},
        parents: parent === undefined ? [] : [{ type: entity, id: parent.id }],
      };
    });
  }
}

/** Ids come from the vocabulary and from the benchmark; JSON quotes them as Cedar does. */
function policyOf({ effect, applications, types, action }: ReadRule): string {
  const anyOf = (what: string, entity: string, ids: readonly string[]) =>
    `(${ids.map((id) => `${what} in ${entity}::${JSON.stringify(id)}`).join(" || ")})`;
  const conditions = [
    ...(applications === null ? [] : [anyOf("principal", "App", applications)]),
    anyOf("resource", "Type", types),
    anyOf("context.use", "Use", action.uses),
    anyOf("context.purpose", "Purpose", action.purposes),
  ];
  return `${effect === "allow" ? "permit" : "forbid"}(principal, action, resource) when { ${conditions.join(" && ")} };`;
}
