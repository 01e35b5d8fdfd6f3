import { type Generation, ratesOf } from "../generation.ts";
import type { Colors } from "./colors.ts";
import { percent, ratio } from "./numbers.ts";
import { renderTable } from "./table.ts";

const columns = [
  { heading: "policy", align: "left" },
  { heading: "target\nforwards" },
  { heading: "drafted" },
  { heading: "accepted" },
  { heading: "acceptance\nrate" },
  { heading: "mean acc.\nlength" },
  { heading: "tokens /\nforward" },
  { heading: "tokens/s" },
  { heading: "round trips /\n100 tokens" },
] as const;

/** The same generation under several policies, one a row. */
export function renderComparison(runs: ReadonlyMap<string, Generation>, colors: Colors): string {
  const rows = [...runs].map(([policy, generation]) => {
    const { finished, network, tokenIds } = generation;
    const rates = ratesOf(generation);
    return [
      policy,
      String(finished.numTargetForwards),
      String(finished.statistics.numDrafted),
      String(finished.statistics.numAccepted),
      percent(rates.acceptanceRate),
      ratio(rates.meanAcceptanceLength),
      ratio(rates.tokensPerTargetForward),
      ratio(rates.tokensPerSecond),
      network === undefined ? "–" : ratio((100 * network.numRoundTrips) / tokenIds.length),
    ];
  });
  return renderTable(columns, rows, colors);
}
