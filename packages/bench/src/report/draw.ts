import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { Markup } from "./markup.ts";

/** Of a plot before the page scales it, in pixels: about a third of a desktop's width, and a phone's. */
export const panelWidth = 420;
export const panelHeight = 270;

const { document } = parseHTML("<!doctype html><html></html>");

/** The marks of Observable Plot, drawn without a browser. */
export type Marks = NonNullable<Plot.PlotOptions["marks"]>;

/**
 * An SVG element. Its colours follow the page, as does its size.
 * @param label for who cannot see it
 */
export function draw(label: string, options: Plot.PlotOptions): Markup {
  const svg = Plot.plot({ ...common, ...options, document });
  svg.querySelector("style")?.remove(); // every plot brings the same; the page has it once
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  return new Markup(svg.outerHTML);
}

const common: Plot.PlotOptions = {
  className: "plot",
  width: panelWidth,
  height: panelHeight,
  marginLeft: 46,
  marginRight: 20,
  marginTop: 28,
  marginBottom: 42,
};
