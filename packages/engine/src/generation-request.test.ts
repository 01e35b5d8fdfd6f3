import { createPolicyMemory, parsePolicy, policyDefinitions, policyForms } from "@adaedl/core";
import { describe, expect, it } from "vitest";
import { type GenerationRequest, parseGenerationRequest } from "./generation-request.ts";

const limits = { vocabSize: 100, contextLength: 32, defaultSampling: { temperature: 0.8 } };
const parse = (request: Partial<GenerationRequest>) =>
  parseGenerationRequest({ promptTokenIds: [1, 2, 3], ...request }, limits);

describe("defaults", () => {
  it("come from the model's makers where the caller says nothing", () => {
    expect(parse({}).sampling.temperature).toBe(0.8);
    expect(parse({ sampling: { temperature: 0.1 } }).sampling.temperature).toBe(0.1);
  });

  it("fill the context when fewer than 128 tokens fit", () => {
    expect(parse({}).maxTokens).toBe(29);
  });

  it("fill the context where the caller says so, unless he also says how many", () => {
    const roomy = { ...limits, contextLength: 1000 };
    const maxTokensOf = (request: Partial<GenerationRequest>) =>
      parseGenerationRequest({ promptTokenIds: [1, 2, 3], ...request }, roomy).maxTokens;
    expect(maxTokensOf({})).toBe(128);
    expect(maxTokensOf({ untilContextEnds: false })).toBe(128);
    expect(maxTokensOf({ untilContextEnds: true })).toBe(997);
    expect(maxTokensOf({ untilContextEnds: true, maxTokens: 5 })).toBe(5);
  });

  it("are no log-probabilities, and with them those of the chosen token alone", () => {
    expect(parse({})).toMatchObject({ wantsLogprobs: false, numTopLogprobs: 0 });
    expect(parse({ wantsLogprobs: true })).toMatchObject({ numTopLogprobs: 0 });
    expect(parse({ wantsLogprobs: true, numTopLogprobs: 20 })).toMatchObject({
      numTopLogprobs: 20,
    });
  });

  it("are a stream under shared noise, and AdaEDL in rounds under rejection", () => {
    expect(parse({}).policy.spec).toMatch(/^stream:/);
    expect(parse({}).verification).toBe("shared-noise");
    expect(parse({ verification: "rejection" }).policy.spec).toMatch(/^adaedl:/);
  });
});

describe("a bad field is named with its value and the rule", () => {
  it.each<[Partial<GenerationRequest>, string, string]>([
    [{ promptTokenIds: [] }, "invalid_argument", "prompt must have at least one token"],
    [
      { promptTokenIds: [1, 100] },
      "invalid_argument",
      "prompt token ids[1] must be a whole number from 0 to 99, got 100",
    ],
    [
      { promptTokenIds: [1, -1] },
      "invalid_argument",
      "prompt token ids[1] must be a whole number from 0 to 99, got -1",
    ],
    [
      { promptTokenIds: [0.5] },
      "invalid_argument",
      "prompt token ids[0] must be a whole number from 0 to 99, got 0.5",
    ],
    [
      { promptTokenIds: new Array<number>(32).fill(1) },
      "out_of_range",
      "prompt must be shorter than the context here, 32 tokens, got 32",
    ],
    [
      { maxTokens: 30 },
      "out_of_range",
      "maxTokens must leave the sequence within the context here: 3 prompt tokens + 30 > 32",
    ],
    [{ maxTokens: 0 }, "invalid_argument", "maxTokens must be a whole number, 1 or more, got 0"],
    [{ seed: -1 }, "invalid_argument", "seed must be a whole number from 0 to 2^53 - 1, got -1"],
    [{ stop: [""] }, "invalid_argument", 'stop strings must not be empty, got ""'],
    [
      { stop: new Array<string>(17).fill("x") },
      "invalid_argument",
      'stop takes at most 16 strings, got "17 strings"',
    ],
    ...[21, -1, 0.5].map(
      (numTopLogprobs) =>
        [
          { wantsLogprobs: true, numTopLogprobs },
          "invalid_argument",
          `numTopLogprobs must be a whole number from 0 to 20, got ${numTopLogprobs}`,
        ] as [Partial<GenerationRequest>, string, string],
    ),
    [
      { numTopLogprobs: 1 },
      "invalid_argument",
      "numTopLogprobs must be 0 without wantsLogprobs, got 1",
    ],
    [{ maxDraft: 65 }, "invalid_argument", "maxDraft must be a whole number from 0 to 64, got 65"],
    [
      { verification: "none" },
      "invalid_argument",
      'verification must be one of shared-noise, rejection, got "none"',
    ],
    [
      { sampling: { temperature: -1 } },
      "invalid_argument",
      "temperature must be from 0 to 100, got -1",
    ],
    [
      { policy: "greedy" },
      "invalid_argument",
      `policy must be one of ${policyForms}, got "greedy"`,
    ],
  ])("%j", (request, code, message) => {
    expect(() => parse(request)).toThrowError(expect.objectContaining({ code, message }));
  });
});

describe("a policy that looks at the drafted token", () => {
  const looking = ["confidence", "confidence:p-min=0.1", "draft-verify"];

  it.each(looking)("is refused under rejection: %s", (policy) => {
    expect(() => parse({ policy, verification: "rejection" })).toThrowError(
      expect.objectContaining({
        code: "invalid_argument",
        field: "policy",
        message: `policy looks at the drafted token, so its text is exact under verification shared-noise only, got "${policy}"`,
      }),
    );
  });

  it.each(looking)("is taken under shared noise, which is the default: %s", (policy) => {
    const { spec } = parsePolicy(policy);
    expect(parse({ policy }).policy.spec).toBe(spec);
    expect(parse({ policy, verification: "shared-noise" }).policy.spec).toBe(spec);
  });

  it("is refused there, whichever it is, and no other is", () => {
    for (const { name } of policyDefinitions) {
      const policy = name === "static" ? "static:3" : name;
      const context = { verification: "rejection" } as const;
      if (name === "stream") continue; // refused by itself: it needs shared noise
      const parsed = parsePolicy(policy, context);
      const looks = parsed.family === "rounds" && parsed.stopping.looksAtGuess;
      const check = expect(() => parse({ policy, ...context }));
      if (looks) check.toThrowError(/^policy looks at the drafted token/);
      else check.not.toThrow();
    }
  });
});

it("policies are told how text is sampled and judged, and what earlier sessions learned", () => {
  const policyMemory = createPolicyMemory();
  const keys: string[] = [];
  const memory = {
    recall<T>(key: string, create: () => T): T {
      keys.push(key);
      return policyMemory.recall(key, create);
    },
  };
  const remember = (request: Partial<GenerationRequest>) =>
    parseGenerationRequest(
      { promptTokenIds: [1, 2, 3], policy: "adaedl:gamma=auto", ...request },
      { ...limits, policyMemory: memory },
    );
  remember({});
  remember({ verification: "rejection", sampling: { temperature: 0.5 } });
  expect(keys).toEqual([
    expect.stringMatching(/shared-noise.*0\.8$/),
    expect.stringMatching(/rejection.*0\.5$/),
  ]);
  expect(() => parse({ policy: "adaedl:gamma=auto" })).not.toThrow();
});
