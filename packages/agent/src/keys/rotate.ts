/** A new KEK epoch: every living root is wrapped again, then the old KEKs are destroyed. Interrupted, it goes on where it stopped. */
import type { KeyRotation } from "@strongroom/core/wire";
import type { AgentContext } from "../context.ts";
import { LogUnit } from "../log/writer.ts";

const BATCH = 200;

export interface RotateOptions {
  readonly onProgress?: (rewrapped: number) => void;
}

export async function rotateKek(context: AgentContext, options: RotateOptions = {}): Promise<KeyRotation> {
  await context.keks.turn(context.effects.now());
  return finishRotation(context, options);
}

/** Also run at start: a rotation that was cut short leaves subjects behind and old KEKs undestroyed. */
export async function finishRotation(context: AgentContext, options: RotateOptions = {}): Promise<KeyRotation> {
  const { keks, store } = context;
  const kekEpoch = keks.current;
  let rewrapped = 0;
  for (;;) {
    const behind = await store.subjectsBehindKek(kekEpoch, BATCH);
    if (behind.length === 0) break;
    await Promise.all(behind.map(({ id }) => rewrapSubject(context, id)));
    rewrapped += behind.length;
    options.onProgress?.(rewrapped);
  }
  // Nothing living needs an older KEK now.
  const destroyed = await keks.destroyBefore(kekEpoch);
  return { kekEpoch, rewrapped, destroyed };
}

function rewrapSubject(context: AgentContext, id: string): Promise<void> {
  return context.turns.run(id, async () => {
    const row = await context.store.subject(id);
    if (row === null || row.root === null || row.kekEpoch === context.keks.current) return;
    const keys = context.keychain.openSubject(row);
    const unit = new LogUnit(null, null, context.effects.now());
    unit.mutations.push({ op: "subject.update", id, set: context.keychain.wrapSubject(id, row.state, keys) });
    await context.writer.append(unit);
  });
}
