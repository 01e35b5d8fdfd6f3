import {
  createRandomness,
  parseSamplingParams,
  type TokenDistribution,
  type WeightPrecision,
  weightPrecisions,
} from "@adaedl/core";
import { type ModelThread, openModelThread } from "@adaedl/engine";
import { loadTokenizer } from "@adaedl/model";
import type { Workload } from "../policies/grid.ts";
import { distributionsAlong, writeText } from "../texts.ts";

/** What a precision of the target costs in words, along texts that the f32 target wrote at temperature 1. */
export interface QualityRow {
  readonly pair: string;
  readonly target: WeightPrecision;
  readonly numPlaces: number;
  /** e to the mean negative log-probability of the texts' tokens. */
  readonly perplexity: number;
  /** Of places in which it writes the f32 target's token, with the same noise. */
  readonly agreement: number;
  /** Share of draft tokens that it accepts, by the precision of the draft model. */
  readonly acceptance: Readonly<Record<WeightPrecision, number>>;
}

/** Draws at each place. */
const numDraws = 16;

/** @param onText called after each text of each pair */
export async function measureQuality(
  workloads: readonly Workload[],
  signal: AbortSignal,
  onText: () => void = () => {},
): Promise<QualityRow[]> {
  const rows: QualityRow[] = [];
  for (const workload of workloads) {
    const tallies = weightPrecisions.map(createTally);
    const open = (directory: string) =>
      Promise.all(
        weightPrecisions.map((weights) =>
          openModelThread({ directory, weights, numThreads: 1 }, signal),
        ),
      );
    const targets = await open(workload.target);
    const drafts = await open(workload.draft);
    try {
      const tokenizer = await loadTokenizer(workload.target);
      const [writer] = targets as [ModelThread];
      const sampling = parseSamplingParams({ temperature: 1 }, writer.info.vocabSize);
      for (const [seed, prompt] of workload.prompts.entries()) {
        const promptTokenIds = tokenizer.encode(prompt);
        const from = promptTokenIds.length;
        const settings = { sampling, seed, numPromptTokens: from };
        const text = await writeText(writer, settings, promptTokenIds, workload.numTokens, signal);
        const along = (thread: ModelThread) =>
          distributionsAlong(thread, text, from, sampling, signal);
        const targetSays = await Promise.all(targets.map(along));
        const draftSays = await Promise.all(drafts.map(along));
        for (const [place, tokenId] of text.slice(from).entries()) {
          const at = (says: readonly (readonly TokenDistribution[])[]) =>
            says.map((one) => one[place] as TokenDistribution);
          const drawn = drawTokens([...at(targetSays), ...at(draftSays)], from + place);
          const [truth] = drawn as [number[]];
          tallies.forEach((tally, index) => {
            tally.logprob += logprobOf(at(targetSays)[index] as TokenDistribution, tokenId);
            tally.numPlaces++;
            const own = drawn[index] as number[];
            tally.agreement += sharedShare(own, truth);
            for (const [draft, precision] of weightPrecisions.entries())
              tally.acceptance[precision] += sharedShare(
                own,
                drawn[targets.length + draft] as number[],
              );
          });
        }
        onText();
      }
    } finally {
      await Promise.all([...targets, ...drafts].map((thread) => thread.close()));
    }
    rows.push(...tallies.map((tally) => rowOf(workload.pair, tally)));
  }
  return rows;
}

function createTally(target: WeightPrecision) {
  const acceptance = { f32: 0, int8: 0, int4: 0 };
  return { target, numPlaces: 0, logprob: 0, agreement: 0, acceptance };
}

function rowOf(
  pair: string,
  { target, numPlaces, logprob, agreement, acceptance }: ReturnType<typeof createTally>,
): QualityRow {
  const { f32, int8, int4 } = acceptance;
  return {
    ...{ pair, target, numPlaces },
    perplexity: Math.exp(-logprob / numPlaces),
    agreement: agreement / numPlaces,
    acceptance: { f32: f32 / numPlaces, int8: int8 / numPlaces, int4: int4 / numPlaces },
  };
}

/** Tokens of each distribution for the same noise. [distributions][numDraws] */
function drawTokens(distributions: readonly TokenDistribution[], position: number): number[][] {
  const key = { purpose: "token", position, roundStart: 0 } as const;
  const seeds = Array.from({ length: numDraws }, (_, seed) => createRandomness(seed));
  return distributions.map((one) => seeds.map((random) => random.chooseToken(one, key)));
}

function sharedShare(one: readonly number[], other: readonly number[]): number {
  return one.filter((tokenId, index) => tokenId === other[index]).length / one.length;
}

function logprobOf(distribution: TokenDistribution, tokenId: number): number {
  const logits = Float64Array.from(distribution.logits);
  const peak = logits.reduce((a, b) => Math.max(a, b));
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - peak), 0);
  return (logits[tokenId] as number) - peak - Math.log(sum);
}
