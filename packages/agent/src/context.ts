/** Everything that the agent's services share; made once by `createAgent`. */
import type { Vocabulary } from "@strongroom/core/vocabulary";
import type { Directory } from "./authorize/directory.ts";
import type { Effects } from "./effects.ts";
import type { EventHub } from "./events.ts";
import type { AgentIdentity } from "./keys/identity.ts";
import type { KekStore } from "./keys/kekStore.ts";
import type { Keychain } from "./keys/keychain.ts";
import type { SubjectTurns } from "./keys/turns.ts";
import type { LogPublisher } from "./log/publisher.ts";
import type { LogWriter } from "./log/writer.ts";
import type { Store } from "./storage/store.ts";
import type { UseNotes } from "./log/useNotes.ts";

export interface AgentContext {
  readonly config: AgentConfig;
  readonly effects: Effects;
  readonly store: Store;
  readonly keks: KekStore;
  readonly keychain: Keychain;
  readonly turns: SubjectTurns;
  readonly identity: AgentIdentity;
  readonly vocabulary: Vocabulary;
  readonly directory: Directory;
  readonly writer: LogWriter;
  readonly publisher: LogPublisher;
  readonly events: EventHub;
  readonly useNotes: UseNotes;
}

/** Decoded settings; see docs/operations.md for what each is for. */
export interface AgentConfig {
  /** Base address as clients see it, without a slash at the end. */
  readonly issuer: string;
  /** How often the KEK turns at the latest, days: erasure is final for backups within this time. */
  readonly kekEpochDays: number;
  /** Verifier keys of the witnesses whose cosignatures are taken. */
  readonly witnessKeys: readonly string[];
  /** Longest time between an entry and the checkpoint that covers it, ms. */
  readonly checkpointMs: number;
}
