/** A new KEK epoch: every living root is wrapped again, then the old KEKs are destroyed. Interrupted, it goes on where it stopped. */
import { StrongroomError } from "@strongroom/core/errors";
import type { KeyRotation } from "@strongroom/core/wire";
import type { AgentContext } from "../context.ts";
import { LogUnit } from "../log/writer.ts";

const BATCH = 200;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

export interface RotateOptions {
  readonly onProgress?: (rewrapped: number) => void;
}

type KekContext = Pick<AgentContext, "keks" | "config">;

/** By when the KEK that is current now is destroyed, as erasure receipts state it, ms. Overdue, it goes with the next housekeeping. */
export function kekEndsAt(context: KekContext, now: number): number {
  const due = context.keks.currentSince + epochMs(context);
  return due > now ? due : now + marginMs(context);
}

/** Whether to begin the next KEK epoch: some time before the current one must be gone. */
export function isKekDue(context: KekContext, now: number): boolean {
  return now >= context.keks.currentSince + epochMs(context) - marginMs(context);
}

function epochMs({ config }: KekContext): number {
  return config.kekEpochDays * DAY_MS;
}

function marginMs(context: KekContext): number {
  return Math.min(HOUR_MS, Math.floor(epochMs(context) / 10));
}

export async function rotateKek(context: AgentContext, options: RotateOptions = {}): Promise<KeyRotation> {
  await context.keks.turn(context.effects.now());
  return finishRotation(context, options);
}

/**
 * Also run at start and now and then: a rotation that was cut short leaves subjects behind and old KEKs undestroyed.
 * @throws StrongroomError `keys.wrap-broken` or `keys.kek-missing` when some roots do not open, as after a row was
 *   changed outside the agent. Everybody else is rewrapped then, and the old KEKs stay for the rows to be restored.
 */
export async function finishRotation(context: AgentContext, options: RotateOptions = {}): Promise<KeyRotation> {
  const { keks, store, writer, effects } = context;
  const kekEpoch = keks.current;
  // Subjects that were made under the old KEK before this moment are stored once what waits now is committed.
  await writer.append(new LogUnit(null, null, effects.now()));
  const broken = new Map<string, StrongroomError>();
  let rewrapped = 0;
  for (;;) {
    const rows = await store.subjectsBehindKek(kekEpoch, BATCH + broken.size);
    const behind = rows.filter(({ id }) => !broken.has(id));
    if (behind.length === 0) break;
    const failures = await Promise.all(
      behind.map(({ id }) => rewrapSubject(context, id).catch((error: unknown) => noteBroken(broken, id, error))),
    );
    rewrapped += failures.filter((failed) => !failed).length;
    options.onProgress?.(rewrapped);
  }
  const [first] = broken.values();
  if (first !== undefined) {
    throw new StrongroomError(
      first.code,
      `${broken.size} subjects could not be rewrapped, so the old KEKs are kept: ${first.message}`,
      {
        cause: first,
        details: { subjects: broken.size },
      },
    );
  }
  // Nothing living needs an older KEK now.
  const destroyed = await keks.destroyBefore(kekEpoch);
  return { kekEpoch, rewrapped, destroyed };
}

function noteBroken(broken: Map<string, StrongroomError>, id: string, error: unknown): true {
  if (!(error instanceof StrongroomError) || (error.code !== "keys.wrap-broken" && error.code !== "keys.kek-missing"))
    throw error;
  broken.set(id, error);
  return true;
}

async function rewrapSubject(context: AgentContext, id: string): Promise<false> {
  await context.turns.run(id, async () => {
    const row = await context.store.subject(id);
    if (row === null || row.root === null || row.kekEpoch === context.keks.current) return;
    const keys = context.keychain.openSubject(row);
    const unit = new LogUnit(null, null, context.effects.now());
    const set = context.keychain.wrapSubject(id, row.state, keys);
    unit.mutations.push({ op: "subject.update", id, expectRoot: row.root, set });
    await context.writer.append(unit);
  });
  return false;
}
