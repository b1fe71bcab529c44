/** What the shop takes from outside: time and chance. Tests bring their own. */
import { randomBytes } from "node:crypto";

export interface Effects {
  /** Wall clock, ms since 1970 UTC. */
  readonly now: () => number;
  /** Random bytes for ids, session secrets and salts. */
  readonly random: (bytes: number) => Buffer;
}

export const systemEffects: Effects = { now: Date.now, random: (bytes) => randomBytes(bytes) };

/** A new surrogate id: random, so that it says nothing and a sealed value's binding to it cannot be guessed. */
export function newId(effects: Effects): string {
  return effects.random(15).toString("base64url");
}

const ID = /^[A-Za-z0-9_-]{20}$/;
export function isId(text: string): boolean {
  return ID.test(text);
}
