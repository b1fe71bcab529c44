/**
 * The shop's own command line, for running it without the demo:
 *
 *   node examples/eshop/src/main.ts serve     --database shop.db --credentials web.json
 *   node examples/eshop/src/main.ts warehouse --database shop.db --credentials warehouse.json
 *   node examples/eshop/src/main.ts import    --database shop.db --credentials web.json --file customers.csv --mapping mapping.json
 *
 * Ends with 0 where all went well, 1 where it did not, 2 where it was called wrongly, 3 where rows were not taken.
 */
import { parseArgs } from "node:util";
import { StrongroomError, type Strongroom } from "@strongroom/sdk";
import { connectWith, readJson, readPassword } from "./configuration.ts";
import { openStore } from "./database/open.ts";
import { systemEffects } from "./effects.ts";
import { importCustomers, readMapping, type RowNote } from "./importCustomers.ts";
import { createShop } from "./shop.ts";
import { createWarehouse } from "./warehouse.ts";
import type { SiteOptions } from "./web/serve.ts";

const HELP = `node examples/eshop/src/main.ts <command> --database <file> --credentials <file> [options]

  serve       the shop
  warehouse   parcel labels alone, as another application of the shop
  import      takes customers over from a file

  --database <file>         the shop's SQLite database; made where there is none
  --credentials <file>      as "strongroom application add --out <file>" wrote it; once for each agent
  --port <port>             serve, warehouse: default any free one
  --public-origin <origin>  serve, warehouse: where browsers find it behind a proxy, such as https://shop.example
  --staff-password <file>   serve, warehouse: file with the staff's password; default: one is made and printed
  --file <file>             import: CSV or JSON
  --mapping <file>          import: which column is which field (examples/eshop/mappings/ has one)
`;

const OPTIONS = {
  database: { type: "string" },
  credentials: { type: "string", multiple: true, default: [] as string[] },
  port: { type: "string", default: "0" },
  "public-origin": { type: "string" },
  "staff-password": { type: "string" },
  file: { type: "string" },
  mapping: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const;

type Values = ReturnType<typeof parse>["values"];

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  const [command, ...more] = positionals;
  if (values.help) return say(HELP, 0);
  if (more.length > 0 || command === undefined || !["serve", "warehouse", "import"].includes(command)) {
    throw new UsageError("name one command: serve, warehouse or import");
  }
  const database = required(values, "database");
  const strongroom = await connectWith(values.credentials, `${database}.${command}-log.json`);
  try {
    return command === "import"
      ? await runImport(database, strongroom, values)
      : await runSite(command, database, strongroom, values);
  } finally {
    await strongroom.close();
  }
}

async function runSite(command: string, databaseFile: string, strongroom: Strongroom, values: Values): Promise<number> {
  const { port, "public-origin": publicOrigin, "staff-password": passwordFile } = values;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new UsageError("--port is a number from 0 to 65535");
  const options: SiteOptions = {
    databaseFile,
    strongroom,
    port: Number(port),
    ...(publicOrigin === undefined ? {} : { publicOrigin }),
    ...(passwordFile === undefined ? {} : { staffPassword: readPassword(passwordFile) }),
  };
  const site = await (command === "serve" ? createShop(options) : createWarehouse(options));
  try {
    say(`${command === "serve" ? "the shop" : "the warehouse"} is at ${await site.listen()}\n`, 0);
    if (passwordFile === undefined) say(`staff password of this run: ${site.staffPassword}\n`, 0);
    await new Promise<void>((resolve) => {
      process.once("SIGINT", resolve);
      process.once("SIGTERM", resolve);
    });
    return 0;
  } finally {
    await site.close();
  }
}

async function runImport(database: string, strongroom: Strongroom, values: Values): Promise<number> {
  const [file, mappingFile] = [required(values, "file"), required(values, "mapping")];
  const mapping = readMapping(readJson(mappingFile));
  const store = openStore(database);
  try {
    const parts = { store, strongroom, effects: systemEffects };
    const { taken, waiting, skipped } = await importCustomers(parts, { file, mapping, onRow: tell });
    say(`${taken} taken, ${waiting} waiting for a Strongroom code, ${skipped} skipped\n`, 0);
    return waiting + skipped === 0 ? 0 : 3;
  } finally {
    store.close();
  }
}

function tell({ row, outcome, reason, welcome, person }: RowNote): void {
  const about = [
    reason,
    welcome === undefined ? null : `user name ${welcome.userName}, welcome code ${welcome.code}`,
    person === undefined ? null : `the code is used up; keep this reference of the person for the next try: ${person}`,
  ];
  say(`row ${row} ${outcome}: ${about.filter((text) => text !== null).join("; ")}\n`, 0);
}

class UsageError extends Error {}

function required(values: Values, name: "database" | "file" | "mapping"): string {
  const value = values[name];
  if (value === undefined) throw new UsageError(`--${name} is missing`);
  return value;
}

function say(text: string, code: number): number {
  process.stdout.write(text);
  return code;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const usage = error instanceof UsageError || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS") === true;
  const code = error instanceof StrongroomError ? ` (${error.code}, see docs/errors.md)` : "";
  process.stderr.write(`shop: ${(error as Error).message}${code}\n${usage ? `\n${HELP}` : ""}`);
  process.exitCode = usage ? 2 : 1;
}
