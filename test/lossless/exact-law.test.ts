import {
  candidateProbs,
  type DrafterKind,
  defaultSamplingParams,
  rejection,
  type SamplingParams,
  sharedNoise,
} from "@adaedl/core";
import { totalVariation } from "@adaedl/testing";
import { describe, expect, test } from "vitest";
import { memorySession } from "./exact-law-memory.ts";
import { createScriptedModel, prompt } from "./exact-law-models.ts";
import { jumpyAdaedl, policiesUnder } from "./exact-law-policies.ts";
import { createKnowingDrafter, createParallelDrafter } from "./exact-law-ports.ts";
import type { NoiseReading } from "./exact-law-randomness.ts";
import { type EnumeratedSession, enumerateSession, type Session } from "./exact-law-session.ts";

async function expectTargetLaw(session: Session): Promise<EnumeratedSession> {
  const enumerated = await enumerateSession(session);
  expect(enumerated.error).toBeLessThan(1e-12);
  return enumerated;
}

function samplingWith(changes: Partial<SamplingParams>): SamplingParams {
  return { ...defaultSamplingParams, ...changes };
}

const near = {
  closeness: "near each other",
  target: createScriptedModel(1, 3, 1),
  draft: createScriptedModel(2, 3, 1),
};
const pairs = [
  near,
  {
    closeness: "far apart",
    target: createScriptedModel(3, 3, 3),
    draft: createScriptedModel(4, 3, 3),
  },
  {
    closeness: "unsure, with a sure draft",
    target: createScriptedModel(5, 3, 0.3),
    draft: createScriptedModel(6, 3, 4),
  },
];

describe.each([sharedNoise, rejection])("under $name the text follows the target's law", (rule) => {
  const end = { numTokens: 3 };

  describe.each(pairs)("with models $closeness", ({ target, draft }) => {
    test.each(policiesUnder(rule))("%s", async (policy) => {
      const { numLeaves } = await expectTargetLaw({ rule, policy, target, draft, end });
      expect(numLeaves).toBeGreaterThanOrEqual(27);
    });
  });

  test.each<[string, Partial<SamplingParams>]>([
    ["temperature 0", { temperature: 0 }],
    ["temperature 0.6", { temperature: 0.6 }],
    ["temperature 1.7", { temperature: 1.7 }],
    ["top-k 2", { topK: 2 }],
    ["top-p 0.7", { topP: 0.7 }],
    ["min-p 0.4 at temperature 1.3", { minP: 0.4, temperature: 1.3 }],
    ["everything", { temperature: 1.2, topK: 3, topP: 0.95, minP: 0.05 }],
    ["penalties", { repetitionPenalty: 1.5, presencePenalty: 0.5, frequencyPenalty: 1 }],
    ["a bias", { logitBias: new Map([[1, -2]]) }],
  ])("%s", async (_, changes) => {
    await expectTargetLaw({
      ...near,
      rule,
      policy: jumpyAdaedl,
      end,
      sampling: samplingWith(changes),
    });
  });

  test.each<[string, Partial<SamplingParams>]>([
    ["greedily", { temperature: 0 }],
    ["hotter", { temperature: 2.5 }],
    ["from one token less", { topK: 2 }],
  ])("a draft service that samples %s", async (_, changes) => {
    await expectTargetLaw({
      ...near,
      rule,
      policy: jumpyAdaedl,
      end,
      sampling: samplingWith({ temperature: 0.8 }),
      draftSampling: samplingWith(changes),
    });
  });

  test("four tokens to choose from", async () => {
    await expectTargetLaw({
      rule,
      policy: "adaedl:lambda=0.4,gamma=0.25,alpha=0.5,beta1=0,beta2=0,eps=0.3,max=2",
      target: createScriptedModel(7, 4, 1),
      draft: createScriptedModel(8, 4, 1),
      end,
    });
  });

  test("a stop token that ends the output", async () => {
    const end = { numTokens: 3, stopTokenId: 2 };
    await expectTargetLaw({ ...near, rule, policy: "static:3", end });
  });

  test("a policy that remembers guesses of a text that did not come about", async () => {
    await expectTargetLaw({ ...memorySession, rule });
  });

  describe("over five tokens", () => {
    const pair = { target: createScriptedModel(9, 2, 1), draft: createScriptedModel(10, 2, 1) };
    const end = { numTokens: 5 };

    test("a fixed length", async () => {
      await expectTargetLaw({ ...pair, rule, policy: "static:3", end });
    });

    test("a draft model that drafts in parallel, two places in a forward and three", async () => {
      const streams = ["stream", "stream:chances=adaedl,gamma=0.5,bound=0.2"];
      const rounds = ["static:3", jumpyAdaedl, `${jumpyAdaedl},test=before`];
      const end = { numTokens: 3 };
      for (const policy of rule === rejection ? rounds : [...rounds, ...streams])
        for (const depth of [2, 3]) {
          const createDrafter = createParallelDrafter(depth);
          const session = { ...pair, rule, policy, end, createDrafter };
          const { meanAccepted } = await expectTargetLaw(session);
          expect(meanAccepted, policy).toBeGreaterThan(0);
        }
    });

    test("a threshold that past outcomes have moved across entropies", async () => {
      const policyOf = (eps: number) =>
        `adaedl:lambda=0.62,gamma=0.25,alpha=0.5,beta1=0,beta2=0,eps=${eps},max=3`;
      const moving = await expectTargetLaw({ ...pair, rule, policy: policyOf(0.3), end });
      const fixed = await expectTargetLaw({ ...pair, rule, policy: policyOf(0), end });
      expect(Math.abs(moving.meanDrafted - fixed.meanDrafted)).toBeGreaterThan(0.1);
    });
  });
});

describe("under shared noise it does so", () => {
  const session = { ...near, rule: sharedNoise, end: { numTokens: 3 } };

  test.each<NoiseReading>(["ascending", "reversed", "own"])(
    "however the draft reads the noise: %s",
    async (draftReading) => {
      for (const pair of pairs)
        await expectTargetLaw({ ...session, ...pair, policy: jumpyAdaedl, draftReading });
    },
  );

  test.each<[DrafterKind[]]>([
    [["suffix"]],
    [["recycle"]],
    [["aded"]],
    [["model", "suffix"]],
    [["model", "suffix", "recycle", "aded"]],
  ])("where %j drafts", { timeout: 120_000 }, async (drafters) => {
    const pair = { target: createScriptedModel(9, 2, 1), draft: createScriptedModel(10, 2, 1) };
    const end = { numTokens: drafters.length === 1 ? 5 : 4 }; // a table needs some text to repeat
    for (const policy of ["stream", "stream:bound=0.3,candidates=2,width=2,depth=2"]) {
      const { meanAccepted } = await expectTargetLaw({
        ...session,
        ...pair,
        end,
        policy,
        drafters,
      });
      expect(meanAccepted).toBeGreaterThan(0);
    }
  });

  test.each<[string, NonNullable<Session["createDrafter"]>]>([
    ["is always right", createKnowingDrafter((tokenId) => ({ tokenId, entropy: 0 }))],
    ["is always wrong", createKnowingDrafter((id) => ({ tokenId: (id + 1) % 3, entropy: 0 }))],
    [
      "guesses 1 and lies about its entropy wherever that is wrong",
      createKnowingDrafter((id) => ({ tokenId: 1, entropy: id === 1 ? 0 : 50 })),
    ],
    [
      "falls silent where the token to come is 0",
      createKnowingDrafter((tokenId) => (tokenId === 0 ? undefined : { tokenId, entropy: 0 })),
    ],
  ])("with a draft that knows the noise and %s", async (_, createDrafter) => {
    for (const policy of ["static:3", jumpyAdaedl])
      await expectTargetLaw({ ...session, policy, createDrafter });
  });
});

describe("the mean acceptance of one guess", () => {
  const policy = "static:1";
  const end = { numTokens: 2 };
  const probsOf = (model: Session["target"]) =>
    candidateProbs(model.distributionAfter(prompt, defaultSamplingParams));

  test("under rejection is 1 - TV", async () => {
    for (const { target, draft } of pairs) {
      const { meanAccepted } = await enumerateSession({
        rule: rejection,
        policy,
        target,
        draft,
        end,
      });
      // The draft rounds its probabilities to float32 before it draws.
      expect(meanAccepted).toBeCloseTo(1 - totalVariation(probsOf(target), probsOf(draft)), 6);
    }
  });

  test("under shared noise is that of the coupling, between never and 1 - TV", async () => {
    for (const { target, draft } of pairs) {
      const session = { rule: sharedNoise, policy, target, draft, end };
      const matching = probsOf(target).reduce((sum, prob, id) => {
        return sum + prob * (probsOf(draft)[id] as number);
      }, 0);
      const own = await enumerateSession({ ...session, draftReading: "own" });
      expect(own.meanAccepted).toBeCloseTo(matching, 12);
      const ceiling = 1 - totalVariation(probsOf(target), probsOf(draft));
      for (const draftReading of ["ascending", "reversed"] as const) {
        const { meanAccepted } = await enumerateSession({ ...session, draftReading });
        expect(meanAccepted).toBeLessThan(ceiling + 1e-12);
      }
    }
  });
});
