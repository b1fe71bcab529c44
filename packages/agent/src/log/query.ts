/**
 * What a subject reads of its log. A page is a walk from the newest entry back, along the positions that each record
 * keeps of the one before it: no index is needed, and the cost of a page does not depend on the size of the log.
 */
import { fromBase64url, toBase64url, u48, type Bytes } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { encodeEntryLeaf, openEntry, type Entry } from "@strongroom/core/log";
import { equalBytes } from "@strongroom/core/primitives";
import type { LogFilter, LogLine, LogPage, RawEntry, RawLogPage } from "@strongroom/core/wire";
import type { LiveSubject } from "../authorize/live.ts";
import type { AgentContext } from "../context.ts";
import type { ChunkRow } from "../storage/rows.ts";
import { unpackRecords, type LogRecord, type RecordOwner } from "./records.ts";

export const PAGE_LINES_MAX = 200;
/** Entries looked at for one page; with a narrow filter a page may be short although more follows. */
const WALK_ENTRIES_MAX = 5_000;
/** Rows of neighbouring records kept while walking: entries of one request share a row. */
const ROWS_KEPT = 16;

/** How far the times of neighbouring entries can be apart against their order, ms: requests wait for the log, and clocks are set. */
const DISORDER_MS_MAX = 86_400_000;

/** @throws StrongroomError `log.bad-cursor`, `log.damaged`. */
export async function logPage(
  context: AgentContext,
  subject: LiveSubject,
  filter: LogFilter,
  limit: number,
  cursor: string | null,
): Promise<LogPage> {
  const names = await namesOf(context);
  const lines: LogLine[] = [];
  const walk = new Walk(context, subject, cursor);
  for (let looked = 0; walk.next >= 0 && lines.length < linesOf(limit) && looked < WALK_ENTRIES_MAX; looked += 1) {
    const { index, entry } = await walk.step();
    // Entries stand in the order in which they were committed, which is nearly that of their times.
    if (filter.from !== undefined && entry.at < filter.from - DISORDER_MS_MAX) return { lines, cursor: null };
    if (passes(context, entry, filter)) lines.push(lineOf(entry, index, names));
  }
  return { lines, cursor: walk.cursor };
}

/** Sealed entries as they are stored, newest first, for a reader that opens and checks them itself. */
export async function rawPage(
  context: AgentContext,
  subject: LiveSubject,
  limit: number,
  cursor: string | null,
): Promise<RawLogPage> {
  const entries: RawEntry[] = [];
  const walk = new Walk(context, subject, cursor);
  while (walk.next >= 0 && entries.length < linesOf(limit)) {
    const { index, owner } = await walk.step();
    entries.push({ counter: owner.counter, index, sealed: toBase64url(owner.sealed) });
  }
  return { entries, cursor: walk.cursor };
}

/**
 * All lines that pass, newest first, page by page: for an export of any length in bounded memory.
 * @param head the entry to begin with; entries that come while it is read are not in it.
 */
export async function* everyLine(
  context: AgentContext,
  subject: LiveSubject,
  filter: LogFilter,
  head = subject.head,
): AsyncIterable<LogLine> {
  if (head.index < 0) return;
  for (let cursor = writeCursor(head.index); ;) {
    const page: LogPage = await logPage(context, subject, filter, PAGE_LINES_MAX, cursor);
    yield* page.lines;
    if (page.cursor === null) return;
    cursor = page.cursor;
  }
}

/** An entry found on the walk. */
interface Step {
  readonly index: number;
  readonly owner: RecordOwner;
  readonly entry: Entry;
}

/** Walks a subject's chain back, link by link. What the positions beside the entries say is not trusted: the chain is. */
class Walk {
  readonly #context: AgentContext;
  readonly #subject: LiveSubject;
  readonly #rows: ChunkRow[] = [];
  /** What the entry walked to next must be; null where a cursor begins. */
  #expected: { readonly counter: number; readonly commitment: Bytes } | null;
  #next: number;

  /** @throws StrongroomError `log.bad-cursor` for a text that is no cursor. */
  constructor(context: AgentContext, subject: LiveSubject, cursor: string | null) {
    this.#context = context;
    this.#subject = subject;
    this.#expected = cursor === null ? subject.head : null;
    this.#next = cursor === null ? subject.head.index : readCursor(cursor);
  }

  /** Position of the entry that is looked at next; -1 at the end. */
  get next(): number {
    return this.#next;
  }

  get cursor(): string | null {
    return this.#next < 0 ? null : writeCursor(this.#next);
  }

  async step(): Promise<Step> {
    const index = this.#next;
    const { leaf, owner } = await this.#record(index);
    if (this.#subject.logKey === null) throw new StrongroomError("subject.unknown", "no such subject, or erased");
    if (owner === null || !owner.subject.equals(this.#subject.idBytes)) {
      // A cursor made for somebody else leads nowhere.
      throw this.#expected === null ? badCursor() : damaged(index);
    }
    const { entry, commitment } = openEntry(owner.sealed, owner.counter, this.#subject.logKey);
    const expected = this.#expected ?? { counter: entry.counter, commitment };
    const isExpected =
      entry.counter === expected.counter &&
      equalBytes(commitment, expected.commitment) &&
      equalBytes(leaf, encodeEntryLeaf(commitment));
    const leadsBack = entry.counter === 1 ? owner.previous === -1 : owner.previous >= 0 && owner.previous < index;
    if (!isExpected || !leadsBack) throw damaged(index);
    this.#expected = { counter: entry.counter - 1, commitment: entry.previous };
    this.#next = owner.previous;
    return { index, owner, entry };
  }

  async #record(index: number): Promise<LogRecord> {
    let row = this.#rows.find(({ first, count }) => first <= index && index < first + count);
    if (row === undefined) {
      row = (await this.#context.store.chunks(index, index + 1, 1))[0];
      if (row === undefined) throw this.#expected === null ? badCursor() : damaged(index);
      this.#rows.unshift(row);
      if (this.#rows.length > ROWS_KEPT) this.#rows.pop();
    }
    const record = unpackRecords(row)[index - row.first];
    if (record === undefined) throw damaged(index);
    return record;
  }
}

function linesOf(limit: number): number {
  return Math.min(Math.max(limit, 1), PAGE_LINES_MAX);
}

/** Whether an entry is what the filter asks for; `from` and `until` are both inclusive. */
function passes({ vocabulary }: AgentContext, entry: Entry, filter: LogFilter): boolean {
  const covered = (
    kind: "type" | "use" | "purpose" | "provenance",
    wanted: string | undefined,
    is: string | null,
  ): boolean =>
    wanted === undefined ||
    (is !== null && (wanted === is || (vocabulary.has(kind, is) && vocabulary.covers(kind, wanted, is))));
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
  let bytes: Buffer;
  try {
    bytes = fromBase64url(cursor);
  } catch {
    throw badCursor();
  }
  if (bytes.length !== 6) throw badCursor();
  return bytes.readUIntBE(0, 6);
}

function damaged(index: number): StrongroomError {
  return new StrongroomError(
    "log.damaged",
    `the stored log record at position ${index} is not the entry that the chain leads to`,
    {
      details: { at: index },
    },
  );
}

function badCursor(): StrongroomError {
  return new StrongroomError("log.bad-cursor", "the cursor is not one that this log gave");
}
