/** Values too large for a column: sealed and opened as streams (spec/sealed-object.md section 7), in constant memory. */
import { openStream, sealContext, sealStream } from "@strongroom/core/seal";
import type { Vocabulary } from "@strongroom/core/vocabulary";
import type { DenialReason } from "@strongroom/core/wire";
import type { AgentDirectory } from "./agent/directory.ts";
import type { Purpose } from "./open/asks.ts";
import type { Opener } from "./open/opener.ts";
import { Denied } from "./outcome.ts";
import { PersonRef } from "./person.ts";
import { rowText, type Field } from "./record.ts";
import { wantOf } from "./seal/leases.ts";
import { leaseRefused } from "./seal/sealing.ts";
import type { SealPlace } from "./types.ts";

export type ByteSource = AsyncIterable<Uint8Array>;

/** @throws StrongroomError `sdk.lease-refused`, `seal.too-large`, `sdk.*`; what the source throws passes through */
export async function* sealedStream(
  agents: AgentDirectory,
  vocabulary: Vocabulary,
  field: Field,
  place: SealPlace,
  source: ByteSource,
): AsyncGenerator<Buffer, void, undefined> {
  vocabulary.require("provenance", place.provenance);
  const person = PersonRef.from(place.person);
  const { leases } = agents.named(person.locator);
  const lease = await leases.takeOrFetch(wantOf(person.handle, field.type, place.provenance));
  if (typeof lease === "string") throw leaseRefused(field, lease);
  const context = sealContext({ table: field.record, column: field.name, row: rowText(place.row) });
  yield* sealStream(lease, source, { context });
}

/** Carries a denial out of the stream's opening, where it is no error. */
class Refusal extends Error {
  readonly reason: DenialReason;

  constructor(reason: DenialReason) {
    super(reason);
    this.reason = reason;
  }
}

/** @throws StrongroomError `seal.*`, `sdk.*`, before anything of the value is given out */
export async function openedStream(
  opener: Opener,
  field: Field,
  row: string,
  source: ByteSource,
  purpose: Purpose,
): Promise<AsyncGenerator<Buffer, void, undefined> | Denied> {
  const context = sealContext({ table: field.record, column: field.name, row });
  let key: Buffer | null = null;
  const chunks = openStream(
    source,
    async (header) => {
      const answer = await opener.key(header, purpose);
      if (typeof answer === "string") throw new Refusal(answer);
      return (key = answer);
    },
    { context, expectedType: field.type },
  );
  try {
    const first = await chunks.next();
    return continued(first, chunks);
  } catch (error) {
    if (error instanceof Refusal) return new Denied(error.reason, field.name, field.type);
    throw error;
  } finally {
    (key as Buffer | null)?.fill(0);
  }
}

async function* continued(
  first: IteratorResult<Buffer, void>,
  rest: AsyncGenerator<Buffer, void, undefined>,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    if (first.done === true) return;
    yield first.value;
    yield* rest;
  } finally {
    // Where the caller ends early: closes the source.
    await rest.return();
  }
}
