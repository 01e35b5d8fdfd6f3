import type { Comparison } from "../policies/cell.ts";
import { createAcceptanceFigure } from "./acceptance-figure.ts";
import { renderCellsTable } from "./cells-table.ts";
import { type Figure, renderFigure } from "./figure.ts";
import { createGainFigure } from "./gain-figure.ts";
import { html, Markup } from "./markup.ts";
import { createMetricFigures } from "./metric-figures.ts";
import { pageStyle } from "./page-style.ts";
import { looksOf } from "./policy-look.ts";

/** A comparison as one HTML page that needs nothing else: no script, no request. */
export function renderPage(comparison: Comparison): string {
  const { command, cells, guesses } = comparison;
  const looks = looksOf(cells);
  const figures = [
    createGainFigure(cells),
    ...createMetricFigures(cells, looks),
    createAcceptanceFigure(guesses),
  ].filter((figure) => figure !== undefined);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Policies compared</title>
<style>${new Markup(pageStyle)}</style>
</head>
<body>
<header>
<h1>Policies compared</h1>
<p class="lead">${leadOf(comparison)}</p>
<nav>${figures.map(linkTo)}</nav>
</header>
<main>${figures.map(renderFigure)}
<section>
<h2>Numbers</h2>
${cells.length === 0 ? undefined : renderCellsTable(cells)}
<p>Made by</p>
<pre><code>${command}</code></pre>
</section>
</main>
</body>
</html>
`;
  return page.source;
}

/** Of those that are no specification of a policy. */
const baselines = {
  none: "plain decoding, streamed",
  "best-static": "the static draft length that turned out best under each set of conditions",
  pearl:
    "PEARL: drafts a block while the target verifies the last one, its length the best under each set of conditions",
  "beside-target":
    "a stream whose draft model stands beside the target: the text alone crosses the network",
  oracle: "told beforehand what the target will accept",
};

function linkTo({ id, title }: Figure): Markup {
  return html`<a href="#${id}">${title}</a>`;
}

function leadOf({ cells }: Comparison): string {
  if (cells.length === 0) return "This comparison has no cells.";
  const numbers = [
    counted(cells, "policy", "policies", ({ policy }) => policy),
    counted(cells, "pair of models", "pairs of models", ({ pair }) => pair),
    counted(cells, "kind of hardware", "kinds of hardware", ({ preset }) => preset),
    counted(cells, "temperature", "temperatures", ({ temperature }) => temperature),
    counted(cells, "round-trip time", "round-trip times", ({ rttMs }) => rttMs),
  ];
  const isVirtual = cells.some(({ clock }) => clock === "virtual");
  const clock = isVirtual
    ? "Times are of a virtual clock: what was drafted and accepted is real, what it cost is accounted."
    : "Times are measured on this machine; thin lines span their repetitions.";
  const named = Object.entries(baselines).filter(([name]) =>
    cells.some((cell) => cell.policy === name),
  );
  return [
    `${numbers.join(", ")}. ${clock} Our policies are in colour, what they are compared with is grey.`,
    ...named.map(([name, meaning]) => `“${name}” is ${meaning}.`),
  ].join(" ");
}

function counted<Item>(
  items: readonly Item[],
  one: string,
  many: string,
  keyOf: (item: Item) => unknown,
): string {
  const { size } = new Set(items.map(keyOf));
  return `${size} ${size === 1 ? one : many}`;
}
