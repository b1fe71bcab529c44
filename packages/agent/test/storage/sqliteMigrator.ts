/** A process of its own that brings a database to a schema. Run by sqliteMigrations.test.ts, several at once. */
import { DatabaseSync } from "node:sqlite";
import { migrate } from "../../src/storage/sqlite/migrations.ts";

const [file, ...steps] = process.argv.slice(2);
if (file === undefined) throw new Error("name the database");
const database = new DatabaseSync(file, { timeout: 10_000 });
migrate(database, file, steps);
database.close();
