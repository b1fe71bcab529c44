/** What the agent takes from the world besides its store: given as an argument, so that tests and simulation own it. */
export interface Effects {
  /** Milliseconds since 1970. */
  now(): number;
  /** Cryptographically strong random bytes. */
  random(count: number): Buffer;
}
