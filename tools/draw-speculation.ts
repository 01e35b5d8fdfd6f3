// Draws docs/speculation.svg, the README's picture, from a real run of the built-in pair:
//   npx tsx -C @adaedl/source tools/draw-speculation.ts
import { writeFileSync } from "node:fs";
import { openSpeculator } from "@adaedl/engine";
import { examplePair, examplePrompts } from "@adaedl/example-models";

/** The paper's protocol, that README.md speaks of: here the policy alone decides what is drafted, no clock. */
const policy = "adaedl";
const columns = 84;
const charWidth = 9.03; // of the monospace font at 15 px
const lineHeight = 27;
const margin = 24;
const colors = {
  prompt: { fill: "none", text: "#6e7781" },
  accepted: { fill: "#b6e3bf", text: "#1f2328" },
  recovered: { fill: "#ffd8a8", text: "#1f2328" },
  bonus: { fill: "#bcd7ff", text: "#1f2328" },
  autoregressive: { fill: "none", text: "#1f2328" },
} as const;
type Kind = keyof typeof colors;

interface Piece {
  readonly kind: Kind;
  readonly text: string;
}

const { target, draft } = examplePair("storyteller");
const speculator = await openSpeculator({
  target: { directory: target },
  draft: { directory: draft },
});
const prompt = examplePrompts("storyteller")[0] ?? "";
const pieces: Piece[] = [{ kind: "prompt", text: prompt }];
const counts = { accepted: 0, recovered: 0, bonus: 0, autoregressive: 0 };
let numForwards = 0;
for await (const event of speculator.generate({
  promptTokenIds: speculator.facts.tokenizer.encode(prompt),
  maxTokens: 110,
  seed: 7,
  policy,
  ignoreEos: true,
  sampling: { temperature: 0.7, topP: 1 },
})) {
  if (event.type === "finished") numForwards = event.statistics.numTargetForwards;
  else {
    pieces.push({ kind: event.origin, text: event.text });
    counts[event.origin]++;
  }
}
await speculator.close();

const shapes: string[] = [];
let column = 0;
let line = 0;
for (const { kind, text } of pieces) {
  for (const word of text.replaceAll("\n", " ").split(/(?=\s)/)) {
    if (column + word.length > columns) {
      column = 0;
      line++;
    }
    const shown = column === 0 ? word.trimStart() : word;
    draw(kind, shown, margin + column * charWidth, margin + line * lineHeight);
    column += shown.length;
  }
}

const legendTop = margin + (line + 1) * lineHeight + 14;
const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
const legend: [Kind, string][] = [
  ["accepted", `${counts.accepted} guessed by the draft and kept`],
  ["recovered", `${counts.recovered} put right by the target`],
  ["bonus", `${counts.bonus} added by the target`],
];
let left = margin;
for (const [kind, text] of legend) {
  draw(kind, text, left, legendTop, 13);
  left += text.length * 7.83 + 18;
}
draw(
  "prompt",
  `policy ${policy}: ${total} tokens in ${numForwards} passes of the target model`,
  margin,
  legendTop + 28,
  13,
);

const width = Math.ceil(columns * charWidth + 2 * margin);
const height = Math.ceil(legendTop + 28 + margin + 8);
writeFileSync(
  new URL("../docs/speculation.svg", import.meta.url),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace">
<title>A text written by two models: tokens tinted by who they came from</title>
<rect width="${width}" height="${height}" rx="10" fill="#ffffff" stroke="#d0d7de"/>
${shapes.join("\n")}
</svg>
`,
);

function draw(kind: Kind, text: string, x: number, top: number, size = 15): void {
  const width = (text.length * charWidth * size) / 15;
  const { fill, text: color } = colors[kind];
  if (fill !== "none")
    shapes.push(
      `<rect x="${x.toFixed(1)}" y="${top}" width="${(width - 1).toFixed(1)}" height="${size + 6}" rx="3" fill="${fill}"/>`,
    );
  // textLength keeps the letters on their boxes whatever the font; white-space keeps the spaces, on
  // each text: Chromium's own style sheet overrules both xml:space and what is inherited.
  shapes.push(
    `<text x="${x.toFixed(1)}" y="${top + size}" font-size="${size}" fill="${color}" textLength="${width.toFixed(1)}" lengthAdjust="spacingAndGlyphs" style="white-space:pre">${escapeXml(text)}</text>`,
  );
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
