/** `strongroom authorize --explain`: what would be decided, and why. */
import type { Explanation } from "@strongroom/core/wire";
import { StrongroomError } from "@strongroom/core/errors";
import { declare, subjectOptions, type Call, type Cli } from "../command.ts";
import { EXIT, type ExitCode } from "../exitCodes.ts";
import { Directory } from "../names.ts";
import { sentence } from "../ruleFlags.ts";
import { asSubject, type SubjectOptions } from "../signIn.ts";
import { showDuration } from "../times.ts";
import type { RuleView } from "@strongroom/core/wire";

interface AuthorizeOptions extends SubjectOptions {
  readonly explain?: boolean;
  readonly controller: string;
  readonly application: string;
  readonly type: string;
  readonly use?: string;
  readonly purpose?: string;
  readonly provenance?: string;
}

interface Explained {
  readonly outcome: "allow" | "deny";
  readonly reason: string;
  readonly retentionMs: number;
  readonly explanation: Explanation;
}

export function authorizeCommand(cli: Cli): void {
  declare<AuthorizeOptions>(cli, cli.program, {
    name: "authorize",
    summary: "what a subject's rules would decide now, and why",
    more: "Nothing is released and nothing is logged. Exit code 3 where the answer is no.",
    options: (command) =>
      subjectOptions(command)
        .option(
          "--explain",
          "required: only programs of a controller are given keys, by the SDK and not by this command",
        )
        .requiredOption("--controller <id or name>", "who would ask")
        .requiredOption("--application <id or name>", "with which program")
        .requiredOption("--type <id>", "for which data type")
        .option("--use <id>", "to read: what for")
        .option("--purpose <id>", "to read: why")
        .option("--provenance <id>", "to seal: where the data comes from"),
    examples: [
      'authorize --explain --login ann --controller "Corner Shop" --application web --type home-contact.street-address --use deliver.package --purpose contractual',
      'authorize --explain --login ann --controller "Corner Shop" --application web --type identity.surname --provenance subject --json',
    ],
    work: authorize,
  });
}

async function authorize({ io, out, options }: Call<AuthorizeOptions>): Promise<ExitCode> {
  const { type, use, purpose, provenance } = options;
  if (options.explain !== true)
    throw new StrongroomError(
      "cli.usage",
      "add --explain: keys are released to programs of a controller only, never to this command",
    );
  const reads = use !== undefined && purpose !== undefined && provenance === undefined;
  const seals = provenance !== undefined && use === undefined && purpose === undefined;
  if (!reads && !seals) throw new StrongroomError("cli.usage", "name --use and --purpose, or --provenance");
  return asSubject(io, out, options, async (client, connection) => {
    const names = new Directory(client, connection);
    const controller = await names.controller(options.controller);
    const application = await names.application(controller, options.application);
    const question = reads ? { use, purpose } : { provenance };
    const explained = await client.post<Explained>("/v1/me/explain", { controller, application, type, ...question });
    const { rules } = await client.get<{ rules: RuleView[] }>("/v1/me/rules", { controller });
    const texts = new Map(rules.map((rule) => [rule.id, sentence(rule, options.controller)]));
    out.result({ ...explained, question: { controller, application, type, ...question } }, lines(explained, texts));
    return explained.outcome === "allow" ? EXIT.ok : EXIT.refused;
  });
}

function lines({ outcome, reason, retentionMs, explanation }: Explained, texts: ReadonlyMap<string, string>): string[] {
  const { rules, others, othersTotal } = explanation;
  const kept = retentionMs > 0 ? `, and the key may be kept ${showDuration(retentionMs)}` : "";
  const textOf = (rule: string): string => texts.get(rule) ?? "(a rule that is gone)";
  return [
    outcome === "allow" ? `allow${kept}` : `deny: ${reason}`,
    ...(rules.length === 0 ? [] : ["decided by:", ...rules.map((rule) => `  ${rule}  ${textOf(rule)}`)]),
    ...(others.length === 0
      ? []
      : ["did not matter:", ...others.map(({ rule, why }) => `  ${rule}  ${why}: ${textOf(rule)}`)]),
    ...(othersTotal > others.length ? [`  and ${othersTotal - others.length} more`] : []),
  ];
}
