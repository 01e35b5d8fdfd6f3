import Table from "cli-table3";
import type { Colors } from "./colors.ts";

/** A column: its heading (lines of it) and how its cells stand. */
export interface Column {
  readonly heading: string;
  readonly align?: "left" | "right";
}

const noBorders = Object.fromEntries(
  ["top", "bottom", "left", "right", "mid"].flatMap((side) =>
    [side, `${side}-mid`, `${side}-left`, `${side}-right`].map((name) => [name, ""]),
  ),
);

/** A table without lines: dim headings, numbers to the right. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  colors: Colors,
): string {
  const table = new Table({
    chars: { ...noBorders, middle: "  " },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
    colAligns: columns.map(({ align = "right" }) => align),
  });
  const dim = (lines: string) => lines.split("\n").map(colors.dim).join("\n");
  table.push(columns.map(({ heading }) => ({ content: dim(heading), vAlign: "bottom" })));
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}
