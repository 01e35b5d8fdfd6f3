// Draws docs/speculation.svg, the README's picture, from a stream of the built-in pair on the virtual clock:
//   npx tsx -C @adaedl/source tools/draw-speculation.ts
import { writeFileSync } from "node:fs";
import { parsePolicy, type TokenOrigin } from "@adaedl/core";
import { examplePair, examplePrompts } from "@adaedl/example-models";
import { createTextStream, loadTokenizer } from "@adaedl/model";
import { longestTried } from "../packages/bench/src/policies/grid.ts";
import { play } from "../packages/bench/src/policies/play.ts";
import { openPairThreads } from "../packages/bench/src/policies/tape/open-pair-threads.ts";
import { recordTape } from "../packages/bench/src/policies/tape/record-tape.ts";
import { performTape } from "../packages/bench/src/policies/tape/tape.ts";

const rttMs = 20;

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

const signal = new AbortController().signal;
const { target, draft } = examplePair("storyteller");
const tokenizer = await loadTokenizer(target);
const prompt = examplePrompts("storyteller")[0] ?? "";
const pieces: Piece[] = [{ kind: "prompt", text: prompt }];
/** Nothing drafts beside this target. */
type Shown = Exclude<TokenOrigin, "verifier-draft">;
const counts: Record<Shown, number> = { accepted: 0, recovered: 0, bonus: 0, autoregressive: 0 };
const promptTokenIds = tokenizer.encode(prompt);
const text = createTextStream(tokenizer, { promptTokenIds });
await using pair = await openPairThreads({ target, draft }, signal);
const tape = await recordTape(
  pair,
  {
    ...{ promptTokenIds, seed: 7, sampling: { temperature: 0.7 } },
    ...{ numTokens: 150, maxDraftLength: longestTried },
  },
  signal,
);
const { numForwards } = await play(
  [performTape(tape, longestTried)],
  {
    costs: { draftMs: 6, verifyBaseMs: 30, verifyTokenMs: 1, rttMs },
    createPolicy: () => parsePolicy("stream"),
    onToken({ tokenId, origin }) {
      pieces.push({ kind: origin as Shown, text: text.push(tokenId) });
      counts[origin as Shown]++;
    },
  },
  signal,
);

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
let left = margin;
for (const [kind, count] of Object.entries(counts) as [keyof typeof counts, number][]) {
  const label = `${count} ${kind}`;
  draw(kind, label, left, legendTop, 13);
  left += label.length * 7.83 + 18;
}
draw(
  "prompt",
  `a stream over ${rttMs} ms: ${total} tokens in ${numForwards} forwards of the target model`,
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
