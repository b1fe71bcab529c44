/** Everything that the agent holds about a subject, as one document to take away (GDPR art. 15 and 20). */
import { createHash } from "node:crypto";
import { toBase64url } from "@strongroom/core/bytes";
import { signReceipt } from "@strongroom/core/receipt";
import { listConsents } from "../consent/consentService.ts";
import type { AgentContext } from "../context.ts";
import { logAsJson } from "../log/export.ts";
import { everyLine } from "../log/query.ts";
import { LogUnit } from "../log/writer.ts";
import { listRelationships, requireSubject } from "../relationships/relationships.ts";
import { listRules } from "../rules/ruleService.ts";
import { listHoldings } from "./holdings.ts";

/** What stands between the document and its receipt: the receipt's digest covers every byte before it. */
export const BEFORE_RECEIPT = ',\n  "receipt": ';

/**
 * JSON text, made while it is read. The export is itself an entry of the log. Sealed objects are not here: controllers
 * hold them, and the agent has never seen what is in them.
 * @throws StrongroomError `subject.unknown`
 */
export async function exportSubject(context: AgentContext, id: string): Promise<AsyncIterable<string>> {
  const { row, live } = await requireSubject(context, id);
  const at = context.effects.now();
  const unit = new LogUnit(null, null, at);
  unit.record(live, { kind: "export" });
  const { first: index } = await context.writer.append(unit);
  const { head } = live;
  const parts = {
    format: "strongroom-export/1",
    subject: { id, login: row.login, createdAt: row.createdAt, state: row.state },
    relationships: await listRelationships(context, id),
    rules: await listRules(context, id),
    holdings: await listHoldings(context, id),
    consentRequests: await listConsents(context, id),
    vocabulary: context.vocabulary.version,
    checkpoint: context.publisher.checkpoint?.note ?? null,
  };
  const size = context.publisher.checkpoint?.size ?? 0;
  const log = logAsJson(everyLine(context, live, {}, head));
  return withReceipt(documentOf(parts, log), (bytes, digest) =>
    signReceipt(
      {
        kind: "export",
        at,
        subject: id,
        format: "application/json",
        bytes,
        digest,
        counter: head.counter,
        index,
        size,
      },
      context.identity.signer,
    ),
  );
}

async function* documentOf(parts: object, log: AsyncIterable<string>): AsyncIterable<string> {
  yield `${JSON.stringify(parts, null, 2).slice(0, -2)},\n  "log": `;
  yield* log;
}

async function* withReceipt(
  document: AsyncIterable<string>,
  sign: (bytes: number, digest: string) => string,
): AsyncIterable<string> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const part of document) {
    hash.update(part);
    bytes += Buffer.byteLength(part);
    yield part;
  }
  yield `${BEFORE_RECEIPT}${JSON.stringify(sign(bytes, toBase64url(hash.digest())))}\n}\n`;
}
