/** From rows of values to sealed rows: what is wrong with a row is told before anything is sealed. */
import { StrongroomError } from "@strongroom/core/errors";
import type { Vocabulary } from "@strongroom/core/vocabulary";
import type { AgentDirectory } from "../agent/directory.ts";
import { PersonRef } from "../person.ts";
import { rowText, type Field, type RecordSchema, type RowId } from "../record.ts";
import type { SealOptions } from "../types.ts";
import { wantOf } from "./leases.ts";
import { sealAll, type SealTask } from "./sealing.ts";

interface Job {
  readonly person: PersonRef | string;
  readonly row: RowId;
  readonly values: object;
}

/** @throws StrongroomError as `Strongroom.seal` */
export async function sealRows(
  agents: AgentDirectory,
  vocabulary: Vocabulary,
  record: RecordSchema,
  jobs: readonly Job[],
  provenance: string,
  options: SealOptions = {},
): Promise<object[]> {
  vocabulary.require("provenance", provenance);
  const tasks: SealTask[] = [];
  const rows = jobs.map((job) => {
    const person = PersonRef.from(job.person);
    const { leases } = agents.named(person.locator);
    const row = rowText(job.row);
    const out: Record<string, unknown> = {};
    for (const name in job.values) {
      const field = record.field(name);
      const value: unknown = (job.values as Record<string, unknown>)[name];
      out[name] = value;
      if (value === null || value === undefined) continue;
      const want = wantOf(person.handle, field.type, provenance);
      const put = (outcome: unknown): void => {
        out[name] = outcome;
      };
      tasks.push({ field, row, person, leases, want, value: checked(value, field), put });
    }
    return out;
  });
  await sealAll(tasks, options.refusals ?? "throw");
  return rows;
}

function checked(value: unknown, field: Field): string | Uint8Array {
  if (field.bytes ? value instanceof Uint8Array : typeof value === "string") return value as string | Uint8Array;
  const expected = field.bytes ? "bytes (Uint8Array)" : "a text";
  throw new StrongroomError("sdk.record", `field ${field.record}.${field.name} takes ${expected}, null or undefined`);
}
