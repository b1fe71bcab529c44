/** What the benchmark's process and the agent's process say to each other, besides HTTP. */

/** Given to the agent's process when it starts. */
export interface AgentStart {
  readonly dataFolder: string;
  readonly port: number;
  /** Where clients reach it. */
  readonly issuer: string;
}

export interface AgentFacts {
  readonly issuer: string;
  /** Where it listens; the same, where nothing stands before it. */
  readonly origin: string;
  /** C2SP verifier key of the log. */
  readonly logKey: string;
  /** Locator, as references to persons name it. */
  readonly locator: string;
  readonly operatorToken: string;
}

/** What the agent's process can be told to do, with what it takes and gives. */
export interface Orders {
  /** Makes people with rules, a relationship and keys, many per commit. */
  enrol: { readonly take: EnrolOrder; readonly give: EnrolledPeople };
  /** What the process used since the last time that it was asked. */
  usage: { readonly take: null; readonly give: Usage };
  /** Decides over these objects and gives their keys, as requests of a thousand would, without logging anything. */
  decideObjects: { readonly take: DecideOrder; readonly give: { readonly ms: number } };
  /** Finds the people of these objects and decides over their rules; nothing else. */
  decideRules: { readonly take: DecideOrder; readonly give: { readonly ms: number } };
  /** Appends entries of people, each in a unit of its own. */
  append: { readonly take: AppendOrder; readonly give: { readonly ms: number } };
  /** Fills the log with uses: a unit holds one of each of these people. */
  fill: { readonly take: FillOrder; readonly give: { readonly size: number } };
  /** The process is started again on what it stored: it must not remove it when it ends. */
  keepFolder: { readonly take: null; readonly give: null };
  checkpoint: { readonly take: null; readonly give: { readonly size: number; readonly ms: number } };
}

export interface EnrolOrder {
  readonly controller: string;
  readonly people: number;
  /** Rules of each; the first two are the ones that let the benchmarks seal and open. */
  readonly rules: number;
  /** How long keys may be kept, ms. */
  readonly retentionMs: number;
}

export interface EnrolledPeople {
  /** Relationship handles, base64url. */
  readonly handles: readonly string[];
  readonly ms: number;
}

export interface Usage {
  readonly rssBytes: number;
  /** User and system time of all threads, ms. */
  readonly cpuMs: number;
  readonly commits: { readonly count: number; readonly records: number; readonly ms: number };
}

export interface DecideOrder {
  /** Header segments of sealed fields, one person's each. */
  readonly objects: readonly string[];
  readonly application: string;
  readonly controller: string;
}

export interface AppendOrder {
  readonly handles: readonly string[];
  readonly entries: number;
  /** Units that wait for the log at once: 1 is one commit and one fsync for each. */
  readonly together: number;
}

export interface FillOrder {
  readonly handles: readonly string[];
  readonly entries: number;
}

export type OrderName = keyof Orders;

/** From the agent's process: it is ready, or an order's outcome. */
export type FromAgent =
  | { readonly ready: AgentFacts }
  | { readonly failed: string }
  | { readonly id: number; readonly give: unknown }
  | { readonly id: number; readonly error: string };

export interface ToAgent {
  readonly id: number;
  readonly order: OrderName;
  readonly take: unknown;
}
