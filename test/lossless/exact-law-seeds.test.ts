import {
  candidateProbs,
  createRandomness,
  defaultSamplingParams,
  maxSeed,
  rejection,
  sharedNoise,
} from "@adaedl/core";
import { chiSquareTest, totalVariation } from "@adaedl/testing";
import { describe, expect, test } from "vitest";
import { createScriptedModel, prompt } from "./exact-law-models.ts";
import { targetLaw } from "./exact-law-outputs.ts";
import { createRememberingPolicy, jumpyAdaedl } from "./exact-law-policies.ts";
import { createKnowingDrafter } from "./exact-law-ports.ts";
import { runSession, type Session } from "./exact-law-session.ts";

const numSeeds = 10_000;

const pair = { target: createScriptedModel(21, 4, 1), draft: createScriptedModel(22, 4, 1) };

describe.each([sharedNoise, rejection])("over seeds, $name", (rule) => {
  const sampling = { ...defaultSamplingParams, temperature: 0.9 };
  const end = { numTokens: 3 };
  const expected = targetLaw(pair.target, sampling, end);
  const texts = [...expected.keys()];

  test.each<[string, Session["policy"], (index: number) => number]>([
    ["none", "none", (index) => index],
    ["static:3", "static:3", (index) => index],
    ["adaedl", jumpyAdaedl, (index) => index],
    ["adaedl, on the largest seeds", jumpyAdaedl, (index) => maxSeed - index],
    ["a remembering policy", () => createRememberingPolicy(3), (index) => index * 2 ** 32],
  ])("gives texts as often as the target would: %s", async (_, policy, seedOf) => {
    const counts = new Array<number>(texts.length).fill(0);
    for (let index = 0; index < numSeeds; index++) {
      const session = { ...pair, rule, policy, sampling, end };
      const { text } = await runSession(session, createRandomness(seedOf(index)));
      const bin = texts.indexOf(text);
      counts[bin] = (counts[bin] as number) + 1;
    }
    expect(chiSquareTest(counts, [...expected.values()]).pValue).toBeGreaterThan(1e-4);
  });

  test("accepts first guesses as often as its paper says", async () => {
    const session = { ...pair, rule, policy: "static:1", end: { numTokens: 2 } };
    let numAccepted = 0;
    for (let seed = 0; seed < numSeeds; seed++)
      numAccepted += (await runSession(session, createRandomness(seed))).numAccepted;
    const [targetProbs, draftProbs] = [pair.target, pair.draft].map((model) =>
      candidateProbs(model.distributionAfter(prompt, defaultSamplingParams)),
    ) as [Float64Array, Float64Array];
    const distance = totalVariation(targetProbs, draftProbs);
    if (rule === rejection) {
      const counts = [numAccepted, numSeeds - numAccepted];
      expect(chiSquareTest(counts, [1 - distance, distance]).pValue).toBeGreaterThan(1e-4);
    } else {
      const bound = (1 - distance) / (1 + distance);
      expect(numAccepted / numSeeds).toBeGreaterThan(bound - 4 * Math.sqrt(0.25 / numSeeds));
    }
  });
});

test("under shared noise the text of a seed is one, whoever drafts and however long", async () => {
  const end = { numTokens: 12 };
  const session = { ...pair, rule: sharedNoise, policy: "none", end };
  const wrong = createKnowingDrafter((id) => ({ tokenId: (id + 1) % 4, entropy: id }));
  const others: Partial<Session>[] = [
    { policy: "static:1" },
    { policy: "static:16" },
    { policy: jumpyAdaedl },
    { policy: `${jumpyAdaedl},test=before` },
    { policy: "confidence:p-min=0.3" },
    { policy: "static:5", draft: pair.target },
    { policy: "static:5", draft: createScriptedModel(99, 4, 5) },
    { policy: "static:5", draftSampling: { ...defaultSamplingParams, temperature: 0 } },
    { policy: "adaedl", createDrafter: wrong },
  ];
  for (let seed = 0; seed < 200; seed++) {
    const plain = await runSession(session, createRandomness(seed));
    for (const other of others) {
      const { text } = await runSession({ ...session, ...other }, createRandomness(seed));
      expect(text).toBe(plain.text);
    }
  }
});
