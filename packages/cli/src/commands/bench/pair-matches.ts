import type { Workload } from "@adaedl/bench";
import { finePercent } from "../../output/numbers.ts";

/** How often the draft of a pair chooses its target's token, at one temperature. */
export interface PairMatch {
  readonly pair: string;
  readonly temperature: number;
  /** The match probability, 0 to 1. */
  readonly match: number;
}

/** Along texts of the workloads' prompts, none of which is measured that has an answer of its own. */
export async function pairMatches(
  workloads: readonly Workload[],
  temperatures: readonly number[],
  signal: AbortSignal,
): Promise<PairMatch[]> {
  const { measureMatch } = await import("@adaedl/learning");
  const { loadTokenizer } = await import("@adaedl/model");
  const rows: PairMatch[] = [];
  for (const { pair, target, draft, weights, draftWeights, prompts, numTokens } of workloads) {
    const tokenizer = await loadTokenizer(target);
    const tokenized = prompts.map((prompt) => tokenizer.encode(prompt));
    const matches = await measureMatch(
      {
        target: { directory: target, ...(weights && { weights }) },
        draft: { directory: draft, ...(draftWeights && { weights: draftWeights }) },
        ...{ prompts: tokenized, temperatures, numTokens, seed: 0 },
      },
      signal,
    );
    for (const [temperature, match] of matches) rows.push({ pair, temperature, match });
  }
  return rows;
}

/** One line for each pair. */
export function renderMatches(rows: readonly PairMatch[]): string {
  const pairs = [...new Set(rows.map(({ pair }) => pair))];
  const lines = pairs.map((name) => {
    const shares = rows
      .filter(({ pair }) => pair === name)
      .map(({ temperature, match }) => `${finePercent(match)} at T ${temperature}`);
    return `Match probability of ${name}: ${shares.join(", ")}`;
  });
  return lines.join("\n");
}
