/**
 * One authorization, top to bottom: find the relationships, decide every object, log every outcome, look again
 * whether anything changed, then release one key per allowed object. Whatever fails is a denial.
 */
import { StrongroomError } from "@strongroom/core/errors";
import { randomBytes } from "@strongroom/core/primitives";
import { decide, explain, type Decision } from "@strongroom/core/rules";
import { commitmentFits, decodeHeaderText, deriveObjectKeyFromEpoch, type SealedHeader } from "@strongroom/core/seal";
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
  /** Derived while deciding, released only after the log has it. */
  readonly key: Buffer | null;
  /** Which entry of the unit records it; -1 for none. */
  readonly entry: number;
  readonly explanation?: Explanation;
}

/** Changes to commit together with the log entries, such as the kept decision of a request that may be repeated. */
export type Alongside = (decision: Buffer, items: readonly DecidedItem[]) => readonly Mutation[];

/** What was decided for one item: null for allowed; which entry of the unit records it, -1 for none. */
export interface DecidedItem {
  readonly reason: DenialReason | null;
  readonly entry: number;
}

/**
 * @throws StrongroomError `vocabulary.unknown-use`, `vocabulary.unknown-purpose` for the whole request;
 *   `log.unavailable` when the outcomes could not be logged: then nothing is released.
 */
export async function authorize(
  context: AuthorizeContext,
  caller: Caller,
  request: AuthorizationRequest,
  alongside: Alongside = () => [],
): Promise<Authorized> {
  for (let tries = 1; ; tries += 1) {
    const { unit, decision, groups } = await decideAll(context, caller, request);
    if (request.dryRun === true) return { decision, reads: groups.map((items) => items.map(explained)), receipt: null };

    unit.mutations.push(...alongside(decision, groups.flat()));
    try {
      const receipt = unit.isEmpty ? null : await context.writer.append(unit);
      const reads = groups.map((items) => items.map(release));
      noteUses(context, groups.flat(), unit.at);
      return { decision, reads, receipt };
    } catch (error) {
      for (const { key } of groups.flat()) key?.fill(0);
      if (!erasedMeanwhile(error) || tries === TRIES_MAX) throw error;
    }
  }
}

/**
 * The keys of an earlier request once more, for its repetition only: decided as of now, and without entries, because
 * those of the first time are in the log. The caller gives out a key only where the first time gave one.
 */
export async function authorizeAgain(
  context: AuthorizeContext,
  caller: Caller,
  request: AuthorizationRequest,
): Promise<ObjectOutcome[]> {
  const { groups } = await decideAll(context, caller, request);
  return groups.flat().map(release);
}

/** How often a request is decided anew because a subject in it was erased while it waited for the log. */
export const TRIES_MAX = 5;

/** Nothing was logged then: of a thousand subjects one erases itself, and the others are decided again. */
export function erasedMeanwhile(error: unknown): boolean {
  return error instanceof StrongroomError && error.code === "keys.erased";
}

async function decideAll(
  context: AuthorizeContext,
  caller: Caller,
  request: AuthorizationRequest,
): Promise<{ unit: LogUnit; decision: Buffer; groups: Item[][] }> {
  const { directory } = context;
  const dryRun = request.dryRun === true;
  for (const { use, purpose } of request.reads) {
    directory.vocabulary.require("use", use);
    directory.vocabulary.require("purpose", purpose);
  }
  const at = context.now();
  const decision = randomBytes(16);
  const headers = request.reads.map(({ objects }) => objects.map(readHeader));
  const handles = headers.map((group) => group.map((header) => header?.relationship.toString("base64url")));
  const relationships = await directory.load([...new Set(handles.flat())].filter((handle) => handle !== undefined));

  const unit = new LogUnit(decision, caller, at);
  const groups = request.reads.map(({ use, purpose }, g) =>
    headers[g]!.map((header, i) => {
      const relationship = relationships.get(handles[g]![i] ?? "");
      return decideObject(context, caller, unit, { header, relationship, use, purpose, at, dryRun });
    }),
  );
  return { unit, decision, groups };
}

function readHeader(text: string): SealedHeader | null {
  try {
    return decodeHeaderText(text);
  } catch {
    return null;
  }
}

interface Ask {
  readonly header: SealedHeader | null;
  readonly relationship: LiveRelationship | undefined;
  readonly use: string;
  readonly purpose: string;
  readonly at: number;
  readonly dryRun: boolean;
}

/** The ordered list of what can speak against opening one object. */
function decideObject(context: AuthorizeContext, caller: Caller, unit: LogUnit, ask: Ask): Item {
  const { header, relationship, use, purpose, at } = ask;
  const refused = (reason: DenialReason): Item => ({
    header,
    relationship: null,
    reason,
    keepMs: 0,
    stamp: 0,
    key: null,
    entry: -1,
  });
  if (header === null) return refused("malformed-object");
  if (!header.locator.equals(context.locator)) return refused("unknown-object");
  if (relationship === undefined) return refused("unknown-object");
  const foreign = relationship.controller !== caller.controller;
  const silent = withoutLog(relationship, foreign);
  if (silent !== null) return refused(silent);

  const stamp = stampOf(relationship);
  let reason: DenialReason | null = null;
  let decided: Decision | null = null;
  let explanation: Explanation | undefined;
  let key: Buffer | null = null;
  if (foreign) reason = "unknown-object";
  else if (relationship.erased) reason = "relationship-erased";
  else if (!context.directory.vocabulary.has("type", header.type)) reason = "unknown-type";
  else if (relationship.subject.locked) reason = "locked";
  else if (relationship.rules === null) reason = "error";
  else {
    const question = {
      application: caller.application,
      type: header.type,
      action: { kind: "read", use, purpose },
      at,
    } as const;
    try {
      decided = decide(relationship.rules, question);
      if (ask.dryRun) {
        const { rules, others, othersTotal } = explain(relationship.rules, question);
        explanation = { rules, others, othersTotal };
      }
      if (decided.outcome === "deny") reason = decided.reason;
      else {
        const epochKey = relationship.epochs.get(header.epoch);
        if (epochKey === undefined) reason = "epoch-unknown";
        else if (epochKey === null) reason = "epoch-erased";
        else key = deriveObjectKeyFromEpoch(epochKey, header);
        // A header that was changed (say, to a type with kinder rules) derives a key that it does not commit to.
        if (key !== null && !commitmentFits(header, key)) reason = "malformed-object";
      }
    } catch {
      reason = "error";
    }
  }
  const entry = ask.dryRun
    ? -1
    : unit.note(
        relationship,
        {
          kind: "use",
          controller: caller.controller,
          type: header.type,
          use,
          purpose,
          reason,
          rules: decided?.rules ?? [],
          header: header.bytes,
        },
        !foreign,
      );
  if (ask.dryRun) key?.fill(0);
  return {
    header,
    relationship,
    reason,
    keepMs: decided?.retentionMs ?? 0,
    stamp,
    key: reason === null && !ask.dryRun ? key : null,
    entry,
    ...(explanation === undefined ? {} : { explanation }),
  };
}

/** Why a relationship is refused without an entry: nothing can be logged for its subject. A foreign asker learns nothing. */
export function withoutLog({ subject }: LiveRelationship, foreign: boolean): DenialReason | null {
  if (subject.logKey !== null) return null;
  if (foreign) return "unknown-object";
  return subject.erased ? "subject-erased" : "error";
}

/** Only what was released was used. */
function noteUses(context: AuthorizeContext, items: readonly Item[], at: number): void {
  for (const { header, relationship, reason, stamp } of items) {
    if (reason !== null || header === null || relationship === null || stampOf(relationship) !== stamp) continue;
    context.noteUse(relationship, header.type, at);
  }
}

/** After the log: the key, unless anything changed since the decision. */
function release({ relationship, reason, key, keepMs, stamp, entry }: Item): ObjectOutcome {
  const logged = entry < 0 ? {} : { entry };
  if (reason !== null || relationship === null || key === null)
    return { outcome: "deny", reason: reason ?? "error", ...logged };
  const changed = stampOf(relationship) !== stamp;
  const text = changed ? "" : key.toString("base64url");
  key.fill(0);
  return changed
    ? { outcome: "deny", reason: "changed-meanwhile", ...logged }
    : { outcome: "allow", key: text, keepMs, ...logged };
}

function explained(item: Item): ObjectOutcome {
  const explanation = item.explanation === undefined ? {} : { explanation: item.explanation };
  return item.reason === null
    ? { outcome: "allow", keepMs: item.keepMs, ...explanation }
    : { outcome: "deny", reason: item.reason, ...explanation };
}
