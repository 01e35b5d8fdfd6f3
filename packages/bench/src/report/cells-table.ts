import type { Cell } from "../policies/cell.ts";
import { type CellGroup, groupCells } from "./cell-groups.ts";
import { html, type Markup } from "./markup.ts";
import { refusedPer100Tokens } from "./metric-figures.ts";
import { short } from "./numbers.ts";
import { isOurs } from "./policy-rank.ts";
import { fastestOf, relativeSpeed } from "./relative-speed.ts";

const headings = [
  "policy",
  "tokens/s",
  "× plain",
  "× best static",
  "drafted",
  "accepted",
  "refused / 100 tokens",
  "round trips / 100 tokens",
  "forwards / 100 tokens",
];

/** Every cell as numbers. */
export function renderCellsTable(cells: readonly Cell[]): Markup {
  return html`
<details>
<summary>All numbers: ${cells.length} cells</summary>
<div class="scroll"><table>
<thead><tr>${headings.map((heading) => html`<th scope="col">${heading}</th>`)}</tr></thead>
${groupCells(cells, "network").map(renderGroup)}
</table></div>
</details>`;
}

function renderGroup({ title, cells }: CellGroup): Markup {
  const fastest = fastestOf(cells);
  return html`<tbody>
<tr><th scope="rowgroup" colspan="${headings.length}">${title}</th></tr>
${cells.map((cell) => {
  const classes = [isOurs(cell.policy) ? "ours" : "", cell === fastest ? "fastest" : ""];
  return html`<tr class="${classes.join(" ").trim()}"><th scope="row">${cell.policy}</th>${textsOf(
    cell,
    cells,
  ).map((text) => html`<td>${text}</td>`)}</tr>
`;
})}</tbody>`;
}

function textsOf(cell: Cell, group: readonly Cell[]): string[] {
  const { numDrafted, numAccepted, spread } = cell;
  const { timesPlain, timesBestStatic } = relativeSpeed(cell, group);
  const range = spread === undefined ? "" : ` (${short(spread[0])}–${short(spread[1])})`;
  return [
    `${short(cell.tokensPerSecond)}${range}`,
    timesPlain?.toFixed(2) ?? "–",
    timesBestStatic?.toFixed(3) ?? "–",
    String(numDrafted),
    numDrafted === 0 ? "–" : `${((100 * numAccepted) / numDrafted).toFixed(0)} %`,
    short(refusedPer100Tokens(cell)),
    short(cell.roundTripsPer100Tokens),
    short(cell.targetForwardsPer100Tokens),
  ];
}
