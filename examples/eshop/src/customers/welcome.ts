/** Welcome codes: a customer who was taken over from a file has no password yet, and chooses one with the code. */
import { createHash } from "node:crypto";
import type { Customer } from "../database/customers.ts";
import type { Effects } from "../effects.ts";
import type { Parts } from "../parts.ts";
import { hashPassword } from "./passwords.ts";

const CODE_BYTES = 15;
const DAY_MS = 86_400_000;
export const WELCOME_DAYS = 60;

export interface Welcome {
  /** For the letter to the customer; the shop keeps only its hash. */
  readonly code: string;
  readonly hash: Buffer;
  readonly until: number;
}

export function newWelcome(effects: Effects): Welcome {
  const code = effects.random(CODE_BYTES).toString("base64url");
  return { code, hash: hashOf(code), until: effects.now() + WELCOME_DAYS * DAY_MS };
}

/** @returns the customer, or null: the same for an unknown user name and for a code that is wrong, used or too old */
export async function takeWelcome(
  { store, effects }: Parts,
  given: { readonly userName: string; readonly code: string; readonly password: string },
): Promise<Customer | null> {
  const passwordHash = await hashPassword(given.password, effects);
  const taken = store.customers.takeWelcome(given.userName, hashOf(given.code), passwordHash, effects.now());
  return taken ? store.customers.byUserName(given.userName) : null;
}

function hashOf(code: string): Buffer {
  return createHash("sha256").update(code).digest();
}
