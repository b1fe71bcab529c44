/** One `POST /v1/authorizations`: the question, the checks of the answer, and the keys to their slots. */
import { KEY_BYTES } from "@strongroom/core/primitives";
import type { AuthorizationRequest, DenialReason } from "@strongroom/core/wire";
import { badAnswer, readObject } from "../agent/answer.ts";
import type { Channel } from "../agent/channel.ts";
import type { Deadline } from "../agent/deadline.ts";
import type { EventStream } from "../agent/events.ts";
import type { PromiseBook } from "../log/promises.ts";
import { Part, waitFor, type AskGroup } from "./asks.ts";
import type { KeptKeys } from "./keptKeys.ts";

const KEY_CHARS = 43;
const REASON = /^[a-z][a-z-]{0,63}$/;

export interface AuthorizeParts {
  readonly channel: Channel;
  readonly promises: PromiseBook;
  readonly kept: KeptKeys;
  readonly events: EventStream;
  readonly clock: () => number;
}

/** What the agent said about one object: a raw key, or why not. */
type Verdict = { readonly key: Buffer; readonly keepMs: number } | { readonly reason: DenialReason };

/**
 * Asks, checks the whole answer, and only then fills any slot.
 * @throws StrongroomError `sdk.bad-answer`, `sdk.log-promise`, and those of the channel.
 */
export async function authorize(
  parts: AuthorizeParts,
  part: Part,
  deadline: Deadline,
  lastRound: boolean,
): Promise<Part | null> {
  const { channel, kept, events } = parts;
  const generation = kept.generation;
  const askedAt = parts.clock();
  const groups = [...part.groups.values()];
  const question: AuthorizationRequest = {
    reads: groups.map(({ purpose, headers }) => ({ use: purpose.use, purpose: purpose.purpose, objects: headers })),
  };
  const answer = await channel.post("/v1/authorizations", JSON.stringify(question), deadline);
  const verdicts = readVerdicts(parts, groups, answer);

  const again = new Part();
  for (const [at, group] of groups.entries()) {
    const ofGroup = verdicts[at]!;
    for (let waiter = 0; waiter < group.calls.length; waiter++) {
      const verdict = ofGroup[group.asked[waiter]!]!;
      const call = group.calls[waiter]!;
      const slot = group.slots[waiter]!;
      if ("key" in verdict) {
        call.accept(slot, verdict.key);
        if (verdict.keepMs > 0) {
          // From now on there is something to forget, so something to listen for.
          events.start();
          const header = group.headers[group.asked[waiter]!]!;
          kept.keep(group.purpose.key, header, call.handleOf(slot), verdict.key, askedAt + verdict.keepMs, generation);
        }
      } else if (verdict.reason === "changed-meanwhile" && !lastRound) {
        const next = again.group(group.purpose);
        waitFor(next, again.add(next, group.headers[group.asked[waiter]!]!), call, slot);
      } else {
        call.deny(slot, verdict.reason);
      }
    }
  }
  for (const verdict of verdicts.flat()) if ("key" in verdict) verdict.key.fill(0);
  return again.count === 0 ? null : again;
}

function readVerdicts(
  { channel, promises }: AuthorizeParts,
  groups: readonly AskGroup[],
  answer: unknown,
): Verdict[][] {
  const { issuer } = channel.pin;
  const body = readObject(answer, issuer);
  const { reads } = body;
  if (!Array.isArray(reads) || reads.length !== groups.length)
    throw badAnswer(issuer, "has another number of groups than asked");
  // The signature that the uses are logged comes before any key is looked at.
  const entries = promises.accept(body);
  return groups.map(({ headers }, at) => {
    const outcomes: unknown = reads[at];
    if (!Array.isArray(outcomes) || outcomes.length !== headers.length)
      throw badAnswer(issuer, "has another number of outcomes than asked");
    return outcomes.map((outcome: unknown) => readVerdict(outcome, entries, issuer));
  });
}

function readVerdict(value: unknown, entries: number, issuer: string): Verdict {
  const { outcome, key, keepMs, entry, reason } = readObject(value, issuer);
  if (outcome === "deny" && typeof reason === "string" && REASON.test(reason))
    return { reason: reason as DenialReason };
  if (outcome !== "allow") throw badAnswer(issuer, "holds an outcome that is neither allow nor deny");

  if (typeof entry !== "number" || !Number.isInteger(entry) || entry < 0 || entry >= entries) {
    throw badAnswer(issuer, "allows an object without naming its entry in the log");
  }
  const raw = typeof key === "string" && key.length === KEY_CHARS ? Buffer.from(key, "base64url") : null;
  if (raw?.length !== KEY_BYTES) throw badAnswer(issuer, "holds a key of another form");
  if (typeof keepMs !== "number" || !Number.isFinite(keepMs) || keepMs < 0)
    throw badAnswer(issuer, "holds no time to keep a key");
  return { key: raw, keepMs };
}
