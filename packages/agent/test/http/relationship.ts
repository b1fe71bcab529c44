/** A person who lets an application seal and open some of their data: what most tests of /v1/authorizations begin with. */
import assert from "node:assert/strict";
import { fromBase64url } from "@strongroom/core/bytes";
import { secretKey } from "@strongroom/core/primitives";
import { headerTextOf, openSealed, sealUnderLease, SealingLease } from "@strongroom/core/seal";
import type { RuleDraft, RuleView } from "@strongroom/core/wire";
import { addRule, revokeRule } from "../../src/rules/ruleService.ts";
import { ensureRelationship } from "../../src/relationships/relationships.ts";
import type { TestApplication } from "./application.ts";
import type { Person, Setting } from "./setting.ts";

export const DELIVER = { use: "deliver.package", purpose: "contractual" } as const;
export const ADVERT = { use: "communicate.email", purpose: "advert" } as const;
export const SURNAME = "identity.surname";
export const CITY = "home-contact.city";
export const EXPLICIT = "subject.explicit";

export class Relationship {
  readonly setting: Setting;
  readonly application: TestApplication;
  readonly person: Person;
  readonly handle: string;

  private constructor(setting: Setting, application: TestApplication, person: Person, handle: string) {
    this.setting = setting;
    this.application = application;
    this.person = person;
    this.handle = handle;
  }

  /** With rules that let every type be sealed, and identity and home contact be opened for delivering. */
  static async open(setting: Setting, application: TestApplication, person?: Person): Promise<Relationship> {
    const subject = person ?? (await setting.subject());
    const { handle } = await ensureRelationship(setting.context, subject.id, application.controller);
    const relationship = new Relationship(setting, application, subject, handle);
    await relationship.allow({
      types: ["identity", "home-contact"],
      action: { kind: "update", provenances: [EXPLICIT] },
    });
    await relationship.allow({
      types: ["identity", "home-contact"],
      action: { kind: "read", uses: [DELIVER.use], purposes: [DELIVER.purpose] },
    });
    return relationship;
  }

  allow(draft: Pick<RuleDraft, "types" | "action"> & Partial<RuleDraft>): Promise<RuleView> {
    const { controller } = this.application;
    return addRule(this.setting.context, this.person.id, {
      controller,
      applications: null,
      effect: "allow",
      from: null,
      until: null,
      ...draft,
    });
  }

  revoke(rule: RuleView): Promise<void> {
    return revokeRule(this.setting.context, this.person.id, rule.id);
  }

  /** Sealed texts, each under a lease of its type. */
  async seal(values: readonly { readonly type: string; readonly text: string }[]): Promise<string[]> {
    const leases = values.map(({ type }) => ({ handle: this.handle, type, provenance: EXPLICIT }));
    const answer = await this.application.call("POST", "/v1/leases", { leases });
    assert.equal(answer.status, 200, answer.text);
    return values.map(({ type, text }, i) => {
      const granted = answer.body.leases[i];
      assert.equal(granted.outcome, "allow", JSON.stringify(granted));
      return sealUnderLease(this.leaseOf(granted, type), text);
    });
  }

  leaseOf(granted: { lease: string; key: string; epoch: number }, type: string): SealingLease {
    return new SealingLease({
      locator: this.setting.context.identity.locator,
      relationship: fromBase64url(this.handle),
      epoch: granted.epoch,
      leaseId: fromBase64url(granted.lease),
      type,
      key: secretKey(fromBase64url(granted.key)),
    });
  }
}

export const headersOf = (sealed: readonly string[]): string[] => sealed.map((text) => headerTextOf(text));

/** What the released key opens. */
export function opened(sealed: string, outcome: { readonly key?: string }): string {
  assert.ok(outcome.key, JSON.stringify(outcome));
  return openSealed(sealed, secretKey(fromBase64url(outcome.key))).toString();
}
