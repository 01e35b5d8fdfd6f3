import { examplePair, examplePrompts } from "@adaedl/example-models";
import { loadTokenizer } from "@adaedl/model";
import { expect, test } from "vitest";
import { type DistillReport, distill } from "./distill.ts";
import { type MatchOptions, measureMatch } from "./measure-match.ts";

const { target, draft } = examplePair("coder");
const numTokens = 24;

async function optionsOf(changes: Partial<MatchOptions> = {}): Promise<MatchOptions> {
  const tokenizer = await loadTokenizer(target);
  const prompts = examplePrompts("coder").map((text) => tokenizer.encode(text).slice(0, 8));
  return {
    ...{ target: { directory: target }, draft: { directory: draft }, numTokens, seed: 5 },
    ...{ prompts: prompts.slice(0, 3), temperatures: [0, 0.7], ...changes },
  };
}

test("is what training measures on the same texts", async () => {
  const { prompts, temperatures, seed } = await optionsOf();
  const reports: DistillReport[] = [];
  await distill(
    {
      ...{ target, draft, loss: "tv", prompts, heldOutPrompts: prompts, seed, temperatures },
      ...{ heldOutTemperatures: temperatures, length: 8 + numTokens, numTexts: 1 },
      ...{ budget: { numSteps: 1 }, peakLearningRate: 1e-3 },
    },
    (report) => reports.push(report),
  );
  const matches = await measureMatch(await optionsOf());
  for (const [temperature, match] of reports[0]?.match ?? [])
    expect(matches.get(temperature)).toBeCloseTo(match, 5);
  expect([...matches.keys()]).toEqual([0, 0.7]);
}, 60_000);

test("is 1 for a draft that is its target", async () => {
  const matches = await measureMatch(await optionsOf({ draft: { directory: target } }));
  for (const match of matches.values()) expect(match).toBeCloseTo(1, 9);
}, 60_000);

test("ends when its signal aborts", async () => {
  await expect(measureMatch(await optionsOf(), AbortSignal.abort())).rejects.toMatchObject({
    code: "cancelled",
  });
});
