export interface ErrorFacts {
  /** HTTP status where the error crosses the wire. */
  readonly status: number;
  /** Why it happens, one sentence. */
  readonly cause: string;
  /** What to do, one sentence. */
  readonly fix: string;
}
