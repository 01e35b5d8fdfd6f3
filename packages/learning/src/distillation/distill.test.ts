import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { examplePair, examplePrompts } from "@adaedl/example-models";
import { loadTokenizer } from "@adaedl/model";
import { expect, inject, test } from "vitest";
import { type DistillOptions, type DistillReport, distill } from "./distill.ts";

const { target, draft } = examplePair("coder");

async function optionsOf(changes: Partial<DistillOptions> = {}): Promise<DistillOptions> {
  const tokenizer = await loadTokenizer(target);
  const prompts = examplePrompts("coder").map((text) => tokenizer.encode(text).slice(0, 40));
  return {
    ...{ target, draft, loss: "tv", length: 80, numTexts: 8, seed: 1 },
    budget: { numSteps: 12 },
    ...{ prompts: prompts.slice(6), heldOutPrompts: prompts.slice(0, 6), temperatures: [0.7, 1] },
    heldOutTemperatures: [0, 0.7, 1],
    ...{ peakLearningRate: 1e-3, ...changes },
  };
}

/** Where it does not matter what is learnt. */
const short = { length: 56, heldOutPrompts: [[0]], heldOutTemperatures: [1] };

test("a draft that learns from its target's texts matches it more often on others", async () => {
  const reports: DistillReport[] = [];
  const weights = await distill(await optionsOf(), (report) => reports.push(report));
  expect(reports.map(({ numSteps }) => numSteps)).toEqual(Array.from({ length: 13 }, (_, i) => i));
  expect(reports.filter(({ match }) => match?.size === 3).length).toBe(2);
  // In between at one temperature: after each tenth of the steps that ends a step, but the last.
  expect(reports.filter(({ match }) => match?.size === 1).length).toBe(9);
  const [before, after] = [reports[0]?.match, reports.at(-1)?.match];
  for (const temperature of [0.7, 1])
    expect(after?.get(temperature)).toBeGreaterThan(before?.get(temperature) as number);
  expect(weights.get("model.norm.weight")).toHaveLength(96);
}, 120_000);

test("its texts are a function of the seed", async () => {
  const run = async (seed: number) => {
    const losses: (number | undefined)[] = [];
    const options = await optionsOf({ ...short, seed, budget: { numSteps: 2 } });
    await distill(options, ({ loss }) => losses.push(loss));
    return losses;
  };
  expect(await run(3)).toEqual(await run(3));
  expect(await run(3)).not.toEqual(await run(4));
}, 120_000);

test("after an interruption it goes on, to the same weights", async () => {
  const stateDirectory = join(mkdtempSync(join(inject("temporaryFolder"), "distill-")), "state");
  const options = await optionsOf({
    ...{ ...short, budget: { numSteps: 6 }, loss: "tv-top16" },
  });
  const whole: DistillReport[] = [];
  const expected = await distill(options, (report) => whole.push(report));
  const kept = { ...options, stateDirectory, saveEveryMs: 0 };
  const aborting = new AbortController();
  const first = distill(
    kept,
    ({ numSteps }) => numSteps === 3 && aborting.abort(),
    aborting.signal,
  );
  await expect(first).rejects.toMatchObject({ code: "cancelled" });

  await expect(distill({ ...kept, seed: 2 }, () => {})).rejects.toThrow(
    `${stateDirectory} holds a training that was begun with other options or models: repeat it with those, or remove it`,
  );
  const reports: DistillReport[] = [];
  expect(await distill(kept, (report) => reports.push(report))).toEqual(expected);
  expect(reports.map(({ numSteps }) => numSteps)).toEqual([3, 4, 5, 6]);
  expect(reports[0]?.match).toEqual(whole[0]?.match);
  expect(reports.at(-1)).toEqual({ ...whole.at(-1), elapsedMs: expect.any(Number) });
}, 120_000);

test("a time ends training, and what was trained before an interruption counts", async () => {
  const stateDirectory = join(mkdtempSync(join(inject("temporaryFolder"), "distill-")), "state");
  const budget = { ms: 6000 };
  const options = await optionsOf({
    ...{ ...short, budget, stateDirectory, saveEveryMs: 0 },
  });
  const aborting = new AbortController();
  const stopped: DistillReport[] = [];
  const first = distill(
    options,
    (report) => {
      stopped.push(report);
      if (report.progress > 0.4) aborting.abort();
    },
    aborting.signal,
  );
  await expect(first).rejects.toMatchObject({ code: "cancelled" });
  const reports: DistillReport[] = [];
  await distill(options, (report) => reports.push(report));
  const [last, again, end] = [stopped.at(-1), reports[0], reports.at(-1)] as DistillReport[];
  expect(again).toMatchObject({ progress: last?.progress, numSteps: last?.numSteps });
  expect(end).toMatchObject({ progress: 1, match: expect.any(Map) });
  expect(end?.elapsedMs).toBeGreaterThanOrEqual(6000);
  const all = [...stopped, ...reports.slice(1)].map(({ progress }) => progress);
  expect(all).toEqual(all.toSorted((a, b) => a - b));
}, 120_000);

test("prompts that leave nothing to write, and texts that no model has room for, are refused", async () => {
  const run = async (changes: Partial<DistillOptions>) =>
    distill(await optionsOf(changes), () => {});
  await expect(run({ prompts: [] })).rejects.toThrow(
    "prompts must have one prompt at least, got []",
  );
  await expect(run({ prompts: [[1], new Array<number>(80).fill(1)] })).rejects.toThrow(
    "prompts[1] must have 1 to 79 tokens, got 80",
  );
  await expect(run({ heldOutPrompts: [[]] })).rejects.toThrow(
    "heldOutPrompts[0] must have 1 to 79 tokens, got 0",
  );
  await expect(run({ length: 100_000 })).rejects.toThrow(
    /^length must be at most \d+ for these models, got 100000$/,
  );
});

test("ends when its signal aborts", async () => {
  const aborting = new AbortController();
  const run = distill(await optionsOf(), () => aborting.abort(), aborting.signal);
  await expect(run).rejects.toMatchObject({ code: "cancelled" });
});
