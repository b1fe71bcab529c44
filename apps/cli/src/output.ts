/**
 * What a command says. Results go to standard output: one JSON document with --json, text without. Everything else
 * goes to standard error, so that a result can be piped; with --json that is at most one line, the problem.
 */
import type { Readable } from "node:stream";
import { StrongroomError } from "@strongroom/core/errors";
import { PROBLEM_TYPE_PREFIX, type Problem } from "@strongroom/core/wire";
import { fixOf } from "./exitCodes.ts";
import type { Io } from "./io.ts";
import { startProgress, type Progress } from "./progress.ts";

/** A problem as an agent sent it, or as this command met it; the code may be one that only a newer agent knows. */
export type AnyProblem = Omit<Problem, "code"> & { readonly code: string };

/** A refusal that an agent answered with. */
export class RefusedByAgent extends Error {
  readonly problem: AnyProblem;

  constructor(problem: AnyProblem) {
    super(problem.detail);
    this.name = "RefusedByAgent";
    this.problem = problem;
  }
}

export class Output {
  readonly json: boolean;
  readonly #io: Io;

  constructor(io: Io, json: boolean) {
    this.#io = io;
    this.json = json;
  }

  /** The result: `document` as JSON, or else the lines. */
  result(document: unknown, lines: string | readonly string[]): void {
    const text = typeof lines === "string" ? lines : lines.join("\n");
    if (this.json) this.#io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    else if (text !== "") this.#io.stdout.write(`${showable(text)}\n`);
  }

  /** The result as it is, such as a document that is longer than memory. */
  async raw(bytes: AsyncIterable<Uint8Array> | Readable): Promise<void> {
    for await (const part of bytes) {
      if (!this.#io.stdout.write(part)) await new Promise((drained) => this.#io.stdout.once("drain", drained));
    }
  }

  /** For the person who looks on; the document of --json says it too. */
  note(line: string): void {
    if (!this.json) this.#io.stderr.write(`${showable(line)}\n`);
  }

  /** Says what is going on once it has lasted longer than a second. */
  progress(what: string): Progress {
    return startProgress(this.#io, what, this.json);
  }

  problem(problem: AnyProblem): void {
    if (this.json) {
      this.#io.stderr.write(`${JSON.stringify(problem)}\n`);
      return;
    }
    const fix = fixOf(problem.code);
    const lines = [
      `strongroom: ${problem.detail}`,
      ...(fix === null ? [] : [`  what to do: ${fix}`]),
      `  code: ${problem.code}`,
    ];
    if (problem.requestId !== undefined) lines.push(`  request: ${problem.requestId}`);
    this.#io.stderr.write(`${showable(lines.join("\n"))}\n`);
  }
}

/** Any thrown thing as a problem. What nobody expected tells its message: it happened on this machine. */
export function problemOf(thrown: unknown): AnyProblem {
  if (thrown instanceof RefusedByAgent) return thrown.problem;
  const error =
    thrown instanceof StrongroomError
      ? thrown
      : new StrongroomError(
          "agent.internal",
          `unexpected: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
        );
  return {
    type: `${PROBLEM_TYPE_PREFIX}${error.code}`,
    title: error.code,
    status: error.status,
    code: error.code,
    detail: error.message,
    ...(Object.keys(error.details).length === 0 ? {} : { details: error.details }),
  };
}

/** Controllers choose their names, and another machine may answer: nothing that steers a terminal gets through. */
export function showable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, "\ufffd");
}
