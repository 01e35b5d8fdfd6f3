import { type Generation, ratesOf } from "../generation.ts";
import type { Colors } from "./colors.ts";
import { percent, ratio } from "./numbers.ts";
import { renderTable } from "./table.ts";

const columns = [
  { heading: "tokens" },
  { heading: "rounds" },
  { heading: "target\nforwards" },
  { heading: "drafted" },
  { heading: "accepted" },
  { heading: "mean acc.\nlength" },
  { heading: "tokens/s" },
];

/** The numbers of one generation: counts, rates, and where the time went. */
export function renderGeneration(generation: Generation, colors: Colors): string {
  const { tokenIds, finished } = generation;
  const { numRounds, numDrafted, numAccepted, draftMs, verifyMs, durationMs } = finished.statistics;
  const rates = ratesOf(generation);
  const { acceptanceRate } = rates;
  const share = acceptanceRate === undefined ? "" : ` (${percent(acceptanceRate)})`;
  const time = [
    `draft ${percent(draftMs / durationMs)}`,
    `verify ${percent(verifyMs / durationMs)}`,
    `other ${percent(rates.otherMs / durationMs)}`,
  ].join(" · ");
  const row = [
    String(tokenIds.length),
    String(numRounds),
    String(finished.numTargetForwards),
    String(numDrafted),
    `${numAccepted}${share}`,
    ratio(rates.meanAcceptanceLength),
    ratio(rates.tokensPerSecond),
  ];
  return `${renderTable(columns, [row], colors)}\n${colors.dim("time:")} ${time}`;
}
