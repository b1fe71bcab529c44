/** Where a live benchmark runs: a folder on a disk, and a port. */
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "../compare.ts";

const FSYNCS = 50;
const FSYNC_BYTES = 4_096;
/** File systems in memory, as Linux numbers them (statfs(2)). */
const TMPFS = 0x01021994;

export function newFolder(tell: (line: string) => void): string {
  const folder = mkdtempSync(join(tmpdir(), "strongroom-bench-"));
  if (statfsSync(folder).type === TMPFS) {
    tell(`${tmpdir()} is in memory, where fsync costs nothing: set TMPDIR to a folder on a disk for true figures`);
  }
  return folder;
}

/** How long a write of 4 KiB and its fsync take in the folder, ms: no durable answer can be faster. */
export function timeFsync(folder: string): number {
  const path = join(folder, "fsync");
  const file = openSync(path, "w");
  const block = Buffer.alloc(FSYNC_BYTES);
  const times = Array.from({ length: FSYNCS }, () => {
    const began = performance.now();
    writeSync(file, block);
    fsyncSync(file);
    return performance.now() - began;
  });
  closeSync(file);
  rmSync(path);
  return median(times);
}

/** A port that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
