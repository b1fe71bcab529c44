/** The record whose one field the live benchmarks seal and open. */
import { defineRecord } from "@strongroom/sdk";
import { TYPE } from "./rules.ts";

export const customer = defineRecord("customer", { street: TYPE });

/** A sealed field as a database column holds it, and what it must open to. */
export interface StoredField {
  readonly row: number;
  /** Handle of the person. */
  readonly handle: string;
  readonly sealed: string;
  readonly plain: string;
}

const FIELD_CHARS = 64;

export function plainOf(row: number): string {
  return `${row} Example Street `.padEnd(FIELD_CHARS, "abcdefgh");
}
