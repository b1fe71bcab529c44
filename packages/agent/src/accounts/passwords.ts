/**
 * Password hashes: scrypt (RFC 7914) and then HMAC under a secret that is not in the database. So a copy of
 * the database alone lets nobody guess passwords, and who can write to it cannot put in a password of their own.
 */
import { scrypt } from "node:crypto";
import { fromBase64url, toBase64url, utf8 } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { equalBytes, hmacSha256, type KeyObject } from "@strongroom/core/primitives";
import type { Effects } from "../effects.ts";

export interface ScryptCost {
  /** Binary logarithm of N. */
  readonly log2N: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB and about a quarter of a second: as strong as the N = 2^17, p = 1 that OWASP names first. */
export const SCRYPT_COST: ScryptCost = { log2N: 15, r: 8, p: 3 };
/** Hashes made at once: each takes a thread and its memory. */
const HASHES_AT_ONCE_MAX = 2;
const HASHES_WAITING_MAX = 64;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const STORED = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([\w-]+)\$([\w-]+)$/;
/** Stored costs above these were not written by us. */
const COST_MAX: ScryptCost = { log2N: 20, r: 16, p: 16 };

export interface PasswordsOptions {
  /** Kept beside the KEKs. */
  readonly pepper: KeyObject;
  readonly effects: Effects;
  readonly cost?: ScryptCost;
}

export class Passwords {
  readonly #pepper: KeyObject;
  readonly #effects: Effects;
  readonly #cost: ScryptCost;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor({ pepper, effects, cost = SCRYPT_COST }: PasswordsOptions) {
    this.#pepper = pepper;
    this.#effects = effects;
    this.#cost = cost;
  }

  /** @throws StrongroomError `limit.busy` */
  async hash(password: string, subject: string): Promise<string> {
    const salt = this.#effects.random(SALT_BYTES);
    const mac = await this.#compute(password, subject, salt, this.#cost);
    const { log2N, r, p } = this.#cost;
    return `scrypt$${log2N}$${r}$${p}$${toBase64url(salt)}$${toBase64url(mac)}`;
  }

  /**
   * Whether it is the subject's password. With nobody to compare with (null) it takes as long and says no.
   * @throws StrongroomError `limit.busy`
   */
  async verify(
    password: string,
    account: { readonly id: string; readonly passwordHash: string } | null,
  ): Promise<boolean> {
    const stored = account === null ? null : readStored(account.passwordHash);
    if (account === null || stored === null) {
      await this.#compute(password, "", Buffer.alloc(SALT_BYTES), this.#cost);
      return false;
    }
    return equalBytes(await this.#compute(password, account.id, stored.salt, stored.cost), stored.mac);
  }

  async #compute(password: string, subject: string, salt: Buffer, { log2N, r, p }: ScryptCost): Promise<Buffer> {
    await this.#enter();
    try {
      const N = 2 ** log2N;
      const options = { N, r, p, maxmem: 128 * r * (N + p) + 65_536 };
      const derived = await new Promise<Buffer>((resolve, reject) => {
        scrypt(utf8(password), salt, HASH_BYTES, options, (error, key) =>
          error === null ? resolve(key) : reject(error),
        );
      });
      return hmacSha256(this.#pepper, Buffer.concat([derived, utf8(subject)]));
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#running < HASHES_AT_ONCE_MAX) {
      this.#running += 1;
      return;
    }
    if (this.#waiting.length >= HASHES_WAITING_MAX) {
      throw new StrongroomError("limit.busy", `more than ${HASHES_WAITING_MAX} passwords wait to be checked`, {
        details: { retryAfterS: 2 },
      });
    }
    // Whoever leaves hands its place over, so the count stays.
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}

function readStored(text: string): { cost: ScryptCost; salt: Buffer; mac: Buffer } | null {
  const [, log2N, r, p, salt = "", mac = ""] = STORED.exec(text) ?? [];
  const cost = { log2N: Number(log2N), r: Number(r), p: Number(p) };
  const sane = (value: number, max: number) => Number.isInteger(value) && value >= 1 && value <= max;
  if (!sane(cost.log2N, COST_MAX.log2N) || !sane(cost.r, COST_MAX.r) || !sane(cost.p, COST_MAX.p)) return null;
  try {
    return { cost, salt: fromBase64url(salt), mac: fromBase64url(mac) };
  } catch {
    return null;
  }
}
