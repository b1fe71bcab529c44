/** The little of Markdown that the documents' checks need: fenced blocks, headings' anchors, links. */

export interface Fence {
  /** Words after the backticks, such as `["ts", "run"]`. */
  readonly info: string[];
  readonly body: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
}

export interface Link {
  readonly target: string;
  readonly line: number;
}

/** Every fenced block. @throws SyntaxError where a fence is never closed: everything after it would be code. */
export function fences(text: string): Fence[] {
  const found: Fence[] = [];
  let open: { indent: string; mark: string; info: string[]; body: string[]; line: number } | null = null;
  text.split("\n").forEach((line, index) => {
    const [, indent = "", mark, info = ""] = /^( *)(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (open === null) {
      if (mark !== undefined) open = { indent, mark, info: info.trim().split(/\s+/), body: [], line: index + 1 };
    } else if (mark !== undefined && mark.startsWith(open.mark) && info.trim() === "") {
      found.push({ info: open.info, body: open.body.map((row) => `${row}\n`).join(""), line: open.line });
      open = null;
    } else {
      open.body.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line);
    }
  });
  const unclosed = open as { line: number } | null;
  if (unclosed !== null) throw new SyntaxError(`the fence of line ${unclosed.line} is never closed`);
  return found;
}

/** The text with its fenced blocks and inline code blanked, lines kept. */
function prose(text: string): string {
  let code = false;
  const lines = text.split("\n").map((line) => {
    if (/^ *(```|~~~)/.test(line)) {
      code = !code;
      return "";
    }
    return code ? "" : line;
  });
  return lines.join("\n");
}

/** The anchors that a page's headings get, as GitHub makes them: lower case, no punctuation, dashes for spaces, `-1` for the second. */
export function anchors(text: string): Set<string> {
  const seen = new Map<string, number>();
  const found = new Set<string>();
  for (const [, title = ""] of prose(text).matchAll(/^#{1,6} +(.+?)(?: +#+)? *$/gm)) {
    const plain = title.replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, "");
    const slug = plain
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, "")
      .replaceAll(" ", "-");
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    found.add(count === 0 ? slug : `${slug}-${count}`);
  }
  for (const [, id = ""] of prose(text).matchAll(/<a (?:id|name)="([^"]+)"/g)) found.add(id);
  return found;
}

/** Targets of inline links, images and reference definitions, outside code. */
export function links(text: string): Link[] {
  const found: Link[] = [];
  prose(text)
    .split("\n")
    .forEach((line, index) => {
      const plain = line.replace(/`[^`]*`/g, "");
      for (const [, target = ""] of plain.matchAll(/\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"]*")?\s*\)/g)) {
        found.push({ target, line: index + 1 });
      }
      const definition = /^ *\[[^\]]+\]: +<?([^\s>]+)>?/.exec(plain);
      if (definition?.[1] !== undefined) found.push({ target: definition[1], line: index + 1 });
    });
  return found;
}
