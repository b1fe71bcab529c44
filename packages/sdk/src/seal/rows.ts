/** From rows of values to rows that can be sealed: what is wrong with a row is told before anything is sealed. */
import { StrongroomError } from "@strongroom/core/errors";
import type { Vocabulary } from "@strongroom/core/vocabulary";
import type { AgentDirectory } from "../agent/directory.ts";
import { PersonRef } from "../person.ts";
import { rowText, type Field, type RecordSchema, type RowId } from "../record.ts";
import type { SealOptions } from "../types.ts";
import { sealAll, type RowToSeal } from "./sealing.ts";

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
  const rows = jobs.map((job): RowToSeal => {
    const person = PersonRef.from(job.person);
    const values = job.values as Record<string, unknown>;
    for (const name in values) checkValue(values[name], record.field(name));
    return {
      handle: person.handle,
      leases: agents.named(person.locator).leases,
      row: rowText(job.row),
      values,
      out: {},
    };
  });
  await sealAll({ record, rows, provenance, refusals: options.refusals ?? "throw" });
  return rows.map(({ out }) => out);
}

function checkValue(value: unknown, field: Field): void {
  if (value === null || value === undefined) return;
  if (field.bytes ? value instanceof Uint8Array : typeof value === "string") return;
  const expected = field.bytes ? "bytes (Uint8Array)" : "a text";
  throw new StrongroomError("sdk.record", `field ${field.record}.${field.name} takes ${expected}, null or undefined`);
}
