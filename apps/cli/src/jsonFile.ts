/** Small JSON files of the command's own: private, and replaced whole or not at all. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { StrongroomError } from "@strongroom/core/errors";

const BYTES_MAX = 8 * 1024 * 1024;

/**
 * The object in the file; null where there is no file.
 * @throws StrongroomError `cli.bad-settings`
 */
export function readJsonFile(path: string): Record<string, unknown> | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new StrongroomError("cli.bad-settings", `${path} cannot be read (${(cause as NodeJS.ErrnoException).code})`, {
      cause,
    });
  }
  try {
    const value: unknown = text.length > BYTES_MAX ? null : JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below, without the content.
  }
  throw new StrongroomError("cli.bad-settings", `${path} does not hold what this command wrote there`);
}

/** @throws StrongroomError `cli.file` */
export function writeJsonFile(path: string, value: object): void {
  const fresh = `${path}.${process.pid}.new`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(fresh, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flag: "wx" });
    renameSync(fresh, path);
  } catch (cause) {
    rmSync(fresh, { force: true });
    throw new StrongroomError(
      "cli.file",
      `${path} cannot be written (${(cause as NodeJS.ErrnoException).code ?? "unknown reason"})`,
      { cause },
    );
  }
}
