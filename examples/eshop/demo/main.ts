/**
 * `npm run demo`: an agent and the shop on this machine, and one person's story with them.
 * `--once` ends after the story. Everything it makes lies in one folder and is taken up again the next time.
 */
import { accessSync, constants, mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { StrongroomError } from "@strongroom/core/errors";
import { openSetting } from "./setting.ts";
import { tellStory } from "./story.ts";

const HELP = `Starts an agent and the example shop, tells one person's story with them, and stays up.

  npm run demo
  npm run demo -- --once                end after the story
  npm run demo -- --data <folder>       where everything lies (default: .demo)
  npm run demo -- --agent-port <port>   default 4700; 0: any free port
  npm run demo -- --shop-port <port>    default 4800; 0: any free port
`;

interface Options {
  readonly once: boolean;
  readonly data: string;
  readonly agentPort: number;
  readonly shopPort: number;
}

async function main(options: Options): Promise<void> {
  requireWritable(options.data);
  const setting = await openSetting(options);
  try {
    await tellStory(setting, (line) => process.stdout.write(`${line}\n`));
    if (options.once) return;
    process.stdout.write(
      `\nBoth stay up. Look at\n` +
        `  the shop     ${setting.shop.address}\n` +
        `               customer: ${setting.person.userName} / ${setting.person.shopPassword}   staff (/staff): ${setting.shop.staffPassword}\n` +
        `  the agent    ${setting.issuer}/v1/agent   (API: /openapi.json, public log: /log/checkpoint)\n` +
        `               person: ${setting.person.login} / ${setting.person.password}\n` +
        `               rules and log: npm run strongroom -- log show --agent ${setting.issuer} --login ${setting.person.login}\n` +
        `\nEnd with Ctrl-C.\n`,
    );
    await new Promise<void>((resolve) => {
      process.once("SIGINT", resolve);
      process.once("SIGTERM", resolve);
    });
    process.stdout.write("\nEnding.\n");
  } finally {
    await setting.close();
  }
}

function readOptions(): Options | null {
  const { values } = parseArgs({
    options: {
      once: { type: "boolean", default: false },
      data: { type: "string", default: ".demo" },
      "agent-port": { type: "string", default: "4700" },
      "shop-port": { type: "string", default: "4800" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return null;
  return {
    once: values.once,
    data: values.data,
    agentPort: readPort(values["agent-port"], "--agent-port"),
    shopPort: readPort(values["shop-port"], "--shop-port"),
  };
}

function readPort(text: string, flag: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= 65_535)) throw new Error(`${flag} takes a port from 0 to 65535, not "${text}"`);
  return port;
}

function requireWritable(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw new Error(
      `the folder ${folder} cannot be written (${(cause as NodeJS.ErrnoException).code}); name another with: npm run demo -- --data <folder>`,
      { cause },
    );
  }
}

/** One line that names the cause and the fix, and no stack. */
function explain(error: unknown): string {
  if (error instanceof StrongroomError && error.code === "agent.port-taken") {
    return `${error.message}; stop that program (is the demo still running?), or begin in a folder of its own: npm run demo -- --data .demo2 --agent-port 0 --shop-port 0`;
  }
  if (error instanceof StrongroomError) return `${error.message} (${error.code}, see docs/errors.md)`;
  return error instanceof Error ? error.message : String(error);
}

try {
  const options = readOptions();
  if (options === null) process.stdout.write(HELP);
  else await main(options);
} catch (error) {
  process.stderr.write(`demo: ${explain(error)}\n`);
  process.exitCode = 1;
}
