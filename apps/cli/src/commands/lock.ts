/** `strongroom lock` and `unlock`: a subject's one switch above all its rules. */
import { declare, subjectOptions, type Cli } from "../command.ts";
import { asSubject, type SubjectOptions } from "../signIn.ts";

export function lockCommands(cli: Cli): void {
  declare<SubjectOptions>(cli, cli.program, {
    name: "lock",
    summary: "make all of a subject's data inaccessible at once",
    more: "Every request is denied until `strongroom unlock`, whatever the rules say. Rules and data stay as they are.",
    options: subjectOptions,
    examples: ["lock --login ann"],
    work: ({ io, out, options }) =>
      asSubject(io, out, options, async (client) => {
        await client.post("/v1/me/lock");
        out.result({ locked: true }, "locked: every request for your data is denied from now on");
      }),
  });

  declare<SubjectOptions>(cli, cli.program, {
    name: "unlock",
    summary: "undo the lock: the rules decide again",
    options: subjectOptions,
    examples: ["unlock --login ann"],
    work: ({ io, out, options }) =>
      asSubject(io, out, options, async (client) => {
        await client.delete("/v1/me/lock");
        out.result({ locked: false }, "unlocked: your rules decide again");
      }),
  });
}
