import { html, type Markup } from "./markup.ts";

/** One plot of a figure: the same question under one set of conditions. */
export interface Panel {
  readonly title: string;
  readonly drawing: Markup;
}

/** A title, how to read it, what the signs mean, and the plots. */
export interface Figure {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly legend: Markup;
  readonly panels: readonly Panel[];
  /** Columns on a wide page, so that equal conditions stand under each other; absent: as many as fit. */
  readonly numColumns?: number | undefined;
}

/** More than these are one click away, so that the page is not all one figure. */
const numShown = 12;

export function renderFigure({ id, title, caption, legend, panels, numColumns }: Figure): Markup {
  const grid = (shown: readonly Panel[]) => html`
<div class="panels" ${columnsOf(numColumns)}>${shown.map(renderPanel)}</div>`;
  const rest = panels.slice(numShown);
  const more =
    rest.length === 0
      ? undefined
      : html`<details><summary>${rest.length} more</summary>${grid(rest)}</details>`;
  return html`
<figure id="${id}">
<h2>${title}</h2>
<figcaption>${caption}</figcaption>
<div class="legend">${legend}</div>${grid(panels.slice(0, numShown))}${more}
</figure>`;
}

function renderPanel({ title, drawing }: Panel): Markup {
  return html`<div class="panel"><h3>${title}</h3><div class="scroll">${drawing}</div></div>`;
}

function columnsOf(numColumns: number | undefined): Markup | undefined {
  return numColumns === undefined ? undefined : html`style="--columns: ${numColumns}"`;
}

/** Two or three temperatures side by side; with one, or many, panels flow. */
export function columnsForTemperatures(
  items: readonly { readonly temperature: number }[],
): number | undefined {
  const { size } = new Set(items.map(({ temperature }) => temperature));
  return size === 2 || size === 3 ? size : undefined;
}
