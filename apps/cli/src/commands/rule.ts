/** `strongroom rule`: what a subject allows and denies. */
import type { RuleDraft, RuleView } from "@strongroom/core/wire";
import { StrongroomError } from "@strongroom/core/errors";
import type { AgentClient } from "../client.ts";
import { declare, group, subjectOptions, type Cli } from "../command.ts";
import { Directory, pick } from "../names.ts";
import { draftOf, ruleLines, ruleOptions, type RuleFlags } from "../ruleFlags.ts";
import { asSubject, type SubjectOptions } from "../signIn.ts";

const HELP =
  "Deny beats allow, and what no rule covers is denied. Ids are those of docs/vocabulary.md; a mistyped one is refused with the nearest.";

export function ruleCommands(cli: Cli): void {
  const rule = group(cli, "rule", "what a subject allows and denies");

  declare<SubjectOptions & RuleFlags & { controller: string }>(cli, rule, {
    name: "add",
    summary: "add a rule; it holds for the next decision",
    more: HELP,
    options: (command) => ruleOptions(subjectOptions(command).requiredOption("--controller <id or name>", "who")),
    examples: [
      'rule add --login ann --allow --controller "Corner Shop" --type home-contact --read --use deliver.package --purpose contractual',
      'rule add --login ann --allow --controller "Corner Shop" --type home-contact,identity --update --provenance subject --until 2027-12-31',
      'rule add --login ann --deny --controller Newspaper --type sensitive --read --use analytics --purpose advert --note "never"',
    ],
    work: ({ io, out, options }) =>
      asSubject(io, out, options, async (client, connection) => {
        const body = draftOf(options, null);
        const names = new Directory(client, connection);
        const controller = await names.controller(options.controller);
        const draft: RuleDraft = {
          controller,
          applications: await applicationsOf(names, controller, options, null),
          ...body,
        };
        const added = await client.post<RuleView>("/v1/me/rules", draft);
        out.result(added, ruleLines(added, await names.nameOf(controller)));
      }),
  });

  declare<SubjectOptions & { controller?: string }>(cli, rule, {
    name: "list",
    summary: "the subject's rules",
    options: (command) => subjectOptions(command).option("--controller <id or name>", "only those for this one"),
    examples: ["rule list --login ann", 'rule list --login ann --controller "Corner Shop" --json'],
    work: ({ io, out, options }) =>
      asSubject(io, out, options, async (client, connection) => {
        const names = new Directory(client, connection);
        const rules = await listRules(
          client,
          options.controller === undefined ? undefined : await names.controller(options.controller),
        );
        const lines = [];
        for (const each of rules) lines.push(...ruleLines(each, await names.nameOf(each.controller)));
        out.result({ rules }, lines.length === 0 ? "no rules: everything is denied" : lines);
      }),
  });

  declare<SubjectOptions & RuleFlags>(cli, rule, {
    name: "edit <rule>",
    summary: "change what a rule says; what is not named stays",
    more: HELP,
    options: (command) => ruleOptions(subjectOptions(command)),
    examples: [
      "rule edit 3q2-7wEjRWdOQvZkAAAAAA --login ann --until 2026-12-31",
      "rule edit 3q2-7wEjRWdOQvZkAAAAAA --login ann --deny --keep 0",
    ],
    work: ({ io, out, options, words: [id = ""] }) =>
      asSubject(io, out, options, async (client, connection) => {
        const names = new Directory(client, connection);
        const old = await ownRule(client, id);
        const { controller } = old;
        const draft: RuleDraft = {
          controller,
          applications: await applicationsOf(names, controller, options, old),
          ...draftOf(options, old),
        };
        const edited = await client.put<RuleView>(`/v1/me/rules/${old.id}`, draft);
        out.result(edited, ruleLines(edited, await names.nameOf(controller)));
      }),
  });

  declare<SubjectOptions>(cli, rule, {
    name: "revoke <rule>",
    summary: "revoke a rule; keys that clients keep under it are forgotten",
    options: subjectOptions,
    examples: ["rule revoke 3q2-7wEjRWdOQvZkAAAAAA --login ann"],
    work: ({ io, out, options, words: [id = ""] }) =>
      asSubject(io, out, options, async (client) => {
        const rule = await ownRule(client, id);
        await client.delete(`/v1/me/rules/${rule.id}`);
        out.result({ revoked: rule.id }, `rule ${rule.id} is revoked`);
      }),
  });
}

async function listRules(client: AgentClient, controller?: string): Promise<readonly RuleView[]> {
  return (await client.get<{ rules: RuleView[] }>("/v1/me/rules", { controller })).rules;
}

async function ownRule(client: AgentClient, id: string): Promise<RuleView> {
  return pick(
    (await listRules(client)).map((rule) => ({ ...rule, name: rule.note ?? "" })),
    id,
    "rule",
  );
}

/** Null is any application of the controller. */
async function applicationsOf(
  names: Directory,
  controller: string,
  { application }: RuleFlags,
  old: RuleDraft | null,
): Promise<readonly string[] | null> {
  if (application === undefined) return old?.applications ?? null;
  if (!application.includes("any"))
    return Promise.all(application.map((given) => names.application(controller, given)));
  if (application.length > 1) throw new StrongroomError("cli.usage", "--application is `any`, or a list of programs");
  return null;
}
