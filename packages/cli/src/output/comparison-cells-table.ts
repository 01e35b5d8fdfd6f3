import { type Cell, type CellGroup, fastestOf, groupCells, relativeSpeed } from "@adaedl/bench";
import type { Colors } from "./colors.ts";
import { percent, ratio } from "./numbers.ts";
import { type Column, renderTable } from "./table.ts";

/** Policies under each set of conditions, one table a network; the fastest that can be had is bold. */
export function renderCells(cells: readonly Cell[], colors: Colors): string {
  return groupCells(cells, "network")
    .map((group) => `${colors.bold(group.title)}\n${renderGroup(group, colors)}`)
    .join("\n\n");
}

/** A column is there where one row at least has something to say in it. */
interface CellColumn extends Column {
  textOf(cell: Cell): string | undefined;
}

function renderGroup({ cells }: CellGroup, colors: Colors): string {
  const fastest = fastestOf(cells);
  const columns = columnsOf(cells).filter(({ textOf }) =>
    cells.some((cell) => textOf(cell) !== undefined),
  );
  const rows = cells.map((cell) => {
    const texts = columns.map(({ textOf }) => textOf(cell) ?? "–");
    return cell === fastest ? texts.map(colors.bold) : texts;
  });
  return renderTable(columns, rows, colors);
}

function columnsOf(group: readonly Cell[]): CellColumn[] {
  return [
    { heading: "policy", align: "left", textOf: ({ policy }) => policy },
    { heading: "tokens/s", textOf: ({ tokensPerSecond }) => ratio(tokensPerSecond) },
    { heading: "lowest–\nhighest", textOf: ({ spread }) => spread?.map(ratio).join("–") },
    { heading: "×\nplain", textOf: (cell) => relativeSpeed(cell, group).timesPlain?.toFixed(2) },
    {
      heading: "× best\nstatic",
      textOf: (cell) => relativeSpeed(cell, group).timesBestStatic?.toFixed(3),
    },
    { heading: "drafted", textOf: ({ numDrafted }) => String(numDrafted) },
    {
      heading: "accepted",
      textOf: ({ numDrafted, numAccepted }) =>
        numDrafted === 0 ? undefined : percent(numAccepted / numDrafted),
    },
    {
      heading: "round trips /\n100 tokens",
      textOf: ({ roundTripsPer100Tokens }) => ratio(roundTripsPer100Tokens),
    },
    {
      heading: "forwards /\n100 tokens",
      textOf: ({ targetForwardsPer100Tokens }) => ratio(targetForwardsPer100Tokens),
    },
  ];
}
