import * as Plot from "@observablehq/plot";
import { draw, type Marks } from "./draw.ts";
import { html, type Markup } from "./markup.ts";
import type { Look, Looks } from "./policy-look.ts";

/** The signs of these policies, ours emphasised. */
export function policyLegend(
  looks: Looks,
  policies: readonly string[],
  as: "line" | "bar",
): Markup {
  const shown = [...looks.values()].filter(({ policy }) => policies.includes(policy));
  return html`${shown.map((look) =>
    legendEntry(look.policy, as === "line" ? lineSign(look) : barSign(look), look.isOurs),
  )}`;
}

/** One sign and what it means. */
export function legendEntry(label: string, marks: Marks, isOurs = false): Markup {
  const sign = draw(label, {
    width: 34,
    height: 14,
    marginLeft: 0,
    marginRight: 0,
    marginTop: 0,
    marginBottom: 0,
    axis: null,
    x: { domain: [0, 34] },
    y: { domain: [0, 14] },
    marks,
  });
  return html`<span class="${isOurs ? "key ours" : "key"}">${sign} ${label}</span>`;
}

function lineSign(look: Look): Marks {
  return [
    Plot.lineY([7, 7], { x: [1, 33], y: [7, 7], ...lineStyle(look) }),
    Plot.dot([7], { x: [17], y: [7], ...dotStyle(look) }),
  ];
}

/** A filled box. */
export function barSign({ color, isOurs }: Pick<Look, "color" | "isOurs">): Marks {
  return [Plot.rect([0], { x1: 4, x2: 30, y1: 2, y2: 12, ...barStyle({ color, isOurs }) })];
}

export function lineStyle({ color, width, dash }: Look) {
  return {
    stroke: color,
    strokeWidth: width,
    ...(dash === undefined ? {} : { strokeDasharray: dash }),
  };
}

export function dotStyle({ color, symbol, isOurs }: Look) {
  const paint = isOurs ? { fill: color } : { stroke: color, strokeWidth: 1.5, fill: "none" };
  return { symbol, r: isOurs ? 4 : 3, ...paint };
}

export function barStyle({ color, isOurs }: Pick<Look, "color" | "isOurs">) {
  return { fill: color, fillOpacity: isOurs ? 1 : 0.6 };
}
