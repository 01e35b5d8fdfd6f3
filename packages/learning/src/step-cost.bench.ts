// What a training step of a built-in draft costs, and what it takes in memory. One case a process:
//   npx tsx --conditions=@adaedl/source packages/learning/src/step-cost.bench.ts tv 16 120 1280 [recompute]

import { join } from "node:path";
import { openWeights, planWeights, readDecoderSpec } from "@adaedl/model";
import type { TrainingBatch } from "./batch.ts";
import { type LossName, lossNames, numTopTokens } from "./graph/training-io.ts";
import { adamStep, newOptimizerState } from "./optimizer/adam.ts";
import { openTrainingSession } from "./worker/training-session.ts";

const [loss = "tv", ...rest] = process.argv.slice(2);
const [numRows = 16, length = 120, numJudged = 1280] = rest.slice(0, 3).map(Number);
if (!lossNames.includes(loss as LossName)) throw new Error(`no loss ${loss}`);
const directory =
  process.env.MODEL ?? join(import.meta.dirname, "../../example-models/models/storyteller-draft");

const spec = await readDecoderSpec(directory);
const store = await openWeights(directory);
const plan = planWeights(spec, store.entries);
const weights = new Map<string, Float32Array>();
for (const [name, dims] of plan) {
  const values = new Float32Array(dims.reduce((a, b) => a * b, 1));
  let at = 0;
  for await (const piece of store.read(name)) {
    values.set(piece, at);
    at += piece.length;
  }
  weights.set(name, values);
}
await store.close();

let seed = 1;
const random = (below: number) => {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return (seed >>> 8) % below;
};
const rows = Array.from({ length: numRows }, () =>
  Array.from({ length }, () => random(spec.vocabSize)),
);
const judged = Array.from({ length: numJudged }, (_, index) => ({
  row: index % numRows,
  position: Math.floor(index / numRows),
}));
const target =
  loss === "tv-top16"
    ? {
        topIds: Int32Array.from(
          { length: numJudged * numTopTokens },
          (_, index) => index % numTopTokens,
        ),
        topLogprobs: new Float32Array(numJudged * numTopTokens).fill(Math.log(0.8 / numTopTokens)),
      }
    : {
        logits: Float32Array.from({ length: numJudged * spec.vocabSize }, () => random(1000) / 200),
      };
const batch: TrainingBatch = { rows, judged, target };

const megabytes = () => {
  globalThis.gc?.();
  return process.memoryUsage.rss() / 1e6;
};
const state = newOptimizerState(weights);
const frozen = new Map([...weights].map(([name, values]) => [name, values.slice()]));
const before = megabytes();
const session = await openTrainingSession(
  spec,
  plan,
  loss as LossName,
  { numRows, length, numJudged },
  { recomputesLayers: rest[3] === "recompute" },
);
const opened = megabytes();
const costs: { step: number; adam: number }[] = [];
for (let step = 0; step < 12; step++) {
  const start = process.cpuUsage();
  const { gradients } = await session.gradients(weights, frozen, batch);
  const middle = process.cpuUsage(start);
  adamStep(state, gradients, 1e-4);
  const end = process.cpuUsage(start);
  const ms = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1000;
  costs.push({ step: ms(end), adam: ms(end) - ms(middle) });
}
const stepped = megabytes();
const peak = process.resourceUsage().maxRSS / 1000;
await session.close();
const median = (values: number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const warm = costs.slice(2);
console.log(
  JSON.stringify({
    ...{ loss, numTokens: numRows * length, numJudged, recomputes: rest[3] === "recompute" },
    stepMs: median(warm.map(({ step }) => step)),
    adamMs: median(warm.map(({ adam }) => adam)),
    sessionMegabytes: Math.round(opened - before),
    stepMegabytes: Math.round(stepped - opened),
    peakMegabytes: Math.round(peak - opened),
  }),
);
