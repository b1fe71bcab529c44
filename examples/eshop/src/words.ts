/** Why something is not available, in words that a customer or a member of staff understands. */
import { type Denied, type Failed, isDenied, StrongroomError } from "@strongroom/sdk";

/** What a field holds after it was asked for: its value, or why there is none; null where nothing is stored. */
export type Shown = string | Denied | Failed | null;

const DENIALS: Readonly<Record<Denied["reason"], string>> = {
  "denied-by-rule": "this person has forbidden it",
  "no-rule": "this person has not allowed it",
  locked: "this person has locked all of their data",
  error: "the person's agent could not decide, so it said no",
  "malformed-object": "the stored value is damaged",
  "unknown-type": "the person's agent does not know this kind of data",
  "unknown-object": "the person's agent does not know this value as ours",
  "epoch-unknown": "the person's agent does not know the key of this value",
  "epoch-erased": "this person has erased it",
  "relationship-erased": "this person has erased everything that this shop stored",
  "subject-erased": "this person has closed their account and erased everything",
  "changed-meanwhile": "this person was just changing their rules; try again",
};

const FAILURES: Readonly<Record<string, string>> = {
  "seal.wrong-context": "this value was moved here from another place",
  "seal.wrong-type": "this value was moved here from another place",
  "seal.wrong-agent": "this value belongs to another agent",
  "sdk.agent-not-pinned": "this shop does not know the person's agent",
  "sdk.agent-mismatch": "what answers instead of the person's agent is not that agent",
  "sdk.log-promise": "the agent did not sign that it wrote this use into the person's log",
};

const AWAY = "the person's agent cannot be reached just now";
const DAMAGED = "the stored value is damaged";

/** The reason, without a full stop. Says nothing about the value itself. */
export function inWords(value: Denied | Failed): string {
  if (isDenied(value)) return DENIALS[value.reason];
  const { error } = value;
  if (isAway(error)) return AWAY;
  return FAILURES[error.code] ?? (error.code.startsWith("seal.") ? DAMAGED : `it could not be opened (${error.code})`);
}

/** True where waiting may help: the agent is away, busy or slow, and nothing is wrong with what is stored. */
export function isAway(error: unknown): boolean {
  return (
    error instanceof StrongroomError && ["sdk.agent-unreachable", "sdk.agent-busy", "sdk.deadline"].includes(error.code)
  );
}
