/** Says on standard error that something goes on, once it has lasted longer than a second. */
import type { Io } from "./io.ts";

export interface Progress {
  /** How far it is, such as "1,200 of 4,000 leaves". */
  update(how: string): void;
  done(): void;
}

/** Before this nobody wonders. */
const QUIET_MS = 1_000;
const TERMINAL_EVERY_MS = 150;
/** In a log file each line stays. */
const FILE_EVERY_MS = 10_000;

/** @param silent nothing but a terminal is told: what reads standard error is a program. */
export function startProgress({ stderr, now }: Io, what: string, silent: boolean): Progress {
  const terminal = stderr.isTTY === true;
  if (silent && !terminal) return { update: () => undefined, done: () => undefined };
  const started = now();
  let how = "";
  let shown = false;
  const show = (): void => {
    const line = [`${what} …`, how, `${Math.floor((now() - started) / 1000)} s`]
      .filter((part) => part !== "")
      .join("  ");
    shown = true;
    stderr.write(terminal ? `\r\u001b[2K${line.slice(0, (stderr.columns ?? 80) - 1)}` : `${line}\n`);
  };
  let timer = setTimeout(function again() {
    show();
    timer = setTimeout(again, terminal ? TERMINAL_EVERY_MS : FILE_EVERY_MS);
    timer.unref();
  }, QUIET_MS);
  timer.unref();
  return {
    update(text) {
      how = text;
    },
    done() {
      clearTimeout(timer);
      if (shown && terminal) stderr.write("\r\u001b[2K");
    },
  };
}
