/** The files of the workspace as git would list them: without what is installed, built or a run's own data. */
import { readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");

const NOT_OURS = new Set(["node_modules", "dist", "coverage"]);

/** Paths relative to the root, with forward slashes, sorted. Folders whose name starts with a dot are left out, but for `.ci`. */
export function workspaceFiles(extensions: readonly string[] = [""]): string[] {
  const found: string[] = [];
  const walk = (folder: string) => {
    for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!NOT_OURS.has(entry.name) && (!entry.name.startsWith(".") || entry.name === ".ci")) walk(path);
      } else if (extensions.some((extension) => path.endsWith(extension))) {
        found.push(path);
      }
    }
  };
  walk("");
  return found.sort();
}
