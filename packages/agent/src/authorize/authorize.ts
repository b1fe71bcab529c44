/**
 * One authorization, top to bottom: find the relationships, decide every object, log every outcome, look again
 * whether anything changed, then release one key per allowed object. Whatever fails is a denial.
 */
import { randomBytes, type KeyObject } from "@strongroom/core/primitives";
import { decide, explain, type Decision } from "@strongroom/core/rules";
import { decodeHeaderText, deriveObjectKeyFromEpoch, type SealedHeader } from "@strongroom/core/seal";
import type { AuthorizationRequest, DenialReason, Explanation, ObjectOutcome } from "@strongroom/core/wire";
import { LogUnit, type LogWriter, type UnitReceipt } from "../log/writer.ts";
import type { Mutation } from "../storage/store.ts";
import type { Directory } from "./directory.ts";
import { stampOf, type LiveRelationship } from "./live.ts";

/** Who asks: an authenticated application. */
export interface Caller {
  readonly application: string;
  readonly controller: string;
}

export interface AuthorizeContext {
  readonly directory: Directory;
  readonly writer: LogWriter;
  /** The agent's own locator, 8 bytes. */
  readonly locator: Buffer;
  readonly now: () => number;
  /** Notes the last use of a type, for the subject's list of holdings. */
  readonly noteUse: (relationship: LiveRelationship, type: string, at: number) => void;
}

export interface Authorized {
  /** 16 bytes. */
  readonly decision: Buffer;
  readonly reads: ObjectOutcome[][];
  /** Null when no entry was made (dry run, or nobody's log concerned). */
  readonly receipt: UnitReceipt | null;
}

/** An object on its way through one authorization. */
interface Item {
  readonly header: SealedHeader | null;
  readonly relationship: LiveRelationship | null;
  readonly reason: DenialReason | null;
  readonly keepMs: number;
  readonly stamp: number;
  /** Which entry of the unit records it; -1 for none. */
  readonly entry: number;
  readonly explanation?: Explanation;
}

/**
 * @param alongside changes to commit together with the log entries (the kept decision of an idempotent request).
 * @throws StrongroomError `vocabulary.unknown-use`, `vocabulary.unknown-purpose` for the whole request;
 *   `log.unavailable` when the outcomes could not be logged: then nothing is released.
 */
export async function authorize(
  context: AuthorizeContext,
  caller: Caller,
  request: AuthorizationRequest,
  alongside: (decision: Buffer, outcomes: readonly (readonly Item[])[]) => readonly Mutation[] = () => [],
): Promise<Authorized> {
  const { directory, writer } = context;
  const dryRun = request.dryRun === true;
  for (const { use, purpose } of request.reads) {
    directory.vocabulary.require("use", use);
    directory.vocabulary.require("purpose", purpose);
  }
  const at = context.now();
  const decision = randomBytes(16);
  const headers = request.reads.map(({ objects }) => objects.map(readHeader));
  await directory.load(handlesOf(headers));

  const unit = new LogUnit(decision, caller, at);
  const groups = request.reads.map(({ use, purpose }, g) =>
    (headers[g] as (SealedHeader | null)[]).map((header) => decideObject(context, caller, unit, { header, use, purpose, at, dryRun })),
  );
  if (dryRun) return { decision, reads: groups.map((items) => items.map(explained)), receipt: null };

  unit.mutations.push(...alongside(decision, groups));
  const receipt = unit.isEmpty ? null : await writer.append(unit);
  return { decision, reads: groups.map((items) => items.map((item) => release(item))), receipt };
}

function readHeader(text: string): SealedHeader | null {
  try {
    return decodeHeaderText(text);
  } catch {
    return null;
  }
}

/** Handles of relationships, each once. */
function handlesOf(headers: readonly (readonly (SealedHeader | null)[])[]): string[] {
  const handles = new Set<string>();
  for (const group of headers) for (const header of group) if (header !== null) handles.add(handleOf(header));
  return [...handles];
}

function handleOf(header: SealedHeader): string {
  return header.relationship.toString("base64url");
}

interface Ask {
  readonly header: SealedHeader | null;
  readonly use: string;
  readonly purpose: string;
  readonly at: number;
  readonly dryRun: boolean;
}

/** The ordered list of what can speak against opening one object. */
function decideObject(context: AuthorizeContext, caller: Caller, unit: LogUnit, ask: Ask): Item {
  const { header, use, purpose, at } = ask;
  const refused = (reason: DenialReason): Item => ({ header, relationship: null, reason, keepMs: 0, stamp: 0, entry: -1 });
  if (header === null) return refused("malformed-object");
  if (!header.locator.equals(context.locator)) return refused("unknown-object");
  const relationship = context.directory.known(handleOf(header));
  if (relationship === undefined) return refused("unknown-object");
  if (relationship.subject.erased) return refused("subject-erased");

  const stamp = stampOf(relationship);
  let reason: DenialReason | null = null;
  let decided: Decision | null = null;
  let explanation: Explanation | undefined;
  const foreign = relationship.controller !== caller.controller;
  if (foreign) reason = "unknown-object";
  else if (relationship.erased) reason = "relationship-erased";
  else if (!context.directory.vocabulary.has("type", header.type)) reason = "unknown-type";
  else if (relationship.subject.locked) reason = "locked";
  else if (relationship.rules === null) reason = "error";
  else {
    const question = { application: caller.application, type: header.type, action: { kind: "read", use, purpose }, at } as const;
    try {
      decided = decide(relationship.rules, question);
      if (ask.dryRun) explanation = explain(relationship.rules, question);
      if (decided.outcome === "deny") reason = decided.reason as DenialReason;
      else if (!relationship.epochs.has(header.epoch)) reason = "epoch-unknown";
      else if (relationship.epochs.get(header.epoch) === null) reason = "epoch-erased";
    } catch {
      reason = "error";
    }
  }
  const entry = ask.dryRun
    ? -1
    : unit.note(relationship, {
        kind: "use",
        // What another controller asked of a handle that is not its own is told to the subject, not to the asker.
        controller: caller.controller,
        type: header.type,
        use,
        purpose,
        reason,
        rules: decided?.rules ?? [],
        header: header.bytes,
      });
  if (reason === null && !ask.dryRun) context.noteUse(relationship, header.type, at);
  return {
    header,
    relationship,
    reason,
    keepMs: decided?.retentionMs ?? 0,
    stamp,
    // A foreign asker learns nothing, not even that somebody was told.
    entry: foreign ? -1 : entry,
    ...(explanation === undefined ? {} : { explanation }),
  };
}

/** After the log: the key, unless anything changed since the decision. */
function release(item: Item): ObjectOutcome {
  const logged = item.entry < 0 ? {} : { entry: item.entry };
  const { header, relationship } = item;
  if (item.reason !== null || header === null || relationship === null) {
    return { outcome: "deny", reason: item.reason ?? "error", ...logged };
  }
  if (stampOf(relationship) !== item.stamp) return { outcome: "deny", reason: "changed-meanwhile", ...logged };
  const key = objectKey(relationship, header);
  if (key === null) return { outcome: "deny", reason: "error", ...logged };
  return { outcome: "allow", key, keepMs: item.keepMs, ...logged };
}

function objectKey(relationship: LiveRelationship, header: SealedHeader): string | null {
  const epochKey: KeyObject | null | undefined = relationship.epochs.get(header.epoch);
  if (epochKey === undefined || epochKey === null) return null;
  const raw = deriveObjectKeyFromEpoch(epochKey, header);
  const text = raw.toString("base64url");
  raw.fill(0);
  return text;
}

function explained(item: Item): ObjectOutcome {
  const explanation = item.explanation === undefined ? {} : { explanation: item.explanation };
  return item.reason === null
    ? { outcome: "allow", keepMs: item.keepMs, ...explanation }
    : { outcome: "deny", reason: item.reason, ...explanation };
}
