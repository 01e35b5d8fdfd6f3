// What a draft learns from 200 requests of one style, as `serve draft --learn` does it: each request is measured before
// it is learnt from. Gains are points of match probability at temperature 0.7 over the draft before it learnt.
//   npx tsx --conditions=@adaedl/source packages/learning/src/online/learn-online.bench.ts [noise]
// With noise of so many times their own size in the weights of its layer: a draft that was not made for its target.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { examplePair, examplePrompts } from "@adaedl/example-models";
import { loadTokenizer } from "@adaedl/model";
import { openModelThread } from "@adaedl/runtime";
import { writeModel } from "../directory/write-model.ts";
import { type SampledText, sampleTexts } from "../distillation/sample-texts.ts";
import { textsToBatches } from "../distillation/texts-to-batches.ts";
import { createNormals } from "../growth/normals.ts";
import { openTrainingThread, type TrainingThread } from "../training-thread.ts";
import { onlineShape } from "./judged-text.ts";
import { onlineSchedule } from "./learn-online.ts";
import { textsPerStep } from "./online-policy.ts";

const temperature = 0.7;
const numTokens = 80;
const numRequests = 200;
/** Numbers of prompts. */
const styles = { talk: 5, sea: 10, weather: 20 };
const promptsPerStyle = 5;

const { target: targetDirectory, draft } = examplePair("storyteller");
const tokenizer = await loadTokenizer(targetDirectory);
const prompts = examplePrompts("storyteller").map((text) => tokenizer.encode(text));
await using target = await openModelThread({ directory: targetDirectory });

const folder = await mkdtemp(join(tmpdir(), "adaedl-online-"));
try {
  const noise = Number(process.argv[2] ?? 0);
  await measure(noise > 0 ? await withNoise(folder, noise) : draft);
} finally {
  await rm(folder, { recursive: true });
}

async function measure(directory: string): Promise<void> {
  const open = () =>
    openTrainingThread({
      ...{ directory, loss: "tv-top16", shape: onlineShape, schedule: onlineSchedule },
    });
  await using live = await open();
  await using frozen = await open();
  const gainOn = async (texts: readonly SampledText[]) => {
    const [now, before] = [await matchOf(live, texts), await matchOf(frozen, texts)];
    return { before, gain: now - before };
  };

  const start = process.cpuUsage();
  let trainingMs = 0;
  const blocks: { before: number; gain: number }[][] = [];
  for (let request = 0; request < numRequests; request += textsPerStep) {
    const texts = await write("talk", request, textsPerStep);
    const block = Math.min(Math.floor(request / 48), 3); // the last one has 56
    blocks[block] = [...(blocks[block] ?? []), await gainOn(texts)];
    const begin = process.cpuUsage();
    await live.step(await textsToBatches(texts, "tv-top16", onlineShape));
    const { user, system } = process.cpuUsage(begin);
    trainingMs += (user + system) / 1000;
  }
  blocks.forEach((block, at) => {
    console.log(`requests ${at * 48}..: ${summary(block)}`);
  });
  for (const style of ["talk", "sea", "weather"] as const)
    console.log(
      `${style}, others than learnt from: ${summary([await gainOn(await write(style, 1000, 40))])}`,
    );
  const { user, system } = process.cpuUsage(start);
  console.log(
    `training ${(trainingMs / 1000).toFixed(1)} of ${((user + system) / 1e6).toFixed(0)} CPU-s`,
  );
}

function summary(measured: readonly { before: number; gain: number }[]): string {
  const meanOf = (key: "before" | "gain") =>
    (100 * measured.reduce((sum, one) => sum + one[key], 0)) / measured.length;
  const gain = meanOf("gain");
  return `${meanOf("before").toFixed(2)} % ${gain < 0 ? "-" : "+"}${Math.abs(gain).toFixed(2)}`;
}

/** Texts of a style that the target writes; each seed has one. */
function write(style: keyof typeof styles, firstSeed: number, count: number) {
  const texts = Array.from({ length: count }, (_, index) => {
    const prompt = prompts[styles[style] + (index % promptsPerStyle)] as number[];
    const length = prompt.length + numTokens;
    return { prompt, length, temperature, seed: firstSeed + index };
  });
  return sampleTexts(target, texts, []);
}

/** @returns the directory of a draft with noise in its projections */
async function withNoise(folder: string, noise: number): Promise<string> {
  const directory = join(folder, "draft");
  await using thread = await openTrainingThread({
    ...{ directory: draft, loss: "tv-top16", shape: onlineShape, schedule: onlineSchedule },
  });
  const normal = createNormals(1);
  const noised = (values: Float32Array) => {
    const size = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    return values.map((value) => value + noise * size * normal());
  };
  const weights = new Map(
    [...(await thread.weights("current"))].map(([name, values]) => [
      name,
      name.endsWith("_proj.weight") ? noised(values) : values,
    ]),
  );
  await writeModel(directory, { source: draft, weights, card: "" });
  return directory;
}

async function matchOf(thread: TrainingThread, texts: readonly SampledText[]): Promise<number> {
  let [sum, count] = [0, 0];
  for (const batch of await textsToBatches(texts, "tv", onlineShape)) {
    const { length } = batch.judged;
    sum += length * (await thread.matchProbability(batch, "average", temperature));
    count += length;
  }
  return sum / count;
}
