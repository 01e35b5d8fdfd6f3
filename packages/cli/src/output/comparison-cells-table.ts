import {
  type Cell,
  type CellGroup,
  fastestOf,
  gainsOf,
  groupCells,
  relativeSpeed,
} from "@adaedl/bench";
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

/** How much faster streams are than the best of all others, over the round trips; "" where none was compared. */
export function renderGains(cells: readonly Cell[], colors: Colors): string {
  const gains = gainsOf(cells);
  const rtts = [...new Set(gains.map(({ cell }) => cell.rttMs))].toSorted((a, b) => a - b);
  const rows = new Map<string, string[]>();
  for (const { cell, gain } of gains) {
    const names = [cell.pair, cell.preset, `T ${cell.temperature}`, cell.policy];
    const row = rows.get(names.join()) ?? [...names, ...rtts.map(() => "")];
    row[names.length + rtts.indexOf(cell.rttMs)] = gain.toFixed(2);
    rows.set(names.join(), row);
  }
  if (rows.size === 0) return "";
  const headings = ["pair", "hardware", "", "policy"].map((heading) => {
    return { heading, align: "left" } as const;
  });
  const columns = [...headings, ...rtts.map((rttMs) => ({ heading: `${rttMs} ms` }))];
  const all = gains.map(({ gain }) => gain);
  const mean = all.reduce((sum, gain) => sum + gain, 0) / all.length;
  const title = `Stream ÷ the best of all others: ${mean.toFixed(3)} in the mean, ${Math.min(...all).toFixed(3)} at least`;
  return `${colors.bold(title)}\n${renderTable(columns, [...rows.values()], colors)}`;
}
