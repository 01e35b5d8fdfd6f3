import {
  AdaedlError,
  adjust,
  parseSamplingParams,
  rowFromLogits,
  type SamplingParams,
  Text,
  type TokenDistribution,
} from "@adaedl/core";
import { type ModelThread, openModelThread } from "@adaedl/engine";
import { loadTokenizer } from "@adaedl/model";
import type { Workload } from "../policies/grid.ts";
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

interface TextSettings {
  readonly sampling: SamplingParams;
  readonly seed: number;
  readonly numPromptTokens: number;
}

/** The text that the target writes by itself. */
async function writeText(
  thread: ModelThread,
  settings: TextSettings,
  promptTokenIds: readonly number[],
  numTokens: number,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const slotId = await thread.openSlot({ ...settings, verification: "shared-noise" }, signal);
  const text = new Text();
  let tokenIds = promptTokenIds;
  while (text.length < promptTokenIds.length + numTokens) {
    const reads = [{ kind: "judge", index: tokenIds.length - 1 }] as const;
    const step = { slotId, keep: text.fence(), tokenIds, reads, roundStart: text.length };
    const [result] = await thread.forward([step], signal);
    for (const tokenId of tokenIds) text.append(tokenId);
    if (result === undefined || "error" in result || result.rows[0]?.kind !== "judge")
      throw new AdaedlError("internal", "the target chose no token");
    tokenIds = [result.rows[0].judgement.tokenId];
  }
  await thread.closeSlot(slotId);
  return text.tokenIds;
}

/** What a model says about each token from `from` on. [text.length - from] */
async function distributionsAlong(
  thread: ModelThread,
  text: readonly number[],
  from: number,
  sampling: SamplingParams,
  signal: AbortSignal,
): Promise<TokenDistribution[]> {
  const settings = {
    sampling,
    seed: 0,
    numPromptTokens: from,
    verification: "shared-noise",
  } as const;
  const slotId = await thread.openSlot(settings, signal);
  const tokenIds = text.slice(0, -1);
  const reads = tokenIds
    .map((_, index) => ({ kind: "logits", index }) as const)
    .filter(({ index }) => index >= from - 1);
  const step = { slotId, keep: new Text().fence(), tokenIds, reads, roundStart: 0 };
  const [result] = await thread.forward([step], signal);
  await thread.closeSlot(slotId);
  if (result === undefined || "error" in result)
    throw new AdaedlError("internal", "the model said nothing about a text");
  return result.rows.flatMap((row) =>
    row.kind === "logits" ? [adjust(rowFromLogits(row.logits), sampling)] : [],
  );
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
