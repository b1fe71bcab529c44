/** What the agent would decide and why, without releasing anything and without counting as a use. */
import type { AuthorizationRequest, DenialReason, Explanation } from "@strongroom/core/wire";
import type { Agent } from "../agent/agent.ts";
import { badAnswer, readObject } from "../agent/answer.ts";
import type { Channel } from "../agent/channel.ts";
import type { Deadline } from "../agent/deadline.ts";
import { Sealed } from "../sealed.ts";
import type { Purpose } from "./asks.ts";
import type { Opener } from "./opener.ts";

/** The decision that a use would get now. */
export interface Explained {
  readonly outcome: "allow" | "deny";
  /** Why not; null where it is allowed. */
  readonly reason: DenialReason | null;
  readonly explanation: Explanation | null;
}

async function explain(
  channel: Channel,
  purpose: Purpose,
  headers: readonly string[],
  deadline: Deadline,
): Promise<Explained[]> {
  const { issuer } = channel.pin;
  const question: AuthorizationRequest = {
    reads: [{ use: purpose.use, purpose: purpose.purpose, objects: headers }],
    dryRun: true,
  };
  const { reads } = readObject(await channel.post("/v1/authorizations", JSON.stringify(question), deadline), issuer);
  const outcomes: unknown = Array.isArray(reads) ? reads[0] : null;
  if (!Array.isArray(outcomes) || outcomes.length !== headers.length)
    throw badAnswer(issuer, "has another number of outcomes than asked");
  return outcomes.map((value: unknown) => {
    const { outcome, reason, explanation } = readObject(value, issuer);
    if (outcome !== "allow" && outcome !== "deny")
      throw badAnswer(issuer, "holds an outcome that is neither allow nor deny");
    return {
      outcome,
      reason: outcome === "deny" ? (reason as DenialReason) : null,
      explanation: explanation === undefined ? null : (readObject(explanation, issuer) as unknown as Explanation),
    };
  });
}

/** One explanation for each sealed value of a row; nulls stay. */
export type ExplainedRow<Row> = {
  readonly [Name in keyof Row]: Row[Name] extends infer S ? (S extends null | undefined ? S : Explained) : never;
};

/** Asks each agent of the row's values. @throws StrongroomError */
export async function explainRow<Row extends object>(
  opener: Opener,
  row: Row,
  purpose: Purpose,
  objectsMax: number,
  deadline: Deadline,
): Promise<ExplainedRow<Row>> {
  const names = new Map<Agent, { readonly names: string[]; readonly headers: string[] }>();
  const out = { ...row } as Record<string, unknown>;
  for (const [name, value] of Object.entries(row)) {
    if (!(value instanceof Sealed)) continue;
    const { agent, header } = opener.locate(value);
    const asked = names.get(agent) ?? { names: [], headers: [] };
    names.set(agent, asked);
    asked.names.push(name);
    asked.headers.push(header);
  }
  for (const [{ channel }, asked] of names) {
    for (let from = 0; from < asked.headers.length; from += objectsMax) {
      const explained = await explain(channel, purpose, asked.headers.slice(from, from + objectsMax), deadline);
      for (const [at, value] of explained.entries()) out[asked.names[from + at]!] = value;
    }
  }
  return out as ExplainedRow<Row>;
}
