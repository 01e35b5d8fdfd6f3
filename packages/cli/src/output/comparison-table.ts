import { type Generation, ratesOf } from "../generation.ts";
import type { Colors } from "./colors.ts";
import { percent, ratio } from "./numbers.ts";
import { renderTable } from "./table.ts";

const columns = [
  { heading: "policy", align: "left" },
  { heading: "target\nforwards" },
  { heading: "verified" },
  { heading: "accepted" },
  { heading: "acceptance\nrate" },
  { heading: "mean acc.\nlength" },
  { heading: "tokens /\nforward" },
  { heading: "tokens/s" },
  { heading: "round trips /\n100 tokens" },
] as const;

/** What is compared of one generation. Its field names are public: do not rename. */
export function comparisonRow(policy: string, generation: Generation) {
  const { statistics, network, tokenIds } = generation;
  const rates = ratesOf(generation);
  return {
    policy,
    targetForwards: statistics.numTargetForwards,
    numDrafted: statistics.numDrafted,
    numAccepted: statistics.numAccepted,
    acceptanceRate: rates.acceptanceRate ?? null,
    meanAcceptanceLength: rates.meanAcceptanceLength,
    tokensPerForward: rates.tokensPerTargetForward,
    tokensPerSecond: rates.tokensPerSecond,
    roundTripsPer100Tokens:
      network === undefined ? null : (100 * network.numRoundTrips) / tokenIds.length,
  };
}

export type ComparisonRow = ReturnType<typeof comparisonRow>;

/** The same generation under several policies, one a row. */
export function renderComparison(rows: readonly ComparisonRow[], colors: Colors): string {
  const cells = rows.map((row) => [
    row.policy,
    String(row.targetForwards),
    String(row.numDrafted),
    String(row.numAccepted),
    percent(row.acceptanceRate ?? undefined),
    ratio(row.meanAcceptanceLength),
    ratio(row.tokensPerForward),
    ratio(row.tokensPerSecond),
    row.roundTripsPer100Tokens === null ? "–" : ratio(row.roundTripsPer100Tokens),
  ]);
  return renderTable(columns, cells, colors);
}
