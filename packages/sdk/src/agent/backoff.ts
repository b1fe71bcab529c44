/** How long to wait before trying again. */
import { randomBytes } from "@strongroom/core/primitives";

/** Doubling up to a limit, half of it random: clients that lost an agent together do not come back together. */
export function backoffMs(failures: number, firstMs: number, mostMs: number): number {
  const full = Math.min(firstMs * 2 ** (failures - 1), mostMs);
  return full / 2 + (full / 2) * (randomBytes(2).readUInt16BE() / 0xffff);
}
