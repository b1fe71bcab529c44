/** `strongroom controller`: the organisations that this agent knows. */
import type { ControllerView } from "@strongroom/core/wire";
import { declare, group, operatorOptions, type Cli } from "../command.ts";
import { asOperator, type OperatorOptions } from "../connect.ts";
import { listControllers } from "../names.ts";
import { table } from "../table.ts";
import { showTime } from "../times.ts";

export function controllerCommands(cli: Cli): void {
  const controller = group(cli, "controller", "organisations that may ask this agent");

  declare<OperatorOptions & { website?: string }>(cli, controller, {
    name: "add <name>",
    summary: "register an organisation",
    more: "The name is what subjects see. Its programs are registered by `strongroom application add`.",
    options: (command) => operatorOptions(command).option("--website <url>", "where subjects can read about it"),
    examples: ['controller add "Corner Shop" --website https://shop.example', "controller add Newspaper --json"],
    work: ({ io, out, options, words: [name = ""] }) =>
      asOperator(io, out, options, async (client) => {
        const draft = { name, ...(options.website === undefined ? {} : { website: options.website }) };
        const added = await client.post<ControllerView>("/v1/controllers", draft);
        out.result(added, `controller ${added.name} is registered as ${added.id}`);
      }),
  });

  declare<OperatorOptions>(cli, controller, {
    name: "list",
    summary: "all controllers, oldest first",
    options: operatorOptions,
    examples: ["controller list", "controller list --json"],
    work: ({ io, out, options }) =>
      asOperator(io, out, options, async (client) => {
        const controllers = await listControllers(client);
        const rows = controllers.map(({ id, name, website = "", createdAt }) => [
          id,
          name,
          website,
          showTime(createdAt),
        ]);
        out.result(
          { controllers },
          rows.length === 0 ? "no controllers yet" : table(["id", "name", "website", "since"], rows),
        );
      }),
  });
}
