/**
 * Requests that are safe to repeat. The first time, what was decided is kept in the same transaction as its log
 * entries; sent again with the same key and the same bytes, nothing is logged or changed a second time and the
 * answer is made again from what was kept. Of two at once one works and the other waits for it. No key is ever kept.
 * An answer that is made again gives out keys without new entries, so what was kept must be the agent's own: a row
 * that was planted in the database would else open things that the log says nothing of.
 */
import { StrongroomError } from "@strongroom/core/errors";
import { sha256 } from "@strongroom/core/primitives";
import type { AgentContext } from "../context.ts";
import { bindText, boundText, type RowFields } from "../keys/rowMac.ts";
import type { IdempotencyRow } from "../storage/rows.ts";
import type { Mutation } from "../storage/store.ts";

/** How long after the decision an answer is made again, ms. Later uses are decided and logged anew. */
export const REPEAT_MS_MAX = 10 * 60_000;
/** `Idempotency-Key`: 16 to 64 characters of base64url. */
export const IDEMPOTENCY_KEY_PATTERN = "^[A-Za-z0-9_-]{16,64}$";

/** A request that may come again. */
export interface Repeatable {
  readonly application: string;
  /** Null: the client does not ask for it. */
  readonly key: string | null;
  /** See `requestDigest`. */
  readonly digest: Buffer;
}

/** Keeps what an answer can be made of, as a change to commit together with the entries of the request. */
export type Keep = (text: string) => readonly Mutation[];

export class Idempotency {
  readonly #agent: Pick<AgentContext, "store" | "effects" | "identity">;
  readonly #running = new Map<string, { readonly digest: Buffer; readonly ended: Promise<unknown> }>();

  constructor(agent: Pick<AgentContext, "store" | "effects" | "identity">) {
    this.#agent = agent;
  }

  /**
   * @param work does the request and commits what `keep` gives with it
   * @param repeat makes the answer again of what was kept, at the time `at`
   * @throws StrongroomError `idempotency.reused`, `idempotency.expired`, `idempotency.in-progress`
   */
  async run<Answer>(
    asked: Repeatable,
    work: (keep: Keep) => Promise<Answer>,
    repeat: (kept: string, at: number) => Promise<Answer>,
  ): Promise<Answer> {
    const { application, key, digest } = asked;
    if (key === null) return work(() => []);
    const name = `${application} ${key}`;
    for (let other = this.#running.get(name); other !== undefined; other = this.#running.get(name)) {
      if (!other.digest.equals(digest)) throw reused();
      await other.ended;
    }
    const answer = this.#runAlone({ application, key, digest }, work, repeat);
    this.#running.set(name, { digest, ended: answer.catch(() => undefined) });
    try {
      return await answer;
    } finally {
      this.#running.delete(name);
    }
  }

  async #runAlone<Answer>(
    asked: Repeatable & { readonly key: string },
    work: (keep: Keep) => Promise<Answer>,
    repeat: (kept: string, at: number) => Promise<Answer>,
  ): Promise<Answer> {
    const { store, effects, identity } = this.#agent;
    const { application, key, digest } = asked;
    const before = await store.idempotency(application, key);
    if (before !== null) return this.#again(before, digest, repeat);
    const keep: Keep = (text) => {
      const row = { application, key, digest, createdAt: effects.now() };
      const decision = bindText(identity.tokenKey, "idempotency", fieldsOf(row), text);
      return [{ op: "idempotency.put", row: { ...row, decision } }];
    };
    try {
      return await work(keep);
    } catch (error) {
      if (!(error instanceof StrongroomError && error.code === "storage.conflict")) throw error;
      // Another process of the agent was faster; nothing of ours was written.
      const theirs = await store.idempotency(application, key);
      if (theirs === null)
        throw new StrongroomError("idempotency.in-progress", "another process works on this request", { cause: error });
      return this.#again(theirs, digest, repeat);
    }
  }

  async #again<Answer>(
    row: IdempotencyRow,
    digest: Buffer,
    repeat: (kept: string, at: number) => Promise<Answer>,
  ): Promise<Answer> {
    const decision = boundText(this.#agent.identity.tokenKey, "idempotency", fieldsOf(row), row.decision);
    if (decision === null || !row.digest.equals(digest)) throw reused();
    if (row.createdAt < this.#agent.effects.now() - REPEAT_MS_MAX) {
      throw new StrongroomError(
        "idempotency.expired",
        `the request was decided more than ${REPEAT_MS_MAX / 60_000} minutes ago`,
      );
    }
    return repeat(decision, row.createdAt);
  }
}

function fieldsOf({ application, key, digest, createdAt }: Omit<IdempotencyRow, "decision">): RowFields {
  return [application, key, digest.toString("base64url"), createdAt];
}

/** What makes two requests the same: method, path and body. */
export function requestDigest(method: string, path: string, bodyDigest: Buffer): Buffer {
  return sha256(Buffer.concat([Buffer.from(`${method} ${path}\0`, "utf8"), bodyDigest]));
}

function reused(): StrongroomError {
  return new StrongroomError("idempotency.reused", "the idempotency key was used for another request");
}
