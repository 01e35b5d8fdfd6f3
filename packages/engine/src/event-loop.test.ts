import { examplePair, examplePrompts } from "@adaedl/example-models";
import { watchTurns } from "@adaedl/testing";
import { expect, it } from "vitest";
import { openSpeculator } from "./speculator.ts";

it("leaves the host's event loop alone while several requests are being generated", {
  timeout: 120_000,
}, async () => {
  const { target, draft } = examplePair("coder");
  await using speculator = await openSpeculator({
    target: { directory: target, numThreads: 1 },
    draft: { directory: draft, numThreads: 1 },
  });
  const generate = async (prompt: string, seed: number) => {
    const promptTokenIds = speculator.facts.tokenizer.encode(prompt);
    let numTokens = 0;
    const request = { promptTokenIds, maxTokens: 100, seed, ignoreEos: true };
    for await (const event of speculator.generate(request)) if (event.type === "token") numTokens++;
    return numTokens;
  };
  const endWatch = watchTurns();
  const prompts = examplePrompts("coder").slice(0, 4);
  const numTokens = await Promise.all(prompts.map(generate));
  const turns = endWatch();
  expect(numTokens).toEqual([100, 100, 100, 100]);
  expect(turns.count).toBeGreaterThan(200);
  expect(turns.percentile(0.99)).toBeLessThan(20);
});
