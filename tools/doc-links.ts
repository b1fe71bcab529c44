/** Relative links of the documents: the file is there, and so is the heading. Nothing is fetched from the network. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { anchors, links } from "./markdown.ts";

/** What is wrong with the links of one page, one line each. `page` is a path relative to `root`. */
export function brokenLinks(root: string, page: string): string[] {
  const text = readFileSync(join(root, page), "utf8");
  return links(text).flatMap(({ target, line }) => {
    const why = broken(root, page, text, target);
    return why === null ? [] : [`${page}:${line} links to ${target}: ${why}`];
  });
}

function broken(root: string, page: string, text: string, target: string): string | null {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return /^(https?|mailto):/i.test(target) ? null : "unknown scheme";
  const hash = target.indexOf("#");
  const path = decodeURIComponent(hash < 0 ? target : target.slice(0, hash));
  const anchor = hash < 0 ? null : decodeURIComponent(target.slice(hash + 1));
  if (path.startsWith("/")) return "starts at a root that a reader does not have";
  const file = path === "" ? resolve(root, page) : resolve(root, dirname(page), path);
  if (relative(root, file).split(sep)[0] === "..") return "leads out of the repository";
  if (!existsSync(file)) return "no such file";
  if (anchor === null || !file.endsWith(".md") || statSync(file).isDirectory()) return null;
  const there = path === "" ? text : readFileSync(file, "utf8");
  return anchors(there).has(anchor) ? null : `no heading gives the anchor #${anchor}`;
}
