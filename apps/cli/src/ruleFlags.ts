/** Rules as flags on the way in, and as a sentence on the way out. */
import { Option, type Command } from "commander";
import { StrongroomError } from "@strongroom/core/errors";
import type { ActionScope, RuleDraft, RuleView } from "@strongroom/core/wire";
import { list } from "./command.ts";
import { readDuration, readTime, showDuration, showTime } from "./times.ts";

/** What a rule speaks about; also what part of a consent request is granted. */
export interface ScopeFlags {
  readonly type?: readonly string[];
  readonly read?: boolean;
  readonly use?: readonly string[];
  readonly purpose?: readonly string[];
  readonly update?: boolean;
  readonly provenance?: readonly string[];
  readonly until?: string;
  readonly keep?: string;
}

export interface RuleFlags extends ScopeFlags {
  readonly controller?: string;
  readonly application?: readonly string[];
  readonly allow?: boolean;
  readonly deny?: boolean;
  readonly from?: string;
  readonly note?: string;
}

export function scopeOptions(command: Command): Command {
  return command
    .addOption(list("--type <ids>", "data types; each covers what hangs below it"))
    .option("--read", "about reading, with --use and --purpose")
    .addOption(list("--use <ids>", "what for"))
    .addOption(list("--purpose <ids>", "why"))
    .option("--update", "about sealing new data, with --provenance")
    .addOption(list("--provenance <ids>", "where the data comes from"))
    .option("--until <date>", "last day or moment, inclusive; `never`: no end")
    .option("--keep <time>", "how long a released key may be kept, such as 10m (default: not at all)");
}

export function ruleOptions(command: Command): Command {
  return scopeOptions(command)
    .addOption(new Option("--allow", "the rule allows").conflicts("deny"))
    .addOption(new Option("--deny", "the rule denies, whatever others allow"))
    .addOption(list("--application <ids or names>", "only these programs; `any`: all of the controller (default)"))
    .option("--from <date>", "first day or moment; `always`: since ever (default)")
    .option("--note <text>", "a note to yourself");
}

/**
 * The action that the flags name; null where they name none. Of an old action to read, --use alone replaces the uses.
 * @throws StrongroomError `cli.usage`
 */
export function actionOf(
  { read, use, purpose, update, provenance }: ScopeFlags,
  old: ActionScope | null,
): ActionScope | null {
  const reads = read === true || use !== undefined || purpose !== undefined;
  const updates = update === true || provenance !== undefined;
  if (reads && updates) {
    throw new StrongroomError(
      "cli.usage",
      "it is about --read (with --use and --purpose) or about --update (with --provenance), not both",
    );
  }
  if (updates) {
    const provenances = provenance ?? (old?.kind === "update" ? old.provenances : undefined);
    if (provenances === undefined) throw new StrongroomError("cli.usage", "--update needs --provenance");
    return { kind: "update", provenances };
  }
  if (!reads) return null;
  const before = old?.kind === "read" ? old : undefined;
  const [uses, purposes] = [use ?? before?.uses, purpose ?? before?.purposes];
  if (uses === undefined || purposes === undefined)
    throw new StrongroomError("cli.usage", "--read needs --use and --purpose");
  return { kind: "read", uses, purposes };
}

/**
 * What the flags say of a rule besides whom it is for; of an old rule they replace what they name.
 * @throws StrongroomError `cli.usage`
 */
export function draftOf(flags: RuleFlags, old: RuleDraft | null): Omit<RuleDraft, "controller" | "applications"> {
  const effect = flags.allow === true ? "allow" : flags.deny === true ? "deny" : old?.effect;
  if (effect === undefined) throw new StrongroomError("cli.usage", "say --allow or --deny");
  const types = flags.type ?? old?.types;
  if (types === undefined) throw new StrongroomError("cli.usage", "say which data types, by --type");
  const action = actionOf(flags, old?.action ?? null) ?? old?.action;
  if (action === undefined)
    throw new StrongroomError("cli.usage", "say --read with --use and --purpose, or --update with --provenance");
  const retentionMs = flags.keep === undefined ? old?.retentionMs : readDuration(flags.keep, "--keep");
  const note = flags.note ?? old?.note;
  return {
    effect,
    types,
    action,
    from: flags.from === undefined ? (old?.from ?? null) : fromOf(flags.from),
    until: flags.until === undefined ? (old?.until ?? null) : untilOf(flags.until),
    ...(retentionMs === undefined ? {} : { retentionMs }),
    ...(note === undefined || note === "" ? {} : { note }),
  };
}

export function untilOf(text: string): number | null {
  return text === "never" ? null : readTime(text, "--until", true);
}

function fromOf(text: string): number | null {
  return text === "always" ? null : readTime(text, "--from");
}

/** `allow Corner Shop (any program) to read home-contact for deliver.package, contractual` */
export function sentence(rule: RuleDraft, controllerName: string): string {
  const { effect, applications, types } = rule;
  const whom = `${controllerName} (${applications === null ? "any program" : applications.join(", ")})`;
  return `${effect} ${whom} to ${actionText(rule.action, types)}${validity(rule)}`;
}

export function actionText(action: ActionScope, types: readonly string[]): string {
  return action.kind === "read"
    ? `read ${types.join(", ")} for ${action.uses.join(", ")}; purpose ${action.purposes.join(", ")}`
    : `seal ${types.join(", ")} from ${action.provenances.join(", ")}`;
}

function validity({ from, until, retentionMs = 0 }: RuleDraft): string {
  return [
    from === null ? "" : `, from ${showTime(from)}`,
    until === null ? "" : `, until ${showTime(until)}`,
    retentionMs === 0 ? "" : `, keys kept ${showDuration(retentionMs)}`,
  ].join("");
}

export function ruleLines(rule: RuleView, controllerName: string): string[] {
  const state = rule.state === "live" ? "" : `  [${rule.state}]`;
  const origin = rule.origin === "consent-request" ? "  [by a consent request]" : "";
  return [
    `${rule.id}${state}${origin}`,
    `  ${sentence(rule, controllerName)}`,
    ...(rule.note === undefined ? [] : [`  note: ${rule.note}`]),
  ];
}
