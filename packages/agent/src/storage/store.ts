/**
 * The storage driver's contract. `test/storage/contract.ts` is the suite that every driver passes.
 *
 * One writer: `write` calls never overlap, and what a `write` does is durable (fsync) when its promise
 * resolves, or undone altogether when it rejects. Reads see only what is committed. All methods may throw
 * `storage.unavailable`; a caller that cannot write denies.
 */
import type { StrongroomError } from "@strongroom/core/errors";
import type {
  ApplicationKey,
  ApplicationRow,
  CheckpointRow,
  ChunkRow,
  ConnectionRow,
  ConsentRow,
  ControllerRow,
  EpochRow,
  HeadRow,
  HoldingRow,
  IdempotencyRow,
  RelationshipRow,
  SubjectRow,
  TileRow,
  TokenRow,
  WrappedKey,
} from "./rows.ts";

/** One change. A list of them is applied whole or not at all. */
export type Mutation =
  | { readonly op: "subject.add"; readonly row: SubjectRow }
  /**
   * `storage.stale` when there is no such subject. `expectRoot` guards against a lost update of keys: `storage.stale`
   * when the stored wrap of the root is another than the one given (rewrapped or destroyed meanwhile).
   */
  | {
      readonly op: "subject.update";
      readonly id: string;
      readonly expectRoot?: WrappedKey | null;
      readonly set: Partial<Omit<SubjectRow, "id" | "createdAt">>;
    }
  /** `storage.conflict` where the two have a living relationship already. */
  | { readonly op: "relationship.add"; readonly row: RelationshipRow; readonly epoch: EpochRow }
  /**
   * `expectGeneration` guards against a lost update: `storage.stale` when another change came first.
   * Every update raises the generation by one, an empty one too.
   */
  | {
      readonly op: "relationship.update";
      readonly handle: string;
      readonly expectGeneration: number;
      readonly set: Partial<Pick<RelationshipRow, "key" | "rulebook" | "erasedAt">>;
    }
  | { readonly op: "epoch.add"; readonly row: EpochRow }
  | { readonly op: "epoch.key"; readonly handle: string; readonly epoch: number; readonly key: WrappedKey | null }
  | { readonly op: "controller.add"; readonly row: ControllerRow }
  | { readonly op: "application.add"; readonly row: ApplicationRow }
  | { readonly op: "application.disable"; readonly id: string; readonly disabled: boolean }
  | { readonly op: "application.key.add"; readonly id: string; readonly key: ApplicationKey }
  | { readonly op: "application.key.remove"; readonly id: string; readonly kid: string }
  | { readonly op: "token.add"; readonly row: TokenRow }
  | { readonly op: "token.remove"; readonly subject: string; readonly id: string }
  | { readonly op: "connection.add"; readonly row: ConnectionRow }
  /** Takes the code out; `storage.conflict` when it is no longer there (used twice at once: one wins). */
  | { readonly op: "connection.take"; readonly hash: string }
  | { readonly op: "consent.add"; readonly row: ConsentRow }
  /** Only a pending request changes; `storage.stale` otherwise. */
  | {
      readonly op: "consent.settle";
      readonly id: string;
      readonly state: ConsentRow["state"];
      readonly answeredAt: number | null;
    }
  /** Replaces the row of the same handle and type; `lastUsedAt` never goes back. */
  | { readonly op: "holding.put"; readonly row: HoldingRow }
  /** Raises `lastUsedAt`; nothing where the controller holds no such type. */
  | { readonly op: "holding.used"; readonly handle: string; readonly type: string; readonly at: number }
  /** `storage.conflict` when the application used the key before. */
  | { readonly op: "idempotency.put"; readonly row: IdempotencyRow }
  /** Removes all of a subject that is not needed to prove what happened: login, tokens, codes, consent drafts, holdings. */
  | { readonly op: "subject.forget"; readonly id: string }
  /** The same for one relationship: codes, consent drafts, holdings. */
  | { readonly op: "relationship.forget"; readonly handle: string };

/**
 * The open transaction of one `write`. It may be used until the `work` that it was given to settles.
 * An error that is thrown here (not returned by `attempt`) undoes the whole write, even where `work` swallows it.
 */
export interface WriteTx {
  /**
   * Applies the mutations whole. A conflict (`storage.conflict`, `storage.stale`) undoes this list alone and
   * is returned, and the transaction goes on; null when all went in.
   */
  attempt(mutations: readonly Mutation[]): Promise<StrongroomError | null>;
  /** Each chunk begins where the log ends; else `storage.stale`: somebody else wrote the log. */
  appendChunks(chunks: readonly ChunkRow[]): Promise<void>;
  /** Replaces each subject's head. A subject keeps its `blinded` for life and shares it with nobody, else `storage.conflict`. */
  putHeads(heads: readonly HeadRow[]): Promise<void>;
  /** Replaces tiles of the same level and index. */
  putTiles(tiles: readonly TileRow[]): Promise<void>;
  /** Keeps the newest: smaller ones are removed; `storage.stale` where a larger one is stored. */
  putCheckpoint(row: CheckpointRow): Promise<void>;
}

/** A relationship with what its decisions and keys need, loaded in one step. */
export interface LoadedRelationship {
  readonly relationship: RelationshipRow;
  readonly epochs: readonly EpochRow[];
  readonly subject: SubjectRow;
  readonly head: HeadRow | null;
}

/** Where a living key is. */
export type KeyOwner =
  | { readonly kind: "subject"; readonly subject: string }
  | { readonly kind: "relationship"; readonly subject: string; readonly handle: string }
  | { readonly kind: "epoch"; readonly subject: string; readonly handle: string; readonly epoch: number };

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Pass it to get the next page; null at the end. */
  readonly next: string | null;
}

export interface Store {
  /**
   * Runs `work` alone, in the order of the calls, and commits. What `work` throws comes out unchanged.
   * A write must not wait for another write: it would wait for itself.
   */
  write<Result>(work: (tx: WriteTx) => Promise<Result>): Promise<Result>;

  /** Each known handle once, erased ones too, in no promised order; unknown ones are left out. One snapshot. */
  loadRelationships(handles: readonly string[]): Promise<LoadedRelationship[]>;
  relationship(handle: string): Promise<RelationshipRow | null>;
  /** Oldest first, erased ones too. */
  relationshipsOf(subject: string): Promise<RelationshipRow[]>;
  /** The living relationship of the two. */
  relationshipBetween(subject: string, controller: string): Promise<RelationshipRow | null>;
  epochsOf(handle: string): Promise<EpochRow[]>;

  subject(id: string): Promise<SubjectRow | null>;
  subjectByLogin(login: string): Promise<SubjectRow | null>;
  /** In the order of the ids' bytes, from the first after `after`. */
  subjects(after: string | null, limit: number): Promise<Page<SubjectRow>>;
  /** Living subjects whose root is wrapped under an older KEK epoch than the one named. */
  subjectsBehindKek(kekEpoch: number, limit: number): Promise<SubjectRow[]>;
  head(subject: string): Promise<HeadRow | null>;
  /** Whose living key has this id; null when no living key has it. For recovery: may look through everything. */
  ownerOfKey(keyId: string): Promise<KeyOwner | null>;

  controllers(): Promise<ControllerRow[]>;
  controller(id: string): Promise<ControllerRow | null>;
  /** Of one controller, or of all. */
  applications(controller: string | null): Promise<ApplicationRow[]>;
  application(id: string): Promise<ApplicationRow | null>;

  token(hash: string): Promise<TokenRow | null>;
  tokensOf(subject: string): Promise<TokenRow[]>;
  connection(hash: string): Promise<ConnectionRow | null>;
  consent(id: string): Promise<ConsentRow | null>;
  /** Newest first. */
  consentsOf(subject: string): Promise<ConsentRow[]>;
  consentsPendingCount(handle: string): Promise<number>;
  holdingsOf(handle: string): Promise<HoldingRow[]>;
  idempotency(application: string, key: string): Promise<IdempotencyRow | null>;

  /** How many records the log holds. */
  logSize(): Promise<number>;
  /** Chunks that touch positions from `first` up to and without `end`, in order, at most `limit` chunks. */
  chunks(first: number, end: number, limit: number): Promise<ChunkRow[]>;
  tile(level: number, index: number): Promise<TileRow | null>;
  checkpoint(): Promise<CheckpointRow | null>;
  /** Replaces the note of the checkpoint of this size (witness signatures added); nothing once a newer one took its place. */
  setCheckpointNote(size: number, note: string): Promise<void>;
  /** `[blinded, value]` of one bucket of the heads map (first 12 bits, 0 to 4,095), sorted by blinded. */
  headsBucket(bucket: number): Promise<readonly (readonly [Buffer, Buffer])[]>;

  /** Removes tokens and codes that ended before `now`, and decisions kept since before `idempotencyBefore`; returns how many. */
  sweep(now: number, idempotencyBefore: number): Promise<number>;
  /** Cheap check that the store answers and can write: it writes. */
  ping(): Promise<void>;
  /** Waits for the writes that were asked for before, then gives everything back. Later calls fail; closing twice does not. */
  close(): Promise<void>;
}
