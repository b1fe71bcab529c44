/** A person who signs in and changes their own rules, by the agent's API. */
import type { LogPage, RelationshipView, RuleDraft, RuleView } from "@strongroom/core/wire";
import type { World } from "./world.ts";

const PASSWORD = "correct horse battery staple";

export class Person {
  readonly #world: World;
  readonly #token: string;
  /** Of the relationship with the world's controller, base64url. */
  readonly handle: string;

  private constructor(world: World, token: string, handle: string) {
    this.#world = world;
    this.#token = token;
    this.handle = handle;
  }

  /** @param rules the first ones; at least one, which makes the relationship */
  static async signUp(world: World, login: string, rules: readonly Omit<RuleDraft, "controller">[]): Promise<Person> {
    const { api, facts, controller } = world;
    await api.call("POST", "/v1/subjects", facts.operatorToken, { login, password: PASSWORD });
    const { token } = await api.call<{ token: string }>("POST", "/v1/sessions", null, { login, password: PASSWORD });
    for (const rule of rules) await api.call("POST", "/v1/me/rules", token, { ...rule, controller });
    const { relationships } = await api.call<{ relationships: RelationshipView[] }>(
      "GET",
      "/v1/me/relationships",
      token,
    );
    return new Person(world, token, relationships[0]!.handle);
  }

  /** @returns the rule's id */
  async addRule(rule: Omit<RuleDraft, "controller">): Promise<string> {
    const { api, controller } = this.#world;
    return (await api.call<RuleView>("POST", "/v1/me/rules", this.#token, { ...rule, controller })).id;
  }

  async revokeRule(id: string): Promise<void> {
    await this.#world.api.call("DELETE", `/v1/me/rules/${id}`, this.#token);
  }

  /** A page of the person's log, newest first. */
  async logPage(query: string): Promise<LogPage> {
    return await this.#world.api.call<LogPage>("GET", `/v1/me/log?${query}`, this.#token);
  }
}
