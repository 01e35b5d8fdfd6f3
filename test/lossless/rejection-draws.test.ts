// The rejection rule draws from the target's law, end to end on the built-in pair: 10 000 seeds.
import { defaultSamplingParams, type SamplingParams, Text } from "@adaedl/core";
import { openSpeculator, type Speculator } from "@adaedl/engine";
import { examplePair } from "@adaedl/example-models";
import { type ModelThread, openModelThread } from "@adaedl/runtime";
import { chiSquareTest } from "@adaedl/testing";
import { afterAll, beforeAll, expect, it } from "vitest";

const numDraws = 10_000;
const numAtOnce = 64; // so that the steps of the target are full, of eight texts each
const sampling: SamplingParams = { ...defaultSamplingParams, temperature: 1, topK: 6 };
const { target, draft } = examplePair("storyteller");
const model = (directory: string) => ({ directory, numThreads: 1 });

let speculator: Speculator;
let thread: ModelThread;
let prompt: number[];

beforeAll(async () => {
  speculator = await openSpeculator({ target: model(target), draft: model(draft) });
  thread = await openModelThread(model(target));
  prompt = speculator.facts.tokenizer.encode("The old");
});
afterAll(async () => {
  await speculator?.close();
  await thread?.close();
});

it("rejection: pairs of tokens follow the target's law", { timeout: 240_000 }, async () => {
  const law = await lawOfPairs();
  const counts = new Map<string, number>([...law.keys()].map((key) => [key, 0]));
  let numAccepted = 0;
  let numRefused = 0;

  for (let first = 0; first < numDraws; first += numAtOnce) {
    const seeds = Array.from(
      { length: Math.min(numAtOnce, numDraws - first) },
      (_, i) => first + i,
    );
    for (const { tokenIds, accepted, drafted } of await Promise.all(seeds.map(drawPair))) {
      const key = tokenIds.join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
      numAccepted += accepted;
      numRefused += drafted - accepted;
    }
  }
  // Both ways of committing a token must have been used often for this to say anything.
  expect(numAccepted).toBeGreaterThan(numDraws / 4);
  expect(numRefused).toBeGreaterThan(numDraws / 8);
  expect([...counts.keys()].filter((key) => !law.has(key))).toEqual([]);
  const { pValue } = chiSquareTest([...counts.values()], [...law.values()]);
  expect(pValue).toBeGreaterThan(1e-4);
});

async function drawPair(seed: number) {
  const tokenIds: number[] = [];
  const request = {
    promptTokenIds: prompt,
    maxTokens: 3, // so that a draft of two fits
    seed,
    sampling,
    policy: "static:2",
    verification: "rejection",
    ignoreEos: true,
  };
  for await (const event of speculator.generate(request)) {
    if (event.type === "token") tokenIds.push(event.tokenId);
    else {
      const { numAccepted, numDrafted } = event.statistics;
      return { tokenIds: tokenIds.slice(0, 2), accepted: numAccepted, drafted: numDrafted };
    }
  }
  throw new Error("the generation did not finish");
}

/** Probability of every pair of next tokens, from the target's own logits. */
async function lawOfPairs(): Promise<Map<string, number>> {
  const law = new Map<string, number>();
  for (const [first, firstProb] of topProbs(await logitsAfter(prompt)))
    for (const [second, secondProb] of topProbs(await logitsAfter([...prompt, first])))
      law.set(`${first},${second}`, firstProb * secondProb);
  return law;
}

function topProbs(logits: Float32Array): [number, number][] {
  const best = [...logits.entries()].sort(([, a], [, b]) => b - a).slice(0, sampling.topK);
  const weights = best.map(([, logit]) => Math.exp(logit));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return best.map(([id], index) => [id, (weights[index] as number) / sum]);
}

async function logitsAfter(tokenIds: readonly number[]): Promise<Float32Array> {
  const slotId = await thread.openSlot({
    sampling,
    seed: 0,
    verification: "rejection",
    numPromptTokens: tokenIds.length,
  });
  const [result] = await thread.forward([
    {
      slotId,
      keep: new Text().fence(),
      tokenIds,
      roundStart: tokenIds.length,
      reads: [{ kind: "logits", index: tokenIds.length - 1 }],
    },
  ]);
  await thread.closeSlot(slotId);
  if (result === undefined || "error" in result || result.rows[0]?.kind !== "logits")
    throw new Error("no logits");
  return result.rows[0].logits;
}
