import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addGenerateOptions } from "../commands/generate-options.ts";
import { type RequestOptions, remoteRequestOf, requestOf } from "./request.ts";

function parse(...args: string[]) {
  const command = addGenerateOptions(new Command().exitOverride());
  return requestOf(command.parse(args, { from: "user" }).opts(), [1, 2]);
}

describe("requestOf", () => {
  it("takes every option of the command line into the request", () => {
    const sampling = "--temperature .5 --top-k 40 --top-p 0.9 --min-p 1e-2";
    const penalties = "--repetition-penalty 1.1 --presence-penalty -1 --frequency-penalty +0.5";
    const biases = "--logit-bias 5=-1.5 --logit-bias 7=100";
    const others =
      "--max-tokens 9 --seed 8 --stop a --stop b --ignore-eos --policy none --max-draft 3";
    const line = `${sampling} ${penalties} ${biases} ${others} --verification rejection`;
    expect(parse(...line.split(" "))).toEqual({
      promptTokenIds: [1, 2],
      maxTokens: 9,
      seed: 8,
      stop: ["a", "b"],
      ignoreEos: true,
      policy: "none",
      maxDraft: 3,
      verification: "rejection",
      sampling: {
        temperature: 0.5,
        topK: 40,
        topP: 0.9,
        minP: 0.01,
        repetitionPenalty: 1.1,
        presencePenalty: -1,
        frequencyPenalty: 0.5,
        logitBias: new Map([
          [5, -1.5],
          [7, 100],
        ]),
      },
    });
  });

  it("leaves the sampling that nobody named to the model's defaults", () => {
    const { sampling, policy, verification, seed } = parse();
    expect({ sampling, policy, verification }).toEqual({
      sampling: {},
      policy: undefined,
      verification: "shared-noise",
    });
    expect(seed).toBeLessThan(2 ** 32);
    expect(parse().seed).not.toBe(seed);
  });
});

describe("remoteRequestOf", () => {
  const ask = (options: Partial<RequestOptions>) =>
    remoteRequestOf({ verification: "shared-noise", ...options });

  it.each([-1, 0, 2 ** 31 - 1])("takes a top-k of %d", (topK) => {
    expect(ask({ topK })).toMatchObject({ sampling: { topK } });
  });

  it.each([
    [{ topK: -2 }, "topK must be a whole number from -1 to 2147483647, got -2"],
    [{ topK: 2 ** 31 }, "topK must be a whole number from -1 to 2147483647, got 2147483648"],
    [{ maxTokens: -1 }, "maxTokens must be a whole number from 0 to 4294967295, got -1"],
    [{ maxDraft: 2 ** 32 }, "maxDraft must be a whole number from 0 to 4294967295, got 4294967296"],
  ])("refuses what the wire cannot carry: %j", (options, message) => {
    expect(() => ask(options)).toThrow(message);
  });
});
