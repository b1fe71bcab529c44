/** Columns for people; programs take --json. */

/** @param rows each as long as the header; no trailing space on a line */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header.map((name) => name.toUpperCase()), ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => width(line[column] ?? ""))));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - width(cell)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** `key: value` lines, values in one column. */
export function facts(pairs: readonly (readonly [string, string])[]): string {
  const widest = Math.max(...pairs.map(([name]) => width(name)));
  return pairs.map(([name, value]) => `${name}:${" ".repeat(widest - width(name) + 1)}${value}`.trimEnd()).join("\n");
}

function width(text: string): number {
  return [...text].length;
}
