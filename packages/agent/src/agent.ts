/** Composition: opens keys, store and log, and starts what runs by itself. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { StrongroomError } from "@strongroom/core/errors";
import { randomBytes } from "@strongroom/core/primitives";
import { builtinVocabulary, type Vocabulary } from "@strongroom/core/vocabulary";
import { Directory } from "./authorize/directory.ts";
import { eraseAgain } from "./erase/again.ts";
import type { AgentConfig, AgentContext } from "./context.ts";
import type { Effects } from "./effects.ts";
import { EventHub } from "./events.ts";
import { openFileKekStore } from "./keys/fileKekStore.ts";
import { openIdentity } from "./keys/identity.ts";
import { Keychain } from "./keys/keychain.ts";
import { finishRotation, isKekDue, rotateKek } from "./keys/rotate.ts";
import { SubjectTurns } from "./keys/turns.ts";
import { LogFiles } from "./log/files.ts";
import { LogMirror } from "./log/mirror.ts";
import { LogPublisher } from "./log/publisher.ts";
import { catchUpWithMirror, readUncovered, refuseStoreBehind } from "./log/recover.ts";
import { lockEverybody } from "./subjects/lock.ts";
import { UseNotes } from "./log/useNotes.ts";
import { LogWriter } from "./log/writer.ts";
import { openSqlite } from "./storage/sqlite/sqliteStore.ts";
import type { Store } from "./storage/store.ts";

/** Decisions kept for idempotent repeats. */
const IDEMPOTENCY_MS = 60 * 60_000;
const HOUSEKEEPING_MS = 60_000;

export interface AgentOptions {
  /** Folder of database and log mirror. */
  readonly dataFolder: string;
  /** Folder of KEKs and identity: keep its backups apart from the database's. Default: `<dataFolder>/keys`. */
  readonly keyFolder?: string;
  readonly issuer: string;
  /** Name of the log, fixed at first start. */
  readonly origin?: string;
  readonly passphrase?: string;
  readonly vocabulary?: Vocabulary;
  readonly kekEpochDays?: number;
  readonly checkpointMs?: number;
  readonly witnessKeys?: readonly string[];
  readonly relationshipsInMemoryMax?: number;
  readonly effects?: Effects;
  /** Take up a restored older database: replay the published log, its erasures included. */
  readonly recover?: boolean;
  /** Another driver than the embedded one. */
  readonly store?: Store;
  /** Told of failures of what runs by itself (checkpoints, rotation). */
  readonly onBackgroundError?: (error: unknown) => void;
  readonly onCommit?: (facts: { units: number; records: number; ms: number }) => void;
}

export interface Agent {
  readonly context: AgentContext;
  /** Keys that a recovered older store had alive again, destroyed at this start. */
  readonly erasedAgain: number;
  /** Subjects that a recovery locked, because what they revoked since the copy is not in it. */
  readonly lockedAgain: number;
  /** Makes a last checkpoint and closes the store. */
  close(): Promise<void>;
}

export const systemEffects: Effects = { now: () => Date.now(), random: randomBytes };

/**
 * @throws StrongroomError `storage.*`, `keys.*`, `log.damaged`, `log.store-behind`: an agent that cannot trust what it
 *   finds does not start.
 */
export async function createAgent(options: AgentOptions): Promise<Agent> {
  const effects = options.effects ?? systemEffects;
  const keyFolder = options.keyFolder ?? join(options.dataFolder, "keys");
  makeFolder(options.dataFolder);
  makeFolder(keyFolder);
  const config: AgentConfig = {
    issuer: options.issuer,
    kekEpochDays: options.kekEpochDays ?? 30,
    checkpointMs: options.checkpointMs ?? 2_000,
    witnessKeys: options.witnessKeys ?? [],
  };
  const keks = openFileKekStore(
    { folder: keyFolder, ...(options.passphrase === undefined ? {} : { passphrase: options.passphrase }) },
    effects,
  );
  const identity = openIdentity(keyFolder, options.origin, effects);
  const store = options.store ?? openSqlite({ file: join(options.dataFolder, "agent.db") });
  try {
    return await start(options, { config, effects, keks, identity, store });
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function start(
  options: AgentOptions,
  base: Pick<AgentContext, "config" | "effects" | "keks" | "identity" | "store">,
): Promise<Agent> {
  const { effects, store, identity, keks, config } = base;
  const keychain = new Keychain(keks, effects);
  const vocabulary = options.vocabulary ?? builtinVocabulary();
  const directory = new Directory({
    store,
    keychain,
    vocabulary,
    ...(options.relationshipsInMemoryMax === undefined ? {} : { relationshipsMax: options.relationshipsInMemoryMax }),
  });
  const mirror = new LogMirror({
    folder: join(options.dataFolder, "log"),
    memory: join(options.keyFolder ?? join(options.dataFolder, "keys"), "checkpoint"),
    files: new LogFiles(store),
  });
  if (options.recover === true) await catchUpWithMirror(store, mirror, identity);
  const useNotes = new UseNotes();
  const publisher = await LogPublisher.open({ store, signer: identity.signer, effects, mirror, useNotes });
  await refuseStoreBehind(store, mirror, identity);
  const writer = new LogWriter({
    store,
    effects,
    size: await store.logSize(),
    onLeaves: publisher.appended,
    onChanges: directory.changed,
    ...(options.onCommit === undefined ? {} : { onCommit: options.onCommit }),
  });
  const uncovered = await readUncovered(store, directory, publisher.checkpoint?.size ?? 0);
  writer.noteGrown(uncovered.subjects);
  const context: AgentContext = {
    ...base,
    keychain,
    vocabulary,
    directory,
    writer,
    publisher,
    events: new EventHub(),
    turns: new SubjectTurns(),
    useNotes,
  };
  const failed = options.onBackgroundError ?? (() => undefined);
  // Before the first checkpoint: until then a start that is cut short here finds the same tombstones again.
  const erasedAgain = await eraseAgain(context, uncovered.tombstones);
  // Revocations and locks that were made after the copy are lost with the newer database: nobody's older rules serve.
  const lockedAgain = uncovered.takenOver ? await lockEverybody(context, "recovered") : 0;
  await publisher.publish(writer);
  await keepKeks(context).catch((error: unknown) => {
    // A few rows that do not open are denied; with no KEK for them the whole key folder may be the wrong one.
    if (!(error instanceof StrongroomError && error.code === "keys.wrap-broken")) throw error;
    failed(error);
  });

  const checkpoints = every(config.checkpointMs, () => publisher.publish(writer), failed);
  const housekeeping = every(HOUSEKEEPING_MS, () => keepHouse(context), failed);
  return {
    context,
    erasedAgain,
    lockedAgain,
    async close() {
      await Promise.all([checkpoints.stop(), housekeeping.stop()]);
      try {
        await publisher.publish(writer);
      } finally {
        await store.close();
      }
    },
  };
}

async function keepHouse(context: AgentContext): Promise<void> {
  const now = context.effects.now();
  await context.store.sweep(now, now - IDEMPOTENCY_MS);
  await keepKeks(context);
}

/** What erasure receipts promise: no KEK lives longer than its epoch. */
async function keepKeks(context: AgentContext): Promise<void> {
  if (isKekDue(context, context.effects.now())) await rotateKek(context);
  else await finishRotation(context);
}

/** Runs work again and again, never twice at once, without keeping the process alive. */
function every(ms: number, work: () => Promise<unknown>, failed: (error: unknown) => void): { stop(): Promise<void> } {
  let running: Promise<unknown> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    running = work()
      .catch(failed)
      .finally(() => {
        busy = false;
      });
  }, ms);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new StrongroomError(
      "agent.folder-unusable",
      `the folder ${folder} cannot be made: ${(cause as Error).message}`,
      { cause },
    );
  }
}
