/** The shop's own passwords: scrypt (RFC 7914) with a salt each. They are the shop's credentials and no one else's. */
import { scrypt, timingSafeEqual } from "node:crypto";
import type { Effects } from "../effects.ts";

/** 2^15 blocks of 1 KiB: 32 MiB and some 80 ms for each guess. */
const LOG2_COST = 15;
const BLOCK_SIZE = 8;
const MEMORY_BYTES_MAX = 64 * 1024 * 1024;
const HASH_BYTES = 32;
const SALT_BYTES = 16;
const FORM = /^scrypt\$(\d\d)\$8\$1\$([\w-]{22})\$([\w-]{43})$/;

/** @returns `scrypt$<log2 cost>$8$1$<salt>$<hash>` */
export async function hashPassword(password: string, effects: Effects): Promise<string> {
  const salt = effects.random(SALT_BYTES);
  const hash = await derive(password, salt, LOG2_COST);
  return `scrypt$${LOG2_COST}$${BLOCK_SIZE}$1$${salt.toString("base64url")}$${hash.toString("base64url")}`;
}

/** Takes as long where there is no hash to compare with: nobody learns which user names exist. */
export async function passwordFits(password: string, stored: string | null): Promise<boolean> {
  const [, cost, salt, hash] = FORM.exec(stored ?? "") ?? [];
  if (cost === undefined || salt === undefined || hash === undefined) {
    await derive(password, Buffer.alloc(SALT_BYTES), LOG2_COST);
    return false;
  }
  return timingSafeEqual(
    await derive(password, Buffer.from(salt, "base64url"), Number(cost)),
    Buffer.from(hash, "base64url"),
  );
}

function derive(password: string, salt: Buffer, log2Cost: number): Promise<Buffer> {
  const options = { N: 2 ** log2Cost, r: BLOCK_SIZE, p: 1, maxmem: MEMORY_BYTES_MAX };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, HASH_BYTES, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
