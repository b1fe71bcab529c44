/** One thing that the doctor looks at. */

export type Level = "ok" | "warn" | "fail";

export interface Diagnosis {
  readonly name: string;
  readonly level: Level;
  /** What was seen. */
  readonly what: string;
  /** What to do; only where it is not ok. */
  readonly fix?: string;
  /** Error code, where an agent would refuse with it. */
  readonly code?: string;
}

export const ok = (name: string, what: string): Diagnosis => ({ name, level: "ok", what });
export const warn = (name: string, what: string, fix: string): Diagnosis => ({ name, level: "warn", what, fix });
export const fail = (name: string, what: string, fix: string, code?: string): Diagnosis => ({
  name,
  level: "fail",
  what,
  fix,
  ...(code === undefined ? {} : { code }),
});
