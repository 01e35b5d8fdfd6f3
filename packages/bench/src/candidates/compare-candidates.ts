import { parseSamplingParams, type TokenDistribution } from "@adaedl/core";
import { openModelThread } from "@adaedl/engine";
import { loadTokenizer } from "@adaedl/model";
import type { Workload } from "../policies/grid.ts";
import { distributionsAlong, writeText } from "../texts.ts";
import { type HitRates, hitsAt, mostCandidates, type PlaceHits } from "./hit-rates.ts";

/** One pair at one temperature, in the mean of the places of its texts. */
export interface CandidatesRow extends PlaceHits {
  readonly pair: string;
  readonly temperature: number;
  readonly numPlaces: number;
}

/** Draws at each place. */
const numDraws = 16;

/**
 * How often the target's token is among 1, 2, … candidates of the draft, under shared noise and under recursive
 * rejection, along the target's own texts.
 * @param onRow told after each row
 */
export async function compareCandidates(
  workloads: readonly Workload[],
  temperatures: readonly number[],
  signal: AbortSignal,
  onRow: () => void = () => {},
): Promise<CandidatesRow[]> {
  const rows: CandidatesRow[] = [];
  for (const workload of workloads) {
    const open = (directory: string) => openModelThread({ directory, numThreads: 1 }, signal);
    await using target = await open(workload.target);
    await using draft = await open(workload.draft);
    const tokenizer = await loadTokenizer(workload.target);
    const prompts = workload.prompts.map((prompt) => tokenizer.encode(prompt));
    for (const temperature of temperatures) {
      const { vocabSize } = target.info;
      const sampling = parseSamplingParams({ temperature }, vocabSize);
      const hits: PlaceHits[] = [];
      for (const [seed, promptTokenIds] of prompts.entries()) {
        const settings = { sampling, seed, numPromptTokens: promptTokenIds.length };
        const text = await writeText(target, settings, promptTokenIds, workload.numTokens, signal);
        const from = promptTokenIds.length;
        const targetSays = await distributionsAlong(target, text, from, sampling, signal);
        const draftSays = await distributionsAlong(draft, text, from, sampling, signal);
        for (const [index, one] of targetSays.entries())
          hits.push(hitsAt(one, draftSays[index] as TokenDistribution, vocabSize, numDraws, index));
      }
      rows.push({ pair: workload.pair, temperature, numPlaces: hits.length, ...meanOf(hits) });
      onRow();
    }
  }
  return rows;
}

function meanOf(hits: readonly PlaceHits[]): PlaceHits {
  const mean = (ratesOf: (one: PlaceHits) => HitRates) =>
    Array.from({ length: mostCandidates }, (_, index) => {
      const total = hits.reduce((sum, one) => sum + (ratesOf(one)[index] as number), 0);
      return total / hits.length;
    });
  return {
    sharedNoise: mean(({ sharedNoise }) => sharedNoise),
    recursiveRejection: mean(({ recursiveRejection }) => recursiveRejection),
  };
}
