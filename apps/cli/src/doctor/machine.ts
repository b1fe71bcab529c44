/** What the doctor sees of the machine and of files, without opening anything. */
import { accessSync, constants, existsSync, readdirSync, readFileSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { DataFolder, Run } from "../dataFolder.ts";
import { tryPort } from "../ports.ts";
import { showTime } from "../times.ts";
import { fail, ok, warn, type Diagnosis } from "./check.ts";

const NODE_MAJOR = 24;
const MIB = 1024 * 1024;
const FREE_FAIL = 100 * MIB;
const FREE_WARN = 1024 * MIB;
const DAY_MS = 86_400_000;
/** A file written by this machine is not from the future, but clocks are set by seconds. */
const CLOCK_SLACK_MS = 60_000;
/** No release of this program is older. */
const CLOCK_MIN = Date.UTC(2025, 0, 1);

/** @param version such as 24.1.0 */
export function checkNode(version: string): Diagnosis {
  if (Number.parseInt(version, 10) >= NODE_MAJOR) return ok("node", `Node ${version}`);
  return fail("node", `Node ${version}`, `Install Node ${NODE_MAJOR} LTS or newer.`);
}

export function checkFolder({ path }: DataFolder): Diagnosis {
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return fail(
      "folder",
      `${path} cannot be read and written by this user`,
      `Let the agent's user own it (chown), with chmod 700 ${path}.`,
      "agent.folder-unusable",
    );
  }
  return isOpen(path) ? warn("folder", `others can look into ${path}`, `Run: chmod 700 ${path}`) : ok("folder", path);
}

export function checkDisk({ path }: DataFolder): Diagnosis {
  const { bavail, bsize } = statfsSync(path);
  const free = bavail * bsize;
  const what = `${Math.floor(free / MIB)} MiB free`;
  if (free < FREE_FAIL)
    return fail(
      "disk",
      what,
      "Free some space: an agent that cannot write its log releases nothing.",
      "storage.unavailable",
    );
  return free < FREE_WARN ? warn("disk", what, "Free some space before the log fills it.") : ok("disk", what);
}

/** Key files and the operator's token: an agent refuses to start where others can read them. */
export function checkKeyFiles(folder: DataFolder): Diagnosis {
  const { keys, operatorToken } = folder;
  const files = [
    ...keyFiles(keys).map((name) => join(keys, name)),
    ...(existsSync(operatorToken) ? [operatorToken] : []),
  ];
  const open = files.filter(isOpen);
  if (open.length > 0) {
    return fail(
      "keys",
      `others can read ${open.join(", ")}`,
      `Run: chmod 600 ${open.join(" ")}, and think about who could have read them.`,
      "keys.kek-exposed",
    );
  }
  return isOpen(keys)
    ? warn("keys", `others can look into ${keys}`, `Run: chmod 700 ${keys}`)
    : ok("keys", `${keyFiles(keys).length} files in ${keys} and the operator's token are private`);
}

/** How old the KEK is. An agent turns it by itself while it runs. */
export function checkKekAge({ keys }: DataFolder, now: number, daysMax: number): Diagnosis {
  const epochs = keyFiles(keys)
    .flatMap((name) => /^kek-(\d+)\.json$/.exec(name)?.[1] ?? [])
    .map(Number);
  if (epochs.length === 0)
    return fail(
      "kek",
      `there is no KEK in ${keys}`,
      "Put the right key folder beside the database.",
      "keys.kek-missing",
    );
  const newest = Math.max(...epochs);
  const age = (now - createdAt(join(keys, `kek-${newest}.json`))) / DAY_MS;
  const what = `KEK epoch ${newest}, ${Math.max(0, Math.floor(age))} days old`;
  if (epochs.length > 1)
    return warn(
      "kek",
      `${what}; ${epochs.length - 1} older KEK(s) not destroyed yet`,
      "Start the agent: it goes on with the rotation that was interrupted.",
    );
  if (age > daysMax)
    return warn(
      "kek",
      what,
      "Start the agent, or run `strongroom keys rotate`: until then backups keep what was erased.",
    );
  return ok("kek", what);
}

export function checkClock(folder: DataFolder, now: number): Diagnosis {
  const written = [
    join(folder.mirror, "checkpoint"),
    folder.database,
    ...keyFiles(folder.keys).map((name) => join(folder.keys, name)),
  ];
  const newest = Math.max(0, ...written.filter(existsSync).map((path) => statSync(path).mtimeMs));
  const fix = "Set the clock (NTP): validity of rules, tokens and checkpoints hang on it.";
  if (now < CLOCK_MIN) return fail("clock", `it says ${showTime(now)}`, fix);
  if (newest > now + CLOCK_SLACK_MS)
    return fail("clock", `it says ${showTime(now)}, but files of the agent are of ${showTime(newest)}`, fix);
  return ok("clock", showTime(now));
}

/** Whether `up` could listen; where it runs already, that is its own port. */
export async function checkPort(run: Run | null, host: string, port: number): Promise<Diagnosis> {
  if (run !== null) return ok("port", `the agent listens at ${run.address}`);
  try {
    await tryPort(host, port);
    return ok("port", `${port} of ${host} is free`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE")
      return warn(
        "port",
        `${port} of ${host} is taken by another program`,
        "Stop it, or start with `strongroom up --port <another>`.",
      );
    if (code === "EACCES")
      return warn(
        "port",
        `this user may not listen on port ${port}`,
        "Choose a port above 1023, or give the program the right to it.",
      );
    return warn("port", `${host} is not an address of this machine (${code})`, "Give the right --host.");
  }
}

function keyFiles(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
}

/** The time in a KEK's file; a copied file has another time of its own. */
function createdAt(path: string): number {
  try {
    const { createdAt: at } = JSON.parse(readFileSync(path, "utf8")) as { createdAt?: unknown };
    if (typeof at === "number") return at;
  } catch {
    // An unreadable one is told by the check that opens the agent.
  }
  return statSync(path).mtimeMs;
}

function isOpen(path: string): boolean {
  return process.platform !== "win32" && existsSync(path) && (statSync(path).mode & 0o077) !== 0;
}
