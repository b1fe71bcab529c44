/**
 * How a controller learns a handle: the subject makes a one-time code for it and hands it over (on the sign-up page);
 * an application of that controller exchanges it. Codes are stored as hashes and last ten minutes. The second half of a
 * code is a MAC of what it stands for: a stored row that was moved to another handle fits no code, for else a customer
 * who can write the database could sign up as somebody else.
 */
import { fromBase64url, toBase64url } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { equalBytes, sha256 } from "@strongroom/core/primitives";
import type { ConnectionCode, ConnectionResponse } from "@strongroom/core/wire";
import type { Caller } from "../authorize/authorize.ts";
import type { AgentContext } from "../context.ts";
import { rowMac } from "../keys/rowMac.ts";
import { LogUnit } from "../log/writer.ts";
import type { ConnectionRow } from "../storage/rows.ts";
import { ensureRelationship } from "./relationships.ts";

export const CONNECTION_MS = 10 * 60_000;
/** Random bytes of a code, and bytes of the MAC after them. */
const HALF_BYTES = 16;

/** The code's text is `<locator>.<code>`: a client finds the agent by it among those it has pinned. */
export async function makeConnectionCode(
  context: AgentContext,
  subject: string,
  controller: string,
): Promise<ConnectionCode> {
  const live = await ensureRelationship(context, subject, controller);
  const { handle } = live;
  const random = context.effects.random(HALF_BYTES);
  const now = context.effects.now();
  const unit = new LogUnit(null, null, now);
  const expiresAt = now + CONNECTION_MS;
  if (live.erased) throw new StrongroomError("relationship.unknown", "the relationship was erased meanwhile");
  const code = Buffer.concat([random, macOf(context, random, { handle, controller, expiresAt })]);
  unit.mutations.push({
    op: "connection.add",
    row: { hash: toBase64url(sha256(code)), handle, controller, expiresAt },
  });
  await context.writer.append(unit);
  return { code: `${toBase64url(context.identity.locator)}.${toBase64url(code)}`, expiresAt };
}

/** @throws StrongroomError `connection.unknown`: never made, used, expired or made for another controller; one message for all. */
export async function takeConnectionCode(
  context: AgentContext,
  caller: Caller,
  code: string,
): Promise<ConnectionResponse> {
  const bytes = bytesOf(code);
  if (bytes === null) throw unknownCode();
  const hash = toBase64url(sha256(bytes));
  const row = await context.store.connection(hash);
  if (row === null || row.controller !== caller.controller || row.expiresAt < context.effects.now())
    throw unknownCode();
  if (!equalBytes(bytes.subarray(HALF_BYTES), macOf(context, bytes.subarray(0, HALF_BYTES), row))) throw unknownCode();
  const live = await context.directory.relationship(row.handle);
  if (live === undefined || live.erased) throw unknownCode();
  const unit = new LogUnit(null, caller, context.effects.now());
  unit.record(live.subject, {
    kind: "connection",
    controller: caller.controller,
    application: caller.application,
    reason: "connected",
  });
  unit.mutations.push({ op: "connection.take", hash });
  try {
    await context.writer.append(unit);
  } catch (error) {
    if (error instanceof StrongroomError && error.code === "storage.conflict") throw unknownCode();
    throw error;
  }
  return { handle: row.handle };
}

/** Null for what is not the form of a code. */
function bytesOf(code: string): Buffer | null {
  try {
    const bytes = fromBase64url(code);
    return bytes.length === 2 * HALF_BYTES ? bytes : null;
  } catch {
    return null;
  }
}

function macOf(
  { identity }: AgentContext,
  random: Buffer,
  { handle, controller, expiresAt }: Omit<ConnectionRow, "hash">,
): Buffer {
  const fields = [toBase64url(random), handle, controller, expiresAt];
  return rowMac(identity.tokenKey, "connection", fields).subarray(0, HALF_BYTES);
}

function unknownCode(): StrongroomError {
  return new StrongroomError("connection.unknown", "the connection code is not valid: ask the person for a new one");
}
