/**
 * What a subject reads of its log. A page is a walk from the newest entry back, along the positions that each record
 * keeps of the one before it: no index is needed, and the cost of a page does not depend on the size of the log.
 */
import { fromBase64url, toBase64url, u48 } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { openEntry, type Entry } from "@strongroom/core/log";
import type { LogFilter, LogLine, LogPage, RawLogPage } from "@strongroom/core/wire";
import type { LiveSubject } from "../authorize/live.ts";
import type { AgentContext } from "../context.ts";
import type { ChunkRow } from "../storage/rows.ts";
import { unpackRecords, type RecordOwner } from "./records.ts";

export const PAGE_LINES_MAX = 200;
/** Entries looked at for one page; with a narrow filter a page may be short although more follows. */
const WALK_ENTRIES_MAX = 5_000;
/** Rows of neighbouring records kept while walking: entries of one request share a row. */
const ROWS_KEPT = 16;

/** An entry found on the walk. */
interface Step {
  readonly index: number;
  readonly owner: RecordOwner;
}

/** @throws StrongroomError `log.bad-cursor`, `log.damaged`. */
export async function logPage(context: AgentContext, subject: LiveSubject, filter: LogFilter, limit: number, cursor: string | null): Promise<LogPage> {
  const names = await namesOf(context);
  const lines: LogLine[] = [];
  let next: number = cursor === null ? subject.head.index : readCursor(cursor);
  const walk = new Walk(context, subject);
  for (let looked = 0; next >= 0 && lines.length < limit && looked < WALK_ENTRIES_MAX; looked += 1) {
    const step = await walk.at(next);
    next = step.owner.previous;
    const { entry } = openEntry(step.owner.sealed, step.owner.counter, walk.logKey);
    // Times do not grow towards the past, so before the window there is nothing left to find.
    if (filter.from !== undefined && entry.at < filter.from) {
      next = -1;
    } else if (passes(context, entry, filter)) {
      lines.push(lineOf(entry, step.index, names));
    }
  }
  return { lines, cursor: next < 0 ? null : writeCursor(next) };
}

/** Sealed entries as they are stored, newest first, for a reader that opens and checks them itself. */
export async function rawPage(context: AgentContext, subject: LiveSubject, limit: number, cursor: string | null): Promise<RawLogPage> {
  const entries = [];
  let next: number = cursor === null ? subject.head.index : readCursor(cursor);
  const walk = new Walk(context, subject);
  while (next >= 0 && entries.length < limit) {
    const { index, owner } = await walk.at(next);
    entries.push({ counter: owner.counter, index, sealed: toBase64url(owner.sealed) });
    next = owner.previous;
  }
  return { entries, cursor: next < 0 ? null : writeCursor(next) };
}

/** All lines that pass, newest first, page by page: for an export of any length in bounded memory. */
export async function* everyLine(context: AgentContext, subject: LiveSubject, filter: LogFilter): AsyncIterable<LogLine> {
  for (let cursor: string | null = null; ; ) {
    const page: LogPage = await logPage(context, subject, filter, PAGE_LINES_MAX, cursor);
    yield* page.lines;
    if (page.cursor === null) return;
    cursor = page.cursor;
  }
}

class Walk {
  readonly #context: AgentContext;
  readonly #subject: LiveSubject;
  readonly #rows: ChunkRow[] = [];

  constructor(context: AgentContext, subject: LiveSubject) {
    this.#context = context;
    this.#subject = subject;
  }

  get logKey(): NonNullable<LiveSubject["logKey"]> {
    if (this.#subject.logKey === null) throw new StrongroomError("subject.unknown", "no such subject, or erased");
    return this.#subject.logKey;
  }

  /** The record at a position, which must be the subject's own: a cursor made for somebody else leads nowhere. */
  async at(index: number): Promise<Step> {
    let row = this.#rows.find(({ first, count }) => first <= index && index < first + count);
    if (row === undefined) {
      row = (await this.#context.store.chunks(index, index + 1, 1))[0];
      if (row === undefined) throw badCursor();
      this.#rows.unshift(row);
      if (this.#rows.length > ROWS_KEPT) this.#rows.pop();
    }
    const owner = unpackRecords(row)[index - row.first]?.owner;
    if (owner == null || !owner.subject.equals(this.#subject.idBytes)) throw badCursor();
    return { index, owner };
  }
}

/** Whether an entry is what the filter asks for; `from` and `until` are both inclusive. */
function passes({ vocabulary }: AgentContext, entry: Entry, filter: LogFilter): boolean {
  const covered = (kind: "type" | "use" | "purpose" | "provenance", wanted: string | undefined, is: string | null): boolean =>
    wanted === undefined || (is !== null && (wanted === is || (vocabulary.has(kind, is) && vocabulary.covers(kind, wanted, is))));
  const same = (wanted: string | undefined, is: string | null): boolean => wanted === undefined || wanted === is;
  return (
    (filter.until === undefined || entry.at <= filter.until) &&
    (filter.from === undefined || entry.at >= filter.from) &&
    same(filter.controller, entry.controller) &&
    same(filter.application, entry.application) &&
    same(filter.kind, entry.kind) &&
    same(filter.outcome, entry.outcome) &&
    same(filter.action, actionOf(entry)) &&
    covered("type", filter.type, entry.type) &&
    covered("use", filter.use, entry.use) &&
    covered("purpose", filter.purpose, entry.purpose) &&
    covered("provenance", filter.provenance, entry.provenance)
  );
}

function actionOf({ kind }: Entry): "read" | "update" | null {
  return kind === "use" ? "read" : kind === "seal" ? "update" : null;
}

function lineOf(entry: Entry, index: number, names: ReadonlyMap<string, string>): LogLine {
  const nameOf = (id: string | null): string | null => (id === null ? null : (names.get(id) ?? null));
  return {
    counter: entry.counter,
    index,
    at: entry.at,
    kind: entry.kind,
    controller: entry.controller,
    controllerName: nameOf(entry.controller),
    application: entry.application,
    applicationName: nameOf(entry.application),
    type: entry.type,
    action: actionOf(entry),
    use: entry.use,
    purpose: entry.purpose,
    provenance: entry.provenance,
    outcome: entry.outcome,
    reason: entry.reason,
    rules: entry.rules,
    objects: entry.objects,
    decision: entry.decision === null ? null : toBase64url(entry.decision),
  };
}

async function namesOf({ store }: AgentContext): Promise<Map<string, string>> {
  const [controllers, applications] = [await store.controllers(), await store.applications(null)];
  return new Map([...controllers, ...applications].map(({ id, name }) => [id, name]));
}

function writeCursor(index: number): string {
  return toBase64url(u48(index));
}

function readCursor(cursor: string): number {
  const bytes = fromBase64url(cursor);
  if (bytes.length !== 6) throw badCursor();
  return bytes.readUIntBE(0, 6);
}

function badCursor(): StrongroomError {
  return new StrongroomError("log.bad-cursor", "the cursor is not one that this log gave");
}
