/** `strongroom consent`: what controllers ask of a subject, and the answers. */
import { StrongroomError } from "@strongroom/core/errors";
import type { ConsentAnswer, ConsentRequestView } from "@strongroom/core/wire";
import { Option } from "commander";
import type { AgentClient } from "../client.ts";
import { declare, group, subjectOptions, type Cli } from "../command.ts";
import { pick } from "../names.ts";
import { actionOf, actionText, scopeOptions, untilOf, type ScopeFlags } from "../ruleFlags.ts";
import { asSubject, type SubjectOptions } from "../signIn.ts";
import { readDuration, showDuration, showTime } from "../times.ts";

interface AnswerOptions extends SubjectOptions, ScopeFlags {
  readonly grant?: boolean;
  readonly refuse?: boolean;
}

export function consentCommands(cli: Cli): void {
  const consent = group(cli, "consent", "what controllers ask of a subject");

  declare<SubjectOptions & { all?: boolean }>(cli, consent, {
    name: "list",
    summary: "requests that wait for an answer",
    options: (command) => subjectOptions(command).option("--all", "answered, expired and withdrawn ones too"),
    examples: ["consent list --login ann", "consent list --login ann --all --json"],
    work: ({ io, out, options }) =>
      asSubject(io, out, options, async (client) => {
        const requests = (await listRequests(client)).filter(
          ({ state }) => options.all === true || state === "pending",
        );
        out.result({ requests }, requests.length === 0 ? "nothing waits for an answer" : requests.flatMap(lines));
      }),
  });

  declare<AnswerOptions>(cli, consent, {
    name: "answer <request>",
    summary: "grant all, part or none of what was asked",
    more: "Without further flags all is granted. Flags narrow it: never more than was asked can be granted.",
    options: (command) =>
      scopeOptions(subjectOptions(command))
        .addOption(new Option("--grant", "it becomes a rule").conflicts("refuse"))
        .addOption(new Option("--refuse", "it does not")),
    examples: [
      "consent answer 3q2-7wEjRWdOQvZkAAAAAA --login ann --grant",
      "consent answer 3q2-7wEjRWdOQvZkAAAAAA --login ann --grant --type identity.surname --until 2026-12-31",
      "consent answer 3q2-7wEjRWdOQvZkAAAAAA --login ann --refuse",
    ],
    work: ({ io, out, options, words: [id = ""] }) =>
      asSubject(io, out, options, async (client) => {
        const request = pick(
          (await listRequests(client)).map((each) => ({ ...each, name: each.controllerName })),
          id,
          "request",
        );
        const answered = await client.post<ConsentRequestView>(
          `/v1/me/consent-requests/${request.id}/answer`,
          answerOf(options, request),
        );
        out.result(answered, `the request of ${answered.controllerName} is ${answered.state}`);
      }),
  });
}

async function listRequests(client: AgentClient): Promise<readonly ConsentRequestView[]> {
  return (await client.get<{ requests: ConsentRequestView[] }>("/v1/me/consent-requests")).requests;
}

/** @throws StrongroomError `cli.usage` */
function answerOf(flags: AnswerOptions, request: ConsentRequestView): ConsentAnswer {
  const action = actionOf(flags, request.action);
  const narrowed = action !== null || flags.type !== undefined || flags.until !== undefined || flags.keep !== undefined;
  if (flags.refuse === true) {
    if (narrowed) throw new StrongroomError("cli.usage", "a refusal has nothing to narrow");
    return { answer: "refuse" };
  }
  if (flags.grant !== true) throw new StrongroomError("cli.usage", "say --grant or --refuse");
  return {
    answer: "grant",
    ...(action === null ? {} : { action }),
    ...(flags.type === undefined ? {} : { types: flags.type }),
    ...(flags.until === undefined ? {} : { until: untilOf(flags.until) }),
    ...(flags.keep === undefined ? {} : { retentionMs: readDuration(flags.keep, "--keep") }),
  };
}

function lines(request: ConsentRequestView): string[] {
  const { id, controllerName, state, types, action, until, retentionMs = 0, reason, ifRefused, expiresAt } = request;
  return [
    `${id}  [${state}]  ${controllerName} asks to ${actionText(action, types)}`,
    `  why: ${reason}`,
    `  if refused: ${ifRefused}`,
    `  ${until === null ? "without end" : `until ${showTime(until)}`}${retentionMs > 0 ? `, keys kept ${showDuration(retentionMs)}` : ""}; answer before ${showTime(expiresAt)}`,
  ];
}
