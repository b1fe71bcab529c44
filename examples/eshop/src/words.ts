/** Why something is not available, in words that a customer or a member of staff understands. */
import { type Denied, type Failed, isDenied, StrongroomError } from "@strongroom/sdk";

/** What a field holds after it was asked for: its value, or why there is none; null where nothing is stored. */
export type Shown = string | Denied | Failed | null;

/** Who reads: the staff, about a customer, or the customer. */
export type Reader = "staff" | "customer";
type ForEach = Readonly<Record<Reader, string>>;
const both = (text: string): ForEach => ({ staff: text, customer: text });

const DENIALS: Readonly<Record<Denied["reason"], ForEach>> = {
  "denied-by-rule": { staff: "this person has forbidden it", customer: "you have forbidden it" },
  "no-rule": { staff: "this person has not allowed it", customer: "you have not allowed it" },
  locked: { staff: "this person has locked all of their data", customer: "you have locked all of your data" },
  error: both("the agent could not decide, so it said no"),
  "malformed-object": both("the stored value is damaged"),
  "unknown-type": both("the agent does not know this kind of data"),
  "unknown-object": both("the agent does not know this value as ours"),
  "epoch-unknown": both("the agent does not know the key of this value"),
  "epoch-erased": { staff: "this person has erased it", customer: "you have erased it" },
  "relationship-erased": {
    staff: "this person has erased everything that this shop stored",
    customer: "you have erased everything that this shop stored",
  },
  "subject-erased": {
    staff: "this person has closed their account at the agent and erased everything",
    customer: "you have closed your account at the agent and erased everything",
  },
  "changed-meanwhile": both("the rules were just being changed; try again"),
};

const FAILURES: Readonly<Record<string, string>> = {
  "seal.wrong-context": "this value was moved here from another place",
  "seal.wrong-type": "this value was moved here from another place",
  "seal.wrong-agent": "this value belongs to another agent",
  "sdk.agent-not-pinned": "this shop does not know the agent that it belongs to",
  "sdk.agent-mismatch": "what answers instead of the agent is not that agent",
  "sdk.log-promise": "the agent did not sign that it wrote this use into the log",
};

const AWAY: ForEach = {
  staff: "the person's agent cannot be reached just now",
  customer: "your agent cannot be reached just now",
};
const DAMAGED = "the stored value is damaged";

/** The reason, without a full stop. Says nothing about the value itself. */
export function inWords(value: Denied | Failed, reader: Reader = "staff"): string {
  if (isDenied(value)) return DENIALS[value.reason][reader];
  const { error } = value;
  if (isAway(error)) return AWAY[reader];
  return FAILURES[error.code] ?? (error.code.startsWith("seal.") ? DAMAGED : `it could not be opened (${error.code})`);
}

/** True where waiting may help: the agent is away, busy or slow, and nothing is wrong with what is stored. */
export function isAway(error: unknown): boolean {
  return (
    error instanceof StrongroomError && ["sdk.agent-unreachable", "sdk.agent-busy", "sdk.deadline"].includes(error.code)
  );
}
