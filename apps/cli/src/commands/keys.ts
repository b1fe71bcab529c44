/** `strongroom keys`: the operator's hand on the KEK. */
import type { KeyRotation } from "@strongroom/core/wire";
import { declare, group, operatorOptions, type Cli } from "../command.ts";
import { asOperator, type OperatorOptions } from "../connect.ts";

export function keysCommands(cli: Cli): void {
  const keys = group(cli, "keys", "the key-encryption key of this agent");

  declare<OperatorOptions>(cli, keys, {
    name: "rotate",
    summary: "begin a new KEK epoch now",
    more:
      "Every living root key is wrapped again and the old KEKs are destroyed. From then on a backup of the database made\n" +
      "before opens nothing, so that what was erased is gone from backups too. An agent does this by itself every 30 days.",
    options: operatorOptions,
    examples: ["keys rotate", "keys rotate --json"],
    work: ({ io, out, options }) =>
      asOperator(io, out, options, async (client) => {
        const progress = out.progress("wrapping every root key again");
        let done: KeyRotation;
        try {
          done = await client.post<KeyRotation>("/v1/keys/rotate");
        } finally {
          progress.done();
        }
        const { kekEpoch, rewrapped, destroyed } = done;
        out.result(
          done,
          `KEK epoch ${kekEpoch} has begun: ${rewrapped} root keys wrapped again, ${destroyed} old KEK(s) destroyed`,
        );
      }),
  });
}
