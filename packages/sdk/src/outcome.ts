/** What stands in a field instead of a value: an expected "no", or a failure that the caller asked to get as a value. */
import { inspect } from "node:util";
import type { StrongroomError } from "@strongroom/core/errors";
import type { DenialReason } from "@strongroom/core/wire";
import { Opaque } from "./opaque.ts";

/** Shown where a value could not be given. A page that prints it goes on working. */
export const NOT_AVAILABLE = "(not available)";

/** The person's agent said no. */
export class Denied extends Opaque {
  /** Which no it is; `docs/errors.md` explains each. */
  readonly reason: DenialReason;
  readonly field: string;
  readonly type: string;

  constructor(reason: DenialReason, field: string, type: string) {
    super();
    this.reason = reason;
    this.field = field;
    this.type = type;
  }

  protected override marker(): string {
    return NOT_AVAILABLE;
  }

  /** For a developer's console: the reason, which is no content. */
  override [inspect.custom](): string {
    return `[denied ${this.type}: ${this.reason}]`;
  }
}

/** The value could not be opened for another reason (`failures: "values"`): damaged, moved, agent away. */
export class Failed extends Opaque {
  readonly error: StrongroomError;
  readonly field: string;
  readonly type: string;

  constructor(error: StrongroomError, field: string, type: string) {
    super();
    this.error = error;
    this.field = field;
    this.type = type;
  }

  protected override marker(): string {
    return NOT_AVAILABLE;
  }

  override [inspect.custom](): string {
    return `[failed ${this.type}: ${this.error.code}]`;
  }
}

export function isDenied(value: unknown): value is Denied {
  return value instanceof Denied;
}

export function isFailed(value: unknown): value is Failed {
  return value instanceof Failed;
}

/** A row of which every field was opened. */
export type Opened<Row> = { readonly [Name in keyof Row]: Exclude<Row[Name], Denied | Failed> };

/** True when no field of the row is denied or failed: from there on its fields are plain values. */
export function isOpened<Row extends object>(row: Row | Opened<Row>): row is Opened<Row> {
  for (const name in row) {
    const value: unknown = (row as Record<string, unknown>)[name];
    if (value instanceof Denied || value instanceof Failed) return false;
  }
  return true;
}
