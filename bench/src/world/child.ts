/** A process that this one starts and talks with by messages: it says when it is ready, and ends when it is told to. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A process that does not end by itself within this time is ended. */
const END_MS = 60_000;

export interface ChildOptions {
  /** Module, from this folder. */
  readonly module: string;
  readonly start: unknown;
  /** Folder for a CPU profile of the process; null: none. */
  readonly profile?: string | null;
}

/** @param Ready what the process says once it can be used, as `{ ready }`; `{ failed }` where it cannot */
export async function startChild<Ready>({
  module,
  start,
  profile = null,
}: ChildOptions): Promise<{ child: ChildProcess; ready: Ready }> {
  const child = fork(fileURLToPath(new URL(module, import.meta.url)), [], {
    serialization: "advanced",
    // Standard output is for figures.
    stdio: ["ignore", 2, "inherit", "ipc"],
    execArgv: profile === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`],
  });
  child.send({ start });
  const ready = await new Promise<Ready>((resolve, reject) => {
    child.once("message", (message: { ready: Ready } | { failed: string }) => {
      if ("ready" in message) resolve(message.ready);
      else reject(new Error(`${module} could not start: ${message.failed}`));
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(new Error(`${module} ended at once (${code ?? signal})`)));
  });
  return { child, ready };
}

/** In such a process: what it was started with. */
export async function startOf<Start>(): Promise<Start> {
  const [message] = (await once(process, "message")) as [{ start: Start }];
  return message.start;
}

/** Ms of a clock that all processes of the machine share. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Lets the process end in order. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  const late = setTimeout(() => child.kill("SIGKILL"), END_MS);
  if (child.connected) child.disconnect();
  await ended;
  clearTimeout(late);
}
